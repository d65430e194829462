"""A script is put right at the prompt - a line in a block, a script that was refused - and is so
for good: nothing that was changed is lost."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from screen import Screen
from scripted import Scripted

from kxsh.checker import check_source
from kxsh.console.prompt.findings import Findings
from kxsh.console.prompt.loop import opening
from kxsh.errors import Denied
from kxsh.machine.protocol import Ended
from kxsh.record import replace
from kxsh.source import Source

FILE = "/EFI/BOOT/boot.kxs"
BLOCK = """\
kxs 1
# The stick.
if true { # it is in
  let image = mount LABEL=GENTOO
  let folder = "$image/boot"
  # Its kernel.
  load $folder/kernel --initrd $folder/none # as it is
  exec
}
"""
TYPOS = """\
kxs 1
let label = "GENTOO"
if true {
  lod LABEL=$label:/boot/kernel # one
}
sya "ready"
exec
"""


def with_file(text: str, name: str = FILE) -> Scripted:
    at = Scripted()
    esp = at.machine.mount(at.machine.devices()[2])
    at.machine.replace_file(f"{esp.path}{name}", text.encode())
    return at


def stopped_in_block() -> Scripted:
    """`step`, into the block, the load mended, `q` at `exec`."""
    at = with_file(BLOCK)
    at.session.read_text = lambda text: text.replace("/none", "/initrd")
    shown = at(f"step {FILE}", "\ni\n\n\n\ne\n\nq\n")
    assert "initrd not found" in shown
    assert f"stopped before {FILE}:8; `step` or `retry` begins again at line 3" in shown
    return at


# -- a line in a block


def test_what_was_mended_in_a_block_runs_again_mended() -> None:
    at = stopped_in_block()
    assert at.machine.mounts()[1:] == []  # as was said: the block's own mount is closed
    with pytest.raises(Ended, match="jump"):
        at("retry")
    assert at.machine.loaded is not None
    assert at.machine.loaded.initrds[0].endswith("/boot/initrd")


def test_what_was_mended_in_a_block_is_asked_about_again_mended() -> None:
    at = stopped_in_block()
    shown = at("step", "i\n\n\n\nq\n")
    assert "   7 | load $folder/kernel --initrd $folder/initrd\n" in shown
    assert "8 | exec" in shown


def test_what_was_mended_in_a_block_is_saved_with_the_rest() -> None:
    at = stopped_in_block()
    shown = at(f"save-script --rest {FILE}", "y\n")
    assert "what it was before is in boot.kxs.old beside it" in shown
    assert at.file(FILE) == BLOCK.replace("/none", "/initrd")
    assert at.file(f"{FILE}.old") == BLOCK


def test_what_was_mended_in_a_block_is_written_to_the_scripts_own_file() -> None:
    at = stopped_in_block()
    with pytest.raises(Ended, match="jump"):
        at("retry --save")
    assert at.file(FILE) == BLOCK.replace("/none", "/initrd")
    assert at.file(f"{FILE}.old") == BLOCK


def test_what_was_mended_is_there_when_all_runs_again() -> None:
    at = stopped_in_block()
    with pytest.raises(Ended, match="jump"):
        at("retry --whole")


def test_of_a_block_that_failed_the_very_line_is_edited() -> None:
    at = Scripted(BLOCK)
    at("retry")
    assert "change line 7 first" in " ".join(at("why").split())
    seen: list[str] = []

    def mend(text: str) -> str:
        seen.append(text)
        return text.replace("/none", "/initrd")

    at.session.read_text = mend
    with pytest.raises(Ended, match="jump"):
        at("retry --edit")
    assert seen == ["load $folder/kernel --initrd $folder/none"]


def test_of_a_function_that_failed_the_very_line_is_edited() -> None:
    script = 'kxs 1\nfn f() {\n  fail "a"\n}\nf\n'
    at = with_file(script, "/boot.kxs")
    at("step /boot.kxs", "\nc\n")
    texts = iter(['fail "b"', 'fail "c"', "say d"])
    at.session.read_text = lambda text: next(texts)
    for wanted in ("(edited):3:1", "(edited):3:1", "d\n"):
        assert wanted in at("retry --edit")
    assert "wrote" in at("retry --whole --save")
    assert at.file("/boot.kxs") == script.replace('fail "a"', "say d")


def test_a_statement_before_which_one_stopped_is_still_to_be_done() -> None:
    script = "kxs 1\nload LABEL=GENTOO:/boot/kernel\nsay ready\nexec\n"
    at = with_file(script)
    at(f"step {FILE}", "\n\nq\n")
    at("save-script --rest new.kxs")
    assert at.file("/new.kxs") == script


def test_a_loop_has_the_mended_line_in_its_next_turn() -> None:
    at = with_file('kxs 1\nfor n in ["a", "b"] {\n  fail $n\n}\n')
    at.session.read_text = lambda text: "say one-$n\nsay two-$n"
    shown = at(f"step {FILE}", "\ni\ne\n\n\n\n\n")
    assert [shown.count(f"{said}\n") for said in ("one-a", "two-a", "one-b", "two-b")] == [1] * 4


def test_edits_of_edits_and_around_them() -> None:
    at = with_file("kxs 1\nfn f() {\n  fail a # a\n}\n# call\nf # b\nsay end\n")
    texts = iter(["say 1; fail b", "say 2"])
    at.session.read_text = lambda text: next(texts)
    assert "2\n" in at(f"step {FILE}", "\ni\n\ne\n\n\ne\n\nq\n")
    at("save-script --rest new.kxs")
    assert at.file("/new.kxs") == (
        "kxs 1\nfn f() {\n  say 1; say 2 # a\n}\n# call\nf # b\nsay end\n"
    )
    at.session.read_text = lambda text: text + "; say 3"
    at("retry --edit --save")
    assert "\n# call\nf # b\nsay end; say 3\n" in at.file(FILE)


def test_a_line_of_an_imported_file_is_told_to_be_as_it_was() -> None:
    at = with_file('kxs 1\nimport "own.kxs"\nown.f\n')
    at.interpreter.set_importer(lambda path: Source(path, "fn f() {\n  fail a\n}\n"))
    at.session.read_text = lambda text: "say b"
    shown = at(f"step {FILE}", "\n\ni\ne\n\n")
    assert "for this time only: own.kxs is a file of its own" in shown


def test_while_a_line_of_a_block_is_edited_its_names_are_known() -> None:
    at = with_file(BLOCK)
    found: list[list[str]] = []

    def look(text: str) -> str:
        for typed in (text, "load $folder/x; return $image", "load $nowhere"):
            findings = Findings(at.session).of(typed, 0, typing=False)
            found.append([item.code for item in findings])
        return text

    at.session.read_text = look
    at(f"step {FILE}", "\ni\n\n\n\ne\nq\n")
    assert found[0] == []
    assert "KX101" not in found[1]
    assert found[2] == ["KX101"]


# -- a script that was refused


def refused(text: str = TYPOS) -> Scripted:
    at = with_file(text)
    source = Source(FILE.lstrip("/"), text)
    at.interpreter.refused = source
    at.session.fail(_error(source))
    return at


def _error(source: Source) -> Exception:
    from kxsh.console.script.mending import refuse

    return refuse(check_source(source)[0])


def test_each_faulty_line_is_mended_in_turn() -> None:
    at = refused()
    seen: list[str] = []

    def mend(text: str) -> str:
        seen.append(text)
        return text.replace("lod", "load").replace("sya", "say")

    at.session.read_text = mend
    assert "`retry --edit --save` opens each faulty line" in " ".join(at("why").split())
    with pytest.raises(Ended, match="jump"):
        at("retry --edit --save")
    assert seen == ["lod LABEL=$label:/boot/kernel", 'sya "ready"']
    assert at.file(FILE) == TYPOS.replace("lod", "load").replace("sya", "say")
    assert at.file(f"{FILE}.old") == TYPOS


def test_what_was_mended_so_far_is_not_lost() -> None:
    at = refused()
    texts = iter(["load LABEL=$label:/boot/kernel"])

    def mend(text: str) -> str:
        try:
            return next(texts)
        except StopIteration:
            raise EOFError from None

    at.session.read_text = mend
    assert "not changed" in at("retry --edit")
    assert "there is no command `sya`" in at("retry")
    at.session.read_text = lambda text: 'say "ready"; fail "here"'
    assert "boot.kxs (edited):6:14" in at("retry --edit")
    at("save-script --rest new.kxs")
    assert at.file("/new.kxs") == TYPOS.replace("lod", "load").replace("sya", "say")
    assert "wrote" in at("retry --save")
    assert 'say "ready"; fail "here"\n' in at.file(FILE)


def test_a_text_that_is_no_kxs_is_mended_by_its_lines() -> None:
    at = refused("kxs 1\nif true {\n  say 'a\n\nsay b\n")
    at.session.read_text = lambda text: {"  say 'a": "  say 'a'}"}.get(text, text)
    at("retry --edit --save")
    assert at.file(FILE) == "kxs 1\nif true {\n  say 'a'}\n\nsay b\n"


def test_a_change_that_is_faulty_is_not_written() -> None:
    at = Scripted("kxs 1\nfail here\n")
    esp = at.machine.mount(at.machine.devices()[2])
    at.machine.replace_file(f"{esp.path}/boot.kxs", b"kxs 1\nfail here\n")
    at.session.read_text = lambda text: "mount"
    assert "error[KX203]" in at("retry --edit --save")
    assert at.file("/boot.kxs") == "kxs 1\nfail here\n"
    at.session.read_text = lambda text: "say there"
    assert "wrote /boot.kxs" in at("retry --edit --save")
    assert "says the same already" in at("retry --save")


def test_on_a_protected_medium_what_was_changed_is_kept_for_this_boot() -> None:
    at = with_file("kxs 1\nfail here\n", "/boot.kxs")
    at("step /boot.kxs", "c\n")
    at.machine.replace_file = refuse_to_write  # type: ignore[method-assign]
    at.session.read_text = lambda text: "say there"
    shown = " ".join(at("retry --edit --save").split())
    assert "/boot.kxs on /dev/sda2 could not be written: its medium is write-protected" in shown
    assert "`retry` goes on with it for this boot only: what you changed is kept" in shown
    assert "`save-script --rest LABEL=DATA:/boot.kxs` writes it to another disk" in shown
    assert "there\n" in at("retry")


def refuse_to_write(path: str, data: bytes) -> None:
    raise Denied("making /dev/sda2 writable: read-only", errno=errno.EROFS)


@pytest.mark.parametrize("fact", [{"protected": True}, {"fstype": "iso9660"}, {}])
def test_the_banner_offers_to_mend_for_good_only_what_can_be_written(fact: dict) -> None:
    at = Scripted("kxs 1\nfail here\n")
    at.interpreter.esp = replace(at.machine.devices()[2], **fact)
    assert ("mend it for good" in opening(at.session)) == (not fact)


def test_what_was_written_is_not_called_edited_any_more() -> None:
    at = with_file("kxs 1\nfail a\nfail b\nfail c\n", "/boot.kxs")
    at("step /boot.kxs", "c\n")
    at.session.read_text = lambda text: "mount LABEL=GENTOO /mnt/image"
    assert "/boot.kxs:3:1" in at("retry --edit")
    assert "/boot.kxs (edited):2" in at("mounts")
    at.session.read_text = lambda text: "say x\nfail d"
    assert "/boot.kxs:4:1" in at("retry --edit --save")  # `fail d`, where the file has it
    shown = at("mounts")
    assert "/boot.kxs:2" in shown and "(edited)" not in shown


def test_a_script_without_a_file_is_not_saved() -> None:
    at = Scripted("kxs 1\nfail here\n")
    at.session.read_text = lambda text: "say there"
    shown = at("retry --edit --save")
    assert "this script is from no file of the disk" in " ".join(shown.split())
    assert "save-script --rest FILE" in shown
    assert "there\n" in at("retry")


# -- on real terminals, as the loader starts


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_a_refused_script_is_put_right_for_good(tmp_path: Path, term: str) -> None:
    arguments = ("--store", str(tmp_path / "lock"), "--script", "typos")
    with Screen("locked_program.py", *arguments, term=term) as screen:
        screen.wait(r"retry --edit --save +mend it for good")
        screen.wait_cursor("kxsh>")
        screen.type("retry --edit --save\r")
        _replace(
            screen,
            term,
            "lod LABEL=GENTOO:/isolinux/vmlinuz",
            "load LABEL=GENTOO:/isolinux/vmlinuz",
        )
        screen.wait("there is no command `sy`")
        _replace(screen, term, 'sy "now"', 'say "now"')
        screen.wait(r"wrote /EFI/BOOT/boot.kxs on [^\n]*\n[^\n]* boot.kxs.old beside")
        screen.wait("machine: ")
        assert screen.end() == 0


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_a_line_in_a_block_is_put_right_for_good(tmp_path: Path, term: str) -> None:
    arguments = ("--store", str(tmp_path / "lock"), "--script", "block")
    with Screen("locked_program.py", *arguments, term=term, rows=40) as screen:
        screen.wait("initrd not found")
        screen.wait_cursor("kxsh>")
        screen.type("step\r")
        screen.wait(r"10 . \}\n.*quit: *$")
        screen.type("i")
        for line in ("5 . let image", "6 . let folder"):
            screen.wait(rf"{line}[^\n]*\n.*quit: *$")
            screen.type("\r")
        screen.wait(r"8 . load [^\n]*\n.*quit: *$")
        screen.type("e")
        old = "load $folder/vmlinuz --initrd $folder/none"
        if term != "dumb":  # what is not known is told, what the block has made is not
            screen.wait_cursor("kxsh> " + old.replace("$", r"\$"))
            screen.type(" --initrd $nowhere/x ")
            screen.wait("KX101 .*nowhere")
            assert screen.underlined == ["$nowhere"]
            screen.type("\x7f" * len(" --initrd $nowhere/x "))
        _replace(screen, term, old, "load $folder/vmlinuz --cmdline a")
        screen.wait("for this boot only; q, then `retry --save`")
        screen.wait(r"8 . load [^\n]*--cmdline a\n.*quit: *$")
        screen.type("\r")
        screen.wait(r"9 . exec\n.*quit: *$")
        screen.type("q")
        screen.wait("begins again at line 4")
        screen.wait_cursor("kxsh>")
        screen.type("retry --save\r")
        screen.wait(r"wrote /EFI/BOOT/boot.kxs on ")
        screen.wait("machine: ")
        assert screen.end() == 0


def _replace(screen: Screen, term: str, old: str, new: str) -> None:
    if term == "dumb":
        screen.wait(r"new \(Enter keeps it\): *$")
        screen.type(f"{new}\r")
    else:
        screen.wait_cursor("kxsh> " + old.replace("$", r"\$"))
        screen.type(f"\x15{new}\r")
