"""Kernel command lines: kept byte for byte, edited word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kxsh.boot.cmdline import Cmdline
from kxsh.errors import FormatFailure

GENTOO = "root=/dev/ram0 init=/linuxrc  dokeymap looptype=squashfs  cdroot"
LINES = st.text(st.sampled_from('ab=- "\t_é'), max_size=40)


def test_text_stays_as_it_is() -> None:
    assert str(Cmdline.parse(GENTOO)) == GENTOO
    assert Cmdline.parse("  ").text == "  "


@given(LINES)
def test_any_line_stays_as_it_is(text: str) -> None:
    line = Cmdline.parse(text)
    assert str(line.drop("no-such-key")) == text
    between = 0
    for word in line:
        assert not text[between : word.start].strip(" \t")
        assert text[word.start : word.end].strip()
        between = word.end
    assert not text[between:].strip(" \t")


@given(LINES, st.sampled_from(["quiet", "root=/dev/sda1", 'a="b c"', "console=ttyS0"]))
def test_what_was_set_is_there_once_it_was_set(text: str, setting: str) -> None:
    line = Cmdline.parse(text)
    # An open quote swallows what is appended, as in the kernel.
    if text.count('"') % 2:
        return
    key, _, value = setting.partition("=")
    once = line.set(setting)
    assert once.get(key) == value.strip('"')
    assert once.set(setting) == once


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        (GENTOO, "init", "/linuxrc"),
        (GENTOO, "dokeymap", ""),
        (GENTOO, "quiet", None),
        ('dyndbg="file a +p"', "dyndbg", "file a +p"),
        ('"dyndbg=file a +p" quiet', "dyndbg", "file a +p"),
        ('a="x=y z" b', "a", "x=y z"),
        ("console=tty0 console=ttyS0,115200", "console", "ttyS0,115200"),
        ("log-buf-len=1M", "log_buf_len", "1M"),
        ("root=UUID=1-2", "root", "UUID=1-2"),
        ("quiet -- single", "single", None),
        ("a=", "a", ""),
        ("=b", "", "b"),
    ],
)
def test_values_are_cut_as_the_kernel_cuts_them(text: str, key: str, value: str | None) -> None:
    assert Cmdline.parse(text).get(key) == value


@pytest.mark.parametrize(
    ("text", "settings", "result"),
    [
        (GENTOO, ["init=/bin/sh"], GENTOO.replace("/linuxrc", "/bin/sh")),
        ("a=1 b a=2 c", ["a=3"], "b a=3 c"),
        ("quiet", ["root=/dev/sda1"], "quiet root=/dev/sda1"),
        ("", ["quiet"], "quiet"),
        ("console=tty0 console=ttyS0", ["console=ttyS1"], "console=tty0 console=ttyS1"),
        ("rd.luks.uuid=a rd.luks.uuid=b", ["rd.luks.uuid=c"], "rd.luks.uuid=a rd.luks.uuid=c"),
        ("ro  quiet", ["ro"], "ro  quiet"),
        ("a=1", ['a="x y"'], 'a="x y"'),
        ("quiet -- single", ["console=ttyS0"], "quiet console=ttyS0 -- single"),
        ("a -- a=1", ["a=2"], "a=2 -- a=1"),
        ("a=1", ["a=2", "b"], "a=2 b"),
    ],
)
def test_set(text: str, settings: list[str], result: str) -> None:
    assert str(Cmdline.parse(text).set(*settings)) == result


@pytest.mark.parametrize(
    ("text", "keys", "result"),
    [
        (GENTOO, ["dokeymap"], GENTOO.replace("dokeymap ", "")),
        ("quiet splash", ["quiet"], "splash"),
        ("quiet splash", ["splash"], "quiet"),
        ("quiet", ["quiet"], ""),
        ("a=1 b a=2", ["a"], "b"),
        ("a=1 b a=2", ["a=2"], "a=1 b"),
        ("quiet -- quiet", ["quiet"], "-- quiet"),
        ('x="a b" y', ["x"], "y"),
        ("a  b  c", ["b"], "a  c"),
    ],
)
def test_drop(text: str, keys: list[str], result: str) -> None:
    assert str(Cmdline.parse(text).drop(*keys)) == result


def test_append() -> None:
    assert str(Cmdline.parse("a  b").append(" c=1  d ")) == "a  b c=1  d"
    assert str(Cmdline.parse("").append("c")) == "c"
    assert str(Cmdline.parse("BOOT_IMAGE=/k ").append("c")) == "BOOT_IMAGE=/k c"
    assert Cmdline.parse("a").append("  ") == Cmdline("a")


def test_an_operation_leaves_the_original_alone() -> None:
    line = Cmdline.parse("quiet a=1")
    line.set("a=2").drop("quiet").append("b")
    assert str(line) == "quiet a=1"


def test_bytes_are_counted_as_handed_over() -> None:
    assert Cmdline.parse("ä=1").byte_length == 4


def test_duplicates_are_keys_of_which_only_one_counts() -> None:
    line = Cmdline.parse("root=a console=1 console=2 root=b a-b=1 a_b=2")
    assert line.duplicates() == ["root", "a_b"]


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\0b", "\x1b[31m", "a\x7f"])
def test_control_characters_are_refused(text: str) -> None:
    with pytest.raises(FormatFailure, match="one line"):
        Cmdline.parse(text)
    with pytest.raises(FormatFailure, match="one line"):
        Cmdline.parse("a").append(text)
    with pytest.raises(FormatFailure, match="one line"):
        Cmdline.parse("a").set(text)


@pytest.mark.parametrize("setting", ["", "a b", "=1", "a=1 b=2"])
def test_only_one_word_can_be_set(setting: str) -> None:
    with pytest.raises(FormatFailure, match="not one command line word"):
        Cmdline.parse("x").set(setting)


def test_several_words_that_are_set_at_once_are_said_one_by_one() -> None:
    with pytest.raises(FormatFailure) as caught:
        Cmdline.parse("x").set("quiet root=/dev/sda9")
    assert "--set quiet --set root=/dev/sda9" in (caught.value.hint or "")
