"""Every reader on files made to break it: it ends soon, takes little memory, never raises,
and nothing outside of the root is touched."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from menu_samples import HOSTILE, SAMPLES, SHARED, check, read, tree

from kxsh.boot.entry import Menu
from kxsh.machine.root import DirectoryRoot
from kxsh.menus.bls.folder import ENTRY_FILES
from kxsh.menus.search import READERS, find_menus, reader_of
from kxsh.text import MIB

# Of the processor.
SECONDS = 2.0
# The most that a process which reads one file may ever have had, Python itself included.
MEMORY = 100 * MIB

LARGE = ("binary", "a long line of words", "a long line of variables", "backslashes")
LARGE += ("many entries", "100,000 entries", "the same entry")
# What is read beside the file in charge: how it is named there, and by what line.
NAMED = {
    "isolinux": "INCLUDE {}\nLABEL a\nKERNEL {}\nINITRD {}\nLABEL b\nCONFIG {}\n",
    "grub2": "source {}\nload_env -f {}\nmenuentry a {{ linux {}\ninitrd {}\n}}\n"
    "menuentry b {{ configfile {}\n}}\n",
    "grub-legacy": "title a\nkernel {}\ninitrd {}\ntitle b\nconfigfile {}\n",
    "bls": "linux {}\ninitrd {}\n",
    "lilo": "image={}\ninitrd={}\nlabel=a\n",
    "elilo": "image={}\ninitrd={}\nlabel=a\n",
    "yaboot": "image={}\ninitrd={}\nlabel=a\n",
    "kboot": "a='{} initrd={}'\n",
    "petitboot-native": "name a\nimage {}\ninitrd {}\n",
    "kexec-loader": "title a\nroot sda1\nkernel {}\ninitrd {}\n",
    "loadlin": "loadlin @{}\nloadlin {} initrd={}\n",
    "ipxe": "#!ipxe\nkernel {}\ninitrd {}\nchain {}\n",
    "esxi-boot.cfg": "kernel={}\nmodules={} --- {}\n",
}


def test_every_format_has_a_sample() -> None:
    formats = {reader.format for reader in READERS}
    assert formats <= SAMPLES.keys() | SHARED.keys()
    assert SAMPLES.keys() == NAMED.keys()
    for form, sample in SAMPLES.items():
        text = sample.head + sample.entry.replace("N", "1")
        text += "choose x\nkernel k ${x}\nboot\n" if form == "ipxe" else ""
        menu = read(form, tree(sample, text.encode()))
        assert len(menu.entries) == 1, form
        assert [menu.format for menu in find_menus(tree(sample, text.encode()))] == [form]


def seconds(action: Callable[[], Menu]) -> tuple[float, Menu]:
    """Return how long an action takes, at its best of two where it is too long."""
    times = []
    for _ in range(2):
        began = time.process_time()
        menu = action()
        times.append(time.process_time() - began)
        if times[-1] < SECONDS:
            break
    return min(times), menu


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("form", SAMPLES)
def test_hostile_files_end_soon(form: str, kind: str) -> None:
    root = tree(SAMPLES[form], HOSTILE[kind](SAMPLES[form]))
    took, menu = seconds(lambda: read(form, root))
    check(menu)
    assert took < SECONDS, f"{took:.2f} s"
    if kind in ("100,000 entries", "many entries") and form not in ("ipxe", "esxi-boot.cfg"):
        assert menu.problems, "nothing is said of what was left out"


@pytest.mark.parametrize("form", SAMPLES)
def test_what_is_too_large_is_found_and_said(form: str) -> None:
    sample = SAMPLES[form]
    root = tree(sample, HOSTILE["100,000 entries"](sample))
    (menu,) = find_menus(root)
    said = [problem.message for problem in menu.problems]
    if form == "grub2":  # read up to its limit
        assert len(menu.entries) > 10_000 and any("more than" in one for one in said)
    else:
        assert not menu.entries and any("larger than" in one for one in said)


@pytest.mark.slow
def test_a_hundred_thousand_entries_in_as_many_files_end_soon(tmp_path: Path) -> None:
    folder = tmp_path / "loader" / "entries"
    folder.mkdir(parents=True)
    for first in range(0, 100_000, 50_000):  # one file cannot have as many names
        path = folder / f"e{first}.conf"
        path.write_text("title t\nlinux /k\n")
        for number in range(first + 1, first + 50_000):
            os.link(path, folder / f"e{number}.conf")
    took, menus = timed(tmp_path)
    (menu,) = menus
    check(menu)
    assert took < SECONDS, f"{took:.2f} s"
    assert len(menu.entries) <= ENTRY_FILES and menu.problems


@pytest.mark.slow
@pytest.mark.parametrize("form", SAMPLES)
def test_hostile_files_take_little_memory(form: str) -> None:
    here = Path(__file__).parent
    program = (
        "import sys\n"
        f"sys.path[:0] = [{str(here)!r}, {str(here.parent.parent)!r}]\n"
        "import menu_samples as s\n"
        f"sample = s.SAMPLES[{form!r}]\n"
        f"for kind in {LARGE}:\n"
        f"    s.read({form!r}, s.tree(sample, s.HOSTILE[kind](sample)))\n"
        "lines = open('/proc/self/status').readlines()\n"
        "print(next(line.split()[1] for line in lines if line.startswith('VmHWM')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=300
    )
    assert int(done.stdout) * 1024 < MEMORY


# -- on a real disk

_OPENED = 0x20 | 0x1  # IN_OPEN, IN_ACCESS


@contextmanager
def watched(folder: Path) -> Iterator[Callable[[], bool]]:
    """Yield what tells whether anything in a folder was opened or read since."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK)
    assert descriptor >= 0
    for path in (folder, *folder.iterdir()):
        assert libc.inotify_add_watch(descriptor, os.fsencode(path), _OPENED) >= 0

    def touched() -> bool:
        try:
            return bool(os.read(descriptor, 4096))
        except BlockingIOError:
            return False

    yield touched
    os.close(descriptor)


