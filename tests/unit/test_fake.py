from __future__ import annotations

import pytest

from kxsh.errors import Denied, FormatFailure, Interrupted, IoFailure, NotFound
from kxsh.machine.fake import FakeMachine, MemoryRoot
from kxsh.machine.protocol import Action, Completed, Device, Ended, KernelImage

STICK = Device("/dev/sda1", label="GENTOO", fstype="iso9660")
TREE = {"/isolinux/gentoo": b"kernel", "/isolinux/isolinux.cfg": "label gentoo"}


def test_memory_root() -> None:
    root = MemoryRoot({**TREE, "/empty/": b""}, ignores_case=True)
    assert root.list("/") == ["empty", "isolinux"]
    assert root.list("/empty") == []
    assert root.read("/ISOLINUX/Isolinux.CFG") == b"label gentoo"
    assert root.read("/../isolinux/./gentoo") == b"kernel"
    facts = root.stat("/ISOLINUX/GENTOO")
    assert facts is not None and facts.path == "/isolinux/gentoo"
    with pytest.raises(NotFound) as caught:
        root.read("/isolinux/gentoa")
    assert caught.value.hint == "did you mean 'gentoo'?"
    with pytest.raises(FormatFailure):
        root.open("/isolinux")
    with pytest.raises(FormatFailure):
        root.read("/isolinux/gentoo", 3)


def test_mount_load_jump() -> None:
    machine = FakeMachine([STICK], {"/dev/sda1": TREE})
    mount = machine.mount(STICK)
    image = KernelImage(f"{mount}/isolinux/gentoo", (), "root=/dev/ram0")
    assert machine.load_kernel(image) == "file"
    machine.unmount(mount)
    with pytest.raises(Ended) as ended:
        machine.jump()
    assert ended.value.how == "jump" and machine.loaded == image
    assert [str(action) for action in machine.actions] == [
        "mount /dev/sda1",
        "load /mnt/1/isolinux/gentoo --command-line=root=/dev/ram0",
        "unmount /mnt/1",
        "jump",
    ]


def test_a_device_comes_later() -> None:
    machine = FakeMachine(later=[(2.0, STICK)])
    assert machine.devices() == []
    assert not machine.wait_for_change(1.0)
    assert machine.now() == 1.0
    assert machine.wait_for_change(5.0)
    assert machine.now() == 2.0 and machine.devices() == [STICK]
    assert not machine.wait_for_change(5.0)


def test_a_change_between_looking_and_waiting_counts() -> None:
    machine = FakeMachine()
    machine.devices()
    machine.add(STICK, TREE)
    assert machine.wait_for_change(0.0)
    machine.devices()
    machine.remove("/dev/sda1")
    assert machine.wait_for_change(0.0) and machine.devices() == []


def test_scripted_failures() -> None:
    refused = Denied("no")
    machine = FakeMachine([STICK], {"/dev/sda1": TREE}, fail={"mount": [IoFailure("once"), None]})
    with pytest.raises(IoFailure, match="once"):
        machine.mount(STICK)
    assert machine.mount(STICK).path == "/mnt/1"
    machine = FakeMachine([STICK], fail={"load-module loop": refused})
    machine.load_module("isofs")
    with pytest.raises(Denied):
        machine.load_module("loop")


def test_programs_modules_and_interrupts() -> None:
    machine = FakeMachine(
        programs={"ls": Completed(0, "a\n"), "echo": lambda argv: Completed(0, argv[1])},
        modules=["dm-crypt"],
        interrupt_at=3.0,
    )
    assert machine.run(["echo", "hi"], capture=True).output == "hi"
    assert machine.run(["ls"]) == Completed(0) and machine.output == "a\n"
    machine.load_module("dm_crypt")
    with pytest.raises(NotFound):
        machine.load_module("dm_cript")
    with pytest.raises(NotFound):
        machine.run(["lz"])
    with pytest.raises(Interrupted):
        machine.sleep(10)
    assert machine.now() == 3.0
    assert machine.actions[-1] == Action("run", ("lz",))


def test_jump_needs_a_kernel() -> None:
    with pytest.raises(IoFailure, match="no kernel is loaded"):
        FakeMachine().jump()
    with pytest.raises(FormatFailure):
        FakeMachine([STICK]).mount(STICK)
