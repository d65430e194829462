"""Module look-up over a made-up modules.dep, with the system calls noted instead of made."""

from __future__ import annotations

import errno
import lzma
import os
from pathlib import Path

import pytest

from kxsh.errors import Denied, FormatFailure, IoFailure, NotFound
from kxsh.machine.linux import modules as modules_
from kxsh.machine.linux import syscalls
from kxsh.machine.linux.kmsg import KernelLog

IMAGE = b"\x7fELF" + b"\0parm=max_loop:how many\0parmtype=hw_queue:int\0"


class Calls:
    """finit_module(2) as a list of (file, arguments), or an error by file name."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self.errors: dict[str, int] = {}

    def finit(self, descriptor: int, arguments: str, flags: int = 0) -> None:
        name = os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}"))
        number = self.errors.get(name)
        if flags:
            number = errno.EOPNOTSUPP  # as a kernel without MODULE_DECOMPRESS
        if number:
            raise OSError(number, os.strerror(number))
        self.done.append((name, arguments))

    def init(self, image: bytes, arguments: str) -> None:
        assert image == IMAGE
        self.done.append(("unpacked", arguments))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    calls = Calls()
    monkeypatch.setattr(syscalls, "finit_module", calls.finit)
    monkeypatch.setattr(syscalls, "init_module", calls.init)
    return calls


@pytest.fixture
def modules(tmp_path: Path) -> modules_.Modules:
    (tmp_path / "kernel").mkdir()
    for name in ("vfat", "fat", "usb-storage", "scsi_mod", "loop", "ext4", "crc32c_generic"):
        (tmp_path / "kernel" / f"{name}.ko").write_bytes(IMAGE)
    (tmp_path / "kernel" / "packed.ko.xz").write_bytes(lzma.compress(IMAGE))
    (tmp_path / "modules.dep").write_text(
        "kernel/vfat.ko: kernel/fat.ko\nkernel/fat.ko:\nkernel/loop.ko:\n"
        "kernel/usb-storage.ko: kernel/scsi_mod.ko kernel/fat.ko\nkernel/scsi_mod.ko:\n"
        "kernel/packed.ko.xz:\nkernel/ext4.ko:\nkernel/crc32c_generic.ko:\nkernel/gone.ko:\n"
    )
    (tmp_path / "modules.alias").write_text(
        "# comment\nalias fs-vfat vfat\nalias crypto-crc32c crc32c_generic\n"
        "alias usb:v*p*d*dc*dsc*dp*ic08isc06ip50in* usb_storage\n"
    )
    (tmp_path / "modules.softdep").write_text("softdep ext4 pre: crypto-crc32c post: nothing\n")
    (tmp_path / "modules.builtin").write_text("kernel/drivers/scsi/sd-mod.ko\n")
    (tmp_path / "loaded").write_text("scsi_mod 1 0 - Live 0x0\n")
    log = KernelLog(str(tmp_path / "no-kmsg"))
    return modules_.Modules(log, str(tmp_path), str(tmp_path / "loaded"))


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("vfat", ["fat.ko", "vfat.ko"]),
        ("fs-vfat", ["fat.ko", "vfat.ko"]),
        ("usb_storage", ["fat.ko", "usb-storage.ko"]),  # scsi_mod is loaded
        ("usb-storage", ["fat.ko", "usb-storage.ko"]),
        ("usb:v0781p5567d0100dc00dsc00dp00ic08isc06ip50in00", ["fat.ko", "usb-storage.ko"]),
        ("ext4", ["crc32c_generic.ko", "ext4.ko"]),
        ("sd_mod", []),
        ("sd-mod", []),
        ("scsi_mod", []),
        ("packed", ["unpacked"]),
    ],
)
def test_what_is_loaded(
    modules: modules_.Modules, calls: Calls, name: str, files: list[str]
) -> None:
    modules.load(name)
    assert [file for file, _ in calls.done] == files


def test_what_is_there_is_known_without_loading_it(modules: modules_.Modules, calls: Calls) -> None:
    for name in ("vfat", "fs-vfat", "usb-storage", "usb_storage", "sd-mod", "scsi_mod", "packed"):
        assert modules.has(name), name
    assert not modules.has("zfs") and not modules.has("fs-zfs") and not modules.has("")
    assert calls.done == []


def test_parameters(modules: modules_.Modules, calls: Calls) -> None:
    modules.load("loop", "max_loop=3 hw-queue=1 dyndbg=+p")
    assert calls.done == [("loop.ko", "max_loop=3 hw-queue=1 dyndbg=+p")]
    with pytest.raises(NotFound) as caught:
        modules.load("loop", "max_lop=3")
    assert caught.value.hint == "did you mean 'max_loop'?"


def test_a_loaded_module_keeps_its_parameters(modules: modules_.Modules, calls: Calls) -> None:
    with pytest.raises(IoFailure, match="loaded already"):
        modules.load("sd_mod", "x=1")


def test_missing(modules: modules_.Modules, calls: Calls) -> None:
    with pytest.raises(NotFound) as caught:
        modules.load("usb-storag")
    assert caught.value.hint == "did you mean 'usb_storage'?"
    with pytest.raises(NotFound, match="cannot be opened"):
        modules.load("gone")


@pytest.mark.parametrize(
    ("number", "failure"),
    [
        (errno.EKEYREJECTED, Denied),
        (errno.EPERM, Denied),
        (errno.ENOEXEC, FormatFailure),
        (errno.ENODEV, IoFailure),
        (errno.ENOENT, IoFailure),
    ],
)
def test_refusals(
    modules: modules_.Modules, calls: Calls, number: int, failure: type[Exception]
) -> None:
    calls.errors["loop.ko"] = number
    with pytest.raises(failure, match="the module loop cannot be loaded"):
        modules.load("loop")


def test_someone_else_was_faster(modules: modules_.Modules, calls: Calls) -> None:
    calls.errors["fat.ko"] = errno.EEXIST
    modules.load("vfat")
    assert calls.done == [("vfat.ko", "")]


def test_guesses_are_passed_over(modules: modules_.Modules, calls: Calls) -> None:
    assert not modules.load_any("nothing", "fs-nothing")
    assert modules.load_any("nothing", "fs-vfat")
    calls.errors["loop.ko"] = errno.EPERM
    assert not modules.load_any("loop")


def test_a_soft_need_may_fail(modules: modules_.Modules, calls: Calls) -> None:
    calls.errors["crc32c_generic.ko"] = errno.ENODEV
    modules.load("ext4")
    assert calls.done == [("ext4.ko", "")]


def test_a_broken_package_is_not_a_module(
    modules: modules_.Modules, calls: Calls, tmp_path: Path
) -> None:
    (tmp_path / "kernel" / "packed.ko.xz").write_bytes(b"not xz")
    with pytest.raises(FormatFailure, match="cannot be unpacked"):
        modules.load("packed")
