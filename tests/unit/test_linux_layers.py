"""Devices inside of others: what the tools are told and what their answers mean.

The tools are scripts here; tests/boot opens real containers, volumes and arrays. A loop
device is real where this machine allows it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kxsh.errors import Denied, Failure, FormatFailure, IoFailure, NotFound, VerifyFailure
from kxsh.machine.linux import LinuxMachine, devices, layers
from kxsh.machine.linux.kmsg import KernelLog
from kxsh.machine.linux.layers import Layers
from kxsh.machine.linux.modules import Modules
from kxsh.machine.protocol import Device, Opened

SDA1 = Device("/dev/sda1", fstype="crypto_LUKS", disk="/dev/sda")
ROOT = Device("/dev/mapper/root", disk="/dev/mapper/root")
VOLUME = Device("/dev/mapper/vg0-root", names=("/dev/dm-1", "/dev/vg0/root"))
ARRAY = Device("/dev/md127", disk="/dev/md127")


class Bench:
    """Tools that are scripts, and the devices that appear once one of them has run."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.before: list[Device] = []
        self.after: list[Device] = []
        self._log = folder / "log"
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        monkeypatch.setattr(layers, "_APPEARING", 0.2)
        monkeypatch.setattr(layers, "_UDEV", str(folder / "no-udev"))
        self.layers = Layers(self, Modules(KernelLog(), base=str(folder)), str(folder / "run"))  # type: ignore[arg-type]

    def tool(self, name: str, body: str = "") -> None:
        path = self.folder / name
        path.write_text(
            f'#!/bin/sh\nprintf "%s " {name} "$@" >>{self._log}; echo >>{self._log}\n{body}\n'
        )
        path.chmod(0o755)

    def said(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []

    def look(self) -> list[Device]:
        return self.after if self._log.exists() else self.before

    def wait(self, seconds: float) -> bool:
        return False


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


# -- LUKS


def test_a_container_is_opened_and_closed(bench: Bench) -> None:
    bench.tool("cryptsetup", f"cat >{bench.folder}/key; echo $DM_DISABLE_UDEV >{bench.folder}/udev")
    bench.after = [SDA1, ROOT]
    opened = bench.layers.open_luks(SDA1, "root", b"pass\nword\0")
    assert opened == Opened("luks", "root", (ROOT,))
    assert (bench.folder / "key").read_bytes() == b"pass\nword\0"
    assert (bench.folder / "udev").read_text() == "1\n"
    bench.layers.close(opened)
    assert [line.split()[1] for line in bench.said()] == ["open", "close"]
    assert bench.said()[0].endswith("--key-file - /dev/sda1 root ")


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        (2, "No key available with this passphrase.", VerifyFailure),
        (5, "Device root already exists.", IoFailure),
        (4, "Device /dev/sda1 is not a valid LUKS device.", FormatFailure),
        (1, "Permission denied", Denied),
        (3, "", IoFailure),
    ],
)
def test_what_cryptsetup_answers(bench: Bench, status: int, said: str, kind: type[Failure]) -> None:
    bench.tool("cryptsetup", f"cat >/dev/null; echo '{said}' >&2; exit {status}")
    with pytest.raises(kind):
        bench.layers.open_luks(SDA1, "root", b"x")


def test_a_device_that_never_shows(bench: Bench) -> None:
    bench.tool("cryptsetup", "cat >/dev/null")
    with pytest.raises(IoFailure, match="the kernel does not show it"):
        bench.layers.open_luks(SDA1, "root", b"x")


def test_in_use_stays_open(bench: Bench) -> None:
    bench.tool("cryptsetup", "echo 'Device root is still in use.' >&2; exit 5")
    with pytest.raises(IoFailure, match="closing root failed: Device root is still in use"):
        bench.layers.close(Opened("luks", "root", (ROOT,)))


def test_a_tool_that_does_not_read_its_key(bench: Bench) -> None:
    bench.tool("cryptsetup", "exit 1")
    with pytest.raises(IoFailure):
        bench.layers.open_luks(SDA1, "root", b"x" * 8_000_000)


@pytest.mark.parametrize(
    ("feature", "package"), [("luks", "cryptsetup-bin"), ("lvm", "lvm2"), ("md", "mdadm")]
)
def test_a_missing_program_is_named_with_its_cure(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, feature: str, package: str
) -> None:
    monkeypatch.setenv("PATH", str(bench.folder))
    calls = {
        "luks": lambda: bench.layers.open_luks(SDA1, "root", b"x"),
        "lvm": lambda: bench.layers.activate_volumes("vg0"),
        "md": lambda: bench.layers.assemble_arrays([]),
    }
    with pytest.raises(IoFailure) as caught:
        calls[feature]()
    assert f"kximage loader --with {feature}" in caught.value.hint
    assert f"apt install {package}" in caught.value.hint


# -- LVM


def test_volumes_appear_and_go(bench: Bench) -> None:
    bench.tool("lvm")
    bench.after = [VOLUME]
    opened = bench.layers.activate_volumes("vg0")
    assert opened == Opened("volumes", "vg0", (VOLUME,))
    bench.layers.close(opened)
    up, down = bench.said()
    assert up.startswith("lvm vgchange --config ") and "udev_sync=0" in up
    assert up.endswith("--activate y vg0 ") and down.endswith("--activate n vg0 ")


