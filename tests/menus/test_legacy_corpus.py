"""Real menus of old loaders, and the expectations written for them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from trees import folder

from kxsh.boot.entry import Entry, Menu
from kxsh.menus import esxi, grub_legacy, ipxe, kboot, lilo, loadlin, petitboot, yaboot
from kxsh.menus.search import find_menus

Expected = dict[str, Any]
READERS: dict[str, Callable[..., Menu]] = {
    "grub-legacy": grub_legacy.read,
    "lilo": lilo.read,
    "elilo": lilo.read,
    "yaboot": yaboot.read,
    "kboot": kboot.read,
    "petitboot-native": petitboot.read,
    "esxi-boot.cfg": esxi.read,
    "loadlin": loadlin.read,
    "ipxe": ipxe.read,
}
# What the expectation leaves open: LILO's order is ro, root=, append; yaboot's likewise.
UNORDERED = ("lilo", "yaboot")
FOLDERS = {"esxi": "esxi-boot.cfg"}


def cases(shared: Path) -> list[tuple[str, Path, Expected]]:
    found = []
    for pattern in ("corpus/**/expect.json", "wild/**/expect.json"):
        for path in sorted(shared.glob(pattern)):
            expected = json.loads(path.read_text())
            if expected.get("format") in READERS:
                found.append((str(path.parent.relative_to(shared)), path.parent, expected))
    return found


def read_case(case: Path, expected: Expected) -> tuple[Menu, str]:
    """Return the menu, and what stands before its paths in the expectation."""
    read = READERS[expected["format"]]
    if "config" in expected:
        top = case / expected.get("config_device", ".")
        return read(folder(top), expected["config"], variant=expected["format"]), ""
    scheme, _, rest = expected["config_url"].partition("://")
    server, _, path = rest.partition("/")
    root = folder(case / "net" / scheme / server)
    return read(root, "/" + path, variant=expected["format"]), f"{scheme}://{server}"


def linux_part(entry: Entry) -> tuple[str, list[str], str]:
    """Return (kernel, initrds, command line); behind tboot and Xen those of the modules."""
    if entry.modules and entry.kernel.endswith(("tboot.gz", "xen.gz")):
        kernel, _, cmdline = entry.modules[0].partition(" ")
        return kernel, [module.partition(" ")[0] for module in entry.modules[1:]], cmdline
    return entry.kernel, list(entry.initrds), entry.cmdline


def wanted_line(text: str, form: str) -> str:
    return " ".join(sorted(text.split())) if form in UNORDERED else text.strip()


def entry_differences(entry: Entry, want: Expected, prefix: str, form: str) -> list[str]:
    kernel, initrds, cmdline = linux_part(entry)
    seen = {
        "name": entry.title,
        "kernel": prefix + kernel if kernel.startswith("/") else kernel,
        "initrd": [prefix + path if path.startswith("/") else path for path in initrds],
        "cmdline": wanted_line(cmdline, form),
        "dtb": entry.dtb,
        "default": entry.default,
        "modules": list(entry.modules),
    }
    found = []
    for key, value in seen.items():
        if key not in want:
            continue
        wanted = want.get(f"{key}_resolved", want[key])
        if key == "initrd":
            wanted = [wanted] if isinstance(wanted, str) else wanted or []
        elif key == "kernel" and form == "loadlin":  # the expectation keeps DOS's spelling
            wanted = "/" + wanted.partition(":\\")[2].replace("\\", "/")
        elif key == "cmdline":
            wanted = wanted_line(wanted, form)
        if wanted != value:
            found.append(f"{key} is {value!r}, expected {wanted!r}")
    return found


def differences(menu: Menu, expected: Expected, prefix: str) -> list[str]:
    form = expected["format"]
    left_out = {item["name"] for item in expected.get("excluded", ())}
    got = [entry for entry in menu.entries if listed(entry, form) and entry.title not in left_out]
    wanted = sorted(expected["entries"], key=lambda e: e.get("config_index", e["index"]))
    if len(got) != expected.get("count", len(wanted)):
        return [f"{len(got)} entries: {[entry.title for entry in got]}"]
    return [
        f"{entry.id}: {difference}"
        for entry, want in zip(got, wanted, strict=False)
        for difference in entry_differences(entry, want, prefix, form)
    ]


def listed(entry: Entry, form: str) -> bool:
    """Return whether the expectation counts an entry: ESXi's, though kexec cannot start it."""
    return not entry.not_bootable or form == "esxi-boot.cfg" or "network" in entry.not_bootable


def test_the_expectations_hold(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    total: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    failed = []
    for name, case, expected in cases(shared):
        menu, prefix = read_case(case, expected)
        wrong = differences(menu, expected, prefix)
        total[expected["format"]] += 1
        passed[expected["format"]] += not wrong
        failed += [f"{name}: {difference}" for difference in wrong]
    with capsys.disabled():
        scores = (f"{name} {passed[name]} of {total[name]}" for name in sorted(total))
        print(f"\nold loaders: {', '.join(scores)}")
    assert not failed, "\n".join(failed)
    assert sum(total.values()) >= 20


@pytest.mark.parametrize("kind", [*READERS, *FOLDERS])
def test_every_collected_menu_is_read(shared: Path, kind: str) -> None:
    top = shared / "wild" / kind
    if kind in READERS and not top.is_dir():
        return
    for case in sorted(top.iterdir()):
        root = folder(case)
        for path in (path for path in case.rglob("*") if path.is_file()):
            if path.name in ("ORIGIN.txt", "expect.json"):
                continue
            name = "/" + str(path.relative_to(case))
            form = FOLDERS.get(kind, kind)
            menu = READERS[form](root, name, variant=form)
            ids = [entry.id for entry in menu.entries]
            assert len(ids) == len(set(ids)), name
            for entry in menu.entries:
                assert entry.title, name
                assert entry.not_bootable or entry.kernel.startswith("/"), (name, entry)


def test_every_collected_folder_is_read_as_a_disk(shared: Path) -> None:
    """All readers look at each; those without a menu have theirs under an unusual name."""
    without = []
    folders = [
        case for kind in (shared / "wild").iterdir() if kind.is_dir() for case in kind.iterdir()
    ]
    for case in folders:
        menus = find_menus(folder(case))
        if not menus:
            without.append(case.name)
        for menu in menus:
            ids = [entry.id for entry in menu.entries]
            assert len(ids) == len(set(ids)), (case, menu.source)
            assert menu.default == "" or menu.default in ids, (case, menu.source)
    assert len(folders) > 100 and len(without) <= 8, without
