"""Trust: what is fetched without proof, secrets in scripts, writing to what is not ours."""

from __future__ import annotations

from kxsh.checker.constants import Found, Text, constant, device_of
from kxsh.checker.world import describe, resolve
from kxsh.text import display
from kxsh.usage import bad_digest, lock_fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.arguments import Call

# What anybody between here and there can change.
_OPEN = ("http://", "ftp://", "tftp://")
# Filesystems of other systems, which may be hibernated, or which Linux writes badly.
_FOREIGN = {
    "ntfs": "NTFS: Windows may be hibernated or have a fast start pending",
    "ntfs3": "NTFS: Windows may be hibernated or have a fast start pending",
    "hfs": "HFS, a filesystem of macOS",
    "hfsplus": "HFS+, a filesystem of macOS",
    "apfs": "APFS, a filesystem of macOS",
    "ufs": "UFS, a filesystem of BSD",
    "zfs_member": "ZFS, which another system may have in use",
}
_HIBERNATED = "swsuspend"


def check_fetch(call: Call) -> None:
    """KX801: a file over an open line, without the sum that would prove it; KX204: a sum
    that is none."""
    digest = call.argument("sha256")
    wrong = bad_digest(constant(digest.value) or "") if digest is not None else None
    if wrong is not None and digest is not None:
        call.walker.report.add_error(wrong.at(digest.span))
    url = call.argument("url")
    if url is None or "sha256" in call.given or not isinstance(url.value, Text):
        return
    scheme = next((item for item in _OPEN if url.value.sketch("x").startswith(item)), None)
    if scheme is not None:
        call.walker.report.add(
            "KX801",
            f"anybody on the way can change what comes by {scheme}",
            url.span,
            "add `--sha256 SUM` (sha256sum FILE), or fetch it by https://",
        )


def check_passphrase(call: Call) -> None:
    """KX802: a passphrase in the script."""
    given = call.argument("passphrase")
    if given is not None and constant(given.value):
        call.walker.report.add(
            "KX802",
            "whoever reads the script can open this disk",
            given.span,
            "leave it out: it is asked for on the console; or use `--key-file`",
        )


def check_lock(call: Call) -> None:
    """KX204: a hash that is none, perhaps the password itself; KX203: no hash at all."""
    mode = call.argument("mode")
    if mode is None or constant(mode.value) != "password":
        return
    report, given = call.walker.report, call.given.get("hashes", [])
    none = lock_fault((), given=bool(given or "menu" in call.given or not call.complete))
    if none is not None:
        report.add_error(none, call.node.span)
    for argument in given:
        text = constant(argument.value)
        wrong = lock_fault((text,), given=True) if text is not None else None
        if wrong is not None:
            report.add_error(wrong.at(argument.span))


def check_writable(call: Call) -> None:
    """KX804: a writable mount of what another system may have in use."""
    device = call.argument("device")
    if "rw" not in call.given or device is None:
        return
    wanted = device_of(device.value)
    fstype = call.argument("type")
    named = constant(fstype.value) if fstype is not None else ""
    reason = _FOREIGN.get(named or "", "")
    if isinstance(wanted, Found):
        reason = "a search found it: it may belong to a system that is hibernated"
    if not reason and call.walker.facts is not None:
        reason = _seen(call, wanted)
    if reason:
        call.walker.report.add(
            "KX804",
            f"writing may destroy this filesystem: {reason}",
            call.given["rw"][0].span,
            "leave `--rw` out, and keep what has to be written on the ESP or a partition"
            " of your own",
        )


def _seen(call: Call, wanted: object) -> str:
    """Return why a device of the images is not to be written to."""
    facts = call.walker.facts
    found = resolve(facts, wanted) if facts is not None else None
    if facts is None or not found or len(found) != 1:
        return ""
    reason = _FOREIGN.get(found[0].fstype, "")
    asleep = [device for device in facts.devices() if device.fstype == _HIBERNATED]
    if not reason and asleep:
        reason = f"a system is hibernated in {display(describe(asleep[0]))}"
    return reason
