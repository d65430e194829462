"""Values: types, fields, words, units; calls: the binder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kxsh.errors import ParseError, UsageError
from kxsh.interpreter.showing import show
from kxsh.machine.protocol import Device, Mount
from kxsh.signature import Item, Signature, argument, bind, flag, option, optional, rest
from kxsh.source import Source, Span
from kxsh.syntax.decode import decode_source
from kxsh.text import nearest
from kxsh.units import Duration, Size, negated, parse_integer, parse_quantity
from kxsh.values import (
    ANY,
    BOOL,
    DEVICE,
    DURATION,
    FIELDS,
    INT,
    KERNEL,
    LIST,
    NEVER,
    NULL,
    PATH,
    SIZE,
    SPEC,
    STR,
    TEXT,
    Type,
    accepts,
    as_word,
    assignable,
    field,
    split_location,
    split_spec,
    type_of,
    word_fault,
)

DISK = Device("/dev/sda1", label="X", size=5, disk="/dev/sda", number=1)


@pytest.mark.parametrize(
    ("kind", "word", "fits"),
    [
        (INT, "7", True), (INT, "-0x1f", True), (INT, "7s", False), (INT, "٣", False),
        (DURATION, "10s", True), (DURATION, "10", False), (DURATION, "10MiB", False),
        (SIZE, "64MiB", True), (SIZE, "64M", False), (SIZE, "10s", False),
        (BOOL, "true", True), (BOOL, "yes", False),
        (DEVICE, "LABEL=X", True), (DEVICE, "/dev/sda", True), (DEVICE, "sda", False),
        (DEVICE, "LABLE=X", False), (DEVICE, "LABEL=", False), (SPEC, "TYPE=ext4", True),
        (STR, "", True), (PATH, "LABEL=X:/p", True), (TEXT, "anything", True),
    ],
)  # fmt: skip
def test_which_words_become_a_type(kind: Type, word: str, fits: bool) -> None:
    assert (word_fault(kind, word) is None) is fits


@pytest.mark.parametrize(
    ("kind", "actual", "taken", "kept"),
    [
        (INT, INT, True, True), (INT, STR, True, False), (INT, DURATION, False, False),
        (INT, NULL, False, False), (INT.or_null(), NULL, True, True),
        (INT, INT.or_null(), False, False), (INT.or_null(), INT, True, True),
        (ANY, NULL, True, True), (INT, ANY, True, True), (INT, NEVER, True, True),
        (PATH, DEVICE, False, False), (DEVICE, STR, True, False), (KERNEL, INT, False, False),
        (TEXT, INT, True, False), (TEXT, LIST, False, False), (TEXT, NULL, False, False),
        (Type("list", item=INT), Type("list", item=STR), True, False),
        (Type("list", item=INT), LIST, True, True), (LIST, Type("list", item=INT), True, True),
    ],
)  # fmt: skip
def test_what_may_stand_for_a_type(kind: Type, actual: Type, taken: bool, kept: bool) -> None:
    """A parameter takes what converts; a `let` and a result keep to the type."""
    assert (accepts(kind, actual), assignable(kind, actual)) == (taken, kept)


def test_every_declared_field_can_be_read() -> None:
    mount = Mount(DISK, "/mnt/x", "ext4")
    for value in (DISK, mount):
        kind = type_of(value)
        for name, declared in FIELDS[kind.name].items():
            assert assignable(declared, type_of(field(value, name, None))), name


def test_specs_and_locations() -> None:
    assert split_spec("LABEL=my disk") == ("LABEL", "my disk")
    assert split_spec("LABEL=a=b") == ("LABEL", "a=b")
    assert split_spec("label=x") is None
    assert split_location("LABEL=X:/a:/b") == ("LABEL=X", "/a:/b")
    assert split_location("/dev/sda1:/boot/x") == ("/dev/sda1", "/boot/x")
    assert split_location("http://host/x") is None
    assert split_location("/mnt/1/x") is None


def test_words_of_values() -> None:
    assert [as_word(value) for value in (True, 7, Duration(1.5), Size(2048), DISK)] == [
        "true", "7", "1500ms", "2KiB", "/dev/sda1",
    ]  # fmt: skip
    for value in (None, [], {}):
        with pytest.raises(UsageError):
            as_word(value)


def test_show_reads_as_it_is_written() -> None:
    assert show({"a": [1, "x\n"], "b c": None, "": {}}) == '[a: [1, "x\\n"], "b c": null, "": [:]]'


# -- units


def test_a_long_list_or_map_is_shown_with_an_item_on_each_line() -> None:
    assert show(list(range(10))) == "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
    shown = show(dict.fromkeys("abc", "x" * 30))
    assert shown.split("\n") == [f'{start}{name}: "{"x" * 30}"{end}' for start, name, end in (
        ("[", "a", ","), (" ", "b", ","), (" ", "c", "]"),
    )]  # fmt: skip
    assert show([Device("/dev/sda", model="USB Drive", label="A")]) == (
        '[device path=/dev/sda label=A model="USB Drive"]'
    )


@given(st.integers(0, 10**9), st.sampled_from(["ms", "s", "m", "h"]))
def test_durations_read_back(count: int, unit: str) -> None:
    value = parse_quantity(f"{count}{unit}")
    assert isinstance(value, Duration)
    if value < 10 or value == int(value):
        again = parse_quantity(str(value))
        assert again is not None and abs(again - value) < 0.001


@given(st.integers(0, 10**9), st.sampled_from(["KiB", "MiB", "GiB", "TiB"]))
def test_sizes_read_back(count: int, unit: str) -> None:
    value = parse_quantity(f"{count}{unit}")
    assert isinstance(value, Size)
    assert count == 0 or parse_quantity(str(value)) == value


@given(st.text(max_size=20))
def test_any_word_is_a_quantity_or_none(word: str) -> None:
    assert parse_quantity(word) is None or word.isascii()
    assert parse_integer(word) is None or word.isascii()


def test_negatives_keep_their_kind() -> None:
    assert str(negated(Duration(5))) == "-5s"
    assert negated(Size(3)) == Size(-3)
    with pytest.raises(TypeError):
        negated(True)


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [("mont", ["mount", "umount"], "mount"), ("b", ["a"], None), ("ab", ["aa"], "aa"),
     ("lable", ["label"], "label"), ("xyz", ["mount"], None)],
)  # fmt: skip
def test_nearest(name: str, known: list[str], near: str | None) -> None:
    assert nearest(name, known) == near


# -- the binder

SIGNATURE = Signature(
    "cmd",
    [
        argument("first", STR, ""),
        optional("second", STR, ""),
        option("wait", DURATION, "", short="w"),
        option("set", STR, "", many=True),
        flag("loud", ""),
    ],
)
RAW = Signature("run", [argument("program", STR, ""), rest("words", TEXT, "", raw=True)])


def bound(signature: Signature, text: str) -> dict[str, list[object]]:
    """Bind the words of a text: `--x` and `--x=v` are options, `...` is a spread."""
    source = Source("t", text)
    items = []
    for word in text.split():
        start = text.index(word)
        span = Span(source, start, start + len(word))
        if word == "...":
            items.append(Item("spread", "", word, span))
        elif word.startswith("-"):
            name, equal, value = word.lstrip("-").partition("=")
            items.append(Item("option", name, value if equal else None, span))
        else:
            items.append(Item("word", "", word, span))
    found = bind(signature, items, Span(source, 0, len(text)))
    return {
        name: [item.value or item.name for item in given.items] for name, given in found.items()
    }


def test_bind_sorts_words_and_options() -> None:
    assert bound(SIGNATURE, "a --wait 5s b --loud") == {
        "first": ["a"], "wait": ["5s"], "second": ["b"], "loud": ["loud"],
    }  # fmt: skip
    assert bound(SIGNATURE, "--wait=5s a") == {"wait": ["5s"], "first": ["a"]}
    assert bound(SIGNATURE, "-w 5s a") == {"wait": ["5s"], "first": ["a"]}
    assert bound(SIGNATURE, "a --set x --set=y") == {"first": ["a"], "set": ["x", "y"]}
    assert bound(SIGNATURE, "...") == {}
    assert bound(SIGNATURE, "... a b c d") == {"first": ["a"], "second": ["b"]}
    assert bound(RAW, "prog -x --long=1 word") == {
        "program": ["prog"], "words": ["x", "1", "word"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "KX203"), ("a b c", "KX203"), ("a --nope", "KX202"), ("a --wait", "KX203"),
     ("a --wait --loud", "KX203"), ("a --loud=1", "KX203"), ("a --loud --loud", "KX205"),
     ("a --wait 1s --wait 2s", "KX205"), ("-w", "KX203")],
)  # fmt: skip
def test_bind_refuses(text: str, code: str) -> None:
    with pytest.raises(UsageError) as raised:
        bound(SIGNATURE, text)
    assert raised.value.code == code
    assert "usage: cmd FIRST [SECOND]" in raised.value.hint


# -- bytes to text


def test_sources_as_editors_save_them() -> None:
    assert decode_source("x", b"\xef\xbb\xbfkxs 1\r\nsay a\r\n").text == "kxs 1\nsay a\n"


@pytest.mark.parametrize(
    ("data", "place"),
    [(b"say a\nsay \xff", "x:2:5"), (b"say \x00", "x:1:5"), ("say é".encode("latin-1"), "x:1:5"),
     ("say a".encode("utf-16"), "x:1:1"), (b"\xef\xbb\xbfa\r\n\xe9", "x:2:1")],
)  # fmt: skip
def test_other_encodings_are_told_with_their_place(data: bytes, place: str) -> None:
    with pytest.raises(ParseError) as raised:
        decode_source("x", data)
    assert (raised.value.code, str(raised.value.span)) == ("KX903", place)
