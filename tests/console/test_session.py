"""What the prompt does with lines, on a made-up machine and no terminal."""

from __future__ import annotations

import errno
import io
import re

import pytest
from machines import machine

from kxsh.console.prompt.loop import opening, run
from kxsh.console.prompt.session import Session, is_incomplete
from kxsh.console.terminal import Terminal
from kxsh.errors import (
    InternalFault,
    Interrupted,
    IoFailure,
    KxshError,
    NotFound,
    RecoveryRequest,
)
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Completed, Device, Ended


class Prompt:
    """A session whose output is kept."""

    def __init__(
        self,
        made: FakeMachine | None = None,
        typed: str = "",
        attempts: list[KxshError] | None = None,
    ) -> None:
        self.machine = made or machine()
        self.out = io.StringIO()
        self.terminal = Terminal(
            io.StringIO(typed), self.out, color=False, serial=False, term="dumb"
        )
        self.interpreter = Interpreter(self.machine, self.terminal, interactive=True)
        self.attempts = attempts
        retry = (lambda: self.attempts.pop(0)) if attempts is not None else None
        self.session = Session(self.interpreter, self.terminal, retry)

    def __call__(self, line: str) -> str:
        """Run a line and return what it showed."""
        before = len(self.out.getvalue())
        self.session.execute(line)
        return self.out.getvalue()[before:]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Prompt:
    monkeypatch.setenv("PATH", "/usr/local/bin:/usr/bin")
    return Prompt()


def test_the_language_is_the_same(at: Prompt) -> None:
    assert at("1 + 2") == "3\n"
    assert at("let m = mount LABEL=GENTOO") == ""
    assert at("say $m") == "/mnt/1\n"
    assert "error[KX101]" in at("say $n")
    assert at("") == ""
    assert at("  \n ") == ""


def test_set_alone_shows_the_variables(at: Prompt) -> None:
    assert at(" set ").startswith("$esp  null  null\n")
    at("let number = 4")
    at("let many = ['" + "x" * 50 + "', '" + "y" * 50 + "']")
    shown = at("set").splitlines()
    assert shown[0] == "$number  int   4"
    assert re.fullmatch(r"\$many {4}list  .*x+.* \.\.\.", shown[1])
    assert "`let x = 1` makes one" in shown[-2] + shown[-1]
    assert all(len(line) < 80 for line in shown)
    assert at("set number = 5") == ""


def test_disks_shows_partitions_below_their_disk(at: Prompt) -> None:
    lines = at("disks").splitlines()
    assert lines[0].split() == ["device", "size", "type", "label", "uuid"]
    assert [line.split()[0] for line in lines[1:]] == [
        "/dev/sda", "disk", "/dev/sda1", "/dev/sda2", "/dev/sdb", "disk", "/dev/sdb1",
    ]  # fmt: skip
    assert lines[2] == "    disk USB Flash Drive, removable"
    assert lines[4].split() == ["/dev/sda2", "64.0", "MiB", "vfat", "KXSH", "ESP", "1234-ABCD"]
    assert all(len(line) < 80 for line in lines)


def test_disks_says_what_to_do_without_any() -> None:
    assert "modprobe" in Prompt(FakeMachine())("disks")


def test_disks_orders_partitions_that_come_in_any_order() -> None:
    made = FakeMachine(
        [
            Device("/dev/sdb1", disk="/dev/sdb", number=1),
            Device("/dev/sda", disk="/dev/sda"),
            Device("/dev/sdb", disk="/dev/sdb"),
            Device("/dev/sda1", disk="/dev/sda", number=1),
            Device("/dev/md0p1", disk="/dev/md0", number=1),
        ]
    )
    lines = Prompt(made)("disks").splitlines()[1:]
    assert [line.strip().split()[0] for line in lines] == [
        "/dev/sda", "/dev/sda1", "/dev/sdb", "/dev/sdb1", "/dev/md0p1",
    ]  # fmt: skip


def test_mounts_names_the_line_that_made_them(at: Prompt) -> None:
    assert at("mounts") == "nothing is mounted\n"
    at("let m = mount LABEL=GENTOO")
    shown = at("mounts")
    assert "`let m = mount LABEL=GENTOO`" in shown
    assert "/dev/sda1" in shown
    assert "iso9660" in shown


def test_why_without_a_failure(at: Prompt) -> None:
    assert at("why") == "nothing has failed so far; `log` has all that was said\n"


