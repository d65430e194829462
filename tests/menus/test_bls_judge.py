"""systemd's own program, bootctl, and our reader on the same folders of entries.

What is compared: which entries there are, their order, the titles that tell them apart, and
which one starts by itself. bootctl wants the root of a filesystem: it gets a tmpfs in a
namespace of its own. Where it differs from the loader itself, that counts: bootctl 252
refuses files with ~ or ^ in their names, and shows a machine's whole id in a title, of
which the loader shows eight characters.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
from pathlib import Path

import pytest
from unit.kernels import bzimage, uki

from kxsh.machine.root import DirectoryRoot
from kxsh.menus import bls

FOLDERS = 120
NAMES = ("arch", "arch-lts", "deb-6.1.0-9", "deb-6.1.0-10", "f-39.1-200.fc38")
NAMES += ("f-39.1-200.fc39", "x", "0", "linux-5", "linux-5.10", "m-1")
VALUES = {
    "title": ("Arch", "Debian", "Debian", "Fedora Linux"),
    "version": ("1", "1.2", "1.10", "6.1.0-9", "6.1.0-10", "2~rc1", "2", "2^post", "2-3"),
    "machine-id": ("a" * 32, "b" * 32),
    "sort-key": ("arch", "debian", "z"),
    "options": ("root=/dev/sda1 ro", "quiet"),
}
TRIES = ("", "", "", "", "+3", "+0", "+2-1", "+0-3", "+3-0")
DEFAULTS = (
    "",
    "deb-*",
    "arch*",
    "*10*",
    "f-39.1-200.fc38.conf",
    "nothing",
    "[mx]*",
    "???.conf",
    "uki*",
)
SCRIPT = """
mount -t tmpfs none "$1" || exit 9
for folder in "$2"/*; do
    rm -rf "$1"/*
    cp -a "$folder"/. "$1"
    for form in --json=short --json=off; do
        "$3" --esp-path="$1" $form --no-pager list 2>/dev/null || echo none
        echo ==
    done
done
"""


def make(folder: Path, dice: random.Random) -> None:
    """Write entries and images that the dice decide."""
    entries = folder / "loader" / "entries"
    entries.mkdir(parents=True)
    (folder / "k").write_bytes(bzimage())
    for name in dice.sample(NAMES, dice.randint(1, 7)):
        lines = ["linux /k"]
        for key, values in VALUES.items():
            if dice.random() < 0.6:
                lines.append(f"{key} {dice.choice(values)}")
        dice.shuffle(lines)
        (entries / f"{name}{dice.choice(TRIES)}.conf").write_text("\n".join(lines) + "\n")
    images = folder / "EFI" / "Linux"
    images.mkdir(parents=True)
    for name in dice.sample(("uki-1.efi", "uki-2.efi"), dice.randint(0, 2)):
        release = f"ID={dice.choice('ad')}\nPRETTY_NAME=Debian\nVERSION_ID={dice.randint(1, 12)}\n"
        parts = ((".osrel", release.encode()), (".cmdline", b"quiet"), (".linux", bzimage()))
        (images / name).write_bytes(uki(*parts))
    default = dice.choice(DEFAULTS)
    (folder / "loader" / "loader.conf").write_text(f"default {default}\n" if default else "\n")


@pytest.fixture(scope="module")
def bootctl(root: Path) -> tuple[str, dict[str, str]]:
    """Return the program, and the environment that it needs."""
    packages = root / "build" / "packages"
    program = packages / "systemd-boot" / "usr" / "bin" / "bootctl"
    assert program.is_file(), "scripts/setup unpacks systemd-boot"
    (library,) = (packages / "libsystemd-shared").rglob("libsystemd-shared-*.so")
    environment = {**os.environ, "LD_LIBRARY_PATH": str(library.parent)}
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives nobody a namespace of their own (unshare -rm)")
    return str(program), {**environment, "SYSTEMD_RELAX_ESP_CHECKS": "1"}


def judged(
    bootctl: tuple[str, dict[str, str]], top: Path, mount: Path
) -> list[tuple[list[tuple[str, str]], str]]:
    """Return, for each folder, [(id, title)] in the menu's order and the default's id."""
    program, environment = bootctl
    output = subprocess.run(
        ["unshare", "-rm", "sh", "-c", SCRIPT, "-", str(mount), str(top), program],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    ).stdout
    parts = output.split("==\n")
    found = []
    for data, text in zip(parts[::2], parts[1::2], strict=False):
        menu = [json.loads(line) for line in data.splitlines()]
        default = ""
        for block in text.split("title:")[1:]:
            lines = block.splitlines()
            if "(default)" in lines[0]:
                default = next(line.split()[1] for line in lines if line.split()[0] == "id:")
        found.append(([(one["id"], _title(one["showTitle"])) for one in menu], default))
    return found


def _title(text: str) -> str:
    """Return a title as the loader itself shows it."""
    return re.sub(r"\((a{8}|b{8})[ab]{24}\)", r"(\1)", text)


def test_bootctl_and_we_agree(
    bootctl: tuple[str, dict[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    top, mount = tmp_path / "folders", tmp_path / "esp"
    mount.mkdir()
    for number in range(FOLDERS):
        make(top / f"{number:03}", random.Random(number))
    differing = []
    for folder, theirs in zip(sorted(top.iterdir()), judged(bootctl, top, mount), strict=True):
        menu = bls.read(DirectoryRoot(str(folder)), "/loader/loader.conf")
        ours = [(entry.id, entry.title) for entry in menu.entries], menu.default
        if ours != theirs:
            conf = (folder / "loader/loader.conf").read_text().strip()
            differing.append(f"{folder.name} ({conf}):\n  bootctl {theirs}\n  ours    {ours}")
    with capsys.disabled():
        print(f"\nbootctl as a judge: {FOLDERS} folders, {len(differing)} differ")
    assert not differing, "\n".join(differing[:5])
