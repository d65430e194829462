"""GRUB configurations made to break the reader: it never raises, and it ends."""

from __future__ import annotations

import os
import random
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from grub2_scripts import BROKEN, WORDS, Generator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trees import folder

from kxsh.boot.entry import Menu
from kxsh.machine.fake import MemoryRoot
from kxsh.machine.root import DirectoryRoot
from kxsh.menus import grub2, limits
from kxsh.text import MIB, display

PATH = "/boot/grub/grub.cfg"
# Of the processor.
SECONDS = 2
MEMORY = 100 * MIB


def check(menu: Menu) -> Menu:
    ids = [entry.id for entry in menu.entries]
    assert len(ids) == len(set(ids))
    assert menu.default == "" or menu.default in ids
    assert sum(entry.default for entry in menu.entries) == (menu.default != "")
    assert len(menu.problems) <= limits.PROBLEMS
    for entry in menu.entries:
        assert entry.not_bootable or entry.kernel
        assert ".." not in entry.kernel.split("/")
    return menu


def read(text: str | bytes, **files: str) -> Menu:
    tree: dict[str, str | bytes] = {PATH: text}
    tree |= {"/" + name.replace("_", "/"): data for name, data in files.items()}
    return check(grub2.read(MemoryRoot(tree), PATH))


