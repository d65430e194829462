"""What the files of a boot are: kernels and initrds by their first bytes, and whether
they fit together. Needs facts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kxsh.boot.cmdline import Cmdline
from kxsh.boot.initrd import inspect_initrd
from kxsh.boot.kernel import KernelFacts, inspect_kernel, load_rules
from kxsh.boot.magic import read_at
from kxsh.boot.signed import is_signed
from kxsh.boot.uki import piece_stream, pieces
from kxsh.checker.world import Place
from kxsh.errors import Failure
from kxsh.text import display

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from kxsh.checker.facts import Facts, InitrdContents

# Modules that show the firmware's framebuffer.
_SCREEN_MODULES = frozenset(("simpledrm", "simplefb", "efifb", "efidrm"))
# Which machines' programs a kernel can run.
_RUNS = {"x86-64": ("x86-64", "i386"), "i386": ("i386",)}
_SCREEN_CONSOLE = re.compile(r"tty\d*$")


def check_files(
    kernel: Place | None, initrds: Sequence[Place], cmdline: str, facts: Facts, what: str = ""
) -> KernelFacts | None:
    """Check a kernel and its initrds, each and together; return what the kernel is.

    `what` begins the findings; `cmdline` is what they are started with, as far as known.
    """
    known = _kernel(kernel, facts, what) if kernel is not None else None
    sound = [place for place in initrds if _initrd(place, facts, what)]
    if kernel is None or known is None:
        return None
    contents = [(place, facts.initrd(place.device, place.path)) for place in sound]
    for place, initrd in contents:
        _check_machine(place, initrd, known, what)
    _check_release(contents, known, what)
    if known.kind == "bzImage":
        modules = frozenset().union(*(initrd.modules for _, initrd in contents))
        _check_screen(kernel, facts, modules, cmdline, what)
    return known


def _kernel(place: Place, facts: Facts, what: str) -> KernelFacts | None:
    """Check a file as a kernel; return what it is, None where it is not one."""
    found = place.stat()
    if found is None or found.kind != "file":
        return None
    try:
        with place.root.open(place.path) as stream:
            known = inspect_kernel(stream, found.size)
            head = read_at(stream, 0, 4096)
            unified = known.kind == "uki"
            if unified:
                known = _inner_kernel(stream, found.size)
    except (Failure, OSError) as error:
        _note_unread(place, facts, error)
        return None
    report = place.call.walker.report
    if known.wrong:
        report.add("KX508", f"{what}{display(place.path)}: {display(known.wrong)}", place.span)
        return None
    way, reasons = load_rules(known)
    if way is None:
        report.add("KX508", f"{what}{display(place.path)}: {'; '.join(reasons)}", place.span)
        return None
    if known.kind == "bzImage" and known.protocol >= 0x0205 and not known.relocatable:
        reasons = (*reasons, "not relocatable: it has to lie where the running kernel may be")
    if reasons:
        report.add(
            "KX509",
            f"{what}kexec_file_load does not take {display(place.path)}: {'; '.join(reasons)}",
            place.span,
            "kexec-tools loads it in the older way; with Secure Boot nothing does",
        )
    elif facts.loader_is_signed() and not is_signed(head):
        report.add(
            "KX803",
            f"{what}{display(place.path)} is not signed, and the loader is made for Secure Boot",
            place.span,
            "with Secure Boot the running kernel loads signed kernels only",
        )
    return None if unified else known  # its initrds and its screen are its own


def _inner_kernel(stream: BinaryIO, size: int) -> KernelFacts:
    """Return what the kernel in a unified kernel image is."""
    for name, piece in pieces("it", size, stream):
        if name.endswith(":.linux"):
            return inspect_kernel(piece_stream(stream, piece), piece.size)
    return KernelFacts("uki", size, "a unified kernel image without a kernel in it")


def _note_unread(place: Place, facts: Facts, error: Failure | OSError) -> None:
    reason = error.message if isinstance(error, Failure) else error.strerror or error
    facts.note(f"{display(place.path)} cannot be read: {reason}")


def _initrd(place: Place, facts: Facts, what: str) -> bool:
    """Check a file as an initrd; return whether it may be one."""
    found = place.stat()
    if found is None or found.kind != "file":
        return False
    try:
        with place.root.open(place.path) as stream:
            known = inspect_initrd(stream, found.size)
    except (Failure, OSError) as error:
        _note_unread(place, facts, error)
        return False
    wrong = known.doubt if known.wrong else facts.initrd(place.device, place.path).damage
    if wrong:
        message = f"{what}{display(place.path)}: {display(wrong)}"
        place.call.walker.report.add("KX508", message, place.span)
    return not wrong


def _check_machine(place: Place, initrd: InitrdContents, kernel: KernelFacts, what: str) -> None:
    """KX508: programs that the kernel cannot run."""
    runs = _RUNS.get(kernel.machine, ())
    if initrd.machine and runs and initrd.machine not in runs:
        place.call.walker.report.add(
            "KX508",
            f"{what}the programs in {display(place.path)} are for {initrd.machine}, the kernel"
            f" is for {kernel.machine}",
            place.span,
        )


def _check_release(
    contents: Sequence[tuple[Place, InitrdContents]], kernel: KernelFacts, what: str
) -> None:
    """KX511: modules, and none of them for this kernel."""
    with_modules = [(place, initrd) for place, initrd in contents if initrd.releases]
    if not with_modules or not kernel.version:
        return
    if any(kernel.version in initrd.releases for _, initrd in with_modules):
        return
    place, initrd = with_modules[0]
    there = ", ".join(map(display, initrd.releases[:4]))
    place.call.walker.report.add(
        "KX511",
        f"{what}the modules in {display(place.path)} are for {there}, the kernel is"
        f" {display(kernel.version)}",
        place.span,
        "none of them can be loaded: take the initrd that was made with this kernel",
    )


def _check_screen(
    kernel: Place, facts: Facts, modules: frozenset[str], cmdline: str, what: str
) -> None:
    """KX512: a kernel that cannot show anything on the screen that it gets."""
    consoles = [word.value or "" for word in Cmdline(cmdline) if word.key == "console"]
    if consoles and not _SCREEN_CONSOLE.match(consoles[-1]):
        return
    drivers = facts.framebuffer_drivers(kernel.device, kernel.path)
    if drivers is None or drivers or modules & _SCREEN_MODULES:
        return
    kernel.call.walker.report.add(
        "KX512",
        f"{what}{display(kernel.path)} has no driver for the screen as EFI leaves it",
        kernel.span,
        "the screen stays dark until a graphics driver starts; a serial console shows more",
    )
