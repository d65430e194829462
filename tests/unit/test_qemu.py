"""QEMU's command line, and what is refused before QEMU is asked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kxsh.image import accelerator, qemu
from kxsh.image.cli import main
from kxsh.image.qemu import Disk, VirtualMachine
from kxsh.image.tools import ImageError


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "with,comma.img"
    path.write_bytes(b"\0" * 512)
    return path


def arguments(tmp_path: Path, machine: VirtualMachine) -> str:
    return " ".join(qemu.arguments(machine, tmp_path))


def emulated(*disks: Disk, **options: object) -> VirtualMachine:
    return VirtualMachine(disks, accelerator="tcg", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("disk", "device"),
    [
        ("usb", "usb-storage,id=stick0,bus=usb.0,removable=on,drive=disk0,bootindex=0"),
        ("sata", "ide-hd,bus=ide.0,drive=disk0,bootindex=0"),
        ("nvme", "nvme,serial=kximage0,drive=disk0,bootindex=0"),
        ("virtio", "virtio-blk-pci,drive=disk0,bootindex=0"),
    ],
)
def test_each_bus_has_its_device(tmp_path: Path, image: Path, disk: qemu.Bus, device: str) -> None:
    assert f"-device {device}" in arguments(tmp_path, emulated(Disk(image, bus=disk)))


def test_an_image_is_never_written(tmp_path: Path, image: Path) -> None:
    line = arguments(tmp_path, emulated(Disk(image), Disk(image, cd=True)))
    assert "with,,comma.img,snapshot=on" in line
    assert "with,,comma.img,media=cdrom,readonly=on" in line


def test_firmware_variables_are_a_copy(tmp_path: Path, image: Path) -> None:
    line = arguments(tmp_path, emulated(Disk(image)))
    assert f"file={tmp_path}/variables.fd" in line
    assert (tmp_path / "variables.fd").stat().st_size > 0
    assert line.count("if=pflash") == 2 and line.count("readonly=on") == 1


def test_seabios_needs_no_flash(tmp_path: Path, image: Path) -> None:
    assert "pflash" not in arguments(tmp_path, emulated(Disk(image), firmware="seabios"))


def test_a_network_card_only_where_it_is_asked_for(tmp_path: Path, image: Path) -> None:
    assert "netdev" not in arguments(tmp_path, emulated(Disk(image)))
    assert "-device e1000," in arguments(tmp_path, emulated(Disk(image), network=True))


def test_too_little_memory_for_ovmf_is_said_before(tmp_path: Path, image: Path) -> None:
    with pytest.raises(ImageError, match="160 MiB"):
        qemu.arguments(emulated(Disk(image), memory=160), tmp_path)
    assert "-m 160" in arguments(tmp_path, emulated(Disk(image), memory=160, firmware="seabios"))


def test_what_is_no_image_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.img", tmp_path):
        with pytest.raises(ImageError, match=str(path)):
            qemu.arguments(emulated(Disk(path)), tmp_path)


def test_the_verdict_on_kvm_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, mode: True)
    probes = []
    monkeypatch.setattr(accelerator, "_firmware_speaks", lambda: bool(probes.append(1)))
    assert accelerator.choose() == accelerator.choose() == "tcg"
    assert len(probes) == 1
    # Another kernel, or another QEMU: asked again.
    (tmp_path / "kxsh/accelerator").write_text("kvm another-machine 1.0 2 3\n")
    assert accelerator.choose() == "tcg"
    assert len(probes) == 2


def test_a_qemu_that_dies_at_once_is_no_kvm(monkeypatch: pytest.MonkeyPatch) -> None:
    assert accelerator._writes_soon(["true"]) is False
    monkeypatch.setattr(accelerator, "_PROBE_SECONDS", 0.2)
    assert accelerator._writes_soon(["sleep", "60"]) is False
    assert accelerator._writes_soon(["echo", "BdsDxe"]) is True


@pytest.mark.parametrize(
    "words",
    [["--until", "("], ["--memory", "much"], ["--timeout", "-1"], ["--bus", "floppy"]],
)
def test_wrong_usage_is_exit_code_2(image: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["try", str(image), *words])
    assert ended.value.code == 2


def test_a_missing_image_is_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["try", str(tmp_path / "no.img"), "--headless", "--until", "x"]) == 1
    assert "no.img" in capsys.readouterr().err
