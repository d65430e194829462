"""The programs and files of the helper PC: found, run, and named when missing.

The only module under ``kxsh.image`` that starts programs. Everything that a Debian
package brings is looked up here, so that what is missing is reported with the package
that has it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from kxsh.errors import KxshError, TimedOut
from kxsh.text import display, duration


class ImageError(KxshError):
    """Building, reading or trying an image failed on the helper PC."""

    code = "KX900"


# program -> the Debian package that has it
PACKAGES = {
    "busybox": "busybox-static",
    "cryptsetup": "cryptsetup-bin",
    "debugfs": "e2fsprogs",
    "dpkg-query": "dpkg",
    "extlinux": "extlinux",
    "fsck.vfat": "dosfstools",
    "grub-emu": "grub-emu",
    "grub-fstest": "grub-common",
    "kexec": "kexec-tools",
    "loadkeys": "kbd",
    "lvm": "lvm2",
    "mcopy": "mtools",
    "mdadm": "mdadm",
    "mdel": "mtools",
    "mdir": "mtools",
    "mke2fs": "e2fsprogs",
    "mkfs.btrfs": "btrfs-progs",
    "mkfs.vfat": "dosfstools",
    "mkfs.xfs": "xfsprogs",
    "mksquashfs": "squashfs-tools",
    "mmd": "mtools",
    "mtype": "mtools",
    "objdump": "binutils",
    "qemu-img": "qemu-utils",
    "qemu-system-x86_64": "qemu-system-x86",
    "rdsquashfs": "squashfs-tools-ng",
    "sfdisk": "fdisk",
    "sgdisk": "gdisk",
    "syslinux": "syslinux",
    "xorriso": "xorriso",
    "zstd": "zstd",
}

# file (or the start of its path, for a directory) -> the Debian package that has it
FILES = {
    "/etc/ssl/certs/ca-certificates.crt": "ca-certificates",
    "/usr/lib/systemd/boot/efi": "systemd-boot-efi",
    "/usr/share/keymaps": "console-data",
    "/usr/share/OVMF/OVMF_CODE.fd": "ovmf",
    "/usr/share/OVMF/OVMF_CODE_4M.fd": "ovmf",
    "/usr/share/OVMF/OVMF_VARS.fd": "ovmf",
    "/usr/share/OVMF/OVMF_VARS_4M.fd": "ovmf",
    "/usr/share/OVMF": "ovmf",
    "/usr/share/ovmf": "ovmf",
    "/usr/share/seabios": "seabios",
    "/usr/lib/ISOLINUX": "isolinux",
    "/usr/lib/syslinux": "syslinux-common",
    "/usr/lib/EXTLINUX": "extlinux",
    "/usr/lib/debian-installer": "debian-installer-12-netboot-amd64",
    "/boot/vmlinuz": "linux-image-amd64",
    "/lib/modules": "linux-image-amd64",
}

_SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin")
_SHOWN_LINES = 4


def which(program: str) -> str | None:
    """Return the path of `program`, from PATH or the system's own folders, or None."""
    folders = [f for f in os.environ.get("PATH", "").split(os.pathsep) if f]
    folders += [f for f in _SYSTEM_FOLDERS if f not in folders]
    return shutil.which(program, path=os.pathsep.join(folders))


def require(program: str) -> str:
    """Return the path of `program`.

    Raises ImageError, naming the Debian package, when it is not installed.
    """
    found = which(program)
    if found is None:
        raise ImageError(f"the program {program} is not installed", hint=install_hint(program))
    return found


def require_file(path: str | Path, purpose: str = "") -> Path:
    """Return `path` when it exists.

    Raises ImageError, naming the Debian package, when it does not. `purpose` says what
    the file is for: ``the UEFI stub``.
    """
    path = Path(path)
    if not path.exists():
        name = f"{purpose} {path}" if purpose else str(path)
        raise ImageError(f"{name} is not there", hint=install_hint(str(path)))
    return path


def package_of(name: str) -> str | None:
    """Return the Debian package that brings a program or a file, or None."""
    if name in PACKAGES:
        return PACKAGES[name]
    owners = [prefix for prefix in FILES if name.startswith(prefix)]
    return FILES[max(owners, key=len)] if owners else None


def install_hint(*names: str) -> str:
    """Return ``apt install a b`` for the packages that bring `names`; empty if unknown."""
    packages = sorted({package for name in names if (package := package_of(name))})
    return f"install the Debian package: apt install {' '.join(packages)}" if packages else ""


def run(
    argv: Sequence[object],
    *,
    input: bytes | None = None,
    cwd: str | Path | None = None,
    timeout: float = 120.0,
    ok: Collection[int] = (0,),
    env: Mapping[str, str] | None = None,
) -> bytes:
    """Run a program to its end; return what it wrote to standard output.

    `argv[0]` is looked up with `require`. Standard input is `input`, or empty. `ok` are
    the exit codes that mean success; `env` is added to the environment.
    Raises ImageError with the last lines of standard error, or TimedOut after `timeout`
    seconds (the program is killed).
    """
    name = Path(str(argv[0])).name
    command = [require(str(argv[0])), *map(str, argv[1:])]
    try:
        done = subprocess.run(
            command,
            input=b"" if input is None else input,
            capture_output=True,
            cwd=cwd,
            timeout=timeout,
            env=_environment(env),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimedOut(f"{name} did not end within {duration(timeout)}") from error
    except OSError as error:
        raise ImageError(f"{name} could not be started: {error.strerror or error}") from error
    if done.returncode not in ok:
        raise ImageError(f"{name} failed ({_outcome(done.returncode)}){_last_lines(done.stderr)}")
    return done.stdout


def start(
    argv: Sequence[object],
    *,
    stdin: int | None = subprocess.DEVNULL,
    stdout: int | None = subprocess.DEVNULL,
    stderr: int | None = subprocess.PIPE,
    cwd: str | Path | None = None,
    env: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a long-lived program (QEMU) and return its process; the caller ends it.

    Raises ImageError when it is not installed or cannot be started.
    """
    command = [require(str(argv[0])), *map(str, argv[1:])]
    try:
        return subprocess.Popen(
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=cwd,
            env=_environment(env),
            pass_fds=pass_fds,
        )
    except OSError as error:
        cause = error.strerror or error
        raise ImageError(f"{Path(str(argv[0])).name} could not be started: {cause}") from error


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    # Messages are matched and shown: the same words on every machine.
    return {**os.environ, "LC_ALL": "C", **(extra or {})}


def _outcome(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by signal {-code}"


def _last_lines(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines()]
    shown = [display(line) for line in lines if line][-_SHOWN_LINES:]
    return ": " + "; ".join(shown) if shown else ""
