"""Menus made to break the reader: it never raises, and it ends."""

from __future__ import annotations

import random
import time
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trees import folder

from kxsh.boot.entry import Menu
from kxsh.machine.fake import MemoryRoot
from kxsh.menus import syslinux
from kxsh.menus.search import find_menus

PATH = "/isolinux/isolinux.cfg"
WORDS = (
    "LABEL x;LABEL y z;KERNEL k;KERNEL menu.c32;KERNEL ifcpu64.c32;COM32 linux.c32;LINUX k;"
    "KERNEL mboot.c32;KERNEL whichsys.c32;CONFIG isolinux.cfg;CONFIG more.cfg;APPEND;APPEND -;"
    "APPEND x -- y -- z;APPEND more.cfg;APPEND initrd=a,,b;APPEND ~;APPEND -iso- y;INITRD;"
    "INITRD a,b;DEFAULT x;DEFAULT y z;DEFAULT menu.c32 more.cfg;DEFAULT;UI;UI menu.c32;"
    "UI menu.c32 isolinux.cfg;ONTIMEOUT y;TIMEOUT 99999999999999999;TIMEOUT -1;PROMPT x;"
    "MENU BEGIN;MENU BEGIN t;MENU END;MENU EXIT;MENU GOTO t;MENU DEFAULT;MENU HIDE;MENU START;"
    "MENU LABEL ^;MENU TITLE;MENU;MENU SEPARATOR;MENU DISABLE;TEXT HELP;ENDTEXT;TEXT;"
    "INCLUDE more.cfg;INCLUDE isolinux.cfg;INCLUDE;INCLUDE more.cfg t;LOCALBOOT;FDT ../../..;"
    "KERNEL ../../../../etc/passwd;KERNEL \0;KERNEL ::;KERNEL .;KERNEL /;SYSAPPEND"
).split(";")
TEXTS = st.lists(st.sampled_from(WORDS)).map("\n".join)


def check(menu: Menu) -> None:
    ids = [entry.id for entry in menu.entries]
    assert len(ids) == len(set(ids))
    assert menu.default == "" or menu.default in ids
    assert sum(entry.default for entry in menu.entries) == (menu.default != "")
    for entry in menu.entries:
        assert ".." not in entry.kernel.split("/")


@settings(max_examples=400, deadline=2000)
@given(TEXTS, TEXTS)
def test_directives_in_any_order(text: str, more: str) -> None:
    root = MemoryRoot({PATH: text, "/isolinux/more.cfg": more, "/isolinux/k": "k"})
    check(syslinux.read(root, PATH))
    for menu in find_menus(root):
        check(menu)


@settings(max_examples=200, deadline=2000)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    check(syslinux.read(MemoryRoot({PATH: data}), PATH))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_real_menus_with_bytes_changed(shared: Path, seed: int) -> None:
    dice = random.Random(seed)
    case = dice.choice(sorted((shared / "wild/syslinux").iterdir()))
    extra = ("expect.json", "ORIGIN.txt")
    paths = [path for path in case.rglob("*") if path.is_file() and path.name not in extra]
    chosen = dice.choice(paths)
    data = bytearray(chosen.read_bytes())
    for _ in range(dice.randrange(1, 40)):
        if data:
            data[dice.randrange(len(data))] = dice.randrange(256)
    name = "/" + str(chosen.relative_to(case))
    damaged = folder(case)
    damaged._files[name] = bytes(data)
    began = time.monotonic()
    check(syslinux.read(damaged, name))
    assert time.monotonic() - began < 5


def test_a_menu_that_grows_in_every_direction_ends_soon() -> None:
    tree: dict[str, bytes | str] = {}
    for number in range(150):
        lines = [f"INCLUDE f{other}.cfg" for other in range(150)]
        lines += [f"LABEL c{other}\nCONFIG f{other}.cfg\nAPPEND /d{number}" for other in range(150)]
        tree[f"/isolinux/f{number}.cfg"] = "\n".join(lines)
    tree[PATH] = "INCLUDE f0.cfg\nUI menu.c32\n"
    began = time.monotonic()
    check(syslinux.read(MemoryRoot(tree), PATH))
    assert time.monotonic() - began < 10


def test_a_megabyte_on_one_line_ends_soon() -> None:
    began = time.monotonic()
    for line in (
        "APPEND " + "initrd=" * 150_000,
        "LABEL " + "x" * 10**6,
        " " * 10**6,
        "\r" * 10**6,
    ):
        check(syslinux.read(MemoryRoot({PATH: f"LABEL x\n{line}\n"}), PATH))
    assert time.monotonic() - began < 10


def test_configurations_that_all_lead_to_each_other_end_soon() -> None:
    labels = "".join(f"label m{number}\n config b{number}.cfg\n" for number in range(200))
    tree: dict[str, str | bytes] = {f"/isolinux/b{n}.cfg": labels for n in range(200)}
    began = time.process_time()
    menu = syslinux.read(MemoryRoot({PATH: labels, **tree}), PATH)
    assert time.process_time() - began < 2
    assert any("too many labels" in str(problem) for problem in menu.problems)
