"""Real menus, and the expectations written for them: every case, by every reader."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from corpus import cases, differences
from test_grub2_judge import grub, with_choice
from trees import folder

from kxsh.boot.entry import Menu
from kxsh.menus import limits
from kxsh.menus.search import find_menus, reader_of

# Cases whose expectation is not what the original loader does, each with the reason.
DISAGREEMENTS = Path(__file__).with_name("disagreements.toml")
# Folders of the collection that are not called as their format.
NAMES = {"esxi": "esxi-boot.cfg"}


def test_the_expectations_hold(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reasons = tomllib.loads(DISAGREEMENTS.read_text())
    total: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    failed: list[str] = []
    differing: list[str] = []
    for case in cases(shared):
        wrong = differences(case)
        total[case.form] += 1
        passed[case.form] += not wrong
        if wrong and case.name in reasons:
            differing.append(case.name)
        else:
            failed += [f"{case.name}: {said}" for said in wrong]
    with capsys.disabled():
        print(f"\ncorpus: {passed.total()} of {total.total()} passed:", end=" ")
        print(", ".join(f"{form} {passed[form]} of {total[form]}" for form in sorted(total)))
        for name in differing:
            print(f"  {name}: {reasons[name]['why']}")
    assert not failed, "\n".join(failed)
    agreeing = reasons.keys() - set(differing)
    assert not agreeing, f"said to differ, but they do not: {sorted(agreeing)}"
    assert total.total() >= 115


def test_grub_itself_differs_there(tmp_path: Path) -> None:
    """The scripts beside the reasons, run by grub-emu."""
    tree = tmp_path / "tree"
    (tree / "dir").mkdir(parents=True)
    image = tmp_path / "image"
    make = ["/sbin/mke2fs", "-q", "-t", "ext2", "-d", str(tree), str(image), "1M"]
    subprocess.run(make, check=True, capture_output=True)
    shown = 0
    for name, one in tomllib.loads(DISAGREEMENTS.read_text()).items():
        if "script" in one:
            folder = tmp_path / str(shown)
            places = {"{image}": str(image), "{file}": str(folder / "grub.cfg")}
            script = one["script"]
            for mark, place in places.items():
                script = script.replace(mark, place)
            assert grub(folder, with_choice(script, 0))[: len(one["prints"])] == one["prints"], name
            shown += 1
    assert shown >= 7


def test_every_collected_folder_is_read(shared: Path) -> None:
    """Each as a disk, and each of its files by the reader for its folder's format: without
    an exception, within the limits. Those without a menu have theirs under an odd name."""
    top = shared / "wild"
    folders = [case for kind in top.iterdir() if kind.is_dir() for case in kind.iterdir()]
    without = []
    for case in folders:
        root = folder(case)
        menus = find_menus(root)
        without += [] if menus else [case.name]
        for menu in menus:
            check(menu)
        reader = reader_of(NAMES.get(case.parent.name, case.parent.name))
        assert reader is not None, case
        for path in case.rglob("*"):
            if path.is_file() and path.name not in ("ORIGIN.txt", "expect.json"):
                check(reader.read(root, "/" + str(path.relative_to(case))))
    assert len(folders) == 122 and len(without) <= 8, without


def check(menu: Menu) -> None:
    """Assert what holds of every menu that is read within the limits."""
    ids = [entry.id for entry in menu.entries]
    assert len(ids) == len(set(ids)), menu.source
    assert menu.default == "" or menu.default in ids, menu.source
    assert len(menu.problems) < limits.PROBLEMS and len(ids) < limits.ENTRIES
    for said in menu.problems:
        assert not re.search("further|too long|too many|only the first|: not read", str(said)), said
    for entry in menu.entries:
        assert entry.id, (menu.source, entry)
        local = entry.kernel.startswith("/") or ":" in entry.kernel
        assert entry.not_bootable or local, (menu.source, entry)
