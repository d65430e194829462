"""What booting would do: the files, the command line, the memory, the way of loading.

Planning reads the files' first bytes and changes nothing; `load.load` performs a plan.
A rehearsal, the prompt's `plan` and the menu's editor show it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kxsh.boot.cmdline import Cmdline
from kxsh.boot.entry import Entry
from kxsh.boot.initrd import InitrdFacts, inspect_initrd
from kxsh.boot.kernel import KernelFacts, inspect_kernel, load_rules, tool_type
from kxsh.errors import Failure, FormatFailure, IoFailure, NotFound
from kxsh.machine.gone import named
from kxsh.machine.protocol import KernelImage, LoadMethod, Machine, Piece, Root
from kxsh.record import record
from kxsh.text import MIB, display, nearest, size

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO, TypeVar

    _Facts = TypeVar("_Facts", KernelFacts, InitrdFacts)

# What loading takes besides the files: purgatory, page lists, our own buffers.
MARGIN = 8 * MIB
# kexec_file_load keeps this room for a crash kernel's elfcorehdr= whether or not one
# is loaded (MAX_ELFCOREHDR_STR_LEN), and counts the final NUL.
_FILE_RESERVE = 31
# x86 kernels without a header that says (ELF): COMMAND_LINE_SIZE without the NUL.
_CMDLINE_LIMIT = 2047
# Where the second column of a plan's lines begins.
PLAN_COLUMN = 9
# Files of a folder that are named where one was not found.
_SHOWN = 6


@record
class Plan:
    """A boot that was checked. Paths as given, memory in bytes (0: unknown).

    `reasons` say why kexec_file_load is not the way, `notes` what is odd.
    """

    kernel: str
    facts: KernelFacts
    initrds: tuple[tuple[str, InitrdFacts], ...]
    cmdline: str
    method: LoadMethod
    dtb: str = ""
    modules: tuple[str, ...] = ()
    fallback: bool = True
    memory_needed: int = 0
    memory_available: int = 0
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    pieces: tuple[tuple[str, Piece], ...] = ()

    @property
    def image(self) -> KernelImage:
        """The plan as `Machine.load_kernel` takes it."""
        return KernelImage(
            self.kernel,
            tuple(path for path, _ in self.initrds),
            self.cmdline,
            self.method,
            self.fallback,
            self.dtb,
            self.modules,
            tool_type(self.facts),
            self.pieces,
        )

    @property
    def entry(self) -> Entry:
        """The plan as an entry: its files and its command line."""
        # The parts of a unified kernel image are no files; the whole of it is.
        whole = self.pieces[0][1].path if self.pieces else self.kernel
        parts = [name for name, _ in self.pieces]
        initrds = tuple(path for path, _ in self.initrds if path not in parts)
        return Entry("", whole, whole, initrds, self.cmdline, modules=self.modules, dtb=self.dtb)

    def argv(self) -> list[str]:
        """Return the equal `kexec` command (which takes one initrd; more are joined)."""
        way = "--kexec-file-syscall" if self.method == "file" else "--kexec-syscall"
        kind = tool_type(self.facts)
        words = ["kexec", way, *([f"--type={kind}"] if kind else []), "--load", self.kernel]
        if self.initrds:
            words.append("--initrd=" + ",".join(path for path, _ in self.initrds))
        words += [f"--dtb={self.dtb}"] if self.dtb else []
        words += [f"--module={module}" for module in self.modules]
        return [*words, f"--command-line={self.cmdline}"]

    def describe(self) -> str:
        """Return the plan in lines for people, harmless for a terminal."""
        import shlex

        facts = self.facts
        about = [facts.kind, f"protocol {facts.protocol_name}" if facts.protocol else ""]
        about += [facts.version, size(facts.size)]
        lines = [f"kernel   {self.kernel}  ({', '.join(filter(None, about))})"]
        lines += [
            f"initrd   {path}  ({found.kind}, {size(found.size)})" for path, found in self.initrds
        ]
        lines += [f"dtb      {self.dtb}"] if self.dtb else []
        lines += [f"module   {module}" for module in self.modules]
        length = Cmdline(self.cmdline).byte_length
        lines.append(f"cmdline  {self.cmdline}")
        lines.append(f"         ({length} of {cmdline_limit(facts)} bytes)")
        available = size(self.memory_available) if self.memory_available else "unknown"
        lines.append(f"memory   {size(self.memory_needed)} needed, {available} available")
        by = "kexec_file_load" if self.method == "file" else "kexec-tools (kexec_load)"
        lines.append(f"load     {by}" + "".join(f"; {reason}" for reason in self.reasons))
        lines += [f"note     {note}" for note in self.notes]
        lines.append(f"equal to {shlex.join(self.argv())}")
        return "\n".join(display(line, 4000) for line in lines)

    def as_json(self, digest: Callable[[str], str]) -> dict[str, object]:
        """Return the plan's JSON; `digest` gives a file's SHA-256 by its path."""
        return {
            "kernel": {
                "path": self.kernel,
                "sha256": digest(self.kernel),
                "kind": self.facts.kind,
                "version": self.facts.version,
            },
            "initrds": [
                {"path": path, "sha256": digest(path), "kind": found.kind}
                for path, found in self.initrds
            ],
            "dtb": self.dtb,
            "modules": list(self.modules),
            "cmdline": self.cmdline,
            "load": self.method,
        }


def make_plan(
    machine: Machine,
    kernel: str,
    initrds: Sequence[str] = (),
    cmdline: str = "",
    dtb: str = "",
    modules: Sequence[str] = (),
    method: LoadMethod | None = None,
) -> Plan:
    """Return the plan to boot `kernel`; `method` None picks the way of loading.

    Raises `NotFound` for a missing file, `FormatFailure` for a file or command line
    that cannot work (naming the rule), `IoFailure` for too little memory.
    """
    facts = _inspect(machine, kernel, "kernel", inspect_kernel)
    parts: dict[str, Piece] = {}
    if facts.kind == "uki":
        parts = _take_apart(machine, kernel)
        kernel, *embedded = parts
        initrds = (*embedded, *initrds)
        facts = _inspect(machine, kernel, "kernel", inspect_kernel, parts)
    way, reasons = load_rules(facts)
    if way is None:
        raise FormatFailure(f"{kernel}: {'; '.join(reasons)}", hint=_kernel_hint(facts))
    found = tuple(
        (path, _inspect(machine, path, "initrd", inspect_initrd, parts)) for path in initrds
    )
    for path, initrd in found:
        if initrd.wrong:
            raise FormatFailure(f"{path}: {initrd.doubt}")
    files = [module.partition(" ")[0] for module in modules]  # arguments follow the path
    for path in (*files, *([dtb] if dtb else [])):
        _locate(machine, path, "device tree" if path == dtb else "module")
    line = Cmdline.parse(cmdline)
    too_long = _check_cmdline(line, facts, kernel)
    if too_long and way == "file":
        way, reasons = "tools", (*reasons, too_long)
    if method == "file" and way == "tools":
        raise FormatFailure(f"{kernel}: kexec_file_load cannot take it: {'; '.join(reasons)}")
    needed = memory_needed(facts, [initrd for _, initrd in found])
    available = machine.memory_available()
    _check_memory(needed, available, kernel)
    return Plan(
        kernel,
        facts,
        found,
        str(line),
        method or way,
        dtb,
        tuple(modules),
        fallback=method is None,
        memory_needed=needed,
        memory_available=available,
        reasons=reasons,
        notes=_notes(line, facts, found),
        pieces=tuple(parts.items()),
    )


def memory_needed(kernel: KernelFacts, initrds: Sequence[InitrdFacts]) -> int:
    """Return the bytes that must be free: while loading each file is there twice,
    then the kernel unpacks itself beside its initrds."""
    files = sum(initrd.size for initrd in initrds)
    return max(2 * (kernel.size + files), kernel.memory + files) + MARGIN


def cmdline_limit(kernel: KernelFacts) -> int:
    """Return how many bytes of command line the kernel takes."""
    return min(kernel.cmdline_size or _CMDLINE_LIMIT, _CMDLINE_LIMIT)


def _check_cmdline(line: Cmdline, facts: KernelFacts, kernel: str) -> str:
    """Return why kexec_file_load would refuse the length (empty: it would not)."""
    length, limit = line.byte_length, cmdline_limit(facts)
    if length > limit:
        twice = line.duplicates()
        hint = f"given more than once: {', '.join(twice)}" if twice else "drop what is not needed"
        raise FormatFailure(
            f"the command line has {length} bytes, {kernel} takes {limit}", hint=hint
        )
    if facts.cmdline_size and length + _FILE_RESERVE > facts.cmdline_size:
        return f"kexec_file_load takes {facts.cmdline_size - _FILE_RESERVE} bytes of command line"
    return ""


def _check_memory(needed: int, available: int, kernel: str) -> None:
    if 0 < available < needed:
        short = -(-(needed - available) // MIB)
        raise IoFailure(
            f"not enough memory for {kernel} and its initrds: {size(needed)} needed, "
            f"{size(available)} available, {short} MiB short",
            hint="unmount what is not needed, or give the machine more memory",
        )


def _notes(
    line: Cmdline, facts: KernelFacts, initrds: tuple[tuple[str, InitrdFacts], ...]
) -> tuple[str, ...]:
    notes = [f"{path}: {initrd.doubt}" for path, initrd in initrds if initrd.doubt]
    if facts.multiboot or facts.xen:
        notes.append("a Multiboot or Xen kernel: experimental")
    if not facts.is_64bit and facts.kind == "bzImage":
        notes.append("a 32-bit kernel")
    notes += [f"{key}= is given more than once" for key in line.duplicates()]
    return tuple(notes)


def _kernel_hint(facts: KernelFacts) -> str:
    if facts.kind == "pe":
        return "only the firmware can start it: `firmware` opens its set-up"
    if facts.kind == "text":
        return "a boot menu's entry is loaded so: `load (isolinux-entry FILE)`"
    return ""


def _inspect(
    machine: Machine,
    path: str,
    what: str,
    look: Callable[[BinaryIO, int], _Facts],
    parts: Mapping[str, Piece] = {},
) -> _Facts:
    piece = parts.get(path)
    root, inner, length = _locate(machine, piece.path if piece else path, what)
    with root.open(inner) as stream:
        try:
            if piece is not None:
                from kxsh.boot.uki import piece_stream

                return look(piece_stream(stream, piece), piece.size)
            return look(stream, length)
        except Failure as failure:
            failure.message = f"{path}: {failure.message}"
            raise


def _take_apart(machine: Machine, path: str) -> dict[str, Piece]:
    """Return the parts of a unified kernel image by name, its kernel first."""
    from kxsh.boot.uki import pieces

    root, inner, length = _locate(machine, path, "kernel")
    with root.open(inner) as stream:
        found = dict(pieces(path, length, stream))
    if f"{path}:.linux" not in found:
        raise FormatFailure(f"{path}: a unified kernel image without a kernel in it")
    return found


def _locate(machine: Machine, path: str, what: str) -> tuple[Root, str, int]:
    """Return a file's root, its path there and its size."""
    root, inner = machine.locate(path)
    facts = root.stat(inner)
    if facts is None:
        raise NotFound(f"{what} not found: {path}", hint=_near(machine, root, path, inner))
    if facts.kind != "file":
        raise FormatFailure(f"{what} is not a regular file: {path} ({facts.kind})")
    return root, inner, facts.size


def _near(machine: Machine, root: Root, path: str, inner: str) -> str:
    """Return the name that was meant, else what is there, and which disk that is."""
    folder, _, name = inner.rstrip("/").rpartition("/")
    try:
        names = root.list(folder or "/")
    except Failure:
        return f"the folder {path.rpartition('/')[0] or '/'} is not there either"
    near = nearest(name, names[:2000])
    if near:
        return f"did you mean {path.rpartition('/')[0]}/{near}?"
    for mount in machine.mounts():
        if path.startswith(f"{mount.path}/") and mount.path != "/":
            return f"{_beside(name, names)}{mount.path} is {named(mount.device)}"
    return ""


def _beside(name: str, names: list[str]) -> str:
    """Return a line with the files of a folder, those with the ending of `name` alone."""
    alike = [one for one in names if "." in name and one.endswith(name[name.rindex(".") :])]
    shown = alike or sorted(names)
    more = ", ..." if len(shown) > _SHOWN else ""
    return f"in that folder: {', '.join(shown[:_SHOWN])}{more}\n" if shown else ""
