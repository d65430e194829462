"""What a kernel image says for want of a command line: root device, video mode and the like.

These are the words before the boot sector's end that rdev(8) and its other names
(swapdev, ramsize, vidmode, rootflags) showed and set; the kernel still minds those of the
root device, its flags and the RAM disk. Sources: Documentation/arch/x86/boot.rst (the
real-mode kernel header), rdev(8), the BootPrompt-HOWTO.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from kxsh.record import record, replace

# Offsets of the words in the first sector.
_ROOT_FLAGS, _SWAP, _RAM_DISK, _VIDEO, _ROOT = 0x1F2, 0x1F6, 0x1F8, 0x1FA, 0x1FC
_PROTOCOL_WITHOUT_SWAP = 0x0204  # the word is the upper half of syssize since then
_START_MASK, _LOAD, _PROMPT = 0x07FF, 0x4000, 0x8000
_VIDEO_NAMES = {0xFFFF: "normal", 0xFFFE: "extended", 0xFFFD: "ask"}
_HEAD = 0x220
# Block devices by their major numbers: (major, name, minors of a disk, the first disk's
# letter from 0, disks); without disks they are numbered.
_MAJORS = (
    (8, "sd", 16, 0, 16),
    *((64 + group, "sd", 16, 16 * group, 16) for group in range(1, 8)),
    (3, "hd", 64, 0, 2),
    (22, "hd", 64, 2, 2),
    (33, "hd", 64, 4, 2),
    (34, "hd", 64, 6, 2),
    (1, "ram", 1, 0, 0),
    (2, "fd", 1, 0, 0),
    (7, "loop", 1, 0, 0),
    (9, "md", 1, 0, 0),
    (11, "sr", 1, 0, 0),
)
_NFS = 0x00FF


@record
class Defaults:
    """The words of a header. `root` and `swap` are device numbers (major in the upper
    byte; 0: none), `swap` None where the header has none."""

    root: int = 0
    read_only: int = 0
    ram_disk: int = 0
    video: int = 0xFFFF
    swap: int | None = None

    def describe(self) -> list[tuple[str, str]]:
        """Return (what, value) lines for people."""
        lines = [
            ("root", device_name(self.root) if self.root else "none"),
            ("rootflags", f"{'ro' if self.read_only else 'rw'} ({self.read_only})"),
            ("vidmode", video_name(self.video)),
            ("ramsize", ram_disk_text(self.ram_disk)),
        ]
        if self.swap is not None:
            lines.append(("swap", device_name(self.swap) if self.swap else "none"))
        return lines


def read_defaults(head: bytes) -> Defaults | None:
    """Return the words of a kernel's first bytes, None where it has no Linux header."""
    if len(head) < _HEAD or head[0x202:0x206] != b"HdrS" or head[0x1FE:0x200] != b"\x55\xaa":
        return None

    def word(offset: int) -> int:
        return int(struct.unpack_from("<H", head, offset)[0])

    swap = word(_SWAP) if word(0x206) < _PROTOCOL_WITHOUT_SWAP else None
    return Defaults(word(_ROOT), word(_ROOT_FLAGS), word(_RAM_DISK), word(_VIDEO), swap)


def with_settings(defaults: Defaults, settings: Sequence[str]) -> Defaults:
    """Return the words after ``root=/dev/sda1``, ``rootflags=ro``, ``vidmode=ask``... ;
    `ValueError` says what is wrong with one."""
    for setting in settings:
        name, equals, value = setting.partition("=")
        key = _NAMES.get(name)
        if key is None:
            known = ", ".join(dict.fromkeys(_NAMES.values()))
            raise ValueError(f"{name}: not a word of a kernel's header; it has {known}")
        if not equals and name not in ("ro", "rw"):
            raise ValueError(f"{name}: needs a value, {name}=...")
        if key == "swap" and defaults.swap is None:
            raise ValueError("swap: headers since boot protocol 2.04 have no room for it")
        defaults = replace(defaults, **{_FIELDS[key]: _PARSERS[key](value or name)})
    return defaults


def write_defaults(data: bytes, defaults: Defaults) -> bytes:
    """Return a kernel image with its words changed, and its checksum made to fit again."""
    valid = _checksum_at(data)
    changed = bytearray(data)
    struct.pack_into("<H", changed, _ROOT, defaults.root)
    struct.pack_into("<H", changed, _ROOT_FLAGS, defaults.read_only)
    struct.pack_into("<H", changed, _RAM_DISK, defaults.ram_disk)
    struct.pack_into("<H", changed, _VIDEO, defaults.video)
    if defaults.swap is not None:
        struct.pack_into("<H", changed, _SWAP, defaults.swap)
    if valid:
        struct.pack_into("<I", changed, valid, _crc(bytes(changed[:valid])))
    return bytes(changed)