WITHIN = "x=1234567890\n"
HOSTILE: dict[str, Callable[[], str]] = {
    "endless loop": lambda: "while true; do x=y; done\nmenuentry a { linux /k; }",
    "endless loop without a command": lambda: "while [ a ]; do true; done",
    "value that doubles": lambda: f"{WITHIN}while true; do x=$x$x; done",
    "arguments that double": lambda: f'{WITHIN}while true; do x="$x $x"; echo $x $x; done',
    "function that calls itself": lambda: "function f { f; f; }\nf",
    "functions that call each other": lambda: "function f { g $@ a; }\nfunction g { f $@ b; }\nf",
    "eval of eval": lambda: "x='eval $x; eval $x'\neval $x",
    "file that sources itself": lambda: (
        f"source {PATH}\nsource {PATH}\nmenuentry a {{ linux /k; }}"
    ),
    "configfile of itself": lambda: f"configfile {PATH}\nmenuentry a {{ configfile {PATH}; }}",
    "entries that open each other": lambda: f"menuentry a {{ configfile {PATH}; }}\n" * 30,
    "submenus in submenus": lambda: "submenu a {\n" * 39 + "true\n" + "}\n" * 39,
    "bodies without end": lambda: "menuentry a { while true; do true; done; }\n" * 500,
    "entries made in a loop": lambda: "while true; do menuentry a { linux /k; }; done",
    "entries made in an entry": lambda: "submenu a { while true; do menuentry b { true; }; done; }",
    "100000 entries": lambda: "menuentry a {\nlinux /k\n}\n" * 40_000,
    "100000 short entries": lambda: "menuentry a {x;}\n" * 60_000,
    "one line of 1 MiB": lambda: "echo " + "a" * 1_000_000,
    "one line of many words": lambda: "linux /k " + "a " * 500_000,
    "one string of 1 MiB": lambda: "menuentry '" + "a" * 1_000_000 + "' { true; }",
    "one string of many variables": lambda: 'x=abcdefgh\necho "' + "$x" * 400_000 + '"',
    "one string of many escapes": lambda: 'echo "' + '\\"' * 500_000 + '"',
    "quotes that are not closed": lambda: "echo '" + '"' * 1_000_000,
    "many quotes that are not closed": lambda: 'echo "\n' * 140_000,
    "backslashes": lambda: "\\" * 1_000_000,
    "continued lines": lambda: "\\\n" * 500_000,
    "braces": lambda: "a {\n" * 250_000,
    "ifs": lambda: "if true; then\n" * 70_000,
    "elifs": lambda: "if false; then true\n" + "elif false; then true\n" * 40_000 + "fi",
    "wrong lines": lambda: ")(\n" * 250_000 + "}\n" * 100_000,
    "blank lines": lambda: "\n" * 1_000_000,
    "comments": lambda: "#\n" * 500_000,
    "comments after quotes": lambda: "'\n#\n" * 200_000,
    "NULs": lambda: "\0" * 1_000_000,
    "functions": lambda: "".join(f"function f{n} {{ true; }}\n" for n in range(30_000)),
    "variables": lambda: "i=x; while true; do i=${i}x; eval $i=$i; export $i; done",
    "positional arguments": lambda: 'function f { f "$@" "$@" $*; }\nf a b c',
    "wildcards": lambda: "while true; do echo /*/*/*/* /b*/g*/*; done",
    "wildcard that tries": lambda: "echo /" + "*a" * 400_000,
    "expression that tries": lambda: "x=" + "a" * 60 + "\nregexp '(a*)*(a|aa)*(a+)+b' $x",
    "expression that is deep": lambda: "regexp '" + "(" * 4000 + "' x",
    "expression that grows": lambda: "regexp '((((a{9,99}){9,99}){9,99}){9,99})' " + "a" * 3000,
    "numbers": lambda: (
        "[ " + "9" * 500_000 + " -lt 1 ]\nincrement x\nx=" + "9" * 90 + "\nincrement x"
    ),
    "expression of test": lambda: "[ " + "( " * 200_000 + " ]",
    "blocks that are saved": lambda: "while true; do save_env a b c; done",
    "searches": lambda: "while true; do i=x$i; search --file --set=r /$i; done",
    "look-ups": lambda: "while true; do i=x$i; if [ -f /$i ]; then true; fi; done",
    "loopbacks": lambda: f"while true; do i=x$i; loopback $i {PATH}; done",
    "default of many marks": lambda: "default='" + ">" * 900_000 + "'\nmenuentry a { linux /k; }",
    "default of a long number": lambda: "default=" + "9" * 900_000 + "\nmenuentry a { linux /k; }",
    "initrds": lambda: "menuentry a { linux /k; initrd " + "/i " * 300_000 + "; }",
    "modules": lambda: "menuentry a { multiboot /k; while true; do module /m; done; }",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_configurations_end_soon(name: str) -> None:
    text = HOSTILE[name]()
    assert len(text) <= MIB, "the reader would refuse it for its size"
    block = "# GRUB Environment Block\na=1\n".ljust(1024, "#")
    root = MemoryRoot({PATH: text, "/boot/grub/grubenv": block, "/k": ""})
    times = []
    for levels in (0, 30):  # a busy machine takes longer: the better of two
        began = time.process_time()
        menu = check(_deeper(levels, lambda: grub2.read(root, PATH)))
        times.append(time.process_time() - began)
        if times[-1] < SECONDS:
            break
    assert min(times) < SECONDS
    assert len(menu.entries) <= limits.GRUB_ENTRIES


def _deeper(levels: int, read: Callable[[], Menu]) -> Menu:
    """Call `read` from so many calls deeper.

    CPython keeps frames in pieces of 16 KiB. A recursion whose last calls go to and fro over
    the end of a piece has it mapped and unmapped each time, and takes ten times as long: that
    is the luck of how deep the runner calls the test.
    """
    return _deeper(levels - 1, read) if levels else read()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "value that doubles",
        "arguments that double",
        "positional arguments",
        "variables",
        "100000 entries",
        "one line of many words",
        "one string of many variables",
        "one string of many escapes",
        "elifs",
        "comments after quotes",
        "functions",
        "expression that grows",
        "look-ups",
        "initrds",
    ],
)
def test_hostile_configurations_stay_small(name: str) -> None:
    root = MemoryRoot({PATH: HOSTILE[name]()})
    tracemalloc.start()
    try:
        grub2.read(root, PATH)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


