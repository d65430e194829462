"""The firmware that QEMU starts with: OVMF for UEFI, SeaBIOS for BIOS."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kxsh.image import tools

FirmwareKind = Literal["ovmf", "seabios"]

# Where distributions put a build without Secure Boot: code, and the variable store made
# for it. Debian, Debian (small flash), Fedora, Arch, openSUSE.
_OVMF = (
    ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
    ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
    ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
    ("/usr/share/qemu/ovmf-x86_64-code.bin", "/usr/share/qemu/ovmf-x86_64-vars.bin"),
)

# OVMF 2022.11 starts with 192 MiB and does not with 160.
OVMF_LEAST_MEMORY = 192


@dataclass(frozen=True, slots=True)
class Ovmf:
    """A build of OVMF: its code, and the pristine variable store that belongs to it."""

    code: Path
    variables: Path


def find_ovmf() -> Ovmf:
    """Return the installed OVMF. Raises ImageError, naming the package, without one."""
    for code, variables in _OVMF:
        if Path(code).exists() and Path(variables).exists():
            return Ovmf(Path(code), Path(variables))
    return Ovmf(*(tools.require_file(path, "the UEFI firmware") for path in _OVMF[0]))


def arguments(kind: FirmwareKind, folder: Path) -> list[str]:
    """Return QEMU's arguments for `kind`; OVMF's variables are a copy in `folder`.

    A copy, because firmware writes its boot order into them: two runs must not meet.
    """
    if kind == "seabios":
        return []
    ovmf = find_ovmf()
    variables = folder / "variables.fd"
    shutil.copyfile(ovmf.variables, variables)
    return [
        *("-drive", _flash(ovmf.code) + ",readonly=on"),
        *("-drive", _flash(variables)),
    ]


def _flash(path: Path) -> str:
    return f"if=pflash,format=raw,file={quote(path)}"


def quote(path: Path) -> str:
    """Return a path as a value in QEMU's comma-separated options."""
    return str(path).replace(",", ",,")
