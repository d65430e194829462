"""`help`: everything that has a name, in the columns there are; `NAME --help`; usage lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_session import Prompt

from kxsh.checker.codes.at_run import AT_RUN
from kxsh.commands import COMMANDS
from kxsh.completion.position import find_position
from kxsh.console.help import helping, topics
from kxsh.console.words.signatures import marked
from kxsh.errors import FAILURES, KxshError


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Prompt:
    monkeypatch.setenv("PATH", "/usr/bin")
    return Prompt()


@pytest.mark.parametrize(
    ("topic", "wanted"),
    [
        ("mount", "usage: mount DEVICE"),
        ("why", "usage: why [NUMBER]"),
        ("slots", 'import "slots"'),
        ("KX405", "KX405 (error): root by label or UUID, without an initrd"),
        ("kx405", "Silenced on one line"),
        ("'error[KX101]:'", "KX101 (error)"),
        ("KX800", "A command could not do its work on this machine"),
        ("'error[KX999]'", "`why --save` writes it into a report"),
        ("kxsh", "load K --initrd I"),
        ("lsblk", "lsblk is a program: /usr/bin/lsblk."),
        ("LUKS", "luks-open UUID=X"),
        ("luks", "luks-open UUID=X"),
        ("LABEL", "LABEL=X:/boot"),
        ("grub", "What grub> has, here:"),
        ("serial", "console=ttyS0,115200"),
        ("keyboard", "keymap de"),
        ("keys", "Ctrl-R         search the history backwards"),
        ("menu-keys", "The keys of the menu."),
        ("password", "kxsh.recovery=password"),
        ("going-on", "retry --skip"),
        ("console", "load K --initrd I"),
        ("nomodeset", "on the kernel's command line: no graphics drivers"),
        ("root=", "root on the kernel's command line: the root filesystem"),
    ],
)
def test_help_knows(at: Prompt, topic: str, wanted: str) -> None:
    text = at(f"help {topic}")
    assert wanted in text
    assert not text.startswith("error[KX8")


@pytest.mark.parametrize("columns", [39, 79])
def test_nothing_in_help_is_wider_than_the_screen(at: Prompt, columns: int) -> None:
    """But an example's line, which is typed as it stands."""
    session = at.session
    named = [*session.commands, *COMMANDS, *topics.topic_names(), *AT_RUN, *FAILURES]
    texts = [helping.explain(session, name, columns) for name in named]
    texts.append(helping.overview(session, columns))
    lines = [line for text in texts for line in text.split("\n")]
    wide = [line for line in lines if len(line) > columns]
    assert all(line.startswith("  ") and " " not in line.strip() for line in wide), wide
    assert len(wide) <= (2 if columns < 60 else 0)


@pytest.mark.parametrize("kind", FAILURES)
def test_every_failure_class_is_explained(at: Prompt, kind: str) -> None:
    assert f"{kind} is a failure class: " in at(f"help {kind}")


def test_help_on_a_variable_tells_what_it_holds(at: Prompt) -> None:
    at("let m = mount LABEL=GENTOO")
    text = at("help $m")
    assert "mount: /mnt/1" in text
    assert "fields, as in ${NAME.FIELD}: path, device, fstype, writable" in text
    at("fn twice(n: int) -> int { return ($n * 2) }")
    assert at("help twice").startswith("usage: twice N -> int")


def test_a_misspelt_topic_is_told(at: Prompt) -> None:
    assert "did you mean luks-open?" in at("help luks-opne")
    assert "\x1b" not in at("help 'a\x1b]0;b\x07'")


@pytest.mark.parametrize("columns", [39, 79, 199])
def test_every_help_fits(at: Prompt, columns: int) -> None:
    """Examples are shown as they are typed, and so may be wider than a small screen."""
    for topic in (
        *topics.TOPICS,
        *topics.topic_names(),
        *COMMANDS,
        *FAILURES,
        *at.session.commands,
    ):
        text = helping.explain(at.session, topic, columns).partition("for example:")[0]
        assert text.isascii()
        for line in text.splitlines():
            assert len(line) <= columns or " " not in line.strip(), line
    for line in helping.overview(at.session, columns).splitlines():
        assert len(line) <= columns or len(line.split("  ")[-1]) > columns - 25


