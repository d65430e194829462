"""What goes on is said where it takes long, with the time, and nowhere else."""

from __future__ import annotations

import io

import pytest
from machines import KERNEL
from scripted import Scripted

from kxsh.console.terminal import Terminal, Voice
from kxsh.errors import KxshError
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine
from kxsh.machine.linux import LinuxMachine
from kxsh.machine.protocol import Device, Mount
from kxsh.source import Source


def test_what_the_machine_waits_for_is_in_the_log_and_on_no_full_screen() -> None:
    out = io.StringIO()
    terminal = Terminal(io.StringIO(), out, color=False, serial=False, term="xterm")
    interpreter = Interpreter(LinuxMachine(Voice(terminal)), terminal)
    for muted in (True, False):
        terminal.muted = muted
        with pytest.raises(KxshError, match="no device LABEL=NOWHERE-AT-ALL"):
            interpreter.run_script(Source("x", "kxs 1\nfindfs LABEL=NOWHERE-AT-ALL --wait 1200ms"))
    assert out.getvalue() == "waiting for LABEL=NOWHERE-AT-ALL (Ctrl-C stops)\n"
    assert sum(line.endswith(out.getvalue().strip()) for line in terminal.log.lines()) == 2


class Slow(Scripted):
    """A machine each of whose disks takes a second until it is mounted."""

    def __init__(self) -> None:
        super().__init__(furnish=self._slow)

    def _slow(self, machine: FakeMachine) -> None:
        mount = machine.mount

        def slow(device: Device, *arguments: object, **options: object) -> Mount:
            machine.sleep(1)
            return mount(device, *arguments, **options)  # type: ignore[arg-type]

        machine.mount = slow  # type: ignore[method-assign]


def test_menus_of_slow_disks_are_read_with_a_word() -> None:
    shown = Slow()("boot-menus")
    assert shown.count("reading the boot menus of all disks, now of /dev/sdb1") == 1
    assert "[2.0 s] reading" in shown
    assert "reading" not in Scripted()("boot-menus")


def test_a_large_kernel_is_loaded_with_a_word() -> None:
    def large(machine: FakeMachine) -> None:
        mount = machine.mount(machine.devices()[1])
        machine.replace_file(f"{mount.path}/boot/large", bytes(KERNEL) + bytes(40 << 20))
        machine.unmount(mount)

    scripted = Scripted(furnish=large)
    scripted("let image = mount LABEL=GENTOO")
    shown = scripted("load $image/boot/large --initrd $image/boot/initrd")
    assert "[0.0 s] loading large and its initrds, 40.0 MiB\n" in shown
    assert "loading" not in scripted("load $image/boot/kernel --initrd $image/boot/initrd")
