"""`kximage entries`: what can be booted from an image, a device or a directory."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from kxsh.boot.entry import Entry, Menu, Problem
from kxsh.errors import NotFound
from kxsh.machine.image import ImageMachine, ImageSpec
from kxsh.machine.protocol import Device
from kxsh.menus.search import read_machine_menus
from kxsh.text import display, duration

HELP = """List the boot entries of an image, a block device or a directory.

PATH is a disk image, an ISO, a block device (readable by you), or a directory that
stands for a filesystem's root. --device adds further ones under a name of their own:
  kximage entries old.iso
  kximage entries --device sda1=DIR,label=BOOT,uuid=1234-ABCD --device sda2=DIR2
The default is marked with *, what kexec cannot start with -. Where there are several
menus, the one that comes up by itself on its disk is "in charge". Exit code 1 when no
menu was found."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", nargs="?", help="image, device or directory")
    parser.add_argument(
        "--device",
        metavar="NAME=PATH[,uuid=U][,label=L]",
        action="append",
        default=[],
        type=parse_device,
        help="a further device; may be given several times",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(arguments: argparse.Namespace) -> int:
    specs: list[ImageSpec] = list(arguments.device)
    if arguments.path is not None:
        specs.insert(0, ImageSpec(arguments.path))
    if not specs:
        print("kximage entries: what to look into is missing: a PATH or --device", file=sys.stderr)
        return 2
    for spec in specs:
        if not os.path.exists(spec.path):
            raise NotFound(f"{spec.path}: no such file or directory")
    with ImageMachine(specs) as machine:
        found = read_machine_menus(machine)
        trouble = [Problem("partition table", 0, message) for message in machine.problems]
    if arguments.format == "json":
        print(json.dumps(as_json(found, trouble), indent=1))
    else:
        print(as_text(found, trouble))
    return 0 if any(menu.entries for _, menu in found) else 1


def parse_device(text: str) -> ImageSpec:
    """Return the device that ``NAME=PATH[,uuid=U][,label=L]`` describes."""
    name, _, rest = text.partition("=")
    facts = {"uuid": "", "label": ""}
    path, *options = _options(rest)
    for option in options:
        key, _, value = option.partition("=")
        facts[key] = value
    if not name or not path:
        raise argparse.ArgumentTypeError(f"{text}: not NAME=PATH[,uuid=U][,label=L]")
    return ImageSpec(path, name, facts["label"], facts["uuid"])


def _options(text: str) -> list[str]:
    """Split at the commas that begin an option; a path may hold others."""
    parts: list[str] = []
    for part in text.split(","):
        if parts and not part.startswith(("uuid=", "label=")):
            parts[-1] += "," + part
        else:
            parts.append(part)
    return parts


def as_json(found: Sequence[tuple[Device, Menu]], trouble: Sequence[Problem]) -> dict[str, object]:
    """Return what was found in the shape that the documentation gives."""
    menus = []
    problems: list[dict[str, object]] = []
    for device, menu in found:
        if menu.format:
            menus.append({**menu.as_json(), "device": device.path, "title": menu.title})
        problems += [_problem(problem, device.path) for problem in menu.problems]
    problems += [_problem(problem, "") for problem in trouble]
    return {"menus": menus, "problems": problems}


def _problem(problem: Problem, device: str) -> dict[str, object]:
    return {
        "file": problem.file,
        "line": problem.line,
        "message": problem.message,
        "device": device,
    }


def as_text(found: Sequence[tuple[Device, Menu]], trouble: Sequence[Problem]) -> str:
    """Return what was found as lines for people."""
    lines: list[str] = []
    several = sum(bool(menu.format) for _, menu in found) > 1
    for device, menu in found:
        if menu.format:
            lines += [*([""] if lines else []), *_menu(device, menu, several)]
    if not lines:
        lines.append("no boot menu found")
    problems = [str(problem) for _, menu in found for problem in menu.problems]
    problems += [str(problem) for problem in trouble]
    if problems:
        lines += ["", "problems:"]
        lines += [f"  {display(problem)}" for problem in problems]
    return "\n".join(lines)


def _menu(device: Device, menu: Menu, several: bool) -> list[str]:
    waits = _waits(menu.timeout)
    place = f"{menu.source} on {device.path}"
    about = [menu.format, waits if menu.default else "no default"]
    about += ["in charge"] if several and menu.in_charge else []
    lines = [f"{display(place)} ({'; '.join(about)})"]
    rows = [(_mark(entry, menu), display(_title(entry), 60), entry) for entry in menu.entries]
    width = max((len(title) for _, title, _ in rows), default=0)
    for mark, title, entry in rows:
        lines.append(f"{mark} {title:{width}}  {display(_starts(entry), 200)}".rstrip())
    return lines


def _waits(timeout: float | None) -> str:
    if timeout is None:
        return "waits for a key"
    return f"after {duration(timeout)}" if timeout else "at once"


def _mark(entry: Entry, menu: Menu) -> str:
    return "*" if entry.id == menu.default else "-" if entry.not_bootable else " "


def _title(entry: Entry) -> str:
    return " > ".join((*entry.parents, entry.title))


def _starts(entry: Entry) -> str:
    if entry.not_bootable:
        return f"not bootable: {entry.not_bootable}"
    notes = ["its menu does not show it"] if entry.hidden else []
    notes += ["its loader asks for a password"] if entry.protected else []
    shown = " ".join((entry.kernel, entry.cmdline)).rstrip()
    return f"{shown}  ({'; '.join(notes)})" if notes else shown
