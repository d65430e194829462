"""What goes on is said where it takes long, with the time, and nowhere else."""

from __future__ import annotations

from machines import KERNEL
from scripted import Scripted

from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Device, Mount


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
