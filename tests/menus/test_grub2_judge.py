"""GRUB's own script engine (grub-emu) and ours on the same scripts.

What is compared: all that `echo` prints, and how many menu entries exist, what each of
their bodies prints when it is chosen, and which entry of a submenu starts by itself.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from grub2_scripts import WRITTEN, Generator

from kxsh.machine.fake import MemoryRoot
from kxsh.machine.root import DirectoryRoot
from kxsh.menus import grub2
from kxsh.menus.disks import ALONE
from kxsh.menus.grub2.devices import Volume
from kxsh.menus.grub2.environment import Environment, initial
from kxsh.menus.grub2.files import config_text
from kxsh.menus.grub2.interpreter import Interpreter
from kxsh.menus.grub2.listing import Listing
from kxsh.menus.grub2.state import Item, Leave
from kxsh.menus.grub2.world import World
from kxsh.menus.reading import Reading

GENERATED = 220
SENTINEL = "menuentry SENTINEL { echo SENTINEL; exit; }\n"
NOISE = re.compile(
    r"^(error: .*|Welcome to GRUB!|  Booting `.*|GNU GRUB.*|grub>.*|\s+Minimal BASH.*"
    r"|\s+lists possible.*|\s+device or file.*|Press any key.*|  Failed to boot.*"
    r"|.*is missing\.|\s*)$"
)
# Scripts on which the two differ, each with the reason.
DIFFERENT: dict[str, str] = {}


def with_choice(script: str, number: int) -> str:
    return f"{script}\n{SENTINEL}set default={number}\nset timeout=0\n"


def said(text: str) -> list[str]:
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text.replace("\r", "").expandtabs())
    text = text.partition("GNU GRUB")[0]
    return [line.rstrip(" ") for line in text.split("\n") if not NOISE.match(line)]


def grub(folder: Path, script: str, patience: float = 4) -> list[str]:
    """Return what GRUB prints within some seconds, with the entry chosen that the script's
    `default` names."""
    folder.mkdir()
    (folder / "grub.cfg").write_bytes(script.encode())
    try:
        output = subprocess.run(
            ["grub-emu", "-d", str(folder)],
            # After errors it waits for a key; then leave the menu, or its prompt.
            input=b" " * 6 + b"c\rexit\r",
            capture_output=True,
            timeout=patience,
            check=True,
            env={"TERM": "dumb", "PATH": "/usr/bin:/bin"},
        ).stdout
    except subprocess.TimeoutExpired as waiting:  # at a menu that errors led back to
        output = waiting.stdout or b""
    return said(output.decode(errors="surrogateescape"))


def ours(folder: Path, script: str) -> tuple[list[list[str]], int]:
    """Return what we print for each choice, and how many entries there are."""
    reading = Reading(DirectoryRoot("/"), "grub2", "/grub.cfg")
    world = World(reading, ALONE)
    world.devices.own = Volume("host", lambda: reading.root, own=True)
    world.devices.volumes = [Volume("proc", lambda: None), world.devices.own]
    listing = Listing(world, reading)
    environment = initial("host", f"(host){folder}", "emu")
    main = Interpreter(world, environment)
    text = config_text(with_choice(script, 0).encode())
    try:
        main.run_text(text)
    except Leave:
        return [said("".join(main.said))], 0
    first = "".join(main.said)
    if environment.get("timeout") is None:  # a wrong script swallowed the end
        return [said(first)], 0
    count = len(main.items)
    outputs = []
    for number in range(max(count, 1)):
        environment.set("default", str(number))
        more = choose(listing, main.items[number : number + 1], environment, main, ())
        outputs.append(said(first + more))
    return outputs, count


def choose(
    listing: Listing,
    items: Sequence[Item],
    environment: Environment,
    functions: Interpreter,
    parents: tuple[Item, ...],
) -> str:
    """Run the first of the items, and in its submenu the first of that."""
    for item in items:
        script = listing.prepare(item, environment, functions.functions, parents)
        try:
            script.run_body(item)
        except Leave:
            return "".join(script.said)
        text = "".join(script.said)
        if script.items:
            text += choose(listing, script.items, script.environment, script, (*parents, item))
        return text
    return ""


def disagreement(folder: Path, script: str) -> str:
    """Return how GRUB and we differ on a script, empty where we do not."""
    folder.mkdir()
    outputs, count = ours(folder, script)
    for number, output in enumerate(outputs):
        real = grub(folder / str(number), with_choice(script, number))
        if real != output:  # on a busy machine it may not have come to its end
            real = grub(folder / f"{number}-again", with_choice(script, number), 20)
        if real != output:
            what = f"entry {number} of {count}" if count else "no entries"
            return f"{what}\n  GRUB: {real}\n  ours: {output}\n{script}"
    return ""


@pytest.mark.slow
def test_grub_and_we_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scripts = [*WRITTEN, *(Generator(seed).script() for seed in range(GENERATED))]
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(disagreement, [tmp_path / str(n) for n in range(len(scripts))], scripts)
        )
    wrong = [
        text
        for script, text in zip(scripts, found, strict=True)
        if text and script not in DIFFERENT
    ]
    listed = [
        script for script, text in zip(scripts, found, strict=True) if text and script in DIFFERENT
    ]
    with capsys.disabled():
        print(f"\nGRUB as a judge: {len(scripts)} scripts, {len(wrong)} differ,", end=" ")
        print(f"{len(listed)} more with a reason")
    assert not wrong, "\n\n".join(sorted(wrong, key=len)[:5])
    assert len(listed) == len(DIFFERENT), "a script that is said to differ does not"
    assert len(scripts) >= 280


# Which entries GRUB asks a user's name for, when they start by themselves.
GUARDED = (
    "menuentry a { true; }",
    "set superusers=root\nmenuentry a { true; }",
    "set superusers=root\nmenuentry a --unrestricted { true; }",
    "set superusers=root\nmenuentry a --users me { true; }",
    "set superusers=root\nmenuentry a --unrestricted --users me { true; }",
    "set superusers=\nmenuentry a { true; }",
    "set superusers=\nmenuentry a --unrestricted { true; }",
    "set superusers=root\nunset superusers\nmenuentry a { true; }",
    "menuentry a { set superusers=root; true; }",
    "set superusers=root\nsubmenu s { menuentry a --unrestricted { true; }; }",
    "set superusers=root\nsubmenu s --unrestricted { menuentry a { true; }; }",
    "set superusers=root\nexport superusers\nsubmenu s --unrestricted { menuentry a { true; }; }",
)


def asks(folder: Path, script: str) -> bool:
    folder.mkdir()
    (folder / "grub.cfg").write_text(f"{script}\nset default=0\nset timeout=0\n")
    try:
        output = subprocess.run(
            ["grub-emu", "-d", str(folder)],
            input=b"",
            capture_output=True,
            timeout=3,
            check=False,
            env={"TERM": "dumb", "PATH": "/usr/bin:/bin"},
        ).stdout
    except subprocess.TimeoutExpired as waiting:
        output = waiting.stdout or b""
    return b"Enter username" in output


@pytest.mark.slow
def test_grub_asks_where_we_say_that_an_entry_is_protected(tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        folders = [tmp_path / str(number) for number in range(len(GUARDED))]
        real = list(pool.map(asks, folders, GUARDED))
    ours = [
        grub2.read(MemoryRoot({"/boot/grub/grub.cfg": script}), "/boot/grub/grub.cfg")
        for script in GUARDED
    ]
    assert [menu.entries[0].protected for menu in ours] == real
    assert True in real and False in real
