"""The real iPXE as judge: what its scripts hand a kernel, and what the reader says.

One QEMU run under SeaBIOS, whose card holds iPXE and fetches its script from QEMU's own
TFTP server (no network is used). Each script lies there by the time that the machine,
reset by the probe kernel, asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import probe_kernel
import pytest

from kxsh.image.guest import Guest
from kxsh.image.qemu import VirtualMachine
from kxsh.machine.root import DirectoryRoot
from kxsh.menus import ipxe

SCRIPTS = {
    "plain": "kernel probe a=1  b \"c  d\" 'e f' g\\ h\ninitrd small.img\nboot\n",
    "variables": "set x one two\nset y:string three\n"
    "kernel probe ${x} x=${y}${none} ${x}${y}\nboot\n",
    "boot-image": "boot probe  a b\n",
    "several": "kernel probe a\ninitrd small.img\ninitrd big.img\nboot\n",
    "imgargs": "kernel probe a\ninitrd big.img\nimgargs probe b  c\nboot\n",
    "conditions": "isset ${none} && goto wrong ||\niseq a${none} a || goto wrong\n"
    "set n 3\niseq ${n} 3 && kernel probe right || kernel probe wrong\nboot || shell\n"
    ":wrong\nboot probe wrong\n",
    "jump": "goto there\nboot probe here\n:there\nset back back\ngoto ${back}\n"
    ":back\nboot probe back || shell\n",
    "menu": "menu Title\nitem --gap First\nitem one One\nitem two Two\n"
    "choose --default two --timeout 300 chosen || shell\nkernel probe ${chosen}\nboot\n",
    "comment": "# a comment\n\nkernel probe a # b\n  boot  \n",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("ipxe")
    (top / "probe").write_bytes(probe_kernel.build())
    (top / "small.img").write_bytes(b"\1" * 1000)
    (top / "big.img").write_bytes(b"\2" * 5000)
    return top


@pytest.fixture(scope="module")
def machine(served: Path) -> VirtualMachine:
    return VirtualMachine(firmware="seabios", netboot=served / "script.ipxe", restarts=True)


@pytest.fixture(scope="module")
def guest(served: Path, machine: VirtualMachine) -> Iterator[Guest]:
    write(served, next(iter(SCRIPTS.values())))
    with Guest(machine) as running:
        yield running


def write(served: Path, script: str) -> None:
    """Put a script where the next start of the machine finds it, whole."""
    path = served / "script.new"
    path.write_text(f"#!ipxe\n{script}")
    path.replace(served / "script.ipxe")


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_hands_over_what_the_real_ipxe_does(name: str, served: Path, guest: Guest) -> None:
    write(served, SCRIPTS[name])
    root = DirectoryRoot(str(served))
    entry = ipxe.read(root, "/script.ipxe").default_entry
    got = probe_kernel.shown(guest)
    assert probe_kernel.expected(root, entry, align=4096) == got
