from __future__ import annotations

import pytest

from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Completed, Device, Ended, KernelImage
from kxsh.machine.recording import RecordingMachine

STICK = Device("/dev/sda1", label="GENTOO", fstype="iso9660")


def fake() -> FakeMachine:
    return FakeMachine([STICK], {"/dev/sda1": {"/vmlinuz": b"kernel"}})


def test_effects_are_recorded_and_not_done() -> None:
    inner = fake()
    machine = RecordingMachine(inner)
    mount = machine.mount(machine.devices()[0], writable=True)
    root, inside = machine.locate(f"{mount}/vmlinuz")
    assert root.read(inside) == b"kernel"
    machine.load_kernel(KernelImage(f"{mount}/vmlinuz", (), "quiet"))
    assert machine.run(["rm", "-r", "/"]) == Completed(0)
    machine.unmount(mount)
    machine.sync()
    with pytest.raises(Ended):
        machine.jump()
    assert [str(action) for action in machine.actions] == [
        "mount /dev/sda1 --writable",
        "load /mnt/1/vmlinuz --command-line=quiet",
        "run rm -r /",
        "unmount /mnt/1",
        "sync",
        "jump",
    ]
    # What was really done: a mount that cannot write, and its end.
    assert [str(action) for action in inner.actions] == ["mount /dev/sda1", "unmount /mnt/1"]
    assert inner.loaded is None and machine.loaded is not None


def test_without_mounts_nothing_at_all_is_done() -> None:
    inner = fake()
    machine = RecordingMachine(inner, mounts=False)
    mount = machine.mount(STICK)
    machine.load_module("isofs")
    assert machine.mounts() == [mount]
    machine.unmount(mount)
    assert machine.mounts() == [] and inner.actions == []


def test_what_the_machine_has_is_asked_of_it() -> None:
    inner = FakeMachine([STICK], modules=["isofs"])
    machine = RecordingMachine(inner, mounts=False)
    assert machine.has("module", "isofs") and not machine.has("module", "zfs")
    assert machine.actions == []


def test_time_is_not_spent() -> None:
    inner = fake()
    machine = RecordingMachine(inner)
    machine.sleep(60)
    assert machine.now() == 60 and inner.now() == 0
    assert not machine.wait_for_change(61)
    assert inner.now() == 1


@pytest.mark.parametrize(("firmware", "how"), [(False, "reboot"), (True, "firmware")])
def test_power(firmware: bool, how: str) -> None:
    with pytest.raises(Ended) as ended:
        RecordingMachine(fake()).reboot(firmware=firmware)
    assert ended.value.how == how
    with pytest.raises(Ended):
        RecordingMachine(fake()).poweroff()


def test_programs_answer_as_told() -> None:
    machine = RecordingMachine(fake(), lambda argv: Completed(3, argv[0]))
    assert machine.run(["probe"], capture=True) == Completed(3, "probe")
    assert not machine.kernel_loaded()
