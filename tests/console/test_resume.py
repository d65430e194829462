"""A script goes on from where it failed: retry and step."""

from __future__ import annotations

import pytest
from scripted import Scripted

from kxsh.console.words.signatures import help_at
from kxsh.errors import NotFound
from kxsh.source import Source

SCRIPT = """\
kxs 1
let label = "GENTO0"
set label = "GENTO1"
let image = mount LABEL=$label
load $image/boot/kernel --initrd $image/boot/initrd --cmdline "root=/dev/ram0"
"""


def test_retry_goes_on_from_the_failed_statement_with_its_variables() -> None:
    at = Scripted(SCRIPT)
    assert "no device LABEL=GENTO1" in str(at.error)
    assert at("say $label") == "GENTO1\n"
    assert at('set label = "GENTOO"') == ""
    assert "ended without starting a kernel" in at("retry")
    assert at.machine.loaded is not None
    assert at.machine.loaded.kernel == "/mnt/1/boot/kernel"
    assert at("say $image") == "/mnt/1\n"


def test_in_a_prompt_that_goes_back_nothing_has_stopped() -> None:
    """The menu's `c`: the script waits in the menu, also after a mistake was made there."""
    at = Scripted(SCRIPT)
    at.session.nested = True
    at("mount LABEL=NOWHERE")
    assert "retry" not in at("why")
    said = at("retry")
    assert "no script to run again" in said and "`exit` goes back" in said
    assert at("exit") == ""
    assert at.session.done


def test_retry_fails_again_at_the_same_place() -> None:
    at = Scripted(SCRIPT)
    assert "boot.kxs:4:13" in at("retry")
    assert "boot.kxs:4:13" in at("retry")
    assert "`retry` goes on from line 4, `retry --edit`" in at("why").replace("\n      ", " ")


def test_a_line_inside_of_a_block_is_told_from_one_of_the_script() -> None:
    at = Scripted("kxs 1\nif true {\n  let a = 1\n  mount LABEL=NONE\n}\n")
    at("retry")
    why = " ".join(at("why").split())
    assert "boot.kxs:4:3" in why
    assert "`retry` runs all from line 2 again, `retry --edit` lets you change line 4 first" in why
    assert "`step`, then i, asks before each line inside" in why


def test_retry_after_the_statement_that_was_done_by_hand() -> None:
    at = Scripted(SCRIPT)
    at("let image = mount LABEL=GENTOO")
    assert "ended without starting" in at("retry --skip")
    assert at.machine.loaded is not None


def test_its_own_signature_is_shown() -> None:
    at = Scripted()
    wrong = at("retry --skip")
    assert "no statement has failed" in wrong
    assert "usage: retry [--edit] [--save] [--skip] [--whole]" in wrong
    assert help_at(at.session, "retry --s", 79).startswith("retry [--edit] [--save] [--skip]")
    assert help_at(at.session, "retry", 79).startswith("retry [--edit] [--save] [--skip]")
    assert help_at(at.session, "retry 3 ", 79).startswith("retry TIMES [--wait DURATION] {")
    assert "usage: retry TIMES" in at("retry x { say a }")


def test_the_failed_statement_can_be_edited() -> None:
    at = Scripted(SCRIPT)
    at.session.read_text = lambda text: text.replace("$label", "GENTOO")
    assert "ended without starting" in at("retry --edit")
    assert at.machine.loaded is not None
    at = Scripted(SCRIPT)
    texts = iter(["let image = (", "let image = mount LABEL=NONE", "let image = mount UUID=1"])
    at.session.read_text = lambda text: next(texts)
    assert "error[KX" in at("retry --edit")
    shown = at("retry --edit")
    assert "boot.kxs (edited):4:13" in shown
    assert "4 | let image = mount UUID=1" in shown


def test_whole_begins_with_the_first_line_and_nothing_mounted() -> None:
    at = Scripted(SCRIPT.replace("GENTO1", "GENTOO").replace("/boot/kernel", "/no"))
    assert "kernel not found" in str(at.error)
    assert len(at.machine.mounts()) == 1
    at("let more = mount LABEL='KXSH ESP'")
    assert "boot.kxs:5:1" in at("retry --whole")
    assert [mount.device.path for mount in at.machine.mounts()] == ["/dev/sda1"]


def test_questions_that_make_no_sense_are_told() -> None:
    at = Scripted()
    assert "no script to run again" in at("retry")
    assert "no statement has failed" in at("retry --skip")
    assert "only one of" in at("retry --skip --edit")
    assert "no script to go on with" in at("step")
    assert "has no 'none.kxs'" in at("step none.kxs")


