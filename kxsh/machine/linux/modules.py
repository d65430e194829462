"""Loading kernel modules: modules.dep, modules.alias and finit_module(2), no modprobe.

File formats: modules.dep(5), depmod(8). ``-`` and ``_`` are equal in names.
"""

from __future__ import annotations

import errno
import os

from kxsh.errors import Denied, Failure, FormatFailure, IoFailure, NotFound, errno_name
from kxsh.machine.linux import syscalls
from kxsh.machine.linux.kmsg import KernelLog
from kxsh.text import display, nearest

_LOG_LINES = 10
_MODULE_LIMIT = 64 << 20
_POLICY = {errno.EPERM, errno.EACCES, errno.EKEYREJECTED, errno.ENOKEY, errno.ENODATA}


class Modules:
    """The modules of the running kernel, below `base` (``/lib/modules/<release>``)."""

    def __init__(self, log: KernelLog, base: str = "", loaded: str = "/proc/modules") -> None:
        self._log = log
        self._base = base or f"/lib/modules/{os.uname().release}"
        self._loaded = loaded
        self._files: dict[str, tuple[str, list[str]]] | None = None
        self._built_in: set[str] | None = None
        self._soft: dict[str, list[str]] | None = None

    def load(self, name: str, arguments: str = "") -> None:
        """Load a module (or what an alias such as ``fs-vfat`` stands for), dependencies first."""
        wanted = _normal(name)
        if wanted in self._now_loaded() or wanted in self._in_kernel():
            _set_parameters(wanted, arguments)
            return
        names = self._resolve(name)
        if not names:
            raise self._missing(name)
        for found in names:
            self._load_with_needs(found, arguments)

    def has(self, name: str) -> bool:
        """Tell whether a module or an alias is there: loaded, built in, or to be loaded."""
        wanted = _normal(name)
        there = wanted in self._now_loaded() or wanted in self._in_kernel()
        return there or bool(self._resolve(name))

    def load_any(self, *names: str) -> bool:
        """Load what there is of some modules or aliases; return whether that was any.

        For guesses: what is not there or does not load is passed over.
        """
        loaded = False
        for name in names:
            for found in self._resolve(name):
                try:
                    loaded = self._load_with_needs(found, "") or loaded
                except Failure:
                    continue
        return loaded

    def _load_with_needs(self, name: str, arguments: str) -> bool:
        """Load a module after what it depends on; return whether anything was loaded."""
        loaded = self._now_loaded()
        before = len(loaded)
        for module in self._chain(name):
            for soft in self._soft_needs().get(module, ()):
                self._load_soft(soft, loaded)
            if module not in loaded:
                self._insert(module, arguments if module == name else "")
                loaded.add(module)
        return len(loaded) > before

    def _load_soft(self, name: str, loaded: set[str]) -> None:
        """Load what another module wants without needing it by name (checksums, mostly).

        The kernel would ask modprobe for it, which an initramfs need not have.
        """
        for found in self._resolve(name):
            try:
                for module in self._chain(found):
                    if module not in loaded:
                        self._insert(module, "")
                        loaded.add(module)
            except Failure:  # another implementation may do, or the kernel says what it misses
                continue

    def _chain(self, name: str) -> list[str]:
        """Return the modules to load for `name`, in order; modules.dep has the last first."""
        return [*(_module_name(path) for path in reversed(self._known()[name][1])), name]

    def _resolve(self, name: str) -> list[str]:
        """Return the modules that a name or an alias stands for; none is an empty list."""
        wanted = _normal(name)
        return [wanted] if wanted in self._known() else self._aliased(name)

    def _insert(self, name: str, arguments: str) -> None:
        path = os.path.join(self._base, self._known()[name][0])
        mark = self._log.mark()
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise NotFound(f"the module {name}'s file cannot be opened: {path}") from error
        try:
            if arguments:
                _check_parameters(name, arguments, _contents(path, descriptor))
            _load_file(path, descriptor, arguments)
        except OSError as error:
            if error.errno != errno.EEXIST:  # someone else was faster
                raise self._failure(name, error.errno or 0, mark) from error
        finally:
            os.close(descriptor)

    def _failure(self, name: str, number: int, mark: int) -> Failure:
        log = self._log.since(mark)[-_LOG_LINES:]
        message = f"the module {name} cannot be loaded: "
        if number in _POLICY:
            return Denied(
                message + f"the kernel's policy refuses it ({errno_name(number)})",
                hint="under Secure Boot or lockdown only modules signed for this kernel load",
                errno=number,
                log=log,
            )
        if number == errno.ENOEXEC:
            cause = "its file is not a module of this kernel"
            return FormatFailure(message + cause, errno=number, log=log)
        if number == errno.ENODEV:
            return IoFailure(message + "it found no hardware of its own", errno=number, log=log)
        if number == errno.ENOENT:
            cause = "it needs something that this kernel does not have"
            return IoFailure(message + cause, errno=number, log=log)
        return IoFailure(message + errno_name(number), errno=number, log=log)

    def _missing(self, name: str) -> NotFound:
        near = nearest(_normal(name), [*self._known(), *self._in_kernel()])
        return NotFound(
            f"this kernel has no module {display(name)!r}",
            hint=f"did you mean {near!r}?" if near else f"looked in {self._base}",
        )

    def _known(self) -> dict[str, tuple[str, list[str]]]:
        """Return name -> (file, files it depends on), read once."""
        if self._files is None:
            self._files = {}
            for line in _text(f"{self._base}/modules.dep").splitlines():
                path, colon, needed = line.partition(":")
                if colon:
                    self._files[_module_name(path)] = (path, needed.split())
        return self._files

    def _in_kernel(self) -> set[str]:
        if self._built_in is None:
            lines = _text(f"{self._base}/modules.builtin").splitlines()
            self._built_in = {_module_name(line) for line in lines}
        return self._built_in

    def _aliased(self, name: str) -> list[str]:
        """Return the modules whose alias pattern matches `name`, in the file's order."""
        from fnmatch import fnmatchcase  # only aliases need it, and it is slow to import

        found: list[str] = []
        for line in _alias_lines(_text(f"{self._base}/modules.alias"), name):
            words = line.split()
            if len(words) == 3 and words[0] == "alias" and fnmatchcase(name, words[1]):
                module = _normal(words[2])
                if module in self._known() and module not in found:
                    found.append(module)
        return found

    def _soft_needs(self) -> dict[str, list[str]]:
        """Return module -> what is to be loaded before it if it is there (modules.softdep)."""
        if self._soft is None:
            self._soft = {}
            for line in _text(f"{self._base}/modules.softdep").splitlines():
                words = line.split()
                if len(words) > 3 and words[0] == "softdep" and words[2] == "pre:":
                    before = words[3 : words.index("post:")] if "post:" in words else words[3:]
                    self._soft.setdefault(_normal(words[1]), []).extend(before)
        return self._soft

    def _now_loaded(self) -> set[str]:
        return {line.split(" ", 1)[0] for line in _text(self._loaded).splitlines()}