def traps(inside: Path, outside: Path) -> list[str]:
    """Make what a file's name can lead to; return the names."""
    os.mkfifo(inside / "fifo")
    (inside / "far").symlink_to("../outside/secret")
    (inside / "further").symlink_to(outside / "secret")
    (inside / "folder").symlink_to("../outside")
    (inside / "loop").symlink_to("loop")
    (inside / "zero").symlink_to("/dev/zero")
    (inside / "pipe").symlink_to("../outside/fifo")
    names = ["fifo", "far", "further", "folder/secret", "loop", "zero", "pipe", "folder"]
    return [f"/{name}" for name in names] + ["/../outside/secret", "/folder/../outside/secret"]


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """Return a folder that is the root, and one beside it that nobody may look into."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret").write_text("menuentry leaked { linux /leaked }\nlabel leaked\n")
    os.mkfifo(outside / "fifo")
    return inside, outside


def test_the_watch_sees_what_is_read(places: tuple[Path, Path]) -> None:
    inside, outside = places
    traps(inside, outside)
    with watched(outside) as touched:
        assert not touched()
        (inside / "far").read_text()
        assert touched()


@pytest.mark.parametrize("form", SAMPLES)
def test_names_that_lead_out_lead_nowhere(form: str, places: tuple[Path, Path]) -> None:
    inside, outside = places
    sample = SAMPLES[form]
    lines = [NAMED[form].format(*[name] * 9) for name in traps(inside, outside)]
    config = inside / sample.path.lstrip("/")
    config.parent.mkdir(parents=True, exist_ok=True)
    with watched(outside) as touched:
        for text in lines:
            config.write_text(text)
            took, menus = timed(inside)
            assert took < SECONDS, text
            for menu in menus:
                check(menu)
                assert "leaked" not in repr(menu), text
        assert not touched()


@pytest.mark.parametrize("trap", ["fifo", "far", "further", "loop", "zero", "pipe", "folder"])
@pytest.mark.parametrize("form", SAMPLES)
def test_a_menu_that_is_no_file_of_this_root(
    form: str, trap: str, places: tuple[Path, Path]
) -> None:
    inside, outside = places
    traps(inside, outside)
    config = inside / SAMPLES[form].path.lstrip("/")
    config.parent.mkdir(parents=True, exist_ok=True)
    with watched(outside) as touched:
        (inside / trap).rename(config)
        took, menus = timed(inside)
        for menu in menus:
            check(menu)
            assert not menu.entries
        reader = reader_of(form)
        assert reader is not None
        check(reader.read(DirectoryRoot(str(inside)), SAMPLES[form].path))
        assert not touched() and took < SECONDS


def timed(root: Path) -> tuple[float, list[Menu]]:
    began = time.process_time()
    menus = find_menus(DirectoryRoot(str(root)))
    return time.process_time() - began, menus