def test_volumes_that_were_there_are_left_alone(bench: Bench) -> None:
    bench.tool("lvm")
    bench.before = bench.after = [VOLUME]
    opened = bench.layers.activate_volumes("vg0")
    assert opened.kind == "borrowed" and opened.devices == (VOLUME,)
    bench.layers.close(opened)
    assert len(bench.said()) == 1


def test_a_group_that_is_not_there_names_those_that_are(bench: Bench) -> None:
    bench.tool("lvm", 'case "$1" in vgs) echo "  vg1"; echo "  data" ;; *) exit 5 ;; esac')
    with pytest.raises(NotFound, match="there is no volume group vg0") as caught:
        bench.layers.activate_volumes("vg0")
    assert "there are: vg1, data" in caught.value.hint


def test_a_group_that_does_not_come_up(bench: Bench) -> None:
    bench.tool("lvm", 'case "$1" in vgs) echo vg0 ;; *) echo "  Cannot activate"; exit 5 ;; esac')
    with pytest.raises(IoFailure, match="activating vg0 failed: Cannot activate"):
        bench.layers.activate_volumes("vg0")


def test_a_group_without_volumes(bench: Bench) -> None:
    bench.tool("lvm")
    with pytest.raises(NotFound, match="has no volume"):
        bench.layers.activate_volumes("vg0")


# -- MD


def test_arrays_are_assembled_and_stopped(bench: Bench) -> None:
    bench.tool("mdadm", 'for last in "$@"; do :; done; cp "$last" "$last.seen"')
    bench.after = [SDA1, ARRAY]
    opened = bench.layers.assemble_arrays([SDA1])
    assert opened.devices == (ARRAY,)
    seen = (bench.folder / "run/mdadm.conf.seen").read_text()
    assert seen == "DEVICE /dev/sda1\nHOMEHOST <ignore>\nAUTO all\n"
    bench.tool("mdadm")
    bench.layers.close(opened)
    assert bench.said()[-1] == "mdadm --stop /dev/md127 "


def test_arrays_that_run_already(bench: Bench) -> None:
    bench.tool("mdadm", "exit 1")
    bench.before = bench.after = [ARRAY]
    assert bench.layers.assemble_arrays([]).kind == "borrowed"


def test_no_array(bench: Bench) -> None:
    bench.tool("mdadm", "echo 'mdadm: No arrays found in config file or automatically'; exit 1")
    with pytest.raises(NotFound, match="there is no array on any disk"):
        bench.layers.assemble_arrays([])


def test_an_array_that_does_not_start(bench: Bench) -> None:
    bench.tool("mdadm", "echo 'mdadm: not enough to start the array.'; exit 1")
    with pytest.raises(IoFailure, match="not enough to start"):
        bench.layers.assemble_arrays([SDA1])


# -- names of mapped devices


@pytest.mark.parametrize(
    ("name", "uuid", "names"),
    [
        ("root", "CRYPT-LUKS2-x", ("/dev/dm-0",)),
        ("vg0-root", "LVM-x", ("/dev/dm-0", "/dev/vg0/root")),
        ("my--group-my--volume", "LVM-x", ("/dev/dm-0", "/dev/my-group/my-volume")),
    ],
)
def test_names(
    monkeypatch: pytest.MonkeyPatch, name: str, uuid: str, names: tuple[str, ...]
) -> None:
    class Found:
        sys_name, device_node = "dm-0", "/dev/dm-0"

    monkeypatch.setattr(devices.os.path, "exists", lambda path: True)
    texts = {"dm/name": name, "dm/uuid": uuid}
    monkeypatch.setattr(devices, "_text", lambda found, attribute: texts[attribute])
    assert devices._paths(Found()) == (f"/dev/mapper/{name}", names)


# -- disk images


def test_an_image_in_a_file(tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    with image.open("wb") as file:
        file.truncate(8 << 20)
    argv = ["mkfs.vfat", "-n", "INSIDE", "--offset", "2048", str(image), "6144"]
    subprocess.run(argv, check=True, capture_output=True)
    table = b"start=2048,type=c\n"
    subprocess.run(["sfdisk", "-q", str(image)], input=table, check=True, capture_output=True)
    machine = LinuxMachine(runtime=str(tmp_path))
    try:
        opened = machine.open_loop(str(image))
    except Failure as failure:  # not root, or a container
        assert os.geteuid() != 0 or not os.path.exists("/dev/loop-control"), failure
        return
    try:
        disk, part = opened.devices[:2]
        assert (disk.path, part.disk, part.number) == (opened.name, opened.name, 1)
        assert part.label == "INSIDE"
        with pytest.raises(OSError), open(disk.path, "r+b") as file:
            file.write(b"x")
    finally:
        machine.release(opened)
    backing = f"/sys/block/{os.path.basename(opened.name)}/loop/backing_file"
    assert not os.path.exists(backing)


def test_what_is_no_file(tmp_path: Path) -> None:
    machine = LinuxMachine(runtime=str(tmp_path))
    with pytest.raises(FormatFailure):
        machine.open_loop(str(tmp_path))
    with pytest.raises(NotFound):
        machine.open_loop(str(tmp_path / "none"))