def test_topics_name_commands_that_there_are(at: Prompt) -> None:
    """A line of two columns that begins with a command's name is one that parses."""
    from kxsh.console.prompt.findings import Findings

    findings = Findings(at.session)
    for text in topics.TOPICS.values():
        for line in text.splitlines():
            typed = line.strip().partition("  ")[0]
            head = typed.partition(" ")[0]
            if not line.startswith("  ") or head not in COMMANDS:
                continue
            found = findings.of(typed, len(typed), typing=True)
            wrong = ("KX0", "KX202", "KX203")  # names in capitals stand for others
            assert not [item for item in found if item.code.startswith(wrong)], typed


def test_help_lists_every_command_and_topic(at: Prompt) -> None:
    for columns in (39, 79):
        words = set(helping.overview(at.session, columns).split())
        assert words >= {*COMMANDS, *at.session.commands, *topics.topic_names()}


def test_help_and_help_on_the_prompt_are_one_screen(at: Prompt) -> None:
    """Of 80x24, with the prompt below; so are the keys."""
    assert len(helping.overview(at.session, 79).splitlines()) < 24
    for topic in ("console", "keys", "going-on", "failure", "access", "serial"):
        assert len(helping.explain(at.session, topic, 79).splitlines()) < 24, topic


def test_every_topic_that_a_text_names_is_there(at: Prompt) -> None:
    texts = [*topics.TOPICS.values(), *topics.BESIDE.values(), *(topics.topic_named("menu-keys"),)]
    beside = [f"See also: {names}." for names in topics.BESIDE.values()]
    named = [
        name
        for text in [*texts, *beside]
        for list_ in re.findall(r"See also:\s([^.]+)\.", text)
        for name in re.split(r",\s", list_)
    ]
    assert len(named) > 15
    for name in named:
        assert not at(f"help {name}").startswith("error"), name
    for name in topics.BESIDE:
        assert f"See also: {topics.BESIDE[name]}." in at(f"help {name}"), name


def test_every_command_of_the_prompt_is_documented(at: Prompt) -> None:
    page = (Path(__file__).parents[2] / "docs/prompt.md").read_text(encoding="utf-8")
    code = " ".join(re.findall(r"`([^`]+)`", page))
    for name, command in at.session.commands.items():
        assert re.search(rf"(?<![\w-]){name}(?![\w-])", code), name
        for parameter in command.signature.parameters:
            if parameter.kind in ("option", "flag"):
                assert f"{name} --{parameter.name}" in code, (name, parameter.name)


def test_options_are_commands_helps(at: Prompt) -> None:
    assert at("mount --help") == at("help mount")
    assert at("why --help") == at("help why")
    assert "running the program" in at("lsblk --help")


def test_a_usage_error_prints_the_signature(at: Prompt) -> None:
    for line in ("part x y", "umount", "mount A B C", "mount LABEL=X --typ y", "findfs LABEL="):
        name = line.partition(" ")[0]
        assert at(line).count(f"usage: {name} ") == 1, line
    assert "usage" not in at("findfs LABEL=NOTHERE")
    assert "usage" not in at("say $nosuch").partition("help")[0]


def test_the_marked_parameter_stands_above_its_marks() -> None:
    for command in COMMANDS.values():
        for parameter in command.signature.parameters:
            for columns in (39, 79, 199):
                lines = marked(command.signature, parameter, columns)
                assert all(len(line) <= columns for line in lines), lines
                (row,) = [n for n, line in enumerate(lines) if line.lstrip().startswith("^")]
                at = lines[row].index("^")
                # Choices that are too long for the line are named only.
                begin = ("[", parameter.usage()[:1], parameter.name.upper())
                assert lines[row - 1][at:].startswith(begin), lines
                assert parameter.help.split()[0] in " ".join(lines[row:])


def test_the_position_needs_no_finished_line() -> None:
    for text in ("mount 'LABEL", "mount ${", "mount (", "", "  ", "let x = ", "(hd0,1)"):
        assert find_position(text) is not None


def test_help_is_a_not_found_failure(at: Prompt) -> None:
    with pytest.raises(KxshError, match="no help on nothing-at-all"):
        helping.explain(at.session, "nothing-at-all", 79)


def test_the_fields_of_a_value_are_broken_between_words(at: Prompt) -> None:
    at.terminal.size = lambda: (40, 24)  # type: ignore[method-assign]
    at("let disk = findfs LABEL=GENTOO")
    lines = at("help $disk").splitlines()
    assert max(map(len, lines)) < 40
    assert " ".join(" ".join(lines).split()).endswith(
        "${NAME.FIELD}: path, label, uuid, partuuid, partlabel, fstype, size, removable, disk,"
        " number, model"
    )
