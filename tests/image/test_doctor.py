"""`kximage doctor`: what is there, what is not, which package brings it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kxsh.image import accelerator, doctor, loader, tools
from kxsh.image import kernel as kernels
from kxsh.image.cli import main


@pytest.fixture(autouse=True)
def no_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Booting firmware to find out about KVM takes seconds; that has its own tests."""
    monkeypatch.setattr(accelerator, "choose", lambda: "tcg")


def test_all_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "MISSING" not in shown
    assert str(kernels.find().path) in shown
    for name in ("kexec", "busybox", "zstd", "linuxx64.efi.stub", "OVMF", "lark", "python"):
        assert name in shown


def test_json_has_versions_of_debian_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--format", "json"]) == 0
    found = {item["name"]: item for item in json.loads(capsys.readouterr().out)}
    assert found["kexec"]["package"] == "kexec-tools"
    assert found["kexec"]["version"]
    assert found["accelerator"]["where"] == "tcg"
    assert "KVM" in found["accelerator"]["note"]


def test_missing_things_name_their_packages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    real = tools.which
    gone = ("kexec", "qemu-system-x86_64")
    monkeypatch.setattr(tools, "which", lambda name: None if name in gone else real(name))
    monkeypatch.setattr(loader, "STUB", Path("/usr/lib/systemd/boot/efi/none.efi.stub"))
    monkeypatch.setattr(kernels, "BOOT", tmp_path)
    assert main(["doctor"]) == 1
    shown = capsys.readouterr().out
    missing = [line.split()[2] for line in shown.splitlines() if line.startswith("MISSING")]
    assert sorted(missing) == ["kernel", "kexec", "none.efi.stub", "qemu-system-x86_64"]
    wanted = "apt install kexec-tools linux-image-amd64 qemu-system-x86 systemd-boot-efi"
    assert wanted in shown


def test_a_busybox_that_needs_libraries(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dynamic = tmp_path / "busybox"
    dynamic.symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["doctor"]) == 1
    assert "apt install busybox-static" in capsys.readouterr().out
    finding = next(f for f in doctor.examine() if f.name == "busybox")
    assert "not a static busybox" in finding.note
