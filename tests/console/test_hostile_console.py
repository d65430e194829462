"""Hostile names and texts through every output of the prompt: printable text only."""

from __future__ import annotations

import re

import pytest
from machines import KERNEL
from scripted import Scripted

from kxsh.console.prompt.history import History
from kxsh.errors import IoFailure
from kxsh.machine.protocol import Device, Mount
from kxsh.text import MIB

EVIL = [
    "\x1b]52;c;Y3VybA==\x07", "\x1bP+q544e\x1b\\", "\x1b[6n", "\x9b6n", "\x9d0;x\x9c", "\x1b]0;x",
    "\u202etxt.exe\u202c", "\u200b\u2066x\u2069", "\x00\x08\x0d\x7f", "\udc9b\udcff",
    "x" * 10_000,
]  # fmt: skip
ENTRY = "isolinux-entry /dev/sdc1:/isolinux/isolinux.cfg"
UNSAFE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff]"
)


def config(evil: str) -> str:
    flat = evil.replace("\x00", "").replace("\r", "")
    return (
        f"DEFAULT a\nLABEL a\n MENU LABEL {flat}\n KERNEL kernel{flat}\n"
        f" APPEND initrd=i{flat} x={flat}\n"
    )


@pytest.mark.parametrize("evil", EVIL, ids=[ascii(text[:8]) for text in EVIL])
def test_nothing_but_printable_text_comes_out(evil: str) -> None:
    script = (
        f"kxs 1\nlet m = mount /dev/sdc1\nlet v = '{evil}'\n"
        f"load $m/boot/kernel --cmdline 'a={evil}'\nfail '{evil}'\n"
    )
    script = script.replace("\r", "").replace("\x00", "")
    at = Scripted(fail={"unmount /media/x": IoFailure(evil, tried=[evil], log=[evil] * 9)})
    device = Device(
        "/dev/sdc1", label=evil[:300], uuid=evil[:99], fstype="iso9660", model=evil, size=MIB,
        disk="/dev/sdc", number=1,
    )  # fmt: skip
    at.machine.add(
        device,
        {
            "/boot/kernel": bytes(KERNEL),
            "/isolinux/isolinux.cfg": config(evil).encode("utf-8", "surrogateescape"),
        },
    )
    at.machine._mounts.append(Mount(device, f"/media/{evil[:200]}", evil[:50]))
    esp = at.machine.mount(at.machine.devices()[2])
    at.machine.replace_file(f"{esp.path}/a.kxs", script.encode("utf-8", "surrogateescape"))
    for line, typed in (
        ("step a.kxs", "\n\nn\n\n\nq\n"), ("step a.kxs", "c\n"), ("why", ""), ("why 2", ""),
        ("mounts", ""), ("undo --list", ""), ("retry", ""), ("retry --skip", ""),
        ("edit", "l\n+ y\nload\n"), (f"edit ({ENTRY})", "q\n"),
        ("disks", ""), ("disks --menus", ""), (f"say '{evil[:50]}'".replace("\r", ""), ""),
        ("history", ""), ("save-script new.kxs", "n\n"), ("why --save", ""), ("undo", ""),
        ("undo", ""), ("undo", ""), ("undo", ""), ("retry --whole", ""), ("exit", "n\n"),
    ):  # fmt: skip
        shown = at(line, typed)
        assert not UNSAFE.search(shown), (line, ascii(UNSAFE.findall(shown)[:9]))
        assert "KX999" not in shown, (line, shown)
        if line == "why --save":
            report = at.file(shown.split()[1])
            assert not UNSAFE.search(report), ascii(UNSAFE.findall(report)[:9])


def test_a_history_file_cannot_bring_them_in() -> None:
    history = History()
    history.keep("\n".join(["1 + 1", *EVIL[:10]]), lambda text: None)
    assert history.lines == ["1 + 1"]


def test_a_statement_is_edited_as_harmless_text() -> None:
    at = Scripted(f"kxs 1\nlet a = '{EVIL[0]}'\nfail '{EVIL[6]}'\n")
    seen: list[str] = []

    def read(text: str) -> str:
        seen.append(text)
        raise EOFError

    at.session.read_text = read
    assert "stands here as" in at("retry --edit")
    assert not UNSAFE.search(seen[0])
