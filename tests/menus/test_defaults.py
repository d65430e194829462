"""A loader's own default: what is written, and that its menu then starts that entry."""

from __future__ import annotations

import pytest

from kxsh.errors import Failure, FormatFailure, NotFound, UsageError
from kxsh.machine.fake import MemoryRoot
from kxsh.machine.protocol import Root
from kxsh.menus import bls, syslinux
from kxsh.menus.defaults import with_default

LABELS = "LABEL a\nKERNEL /k\nLABEL b\nKERNEL /k\n"
ENTRIES = {f"/loader/entries/{name}.conf": "linux /k\n" for name in ("a", "b", "x[1]*", "x1b")}


def changed(text: str, entry: str, path: str = "/syslinux.cfg", **others: str) -> str:
    root: Root = MemoryRoot({path: text, "/k": "", **others})
    target, data = with_default(root, path, entry, once=False)
    assert target == path
    after = MemoryRoot({path: data, "/k": "", **others})
    menu = bls.read(after, path) if "loader" in path else syslinux.read(after, path)
    assert menu.default == entry
    return data.decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DEFAULT a\n" + LABELS, "DEFAULT b\n" + LABELS),
        (LABELS, "DEFAULT b\n" + LABELS),
        ("PROMPT 1\r\n default  a\r\n" + LABELS, "PROMPT 1\r\nDEFAULT b\r\n" + LABELS),
        ("DEFAULT a\nDEFAULT a\n" + LABELS, "DEFAULT a\nDEFAULT b\n" + LABELS),
        ("DEFAULT vesamenu.c32\n" + LABELS, "UI vesamenu.c32\nDEFAULT b\n" + LABELS),
        ("DEFAULT menu.c32 x\nUI menu.c32\n" + LABELS, "DEFAULT b\nUI menu.c32\n" + LABELS),
    ],
)
def test_syslinux(text: str, expected: str) -> None:
    assert changed(text, "b") == expected


def test_a_menu_default_is_overridden_as_the_loader_does() -> None:
    text = "UI menu.c32\n" + LABELS.replace("LABEL a", "LABEL a\nMENU DEFAULT")
    assert changed(text, "b").startswith("DEFAULT b\nUI menu.c32\n")


@pytest.mark.parametrize(
    ("text", "entry", "expected"),
    [
        ("timeout 3\ndefault a*\n", "b.conf", "timeout 3\ndefault b.conf\n"),
        ("timeout 3", "b.conf", "timeout 3\ndefault b.conf\n"),
        ("", "b.conf", "default b.conf\n"),
        ("default a\r\ntimeout 1\r\n", "b.conf", "default b.conf\r\ntimeout 1\r\n"),
        ("# default c\ndefault a\ndefault a", "b.conf", "# default c\ndefault a\ndefault b.conf"),
        ("", "x[1]*.conf", "default x\\[1]\\*.conf\n"),
    ],
)  # fmt: skip
def test_loader_conf(text: str, entry: str, expected: str) -> None:
    assert changed(text, entry, "/loader/loader.conf", **ENTRIES) == expected


def refusal(text: str, entry: str, path: str, once: bool = False, **others: str) -> Failure:
    with pytest.raises((Failure, UsageError)) as caught:
        with_default(MemoryRoot({path: text, "/k": "", **others}), path, entry, once=once)
    return caught.value  # type: ignore[return-value]


def test_a_change_that_would_not_work_is_not_made() -> None:
    text = "DEFAULT a\nPROMPT 1\nTIMEOUT 30\nONTIMEOUT a\n" + LABELS
    failure = refusal(text, "b", "/syslinux.cfg")
    assert isinstance(failure, FormatFailure) and "nevertheless" in failure.message


def test_what_cannot_be_set() -> None:
    failure = refusal(LABELS, "bb", "/syslinux.cfg")
    assert isinstance(failure, NotFound) and failure.hint == "did you mean b?"
    assert "for one start" in refusal(LABELS, "b", "/isolinux.cfg", once=True).message
    failure = refusal("", "a.conf", "/loader/loader.conf", once=True, **ENTRIES)
    assert "in the firmware" in failure.message
    assert "no way is known" in refusal("", "b", "/lilo.conf").message
    with pytest.raises(NotFound):
        with_default(MemoryRoot({}), "/loader/loader.conf", "a", once=False)
