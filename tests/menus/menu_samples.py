"""One entry in each menu format, and the hostile files that grow out of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from kxsh.boot.entry import Menu
from kxsh.machine.fake import MemoryRoot
from kxsh.menus import limits
from kxsh.menus.search import reader_of
from kxsh.text import MIB, display

CONFIG = 1 * MIB
# What a reader keeps at most: GRUB's menus may be longer than `limits.ENTRIES`.
MOST = limits.GRUB_ENTRIES


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
    "100,000 entries": lambda sample: (
        sample.head + "".join(sample.entry.replace("N", str(n)) for n in range(100_000))
    ).encode(),
    "the same entry": lambda sample: (sample.head + sample.entry * 100_000)[:CONFIG].encode(),
    "escapes": lambda sample: (
        sample.head + sample.entry.replace("N", "\x1b[2J\x07\x9b31m\u202e")
    ).encode(),
    "out of the root": lambda sample: (
        sample.head + sample.entry.replace("/k", "/../../../k").replace("k", "../../k", 1)
    ).encode(),
}


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
    assert len(menu.problems) <= limits.PROBLEMS + 1  # that the rest is left out is always said
    for entry in menu.entries:
        files = (entry.kernel, *entry.initrds, *(m.split(" ")[0] for m in entry.modules))
        assert not any(".." in path.split("/") for path in files if path.startswith("/"))
        assert entry.kernel or entry.not_bootable
        assert "\x1b" not in display(entry.title) and "\u202e" not in display(entry.title)
    assert menu.timeout is None or 0 <= menu.timeout < 10**9