def test_why_tells_all_about_a_failure() -> None:
    log = [f"sda1: old message {number}" for number in range(8)]
    error = IoFailure(
        "reading failed", errno=errno.EIO, log=[*log, "blk_update_request: I/O \x1b[31merror"],
        tried=["kexec_file_load"], hint="try another port",
    )  # fmt: skip
    at = Prompt(FakeMachine(fail={"devices": error}))
    assert "error[KX800]" in at("findfs LABEL=X")
    shown = at("why")
    for wanted in (
        "error[KX800]: reading failed", "<prompt>:1:1", "1 | findfs LABEL=X",
        "io failure in `findfs`",
        "errno: EIO", "tried: kexec_file_load", "help: try another port", "what: io",
        "bad medium, cable or port", r"kernel: blk_update_request: I/O \x1b[31merror",
        "old message 0", "next: `help findfs`",
    ):  # fmt: skip
        assert wanted in " ".join(shown.split()), wanted
    assert "\x1b" not in shown
    assert all(len(line) < 80 for line in shown.splitlines())


def test_why_looks_back(at: Prompt) -> None:
    at("findfs LABEL=FIRST --wait 0s")
    at("nosuch")
    assert "`nosuch`" in at("why")
    assert "FIRST" in at("why 2")
    assert at("why 3") == "there is no failure 3, only 2 so far: `why` tells the last\n"
    assert "whole number" in at("why x")


def test_why_knows_what_a_menu_reported(at: Prompt) -> None:
    at.interpreter.report(NotFound("an entry did not start"))
    assert "an entry did not start" in at("why")


def test_a_python_exception_is_shown_and_kept() -> None:
    at = Prompt(FakeMachine(fail={"devices": RuntimeError("boom\x1b[2J")}))
    shown = at("findfs LABEL=X")
    assert "KX999" in shown
    assert "RuntimeError: boom" in shown
    explained = at("why")
    assert "Traceback" in explained
    assert "\x1b" not in explained


def test_a_fault_in_the_prompt_itself_is_shown_too(
    at: Prompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at.interpreter, "run_line", lambda *_: [][0])
    assert "IndexError" in at("1 + 2")
    assert "IndexError" in at("why")


def test_help_knows_the_prompts_own_commands(at: Prompt) -> None:
    shown = at("help")
    assert "At this prompt" in shown
    for name in ("why", "disks", "mounts", "sh", "retry", "exit", "findfs", "exec"):
        assert name in shown.split()
    assert len(shown.splitlines()) < 24
    assert all(len(line) < 80 for line in shown.splitlines())
    assert "usage: why [NUMBER]" in at("help why")
    assert "usage: mount DEVICE" in at("help mount")
    assert "usage: retry TIMES" in at("help retry")
    assert "did you mean disks?" in at("help dsks")


def test_prompt_commands_are_not_in_scripts(at: Prompt) -> None:
    assert "error[KX201]" in at("if true { disks }")
    assert "error[KX201]" in at("let x = mounts")


def test_retry_is_both(at: Prompt) -> None:
    assert "no script to run again" in at("retry")
    assert at('retry 2 { say "once" }') == "once\n"


def test_retry_runs_the_script_again() -> None:
    at = Prompt(attempts=[NotFound("still not there")])
    assert "still not there" in at("retry")
    assert "still not there" in at("why")


def test_exit_asks_before_it_boots() -> None:
    at = Prompt(typed="no\n", attempts=[NotFound("ran again")])
    shown = at("exit")
    assert "[y/N]" in shown
    assert "ran again" not in shown
    assert not at.session.done
    at = Prompt(typed="y\n", attempts=[NotFound("ran again")])
    assert "ran again" in at("exit")
    assert not at.session.done


def test_exit_leaves_where_there_is_nothing_to_boot(at: Prompt) -> None:
    at("exit")
    assert at.session.done


def test_sh_looks_at_the_devices_again() -> None:
    made = machine()

    def shell(argv: object) -> Completed:
        made.add(Device("/dev/sdc", disk="/dev/sdc"))
        return Completed(5)

    made._programs["sh"] = shell
    assert "status 5, 6 devices" in Prompt(made)("sh")
    assert "run sh" in [str(action) for action in made.actions]


def test_an_unknown_head_runs_the_program(at: Prompt) -> None:
    assert at("lsblk -f --output=NAME $nothing").startswith("running the program /usr/bin/lsblk\n")
    assert "run lsblk -f --output=NAME" not in [str(action) for action in at.machine.actions]
    at("lsblk -f --output=NAME")
    assert "run lsblk -f --output=NAME" in [str(action) for action in at.machine.actions]
    assert "lspci ended with status 3" in at("lspci")


def test_an_unknown_head_without_a_program_is_an_error(at: Prompt) -> None:
    assert "did you mean `mount`?" in at("muont LABEL=X")


def test_the_persons_own_functions_come_first(at: Prompt) -> None:
    at('fn lsblk { say "mine" }')
    assert at("lsblk") == "mine\n"


def test_the_end_of_the_machine_passes_through(at: Prompt) -> None:
    with pytest.raises(Ended):
        at("reboot")


def test_recovery_at_the_prompt_stays(at: Prompt) -> None:
    assert at("recovery") == "this is the recovery prompt already\n"