def test_recovery_in_a_script_comes_back_here() -> None:
    at = Scripted('kxs 1\nlet x = 1\nrecovery "look at it"\nsay "after"\n')
    assert at("retry") == "look at it\n"
    assert "after" in at("retry --skip")


def test_steps_through_a_script() -> None:
    at = Scripted(SCRIPT.replace("GENTO1", "GENTOO"))
    shown = at("step /boot/x.kxs")
    assert "not there" in shown
    at = Scripted()
    esp = at.machine.mount(at.machine.devices()[2])
    at.machine.replace_file(f"{esp.path}/boot.kxs", SCRIPT.encode())
    shown = at("step boot.kxs", "\n\n\ns\nq\n")
    assert "   2 | let label" in shown
    assert "   4 | let image = mount LABEL=$label" in shown
    assert "skipped" in shown
    assert "stopped before boot.kxs:5; `step` or `retry` goes on there" in shown
    assert at("say $label") == "GENTO1\n"
    at("let image = mount LABEL=GENTOO")
    assert "ended without starting" in at("step", "\n")
    assert at.machine.loaded is not None


def test_a_statement_that_fails_is_edited_where_it_is() -> None:
    at = Scripted()
    esp = at.machine.mount(at.machine.devices()[2])
    at.machine.replace_file(f"{esp.path}/boot.kxs", SCRIPT.encode())
    at.session.read_text = lambda text: text.replace("$label", "GENTOO")
    shown = at("step boot.kxs", "\n\n\n\ne\n\nc\n")
    assert "it failed: Enter again" in shown
    assert shown.count("   4 | let image") == 2
    assert "ended without starting" in shown


def test_goes_into_blocks_and_functions() -> None:
    at = Scripted()
    esp = at.machine.mount(at.machine.devices()[2])
    script = 'fn f() { say "in f"; say "two" }\nfor n in [1, 2] { say $n; f }\nsay "end"\n'
    at.machine.replace_file(f"{esp.path}/a.kxs", script.encode())
    shown = at("step a.kxs", "i\n\ni\n\n\nc\n")
    assert shown.count("say $n\n") == 2
    assert shown.count('   1 | say "in f"\n') == 1
    assert "end\n" in shown
    shown = at("step a.kxs", "\n\n")
    assert '   1 | say "in f"' not in shown


def test_there_is_nothing_to_go_into_in_a_plain_statement() -> None:
    at = Scripted()
    esp = at.machine.mount(at.machine.devices()[2])
    script = 'fn f() -> str { return "in f" }\nlet a = 1\nlet b = f\nsay $b\n'
    at.machine.replace_file(f"{esp.path}/a.kxs", script.encode())
    shown = at("step a.kxs", "i\ni\n\ni\nq\n")
    assert shown.count("there is nothing to go into; Enter runs it") == 2  # and `let a` waits
    assert '   1 | return "in f"' in shown
    assert at("say $a") == "1\n"


def test_the_failure_goes_up_to_the_handler_on_request() -> None:
    at = Scripted()
    esp = at.machine.mount(at.machine.devices()[2])
    script = 'try {\n fail "no"\n} else {\n say "handled"\n}\n'
    at.machine.replace_file(f"{esp.path}/a.kxs", script.encode())
    assert "handled" in at("step a.kxs", "i\n\nu\n\n")


def test_a_script_is_looked_for_beside_the_booted_one_and_at_the_top() -> None:
    at = Scripted()
    esp = at.machine.mount(at.machine.devices()[2])
    at.machine.replace_file(f"{esp.path}/top.kxs", b'say "top"\n')

    def find(path: str) -> Source:
        if path == "beside.kxs":
            return Source(path, 'say "beside"\n')
        raise NotFound(f"no {path} here")

    at.interpreter.set_importer(find)
    assert "beside\n" in at("step beside.kxs", "c\n")
    assert "top\n" in at("step top.kxs", "c\n")


@pytest.mark.parametrize(
    ("script", "keys"),
    [
        ('fn f(n) { fail "no $n" }\ntry { f 5 } else { say "handled" }\n', "i\ni\n\nu\n\n"),
        ('try { if true { if true { fail "no" } } } else { say "handled" }\n', "i\ni\ni\n\nu\n\n"),
    ],
)  # fmt: skip
def test_one_key_brings_a_failure_up_past_all_that_is_around_it(script: str, keys: str) -> None:
    at = Scripted()
    esp = at.machine.mount(at.machine.devices()[2])
    at.machine.replace_file(f"{esp.path}/a.kxs", script.encode())
    shown = at("step a.kxs", keys)
    assert shown.count("it failed: Enter again") == 1
    assert "handled\n" in shown
