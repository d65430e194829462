"""Devices: names that change, tags that cannot be."""

from __future__ import annotations

import re

from kxsh.checker.constants import Text, constant
from kxsh.errors import Edit, Fix
from kxsh.syntax import ast
from kxsh.text import display
from kxsh.units import Duration, parse_quantity
from kxsh.values import TAGS, misspelt_tag, split_location, split_spec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.arguments import Argument, Call

# Names that the kernel gives in the order in which it meets the disks.
UNSTABLE = re.compile(r"/dev/((?:sd|hd|vd|xvd)[a-z]{1,2}|nvme\d+n\d+|sr\d+)(?:p?(\d+))?$")
# The disk that was booted is often meant by the first name; the others are other disks.
_FIRST = re.compile(r"/dev/(?:(?:sd|hd|vd|xvd)a|nvme0n1p?)\d+")
_UUIDS = (
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",  # ext4, btrfs, GPT...
    r"[0-9a-f]{4}-[0-9a-f]{4}",  # FAT, exFAT
    r"[0-9a-f]{16}",  # NTFS, UDF
    r"[0-9a-f]{32}",  # OCFS2 as older tools print it
    r"\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-\d\d",  # ISO 9660: when it was made
    r"\w{6}(?:-\w{4}){5}-\w{6}",  # LVM
    r"[0-9a-f]{8}(?::[0-9a-f]{8}){3}",  # MD RAID
    r"\d{16,20}",  # ZFS
)
_UUID = re.compile("|".join(_UUIDS), re.IGNORECASE)
_PARTUUID = re.compile(
    rf"(?:{_UUIDS[0]}|[0-9a-f]{{8}}-[0-9a-f]{{2}})(?:/PARTNROFF=-?\d+)?", re.IGNORECASE
)
# filesystem -> (longest label in characters, what it is called)
_LABELS = {
    "vfat": (11, "FAT"),
    "msdos": (11, "FAT"),
    "exfat": (11, "exFAT"),
    "ext2": (16, "ext2"),
    "ext3": (16, "ext3"),
    "ext4": (16, "ext4"),
    "xfs": (12, "XFS"),
    "iso9660": (32, "ISO 9660"),
    "ntfs": (32, "NTFS"),
    "ntfs3": (32, "NTFS"),
}


def check_device(call: Call, argument: Argument) -> None:
    """Check what names a device: KX601 to KX604, KX607; KX606 where it is looked for."""
    value = argument.value
    if not isinstance(value, Text):
        return
    from kxsh.checker.places import check_grub

    if check_tag(call, argument) or check_grub(call, argument, value):
        return
    spec = constant(value)
    if spec is None:
        return
    unstable = UNSTABLE.match(spec)
    if unstable and not call.walker.prompt:
        _unstable(call, argument, value, unstable)
    tag = split_spec(spec)
    if tag is not None:
        check_tag_value(call, value, *tag, fstype=_fstype_of(call))


def check_tag(call: Call, argument: Argument) -> bool:
    """Check what stands before the first `=` of a device or a path on one."""
    value = argument.value
    assert isinstance(value, Text)
    first = value.parts[0] if value.parts else ""
    if not isinstance(first, str):
        return False
    located = split_location(first)
    if argument.parameter.type.name in ("path", "kernel") and located is not None:
        unstable = UNSTABLE.match(located[0])
        if unstable and not call.walker.prompt:
            _unstable(call, argument, value, unstable)
        tag = split_spec(located[0])
        if tag is not None:
            check_tag_value(call, value, *tag)
        return False
    misspelt = misspelt_tag(first)
    if misspelt is None:
        return False
    told = argument.parameter.type.name in ("device", "spec")
    if not (told and isinstance(argument.node, ast.Literal)):  # the types' check has told it
        _misspelt(call, value, *misspelt)
    return True


def _misspelt(call: Call, value: Text, written: str, near: str) -> None:
    call.walker.report.add(
        "KX604",
        f"`{written}` is no tag",
        value.place(written),
        f"did you mean `{near}`? the tags: {', '.join(TAGS)}",
    )


def check_tag_value(call: Call, value: Text, tag: str, text: str, *, fstype: str = "") -> None:
    """Check a label or an identifier: KX602, KX603."""
    report = call.walker.report
    if tag == "UUID" and not _UUID.fullmatch(text):
        help = "`blkid` and `kxsh`'s `devices` show it; FAT has XXXX-XXXX, ext4 8-4-4-4-12 digits"
        report.add("KX603", f"`{display(text)}` is no filesystem's UUID", value.place(text), help)
    elif tag == "PARTUUID" and not _PARTUUID.fullmatch(text):
        help = "GPT has 8-4-4-4-12 hexadecimal digits, MBR XXXXXXXX-NN (disk, partition)"
        report.add("KX603", f"`{display(text)}` is no PARTUUID", value.place(text), help)
    elif tag == "LABEL" and fstype in _LABELS:
        _check_label(call, value, text, fstype)


def _check_label(call: Call, value: Text, text: str, fstype: str) -> None:
    longest, name = _LABELS[fstype]
    place = value.place(text)
    if len(text.encode("utf-8", "surrogateescape")) > longest:
        call.walker.report.add(
            "KX602",
            f"{name} has labels of at most {longest} characters, this one has {len(text)}",
            place,
            f"what was too long was cut when it was made: `{display(text[:longest])}`?",
        )
    elif name == "FAT" and text != text.upper():
        call.walker.report.add(
            "KX602",
            "labels on FAT are in upper case, and are compared to the letter",
            place,
            f"write `{display(text.upper())}`",
        )


def _fstype_of(call: Call) -> str:
    """Return the filesystem type that a call asks for."""
    given = call.argument("type")
    return (constant(given.value) if given else None) or ""


def _unstable(call: Call, argument: Argument, value: Text, found: re.Match[str]) -> None:
    place = value.place(found.group())
    number = found.group(2)
    fix = None
    first = _FIRST.fullmatch(found.group())
    if first and value.span == argument.span and argument.span.text == found.group():
        cure = f"(part ${{esp.disk}} {number})"
        fix = Fix("take the disk that was booted", (Edit(argument.span, cure),), safe=False)
    call.walker.report.add(
        "KX601",
        f"{found.group()} is another disk when the kernel meets the disks in another order",
        place,
        "name it by LABEL=, UUID= or PARTUUID=; on the disk that was booted: "
        f"{f'`part ${{esp.disk}} {number}`' if number else '`${esp.disk}`'}",
        fix=fix,
    )


def check_search(call: Call) -> None:
    """Check that what may still be starting is waited for: KX606."""
    walker = call.walker
    if walker.prompt:
        return
    if call.command == "devices":
        if "removable" in call.given and not walker.around.waits:
            walker.report.add(
                "KX606",
                "a stick may still be starting: this lists only what is there already",
                call.node.span,
                "write `wait LABEL=NAME` or `wait` before it",
            )
        return
    wait = call.argument("wait")
    if wait is not None and not call.handled and _seconds(wait.value) == 0:
        walker.report.add(
            "KX606",
            "a disk that is still starting is not found without waiting for it",
            wait.span,
            "leave `--wait` out (it is 10s then), or handle that it is not there: `?`, `else`",
        )


def _seconds(value: object) -> float | None:
    if isinstance(value, Text) and value.constant is not None:
        value = parse_quantity(value.constant)
    return float(value) if isinstance(value, Duration) else None