def test_control_c_is_a_failure_like_others(at: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(at.interpreter, "run_line", stop)
    assert "stopped by Ctrl-C" in at("1 + 2")
    assert isinstance(at.interpreter.last_error, Interrupted)


@pytest.mark.parametrize(
    ("text", "incomplete"),
    [
        ("if true {", True),
        ("if true {\n  say x", True),
        ("let x = (", True),
        ("let x =", True),
        ("say x", False),
        ("set", False),
        ("set x =", True),
        ("", False),
        ("say `x`", False),
        ("if true { } }", False),
        ("(" * 5000, False),
    ],
)
def test_what_needs_more_lines(text: str, incomplete: bool) -> None:
    assert is_incomplete(text) == incomplete


# -- the banner and the loop


@pytest.mark.parametrize(
    "error", [None, NotFound("x"), RecoveryRequest("asked"), InternalFault("y")]
)
def test_the_banner_is_short(error: KxshError | None) -> None:
    at = Prompt(attempts=[])
    if error:
        at.session.remember(error)
    lines = opening(at.session).splitlines()
    assert len(lines) <= 8
    assert all(len(line) <= 40 for line in lines)
    assert ("why" in opening(at.session)) == (error is not None)
    assert "retry" in opening(at.session)


def test_the_loop_reads_a_pipe_to_its_end() -> None:
    at = Prompt(typed="say one\nif true {\nsay two\n}\nnosuch\nsay three\n")
    run(at.interpreter, at.terminal, error=NotFound("first"), banner="hello")
    shown = at.out.getvalue()
    assert shown.index("first") < shown.index("hello") < shown.index("one") < shown.index("two")
    assert shown.index("KX201") < shown.index("three")


def test_the_loop_does_not_end_with_its_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """With something to boot, a hung-up terminal keeps the worker, without spinning."""
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            raise Ended("poweroff")

    monkeypatch.setattr("kxsh.console.prompt.loop.time.sleep", sleep)
    at = Prompt(attempts=[])
    with pytest.raises(Ended):
        run(at.interpreter, at.terminal, error=None, retry=lambda: None)
    assert pauses == [1.0, 1.0, 1.0]


# -- the terminal by itself


def test_a_serial_line_gets_ascii_only() -> None:
    out = io.StringIO()
    terminal = Terminal(io.StringIO(), out, color=True, serial=True, term="vt220")
    terminal.say("gr\u00fc\u00df \u2603")
    terminal.warn("na\u00efve")
    assert out.getvalue() == "gr\\xfc\\xdf \\u2603\n\x1b[33mna\\xefve\x1b[0m\n"


def test_a_terminal_that_went_away_stops_nothing() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.EIO, "gone")

    Terminal(io.StringIO(), Gone(), color=False, serial=True, term="vt220").say("hello")


@pytest.mark.parametrize("term", ["xterm", "linux", "vt220"])
def test_terminals_with_colours(term: str) -> None:
    assert Terminal(io.StringIO(), io.StringIO(), color=True, serial=False, term=term).color
    assert not Terminal(io.StringIO(), io.StringIO(), color=False, serial=False, term=term).color


@pytest.mark.parametrize("term", ["vt100", "dumb", "", "xterm-m"])
def test_terminals_without(term: str) -> None:
    assert not Terminal(io.StringIO(), io.StringIO(), color=True, serial=False, term=term).color


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("dsks", "did you mean `disks`?"),
        ("histry", "did you mean `history`?"),
        ("mounst", "did you mean `mount`?"),
        ("nano", "there is no program of that name either"),
        ("if true { lsblk }", "another program is started with `run lsblk`"),
        ("mount", "`mounts` shows what is mounted"),
        ("mount", "help: usage: mount DEVICE [DIRECTORY]"),
        ("boot", "`exec` starts what is loaded"),
        ("boot", "help: usage: boot KERNEL"),
        ("reboot --x", "`reboot` has no option `--x`"),
        ("reboot -x", "`reboot` has no option `-x`"),
        ("ls -l", "there is no program `ls` here"),
        ("ls (hd0,7)/", "no disk here has that name"),
    ],
)
def test_a_hint_knows_what_the_prompt_and_this_machine_have(
    at: Prompt, line: str, wanted: str
) -> None:
    assert wanted in at(line)


@pytest.mark.parametrize(
    ("line", "next_step"),
    [
        ("stat /nowhere-at-all", "`disks` and `mounts` show what is there"),
        ("read /", "`why` explains it"),
        ("stat /nowhere-at-all else { stat /nothing-of-that-kind }", "`mounts` show"),
    ],
)
def test_a_failed_line_names_a_next_step(at: Prompt, line: str, next_step: str) -> None:
    said = at(line)
    assert "error[KX800]" in said
    assert next_step in said.partition("help: ")[2]


def test_what_a_person_made_fail_needs_no_advice(at: Prompt) -> None:
    assert "help:" not in at('fail "no"')