ORDINARY = """menuentry 'Debian, with Linux 6.1.0-{0}-amd64' --class os --id 'l-{0}' {{
\tload_video
\tinsmod gzio
\tinsmod part_gpt
\tsearch --no-floppy --fs-uuid --set=root 12345678-aaaa-bbbb-cccc-1234567890ab
\tlinux /vmlinuz-6.1.0-{0}-amd64 root=UUID=12345678-aaaa-bbbb-cccc-1234567890ab ro quiet splash
\tinitrd /initrd.img-6.1.0-{0}-amd64
}}
"""


def test_ten_thousand_ordinary_entries_are_read() -> None:
    text = "".join(ORDINARY.format(number) for number in range(10_000))
    assert 3 * MIB < len(text) < limits.GRUB_FILE
    menu = read(text)
    assert len(menu.entries) == 10_000
    assert not menu.entries[-1].not_bootable
    assert menu.entries[-1].kernel == "/vmlinuz-6.1.0-9999-amd64"


def test_a_larger_file_is_read_to_a_line_end_within_the_limit() -> None:
    entry = "menuentry a { linux /k " + "x" * 960 + "; }\n"
    menu = read(entry * (5 * MIB // len(entry)))
    assert len(menu.entries) == limits.GRUB_FILE // len(entry)
    assert [str(problem) for problem in menu.problems] == [
        f"{PATH}: only the first 4.0 MiB are read"
    ]


LARGE = {
    "blank lines": "\n",
    "words": "a ",
    "escapes": '\\"',
    "entries": "menuentry a {x;}\n",
    "comments": "#a\n",
    "wrong lines": ")(\n",
    "continued lines": "\\\n",
    "characters": "a",
    "functions": "function f { a; }\n",
}


@pytest.mark.parametrize("name", LARGE)
def test_junk_of_four_mebibytes_ends_soon(name: str) -> None:
    piece = LARGE[name]
    root = MemoryRoot({PATH: "menuentry first { linux /k; }\n" + piece * (4 * MIB // len(piece))})
    times = []
    for _ in range(3):
        began = time.process_time()
        menu = check(grub2.read(root, PATH))
        times.append(time.process_time() - began)
        if times[-1] < SECONDS:
            break
    assert min(times) < SECONDS
    assert menu.entries[0].id == "first"


def test_a_folder_of_entries_is_read_once() -> None:
    tree: dict[str, str | bytes] = {PATH: "blscfg\n" * 10}
    tree |= {f"/loader/entries/e{number}.conf": "title t\nlinux /k\n" for number in range(50)}

    class Counted(MemoryRoot):
        reads = 0

        def read(self, path: str, limit: int = MIB) -> bytes:
            Counted.reads += path.endswith(".conf")
            return super().read(path, limit)

    menu = check(grub2.read(Counted(tree), PATH))
    assert len(menu.entries) == 500
    assert Counted.reads == 50


def test_what_is_cut_off_is_told() -> None:
    menu = read("menuentry a { linux /k; }\nwhile true; do true; done\nmenuentry b { linux /k; }")
    assert [entry.id for entry in menu.entries] == ["a"]
    assert [str(problem) for problem in menu.problems] == [
        f"{PATH}:2: not read to its end: the script runs too long"
    ]
    menu = read("menuentry a { while true; do true; done; }\nmenuentry b { linux /k; }")
    assert [entry.not_bootable for entry in menu.entries] == ["the script runs too long", ""]


def test_titles_are_kept_and_shown_harmlessly() -> None:
    menu = read(b"menuentry 'a\x1b[2J\xff\xe2\x80\xae' { linux /k\x1b \xff; }")
    (entry,) = menu.entries
    assert entry.title == "a\x1b[2J\udcff\u202e"
    assert display(entry.title) == "a\\x1b[2J\\xff\\u202e"
    assert entry.cmdline == "\udcff"


def test_nothing_outside_of_the_root_is_touched(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    grub = inside / "boot/grub"
    grub.mkdir(parents=True)
    secret = tmp_path / "secret.cfg"
    secret.write_text("menuentry leaked { linux /k; }\n")
    os.symlink("../../../secret.cfg", grub / "link.cfg")
    os.symlink(secret, grub / "absolute.cfg")
    os.symlink("loop.cfg", grub / "loop.cfg")
    os.mkfifo(grub / "fifo.cfg")
    (grub / "grub.cfg").write_text(
        "source /../../secret.cfg\nsource /boot/grub/link.cfg\nsource /boot/grub/absolute.cfg\n"
        "source /boot/grub/loop.cfg\nsource /boot/grub/fifo.cfg\nsource /boot/grub\n"
        f"source {secret}\nload_env -f /boot/grub/fifo.cfg\nload_env -f /dev/zero\n"
        "for f in /../* /boot/grub/../../../*; do source $f; done\n"
        "if [ -e /../secret.cfg ]; then menuentry seen { linux /k; }; fi\n"
        "menuentry fine { linux /../../k; initrd /boot/../../../i; }\n"
    )
    menu = check(grub2.read(DirectoryRoot(str(inside)), PATH))
    assert [(entry.title, entry.kernel, entry.initrds) for entry in menu.entries] == [
        ("fine", "/k", ("/i",))
    ]


def test_reading_changes_nothing(tmp_path: Path) -> None:
    grub = tmp_path / "boot/grub"
    grub.mkdir(parents=True)
    (grub / "grubenv").write_text("# GRUB Environment Block\na=1\n".ljust(1024, "#"))
    (grub / "grub.cfg").write_text("a=2\nsave_env a\nmenuentry a { a=3; save_env a; linux /k; }")
    before = (grub / "grubenv").read_bytes()
    menu = grub2.read(DirectoryRoot(str(tmp_path)), PATH)
    assert menu.writes and menu.entries[0].writes
    assert (grub / "grubenv").read_bytes() == before


LINES = st.one_of(
    st.sampled_from(BROKEN),
    st.sampled_from(
        (
            f"source {PATH};source /more.cfg;configfile /more.cfg;normal /more.cfg;normal;exit;"
            "boot;"
            "menuentry a { linux /k $x; };submenu a { source /more.cfg\n};menuentry a { boot; };"
            "linux /k;initrd /i;module /m;multiboot /k;loopback l /k;linux (l)/k;linux (hd9)/k;"
            "search --file /k --set=r;search -u x -s;probe -u (x) -s y;load_env;save_env x;"
            "set root=(;set prefix=;set default='a>b>c';set timeout=zz;export x;unset x;blscfg;"
            "menuentry --source 'linux /k' t;menuentry --class;eval $x;x='eval $x';x=$x$x;"
            'for x in /* (*) /b*/*;do echo $x\ndone;superusers=;echo $"a $x ${";regexp $x $x'
        ).split(";")
    ),
    st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join),
    st.integers(0, 2**16).map(lambda seed: Generator(seed).script()),
    st.text(max_size=30),
)
TEXTS = st.lists(LINES, max_size=12).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_lines_in_any_order(text: str, more: str) -> None:
    root = MemoryRoot(
        {PATH: text, "/more.cfg": more, "/k": "", "/i": "", "/boot/grub/grubenv": more}
    )
    check(grub2.read(root, PATH))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    check(grub2.read(MemoryRoot({PATH: data, "/boot/grub/grubenv": data}), PATH))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_real_configurations_with_bytes_changed(shared: Path, seed: int) -> None:
    dice = random.Random(seed)
    case = dice.choice(sorted((shared / "wild/grub2").iterdir()))
    paths = [path for path in case.rglob("*.cfg") if path.is_file()]
    if not paths:
        return
    chosen = dice.choice(paths)
    data = bytearray(chosen.read_bytes())
    for _ in range(dice.randrange(1, 40)):
        if data:
            data[dice.randrange(len(data))] = dice.randrange(256)
    name = "/" + str(chosen.relative_to(case))
    damaged = folder(case)
    damaged._files[name] = bytes(data)
    check(grub2.read(damaged, name))
