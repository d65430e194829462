"""Real menus, and the expectations written for them, read by the SYSLINUX reader."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from trees import folder

from kxsh.boot.entry import Entry, Menu
from kxsh.machine.root import DirectoryRoot
from kxsh.menus import syslinux
from kxsh.menus.search import find_menus
from kxsh.menus.syslinux.pxe import Client, read_client, read_url

FORMATS = ("isolinux", "syslinux", "extlinux", "pxelinux")
# NERFDEFAULT is u-root's own directive: SYSLINUX passes over it and starts the other label.
NOT_SYSLINUX = ("nerfdefault",)
INSTALLER = Path("/usr/lib/debian-installer/images/12/amd64")

Expected = dict[str, Any]


def cases(shared: Path) -> list[tuple[str, Path, Expected]]:
    found = []
    for path in sorted(shared.glob("corpus/**/expect.json")) + sorted(
        shared.glob("wild/**/expect.json")
    ):
        expected = json.loads(path.read_text())
        name = str(path.parent.relative_to(shared))
        if expected.get("format") in FORMATS and not any(part in name for part in NOT_SYSLINUX):
            found.append((name, path.parent, expected))
    return found


def read_case(case: Path, expected: Expected) -> Menu:
    """Return the menu as its loader would get it: from a disk, or from a server."""
    dhcp = expected.get("dhcp", {})
    if "config_url" not in expected and not dhcp and expected["format"] == "pxelinux":
        return Menu("pxelinux", "")  # a disk is nothing that PXELINUX looks at
    if "config_url" not in expected and not dhcp:
        top = case / expected.get("config_device", ".")
        return syslinux.read(folder(top), expected["config"], variant=expected["format"])
    web = {url: case / path for url, path in expected.get("urls", {}).items()}

    def fetch(url: str) -> bytes | None:
        return web[url].read_bytes() if url in web and web[url].is_file() else None

    card = expected.get("interface", {}).get("mac", "")
    client = Client(
        server=dhcp.get("tftp") or dhcp.get("siaddr", ""),
        bootfile=dhcp.get("bootfile", ""),
        config=dhcp.get("pxeconffile", ""),
        prefix=dhcp.get("pxepathprefix", ""),
        mac=dhcp.get("mac", card),
        ip=dhcp.get("ip", ""),
    )
    if "pxeconffile-local" in dhcp:
        return read_url(dhcp["pxeconffile-local"], fetch, client)
    return read_client(client, fetch) if dhcp else read_url(expected["config_url"], fetch)


def differences(menu: Menu, expected: Expected) -> list[str]:
    left_out = {item["name"] for item in expected.get("excluded", ())}
    got = [e for e in menu.entries if not e.not_bootable and e.title not in left_out]
    wanted = sorted(expected["entries"], key=lambda e: e.get("config_index", e["index"]))
    if len(got) != expected.get("count", len(wanted)):
        return [f"{len(got)} entries: {[entry.title for entry in got]}"]
    return [
        f"{entry.id}: {difference}"
        for entry, want in zip(got, wanted, strict=True)
        for difference in entry_differences(entry, want)
    ]


def entry_differences(entry: Entry, want: Expected) -> list[str]:
    found = []
    seen = {
        "name": entry.title,
        "kernel": entry.kernel.replace("/./", "/"),
        "initrd": [path.replace("/./", "/") for path in entry.initrds],
        "dtb": entry.dtb.replace("/./", "/"),
        "cmdline": entry.cmdline.strip(),
        "default": entry.default,
    }
    for key, value in seen.items():
        wanted = want.get(f"{key}_resolved", want.get(key))
        if key not in want:
            continue
        if key == "initrd":
            wanted = [wanted] if isinstance(wanted, str) else wanted or []
            wanted = [path.replace("/./", "/") for path in wanted]
        elif isinstance(wanted, str):
            wanted = wanted.replace("^", "").replace("/./", "/").strip()
        if wanted != value:
            found.append(f"{key} is {value!r}, expected {wanted!r}")
    return found


def test_the_expectations_hold(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    total: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    failed = []
    for name, case, expected in cases(shared):
        wrong = differences(read_case(case, expected), expected)
        total[expected["format"]] += 1
        passed[expected["format"]] += not wrong
        failed += [f"{name}: {difference}" for difference in wrong]
    with capsys.disabled():
        scores = (f"{name} {passed[name]} of {total[name]}" for name in sorted(total))
        print(f"\nSYSLINUX corpus: {', '.join(scores)}")
    assert not failed, "\n".join(failed)
    assert sum(total.values()) >= 20


@pytest.mark.parametrize("kind", ["syslinux", "extlinux"])
def test_every_collected_menu_is_read_and_its_lines_are_accounted_for(
    shared: Path, kind: str
) -> None:
    for case in sorted((shared / "wild" / kind).iterdir()):
        root = folder(case)
        for path in (path for path in case.rglob("*") if path.is_file()):
            name = "/" + str(path.relative_to(case))
            if path.name in ("ORIGIN.txt", "expect.json"):
                continue
            menu = syslinux.read(root, name)
            ids = [entry.id for entry in menu.entries]
            assert len(ids) == len(set(ids)), name
            for entry in menu.entries:
                assert entry.title or entry.id, name
                assert entry.not_bootable or entry.kernel, name
                assert all(
                    p.startswith("/") or ":" in p for p in (entry.kernel, *entry.initrds) if p
                )


def test_the_installers_menu_has_its_kernels() -> None:
    top = INSTALLER / "text"
    assert top.is_dir(), "install debian-installer-12-netboot-amd64"
    # The tree is a server's: pxelinux.cfg and the files it names are below `text`.
    menu = syslinux.read(DirectoryRoot(str(top)), "/pxelinux.cfg/default")
    bootable = [entry for entry in menu.entries if not entry.not_bootable]
    kernel = "/debian-installer/amd64/linux"
    assert {entry.kernel for entry in bootable} == {kernel}
    assert all(entry.initrds == ("/debian-installer/amd64/initrd.gz",) for entry in bootable)
    assert menu.default == "install"
    # This flavour comes without the menus of the graphical installer that it includes.
    assert all("no such file" in problem.message for problem in menu.problems)
    lines = [(entry.source, entry.handover) for entry in menu.entries]
    assert len(lines) == len(set(lines)), "menus that lead back are listed twice"
    assert ("Advanced options",) in {entry.parents for entry in menu.entries}


def test_a_filesystem_shows_its_menus(shared: Path) -> None:
    porteus = find_menus(folder(shared / "wild/syslinux/porteus"))
    assert [menu.format for menu in porteus] == ["isolinux", "extlinux", "syslinux"]
    suse = find_menus(folder(shared / "wild/syslinux/opensuse-live"))
    assert [menu.source for menu in suse] == ["/boot/x86_64/loader/isolinux.cfg"]
