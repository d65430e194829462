"""Every reader on files made to break it: it ends soon, takes little memory, never raises.

The samples are one entry in each format; the hostile files grow out of them.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kxsh.boot.entry import Menu
from kxsh.machine.fake import MemoryRoot
from kxsh.menus import limits
from kxsh.menus.search import READERS, find_menus, reader_of
from kxsh.text import MIB, display

CONFIG = 1 * MIB
# Of the processor; the slowest takes a tenth of it here.
SECONDS = 10.0
# What a reader keeps at most: GRUB's menus may be longer than `limits.ENTRIES`.
MOST = 16_384
MEMORY = 100 * MIB


@dataclass(frozen=True)
class Sample:
    """One format: where its file lies, an entry with the number N, how a file goes in
    circles, what a long line begins with, words for making files of, what is read where
    that is not the file."""

    path: str
    entry: str
    circle: str
    line: str
    head: str = ""
    words: str = ""
    reads: str = ""


SYSLINUX = Sample(
    "/isolinux/isolinux.cfg",
    "LABEL lN\n  KERNEL k\n  APPEND a=N\n",
    "INCLUDE isolinux.cfg\nLABEL a\nCONFIG isolinux.cfg\n",
    "LABEL x\nAPPEND ",
)
LILO = Sample(
    "/etc/lilo.conf",
    'image=/k\n label=lN\n append="a=N"\n',
    "image=/etc/lilo.conf\nlabel=a\nalias=a\ndefault=a\n",
    'image=/k\nappend="',
    words="image=/k label=a alias=b other=/dev/sda read-only read-write root=/dev/x append= "
    'append="a addappend=b literal="c" password=x restricted bypass initrd=/i default=a '
    'prompt timeout=9 delay= = == \\ " # vga=ask vmm=x device=hd: partition=3 image[64bit]=x',
)
SAMPLES = {
    "isolinux": SYSLINUX,
    "bls": Sample(
        "/loader/entries/x.conf",
        "title tN\nlinux /k\noptions a=N\n",
        "title a\nlinux /loader/entries/x.conf\ninitrd x.conf\n",
        "title x\nlinux /k\noptions ",
        words="title x version 1 linux /k initrd /i options a=b $a sort-key machine-id efi /x.efi "
        "architecture x64 devicetree /d devicetree-overlay a b uki # \\",
        reads="/loader/entries",
    ),
    "grub2": Sample(
        "/boot/grub/grub.cfg",
        "menuentry 'tN' {\nlinux /k a=N\ninitrd /i\n}\n",
        "source /boot/grub/grub.cfg\nfunction f { f; }\nf\nmenuentry a {\n"
        "configfile /boot/grub/grub.cfg\n}\nwhile true; do true; done\n",
        "menuentry x {\nlinux /k ",
        words="menuentry submenu x { } ; if then else elif fi while until do done for in function "
        "f [ ] true false set a=b $a ${a} \"$a ' linux /k initrd /i source /boot/grub/grub.cfg "
        "configfile search --set=root -l x load_env save_env a test -f /k return break $? ! && |",
    ),
    "grub-legacy": Sample(
        "/boot/grub/menu.lst",
        "title tN\nroot (hd0,0)\nkernel /k a=N\ninitrd /i\n",
        "title a\nconfigfile /boot/grub/menu.lst\ntitle b\nconfigfile menu.lst\n",
        "title x\nkernel /k ",
        words="title title=x root (hd0,0) root (hd9) rootnoverify (fd0) uuid x find kernel /k "
        "kernel (hd0,1)/k --type=linux initrd module /m a configfile /boot/grub/menu.lst lock "
        "password x default 1 default saved fallback 1 timeout 9 boot chainloader +1 \\ # = ( ) "
        "%a% set a=b",
    ),
    "lilo": LILO,
    "elilo": Sample(
        "/EFI/BOOT/elilo.conf", *(LILO.entry, LILO.circle, LILO.line), words=LILO.words
    ),
    "yaboot": Sample(
        "/yaboot.conf", LILO.entry, LILO.circle, "image=/k\nappend=", words=LILO.words
    ),
    "kboot": Sample(
        "/kboot.conf",
        "lN='/k a=N initrd=/i'\n",
        "a='/kboot.conf'\ndefault=a\n",
        "a='/k ",
        words="a='/k b=c initrd=/i root=x dtb=/d' default=a timeout=9 ; # = '=' a= sda2:/k http://h/k",
    ),
    "petitboot-native": Sample(
        "/petitboot.conf",
        "name nN\nimage /k\nargs a=N\n",
        "name a\nimage /petitboot.conf\n",
        "name x\nimage /k\nargs ",
        words="name name a image /k initrd /i args x dtb /d description y default "
        "a dev_description",
    ),
    "kexec-loader": Sample(
        "/kexec-loader.conf",
        "title tN\nroot sda1\nkernel /k\nappend a=N\n",
        "grub-path (sda1)/\ngrub_root sda1\ngrub-map hd0 sda\ngrub-map sda hd0\n",
        "title x\nroot sda1\nkernel /k\nappend ",
        words="title title x root sda1 root (hd0,0) rootfs a:b mount x /y kernel /k kernel "
        "(sda1)/k initrd cmdline append module default timeout off grub-path (x)/y grub_root z "
        "kmod m a grub-map hd0 hd0 grub-autodetect on",
    ),
    "loadlin": Sample(
        "/LINUX.BAT",
        "loadlin k a=N\n",
        "loadlin @linux.bat\nloadlin @LINUX.BAT\n",
        "loadlin k ",
        words="loadlin loadlin.exe @x @linux.bat k -v -d initrd=i image=k %1 rem shell= "
        "menuitem= [a]",
    ),
    "ipxe": Sample(
        "/boot.ipxe",
        "item iN Item N\n",
        ":a\nchain boot.ipxe ||\nmenu\nitem a\nitem b\nchoose x || goto a\ngoto ${x}\n:b\ngoto a\n",
        "kernel k ",
        head="#!ipxe\nmenu M\n",
        words="menu item --gap item a A choose x choose --default b --timeout 9 x goto a goto "
        "${x} :a :b kernel k initrd i,j boot chain boot.ipxe && || set a ${a}${a} set ${a} isset "
        "${x} iseq a b ${ } ${${a}} exit imgfree imgargs k z # inc n shell",
    ),
    "esxi-boot.cfg": Sample(
        "/boot.cfg",
        "kernel=kN\nmodules=a --- b\n",
        "kernel=/boot.cfg\nmodules=/boot.cfg --- /boot.cfg\n",
        "kernel=/k\nmodules=",
        words="kernel=k modules=a---b --- kernelopt= bootstate=9 title= prefix=../.. timeout=x = #",
    ),
}
SHARED = {"extlinux": "isolinux", "syslinux": "isolinux", "pxelinux": "isolinux"}


def dice(number: int) -> random.Random:
    return random.Random(number)


HOSTILE: dict[str, Callable[[Sample], bytes]] = {
    "empty": lambda sample: b"",
    "truncated": lambda sample: (sample.head + sample.entry)[:-4].encode(),
    "cut in the middle": lambda sample: (sample.head + sample.line + '"').encode(),
    "binary": lambda sample: sample.head.encode() + dice(1).randbytes(CONFIG - 64),
    "zeros": lambda sample: bytes(CONFIG),
    "not UTF-8": lambda sample: sample.head.encode() + sample.entry.encode() + b"\xff\xfe\x00\xc3",
    "too large": lambda sample: b"#" * (CONFIG + 1),
    "circle": lambda sample: (sample.head + sample.circle).encode(),
    "many circles": lambda sample: (sample.head + sample.circle * 2000).encode()[:CONFIG],
    "a long line": lambda sample: (sample.head + sample.line + "x" * CONFIG)[:CONFIG].encode(),
    "a long line of words": lambda sample: (sample.head + sample.line + "a=b " * CONFIG)[
        :CONFIG
    ].encode(),
    "a long line of quotes": lambda sample: (sample.head + sample.line + '\\"' * CONFIG)[
        :CONFIG
    ].encode(),
    "a long line of variables": lambda sample: (sample.head + sample.line + "${a}%a%" * CONFIG)[
        :CONFIG
    ].encode(),
    "empty lines": lambda sample: sample.head.encode() + b"\n" * (CONFIG - 64),
    "carriage returns": lambda sample: sample.head.encode() + b"\r" * (CONFIG - 64),
    "backslashes": lambda sample: sample.head.encode() + b"\\\n" * ((CONFIG - 64) // 2),
    "many entries": lambda sample: (
        sample.head + "".join(sample.entry.replace("N", str(n)) for n in range(100_000))
    )[:CONFIG].encode(),
    "the same entry": lambda sample: (sample.head + sample.entry * 100_000)[:CONFIG].encode(),
    "escapes": lambda sample: (
        sample.head + sample.entry.replace("N", "\x1b[2J\x07\x9b31m\u202e")
    ).encode(),
    "out of the root": lambda sample: (
        sample.head + sample.entry.replace("/k", "/../../../k").replace("k", "../../k", 1)
    ).encode(),
}


LARGE = ("binary", "a long line of words", "a long line of variables", "backslashes")
LARGE += ("many entries", "the same entry")


def tree(sample: Sample, data: bytes) -> MemoryRoot:
    return MemoryRoot({sample.path: data, "/k": "k", "/i": "i"}, ignores_case=True)


def read(form: str, root: MemoryRoot) -> Menu:
    reader = reader_of(form)
    assert reader is not None
    return reader.read(root, SAMPLES[form].reads or SAMPLES[form].path)


def check(menu: Menu) -> None:
    """Assert what holds of every menu."""
    ids = [entry.id for entry in menu.entries]
    assert len(ids) == len(set(ids)) <= MOST
    assert menu.default == "" or menu.default in ids
    assert sum(entry.default for entry in menu.entries) == (menu.default != "")
    assert len(menu.problems) <= limits.PROBLEMS
    for entry in menu.entries:
        files = (entry.kernel, *entry.initrds, *(m.split(" ")[0] for m in entry.modules))
        assert not any(".." in path.split("/") for path in files if path.startswith("/"))
        assert entry.kernel or entry.not_bootable
        assert "\x1b" not in display(entry.title) and "\u202e" not in display(entry.title)
    assert menu.timeout is None or 0 <= menu.timeout < 10**9


def test_every_format_has_a_sample() -> None:
    formats = {reader.format for reader in READERS}
    assert formats <= SAMPLES.keys() | SHARED.keys()
    for form, sample in SAMPLES.items():
        text = sample.head + sample.entry.replace("N", "1")
        text += "choose x\nkernel k ${x}\nboot\n" if form == "ipxe" else ""
        menu = read(form, tree(sample, text.encode()))
        assert len(menu.entries) == 1, form
        assert [menu.format for menu in find_menus(tree(sample, text.encode()))] == [form]


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("form", SAMPLES)
def test_hostile_files_end_soon(form: str, kind: str) -> None:
    root = tree(SAMPLES[form], HOSTILE[kind](SAMPLES[form]))
    began = time.process_time()
    menu = read(form, root)
    took = time.process_time() - began
    check(menu)
    assert took < SECONDS, f"{form}, {kind}: {took:.2f} s"


def test_hostile_files_take_little_memory() -> None:
    """The largest of them in one process: its peak, less what Python takes itself."""
    here = Path(__file__).parent
    program = (
        "import resource, sys\n"
        f"sys.path[:0] = [{str(here)!r}, {str(here.parent.parent)!r}]\n"
        "import test_hostile as t\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024\n"
        "before = peak()\n"
        "for form, sample in t.SAMPLES.items():\n"
        f"    for kind in {LARGE}:\n"
        "        t.read(form, t.tree(sample, t.HOSTILE[kind](sample)))\n"
        "print(peak() - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=300
    )
    assert int(done.stdout) < MEMORY


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_words_in_any_order(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from([f for f, sample in SAMPLES.items() if sample.words]))
    sample = SAMPLES[form]
    words = st.sampled_from(sample.words.split(" "))
    line = st.lists(words, max_size=6).map(" ".join)
    text = sample.head + "\n".join(data.draw(st.lists(line, max_size=30)))
    check(read(form, tree(sample, text.encode())))


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.binary(max_size=300))
def test_any_bytes(form: str, data: bytes) -> None:
    sample = SAMPLES[form]
    check(read(form, tree(sample, data)))
    check(read(form, tree(sample, sample.head.encode() + sample.line.encode() + data)))


@settings(
    max_examples=1000,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
def test_real_files_with_bytes_changed(shared: Path, seed: int) -> None:
    roll = dice(seed)
    form = roll.choice([f for f in SAMPLES if (shared / "wild" / f).is_dir()])
    files = [
        path
        for path in sorted((shared / "wild" / form).rglob("*"))
        if path.is_file() and path.name not in ("ORIGIN.txt", "expect.json")
    ]
    data = bytearray(roll.choice(files).read_bytes()[:CONFIG])
    for _ in range(roll.randrange(1, 40)):
        if data:
            data[roll.randrange(len(data))] = roll.randrange(256)
    check(read(form, tree(SAMPLES[form], bytes(data))))
