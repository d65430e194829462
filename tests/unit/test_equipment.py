"""What this system has, asked of a made-up system: no module is loaded, nothing started."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from kxsh.machine.linux import equipment
from kxsh.machine.linux.kmsg import KernelLog
from kxsh.machine.linux.modules import Modules
from kxsh.machine.linux.programs import FEATURES
from kxsh.usage import PROBED


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Modules:
    (tmp_path / "modules.dep").write_text("kernel/fs/xfs/xfs.ko:\nkernel/fs/fuse/fuse.ko:\n")
    (tmp_path / "modules.alias").write_text("alias fs-fuseblk fuse\n")
    (tmp_path / "filesystems").write_text("nodev\tproc\n\text4\n\tntfs3\n")
    monkeypatch.setattr(equipment, "_FILESYSTEMS", str(tmp_path / "filesystems"))
    (tmp_path / "bin").mkdir()
    for name, mode in (("cryptsetup", 0o755), ("busybox", 0o755), ("lvm", 0o644)):
        (tmp_path / "bin" / name).touch(mode)
    (tmp_path / "bin" / "mdadm").mkdir()
    monkeypatch.setenv("PATH", f"/nowhere:{tmp_path / 'bin'}")
    return Modules(KernelLog(str(tmp_path / "no-kmsg")), str(tmp_path), str(tmp_path / "loaded"))


@pytest.mark.parametrize(("kind", "names"), [
    ("module", "xfs fuse -ext4 -zfs"),
    ("filesystem", "xfs ext4 fuseblk ntfs ntfs3 -proc -zfs"),
    ("program", "cryptsetup busybox -lvm -mdadm -none -/bin/none"),
    ("feature", "luks net -lvm -md"),
])  # fmt: skip
def test_what_there_is(modules: Modules, kind: str, names: str) -> None:
    for name in names.split():
        wanted = not name.startswith("-")
        assert equipment.has(modules, kind, name.removeprefix("-")) is wanted, name


@pytest.mark.parametrize("lacking", ["http", "_ssl"])
def test_no_network_without_http(
    modules: Modules, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == lacking else find(name)
    )
    assert not equipment.has(modules, "feature", "net")


def test_a_program_by_its_path(modules: Modules, tmp_path: Path) -> None:
    assert equipment.has(modules, "program", str(tmp_path / "bin/busybox"))


def test_every_feature_can_be_asked_about() -> None:
    """All but the keyboard layouts, of which `keymap` itself tells whether one is there."""
    assert {*PROBED, "keymaps"} == set(FEATURES)
