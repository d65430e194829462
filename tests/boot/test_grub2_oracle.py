"""The real GRUB 2 (BIOS) as judge: what it hands a kernel, and what the reader says.

One QEMU run under SeaBIOS: the menu is opened from GRUB's prompt on the serial line with
each entry in turn as its default; a probe kernel shows what it got and resets the machine.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import probe_kernel
import pytest

from kxsh.image.guest import Guest
from kxsh.image.qemu import Disk, VirtualMachine
from kxsh.machine.protocol import Root
from kxsh.machine.root import DirectoryRoot
from kxsh.menus import grub2

SMALL, BIG = 1000, 5000
# What GRUB reads first: a prompt on the serial line.
FIRST = """\
serial --unit=0 --speed=115200
terminal_input serial
terminal_output serial
"""
MENU = r"""
set default=$wanted
set timeout=0
insmod regexp
common="root=/dev/sda1  ro"
menuentry plain --id plain { linux /boot/probe a=1 b c; }
menuentry quotes --id quotes { linux /boot/probe a="x y" 'b c=d' e\ f "q'r" 's"t' u\\v "" end; }
menuentry variables --id variables {
  two="a  b"
  linux /boot/probe $common "$common" $two$two x"$two"y $none "$none" "${two}"
}
menuentry escapes --id escapes { linux /boot/probe a\x41 'c:\d' "e\\f" g\\h i=\$j "k\$l"; }
menuentry one --id one { linux /boot/probe x; initrd /boot/small.img; }
menuentry several --id several { linux /boot/probe x; initrd /boot/small.img /boot/big.img; }
menuentry again --id again { linux /boot/probe x; initrd /boot/small.img; initrd /boot/big.img; }
menuentry sixteen --id sixteen { linux16 /boot/probe a="x y" b; initrd16 /boot/small.img; }
menuentry bare --id bare { linux /boot/probe; }
menuentry device --id device { linux ($root)/boot/probe a; initrd ($root)/boot/big.img; }
menuentry chosen --id chosen p "q r" { linux /boot/probe "$chosen" $1 $2 "$3" $#; }
menuentry loop --id loop {
  words=; for i in a 'b c' d; do words="$words<$i>"; done
  linux /boot/probe $words
}
function start { shift; linux /boot/probe "$@" "n=$#"; }
menuentry function --id function { start 1 2 "3 4"; }
menuentry glob --id glob { linux /boot/pro?e /boot/sm*.img '/boot/sm*.img'; }
export common
submenu more --id more {
  hidden=1
  menuentry deep --id deep { linux /boot/probe $common $hidden $chosen; }
  submenu last --id last { menuentry end --id end { linux /boot/probe e$hidden; } }
}
menuentry env --id env { load_env --file /boot/grub/env a b; linux /boot/probe $a "$b" $c; }
menuentry found --id found {
  root=none
  search --file --set=root /boot/big.img
  if [ -f /boot/probe -a ! -e /boot/none -a -d /boot ]; then linux /boot/probe found; fi
}
menuentry other --id other { configfile /boot/grub/other.cfg; }
"""
OTHER = "default=b\ntimeout=0\nmenuentry a { linux /boot/probe a; }\n"
OTHER += "menuentry b { linux /boot/probe other $common; }\n"
ENV = "# GRUB Environment Block\na=1 2\nb=x\\\\y\nc=3\n".ljust(1024, "#")
CHOICES = (
    "plain quotes variables escapes one several again sixteen bare chosen loop function "
    "glob more more>deep more>last>end more>1 env found other 2 15>0 unknown"
).split()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("grub") / "cd"
    grub = top / "boot/grub"
    grub.mkdir(parents=True)
    (grub / "grub.cfg").write_text(FIRST)
    (grub / "menu.cfg").write_text(MENU)
    (grub / "other.cfg").write_text(OTHER)
    (grub / "env").write_text(ENV)
    (top / "boot/probe").write_bytes(probe_kernel.build())
    (top / "boot/small.img").write_bytes(b"\1" * SMALL)
    (top / "boot/big.img").write_bytes(b"\2" * BIG)
    return top


@pytest.fixture(scope="module")
def files(tree: Path) -> Root:
    return DirectoryRoot(str(tree))


@pytest.fixture(scope="module")
def guest(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    iso = tmp_path_factory.mktemp("grub") / "cd.iso"
    argv = ["grub-mkrescue", "-d", "/usr/lib/grub/i386-pc", "-o", str(iso), str(tree)]
    subprocess.run(argv, check=True, capture_output=True)
    machine = VirtualMachine((Disk(iso, cd=True),), firmware="seabios", restarts=True)
    with Guest(machine) as running:
        yield running


@pytest.mark.parametrize("choice", CHOICES)
def test_an_entry_gets_what_the_real_loader_hands_over(
    choice: str, files: Root, guest: Guest
) -> None:
    given = {"wanted": choice}
    menu = grub2.read(files, "/boot/grub/menu.cfg", variables=given)
    typed = f"wanted='{choice}'; export wanted; configfile /boot/grub/menu.cfg"
    got = probe_kernel.started_by(guest, "grub> ", typed)
    assert probe_kernel.expected(files, menu.default_entry) == got
