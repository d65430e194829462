"""A kernel file's facts in words: what it is, how it can be loaded, what it says itself."""

from __future__ import annotations

from kxsh.boot import magic, rdev
from kxsh.boot.kernel import KernelFacts, inspect_kernel, load_rules
from kxsh.record import record
from kxsh.text import size

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO

_HEAD = 0x300


@record
class Report:
    """`defaults` are the words that rdev(8) knew, None where the file has no such header."""

    facts: KernelFacts
    defaults: rdev.Defaults | None

    def lines(self) -> list[tuple[str, str]]:
        """Return (what, value) for people; not yet harmless for a terminal."""
        facts = self.facts
        lines = [("kind", facts.kind), ("size", size(facts.size))]
        lines += [("version", facts.version)] if facts.version else []
        if facts.protocol:
            lines += [
                ("protocol", facts.protocol_name),
                ("machine", facts.machine),
                ("relocatable", "yes" if facts.relocatable else "no"),
                ("cmdline", f"{facts.cmdline_size} bytes at most"),
                ("memory", f"{size(facts.memory)} to unpack itself"),
            ]
        lines.append(("load", self.loading))
        if self.defaults is not None:
            lines += self.defaults.describe()
        return lines

    @property
    def loading(self) -> str:
        """How kexec can load it, and what kexec_file_load says to it."""
        method, reasons = load_rules(self.facts)
        why = "; ".join(reasons)
        if method == "file":
            return "kexec_file_load takes it"
        if method == "tools":
            return f"kexec-tools (kexec_load) takes it; kexec_file_load does not: {why}"
        return f"cannot be loaded: {why}"

    def as_map(self) -> dict[str, object]:
        """Return the facts as a script's map; sizes in bytes."""
        facts = self.facts
        method, reasons = load_rules(facts)
        found: dict[str, object] = {
            "kind": facts.kind,
            "size": facts.size,
            "version": facts.version,
            "protocol": facts.protocol_name,
            "machine": facts.machine,
            "relocatable": facts.relocatable,
            "cmdline-size": facts.cmdline_size,
            "memory": facts.memory,
            "method": method or "",
            "reasons": list(reasons),
        }
        if self.defaults is not None:
            found |= dict(self.defaults.describe())
        return found


def make_report(stream: BinaryIO, length: int) -> Report:
    """Return what the kernel file of `length` bytes is; raises only `IoFailure`."""
    facts = inspect_kernel(stream, length)
    return Report(facts, rdev.read_defaults(magic.read_at(stream, 0, _HEAD)))