def device_name(number: int) -> str:
    """Return ``/dev/sda1 (8:1)`` for a device number, the numbers where it has no name."""
    major, minor = number >> 8, number & 255
    numbers = f"{major}:{minor}"
    if number == _NFS:
        return f"/dev/nfs ({numbers})"
    for known, name, step, first, disks in _MAJORS:
        if known == major and not disks:
            return f"/dev/{name}{minor} ({numbers})"
        if known == major and minor // step < disks:
            letter = _letters(first + minor // step)
            return f"/dev/{name}{letter}{minor % step or ''} ({numbers})"
    return numbers


def device_number(text: str) -> int:
    """Return the number of ``/dev/sda1``, ``8:1`` or ``0x801``; `ValueError`."""
    major, colon, minor = text.partition(":")
    if colon and major.isdigit() and minor.isdigit() and len(text) < 9:
        number = (int(major), int(minor))
        if max(number) < 256:
            return number[0] << 8 | number[1]
    elif text.lower().startswith("0x") and len(text) <= 6:
        return int(text, 16)
    elif text in ("none", "0"):
        return 0
    for number_of in range(1, 0x4800):
        name = device_name(number_of)
        if name.startswith(f"{text} (") or name.startswith(f"/dev/{text} ("):
            return number_of
    raise ValueError(f"{text}: no device that a header can name; write it as MAJOR:MINOR")


def video_name(mode: int) -> str:
    return f"{_VIDEO_NAMES[mode]} ({mode - 0x10000})" if mode in _VIDEO_NAMES else f"0x{mode:x}"


def ram_disk_text(word: int) -> str:
    """Return the RAM disk word: the kernel loads an image from the root device into it."""
    if not word & (_LOAD | _PROMPT):
        return f"{word} (no RAM disk is loaded)" if word else "0"
    asked = ", after a prompt" if word & _PROMPT else ""
    return f"{word} (loaded from block {word & _START_MASK}{asked})"


def _video_mode(text: str) -> int:
    names = {name: mode for mode, name in _VIDEO_NAMES.items()} | {"ext": 0xFFFE}
    if text.lower() in names:
        return names[text.lower()]
    return _word(text)


def _read_only(text: str) -> int:
    return {"ro": 1, "rw": 0}[text] if text in ("ro", "rw") else _word(text)


def _word(text: str) -> int:
    try:
        found = int(text, 0)
    except ValueError:
        found = 0x10000
    if not -0x8000 <= found < 0x10000 or len(text) > 8:
        raise ValueError(f"{text}: not a number from 0 to 65535")
    return found & 0xFFFF


def _letters(index: int) -> str:
    return ("" if index < 26 else chr(96 + index // 26)) + chr(97 + index % 26)


def _checksum_at(data: bytes) -> int:
    """Return where the image's own checksum stands, 0 where it has none that is right.

    From protocol 2.08 on it is the last word of what the header counts as the kernel;
    kernels of late leave it out.
    """
    if int(struct.unpack_from("<H", data, 0x206)[0]) < 0x0208:
        return 0
    size = int(struct.unpack_from("<I", data, 0x1F4)[0]) * 16
    at = ((data[0x1F1] or 4) + 1) * 512 + size - 4
    if not _HEAD < at <= len(data) - 4:
        return 0
    stored = int(struct.unpack_from("<I", data, at)[0])
    return at if stored == _crc(data[:at]) else 0


def _crc(data: bytes) -> int:
    from binascii import crc32

    return crc32(data) ^ 0xFFFFFFFF


_NAMES = {
    "root": "root",
    "rootdev": "root",
    "rootflags": "rootflags",
    "ro": "rootflags",
    "rw": "rootflags",
    "ramsize": "ramsize",
    "ramdisk": "ramsize",
    "vidmode": "vidmode",
    "vga": "vidmode",
    "swap": "swap",
    "swapdev": "swap",
}
_FIELDS = {
    "root": "root",
    "rootflags": "read_only",
    "ramsize": "ram_disk",
    "vidmode": "video",
    "swap": "swap",
}
_PARSERS = {
    "root": device_number,
    "rootflags": _read_only,
    "ramsize": _word,
    "vidmode": _video_mode,
    "swap": device_number,
}
