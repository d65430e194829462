"""Loading kernel modules: modules.dep, modules.alias and finit_module(2), no modprobe.

File formats: modules.dep(5), depmod(8). ``-`` and ``_`` are equal in names.
"""

from __future__ import annotations

import errno
import os
from fnmatch import fnmatchcase

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

    def load(self, name: str, arguments: str = "") -> None:
        """Load a module (or what an alias such as ``fs-vfat`` stands for), dependencies first."""
        wanted = _normal(name)
        loaded = self._now_loaded()
        if wanted in loaded:
            _set_parameters(wanted, arguments)
            return
        names = [wanted] if wanted in self._known() else self._aliased(name)
        if not names:
            if wanted in self._in_kernel():
                _set_parameters(wanted, arguments)
                return
            raise self._missing(name)
        for found in names:
            for module in self._order(found):
                if module not in loaded:
                    self._insert(module, arguments if module == found else "")
                    loaded.add(module)

    def _order(self, name: str) -> list[str]:
        """Return the modules to load for `name`, in order; modules.dep has the last first."""
        return [*(_module_name(path) for path in reversed(self._known()[name][1])), name]

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
            for line in _lines(f"{self._base}/modules.dep"):
                path, colon, needed = line.partition(":")
                if colon:
                    self._files[_module_name(path)] = (path, needed.split())
        return self._files

    def _in_kernel(self) -> set[str]:
        if self._built_in is None:
            lines = _lines(f"{self._base}/modules.builtin")
            self._built_in = {_module_name(line) for line in lines}
        return self._built_in

    def _aliased(self, name: str) -> list[str]:
        """Return the modules whose alias pattern matches `name`, in the file's order."""
        found: list[str] = []
        for line in _lines(f"{self._base}/modules.alias"):
            words = line.split()
            if len(words) != 3 or words[0] != "alias" or not _may_match(words[1], name):
                continue
            module = _normal(words[2])
            if module in self._known() and module not in found and fnmatchcase(name, words[1]):
                found.append(module)
        return found

    def _now_loaded(self) -> set[str]:
        return {line.split(" ", 1)[0] for line in _lines(self._loaded)}


def _may_match(pattern: str, name: str) -> bool:
    """Rule most patterns out by their first characters: fnmatch compiles each one."""
    return pattern == name or (("*" in pattern or "[" in pattern) and pattern[:3] == name[:3])


def _normal(name: str) -> str:
    return name.replace("-", "_")


def _module_name(path: str) -> str:
    """Return ``usb_storage`` for ``kernel/drivers/usb/storage/usb-storage.ko.xz``."""
    return _normal(os.path.basename(path.strip()).split(".ko", 1)[0])


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read().splitlines()
    except OSError:
        return []


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
    """Return the ``name:type`` of every ``parmtype=`` in a module's .modinfo."""
    parts = image.split(b"\0parmtype=")[1:]
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