def _alias_lines(text: str, name: str) -> list[str]:
    """Return the lines that may match: the file is long, and only modaliases have patterns."""
    if ":" in name:
        prefix = "alias " + name.split(":", 1)[0] + ":"
        return [line for line in text.splitlines() if line.startswith(prefix)]
    lines: list[str] = []
    start = text.find(f"alias {name} ")
    while start >= 0:
        end = text.find("\n", start)
        lines.append(text[start : end if end >= 0 else len(text)])
        start = text.find(f"alias {name} ", start + 1)
    return lines


def _normal(name: str) -> str:
    return name.replace("-", "_")


def _module_name(path: str) -> str:
    """Return ``usb_storage`` for ``kernel/drivers/usb/storage/usb-storage.ko.xz``."""
    return _normal(os.path.basename(path.strip()).split(".ko", 1)[0])


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""


def _load_file(path: str, descriptor: int, arguments: str) -> None:
    """Hand a module to the kernel; a compressed one packed if it can unpack it."""
    if path.endswith(".ko"):
        syscalls.finit_module(descriptor, arguments)
        return
    try:
        syscalls.finit_module(descriptor, arguments, syscalls.MODULE_INIT_COMPRESSED_FILE)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOEXEC):
            raise
        syscalls.init_module(_contents(path, descriptor), arguments)


def _contents(path: str, descriptor: int) -> bytes:
    """Return a module's ELF file, unpacked."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    with open(descriptor, "rb", closefd=False) as file:
        packed = file.read(_MODULE_LIMIT)
    try:
        if path.endswith(".xz"):
            import lzma

            return lzma.LZMADecompressor().decompress(packed, _MODULE_LIMIT)
        if path.endswith(".gz"):
            import zlib

            return zlib.decompressobj(wbits=31).decompress(packed, _MODULE_LIMIT)
    except Exception as error:
        raise FormatFailure(f"{path} cannot be unpacked: {error}") from error
    if path.endswith(".zst"):
        raise FormatFailure(
            f"{path} is packed with zstd, which this kernel cannot unpack",
            hint="put unpacked modules into the loader",
        )
    return packed


def _check_parameters(name: str, arguments: str, image: bytes) -> None:
    """Raise `NotFound` for a parameter that the module does not declare (.modinfo)."""
    known = {part.split(b":", 1)[0].decode("ascii", "replace") for part in _declared(image)}
    for word in arguments.split():
        parameter = _normal(word.partition("=")[0])
        if parameter in {_normal(one) for one in known} or "." in parameter:
            continue
        if parameter in ("dyndbg", "async_probe"):  # the kernel's own, of every module
            continue
        near = nearest(parameter, known)
        raise NotFound(
            f"the module {name} has no parameter {display(parameter)!r}",
            hint=f"did you mean {near!r}?" if near else "it has: " + (", ".join(sorted(known))),
        )


def _declared(image: bytes) -> list[bytes]:
    """Return the ``name:type`` of every ``parmtype=`` in a module's .modinfo, and the
    ``name:text`` of every ``parm=``: one with a setter of its own may have that alone."""
    parts = image.split(b"\0parmtype=")[1:] + image.split(b"\0parm=")[1:]
    return [part.split(b"\0", 1)[0] for part in parts]


def _set_parameters(name: str, arguments: str) -> None:
    """Set the parameters of a module that runs already, where it lets itself be changed."""
    for word in arguments.split():
        parameter, _, value = word.partition("=")
        path = f"/sys/module/{name}/parameters/{os.path.basename(parameter)}"
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(value or "1")
        except OSError as error:
            raise IoFailure(
                f"{name} is loaded already and its parameter {display(parameter)!r} "
                "cannot be changed now",
                errno=error.errno,
                hint=f"put {name}.{display(word)} on the loader's command line",
            ) from error
