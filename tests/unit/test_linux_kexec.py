"""Which path loads a kernel, and what each refusal says; the system call is a stand-in."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pytest

from kxsh.errors import Denied, FormatFailure, IoFailure, NotFound
from kxsh.machine.linux import kexec as kexec_
from kxsh.machine.linux import syscalls
from kxsh.machine.linux.kmsg import KernelLog
from kxsh.machine.protocol import Completed, KernelImage, Piece


class Kernel:
    """kexec_file_load(2) that fails with each of `errors` in turn, then works."""

    def __init__(self, *errors: int) -> None:
        self.errors = list(errors)
        self.cmdline = b""
        self.kernel = b""
        self.initrd: bytes | None = None

    def load(self, kernel: int, initrd: int, cmdline: bytes, flags: int) -> None:
        if self.errors:
            number = self.errors.pop(0)
            raise OSError(number, os.strerror(number))
        self.cmdline = cmdline
        self.kernel = os.pread(kernel, 100, 0)
        assert (initrd < 0) == bool(flags & syscalls.KEXEC_FILE_NO_INITRAMFS)
        if initrd >= 0:
            self.initrd = os.pread(initrd, 100, 0)


class Tools:
    def __init__(self, status: int = 0) -> None:
        self.status = status
        self.argv: list[str] = []

    def run(self, argv: Sequence[str], timeout: float, descriptors: Sequence[int]) -> Completed:
        self.argv = [word.split("/proc/self/fd/")[0] + "FD" * ("/fd/" in word) for word in argv]
        return Completed(self.status, "Cannot determine the file type\n" if self.status else "")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "vmlinuz").write_bytes(b"kernel")
    (tmp_path / "a").write_bytes(b"initrd-a")
    (tmp_path / "b").write_bytes(b"initrd-b1")
    return tmp_path


def loader(
    monkeypatch: pytest.MonkeyPatch, files: Path, kernel: Kernel, tools: Tools
) -> kexec_.Kexec:
    monkeypatch.setattr(syscalls, "kexec_file_load", kernel.load)
    monkeypatch.setattr(kexec_, "_RETRY_PAUSE", 0.0)

    def open_file(path: str) -> BinaryIO:
        if not (files / path).exists():
            raise NotFound(f"{path} is not there")
        return io.open(files / path, "rb")  # noqa: UP020

    return kexec_.Kexec(KernelLog(str(files / "kmsg")), open_file, tools.run)


def test_by_file(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    kernel = Kernel()
    kexec = loader(monkeypatch, files, kernel, Tools())
    assert kexec.load(KernelImage("vmlinuz", ("a",), "x=1  y=\udcff")) == "file"
    assert (kernel.cmdline, kernel.initrd) == (b"x=1  y=\xff", b"initrd-a")
    kexec.load(KernelImage("vmlinuz", ("b", "a"), ""))
    assert kernel.initrd == b"initrd-b1\0\0\0initrd-a"


def test_pieces_of_a_file(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    (files / "uki").write_bytes(b"....kernel..first.second")
    pieces = (
        ("uki:.linux", Piece("uki", 4, 6)),
        ("uki:.ucode", Piece("uki", 12, 5)),
        ("uki:.initrd", Piece("uki", 18, 6)),
    )
    kernel = Kernel()
    kexec = loader(monkeypatch, files, kernel, Tools())
    names = ("uki:.ucode", "uki:.initrd", "a")
    kexec.load(KernelImage("uki:.linux", names[:1], "", pieces=pieces))
    assert (kernel.kernel, kernel.initrd) == (b"kernel", b"first")
    kexec.load(KernelImage("uki:.linux", names, "", pieces=pieces))
    assert kernel.initrd == b"first\0\0\0second\0\0initrd-a"
    image = KernelImage("uki:.linux", (), "", pieces=(("uki:.linux", Piece("uki", 4, 99)),))
    with pytest.raises(IoFailure, match=r"taking uki:\.linux into memory"):
        kexec.load(image)


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOEXEC, errno.EINVAL, errno.EOPNOTSUPP])
def test_the_tools_where_they_help(
    monkeypatch: pytest.MonkeyPatch, files: Path, number: int
) -> None:
    tools = Tools()
    kexec = loader(monkeypatch, files, Kernel(number), tools)
    image = KernelImage("vmlinuz", ("a",), 'a "b"  c', tool_type="bzImage")
    assert kexec.load(image) == "tools"
    assert tools.argv == [
        "kexec",
        "--load",
        "--kexec-syscall",
        '--command-line=a "b"  c',
        "--type=bzImage",
        "--initrd=FD",
        "FD",
    ]


@pytest.mark.parametrize(
    "number", [errno.EPERM, errno.EACCES, errno.EKEYREJECTED, errno.ENODATA, errno.ENOKEY]
)
def test_never_after_a_refusal(monkeypatch: pytest.MonkeyPatch, files: Path, number: int) -> None:
    tools = Tools()
    with pytest.raises(Denied, match="vmlinuz was refused") as caught:
        loader(monkeypatch, files, Kernel(number), tools).load(KernelImage("vmlinuz", (), ""))
    assert tools.argv == [] and caught.value.hint and caught.value.errno == number


def test_what_passes_is_tried_again(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    image = KernelImage("vmlinuz", (), "")
    assert loader(monkeypatch, files, Kernel(errno.EBUSY), Tools()).load(image) == "file"
    with pytest.raises(IoFailure) as caught:
        loader(monkeypatch, files, Kernel(errno.EIO, errno.EBUSY), Tools()).load(image)
    assert [line.split()[1] for line in caught.value.tried] == ["EIO", "EBUSY"]
    kernel = Kernel(errno.ENOMEM, errno.EIO)
    with pytest.raises(IoFailure, match="no room in memory"):
        loader(monkeypatch, files, kernel, Tools()).load(image)
    assert kernel.errors == [errno.EIO]


def test_both_fail(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    image = KernelImage("vmlinuz", (), "")
    with pytest.raises(FormatFailure, match="Cannot determine the file type") as caught:
        loader(monkeypatch, files, Kernel(errno.ENOEXEC), Tools(255)).load(image)
    assert len(caught.value.tried) == 2
    image = KernelImage("vmlinuz", (), "", fallback=False)
    with pytest.raises(FormatFailure, match="does not take this file"):
        loader(monkeypatch, files, Kernel(errno.ENOEXEC), Tools()).load(image)


def test_modules_and_device_trees_go_by_the_tools(
    monkeypatch: pytest.MonkeyPatch, files: Path
) -> None:
    tools = Tools()
    kexec = loader(monkeypatch, files, Kernel(), tools)
    assert kexec.load(KernelImage("vmlinuz", (), "", dtb="a", modules=("b one two",))) == "tools"
    assert "--dtb=FD" in tools.argv


def test_no_text(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    kexec = loader(monkeypatch, files, Kernel(), Tools())
    for cmdline in ("a\0b", "\ud800"):
        with pytest.raises(FormatFailure, match="command line"):
            kexec.load(KernelImage("vmlinuz", (), cmdline))
    with pytest.raises(NotFound):
        kexec.load(KernelImage("vmlinux", (), ""))
