"""Python for the initramfs: the interpreter, and only the modules that kxsh uses.

Modules are shipped as a folder of sourceless .pyc files: measured faster to start than
an archive, and no larger once compressed.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from kxsh import resources
from kxsh.image import libraries, tools
from kxsh.image.manifest import Content
from kxsh.image.tools import ImageError
from kxsh.syntax import tables

LIBRARY = f"usr/lib/python{sys.version_info.major}.{sys.version_info.minor}"
INTERPRETER = f"usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"

# Import name -> distribution.
DISTRIBUTIONS = {
    "prompt_toolkit": "prompt_toolkit",
    "wcwidth": "wcwidth",
    "pyudev": "pyudev",
    "elftools": "pyelftools",
}
# Loaded by name at run time, not by import statements.
_ALWAYS = (
    "encodings.idna",
    "linecache",
    "locale",
    "runpy",
    "traceback",
    "pyudev",
    "elftools.elf.elffile",
)
# Parts of kxsh that only the helper PC runs, and what they alone use.
_HELPER_ONLY = (
    *("kxsh.image", "kxsh.machine.image", "pycdlib", "kxsh.cli"),
    # The parser's tables are made here, by lark, and run there.
    *("kxsh.syntax.grammar", "lark"),
    # For editors; the server's libraries and Pygments may be installed here.
    *("kxsh.lsp", "kxsh.highlight", "pygls", "lsprotocol", "pygments"),
)
# Fetching files takes http.client and what that stands on, so most loaders do without.
_NETWORK = ("kxsh.machine.linux.download",)
# Imported only for a version number and a debugger that nobody asks for here, and on Windows,
# where alone these can be imported at all.
_UNUSED = (
    *("importlib.metadata", "prompt_toolkit.contrib", "ptpython"),
    *("prompt_toolkit.output.windows10", "prompt_toolkit.output.win32"),
)
# OpenSSL is 4.6 MB, and only https needs it; asyncio, hashlib and prompt_toolkit do without it.
_BLOCKED = ("_ssl", "_hashlib", "ssl", "_bz2")
# A clean interpreter whose sets are in the same order every time; -I would ignore the seed.
_REPEATABLE = ("-S", "-s", "-P", "-B", "-W", "ignore")
_CLEAN = {"PYTHONHASHSEED": "0", "PYTHONPATH": "", "PYTHONHOME": "", "PYTHONOPTIMIZE": ""}
DLOPENED = ("libudev.so.1", "libblkid.so.1", "libcrypt.so.1")


def contents(*, network: bool = False) -> list[Content]:
    """Return the files of the Python that the loader carries, kxsh and libraries included;
    with `network`, what fetches files too.

    Raises ImageError when something kxsh needs cannot be imported by the base Python.
    """
    interpreter = base_interpreter()
    files = _needed_modules(interpreter, network)
    binary = Content(INTERPRETER, _read(interpreter), str(interpreter), executable=True)
    extensions = [Path(file) for file in files.values() if file.endswith(".so")]
    dlopened = [libraries.find(soname) for soname in DLOPENED]
    needed = libraries.closure([interpreter, *extensions, *dlopened])
    found = {str(p.parent.resolve() / p.name).lstrip("/"): p for p in dlopened} | needed
    shared = [Content(k, _read(p), str(p.resolve()), executable=True) for k, p in found.items()]
    return [
        binary,
        *shared,
        *_extensions(files),
        *_compiled(interpreter, files),
        *_data(),
    ]


def base_interpreter() -> Path:
    """Return the Python that the virtual environment stands on."""
    base = getattr(sys, "_base_executable", "") or sys.executable
    return Path(base).resolve()


def _needed_modules(interpreter: Path, network: bool) -> dict[str, str]:
    """Return module name -> file of everything the target imports."""
    job = {
        "folders": _folders(),
        "roots": [*_ALWAYS, *_own_modules()],
        "own": ["kxsh"],
        "followed": list(DISTRIBUTIONS),
        "skipped": [*_HELPER_ONLY, *_UNUSED, *(() if network else _NETWORK)],
        "blocked": [name for name in _BLOCKED if not (network and "ssl" in name)],
    }
    probe = Path(__file__).with_name("import_probe.py")
    argv = [interpreter, "-S", "-E", "-I", "-B", probe]
    answer = json.loads(tools.run(argv, input=json.dumps(job).encode()))
    for name in job["roots"]:
        if name in answer["errors"]:
            cause = answer["errors"][name]
            raise ImageError(f"the Python at {interpreter} cannot import {name}: {cause}")
    return {
        name: file
        for name, file in sorted(answer["files"].items())
        if not any(name == prefix or name.startswith(f"{prefix}.") for prefix in _HELPER_ONLY)
    }


def _folders() -> list[str]:
    return sorted({str(_folder_of(name)) for name in (*DISTRIBUTIONS, "kxsh")})


def _folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ImageError(
            f"the Python package {DISTRIBUTIONS.get(package, package)} is not installed",
            hint="install kxsh with its dependencies: pip install kxsh",
        )
    return Path(spec.origin).parent.parent


def _own_modules() -> list[str]:
    root = _folder_of("kxsh")
    names = []
    for path in sorted((root / "kxsh").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


def _extensions(files: dict[str, str]) -> list[Content]:
    return [
        Content(f"{LIBRARY}/lib-dynload/{Path(file).name}", _read(Path(file)), file)
        for file in files.values()
        if file.endswith(".so")
    ]


def _compiled(interpreter: Path, files: dict[str, str]) -> list[Content]:
    jobs, places = [], []
    for name, file in files.items():
        if not file.endswith(".py"):
            continue
        is_package = Path(file).name == "__init__.py"
        place = name.replace(".", "/") + ("/__init__" if is_package else "")
        own = name == "kxsh" or name.startswith("kxsh.")
        # kxsh keeps its docstrings: `help` shows them.
        jobs.append([file, f"/{LIBRARY}/{place}.py", 1 if own else 2])
        places.append((f"{LIBRARY}/{place}.pyc", file, _distribution(name)))
    packed = _compile(interpreter, jobs)
    return [
        Content(place, data, file, package)
        for (place, file, package), data in zip(places, packed, strict=True)
    ]


def _compile(interpreter: Path, jobs: list[list[str | int]]) -> Iterable[bytes]:
    script = Path(__file__).with_name("python_compiler.py")
    argv = [interpreter, *_REPEATABLE, script]
    output = tools.run(argv, input=json.dumps(jobs).encode(), env=_CLEAN)
    offset = 0
    while offset < len(output):
        size = int.from_bytes(output[offset : offset + 4], "little")
        yield output[offset + 4 : offset + 4 + size]
        offset += 4 + size


def _distribution(module: str) -> str:
    top = module.partition(".")[0]
    name = "kxsh" if top == "kxsh" else DISTRIBUTIONS.get(top)
    return f"{name} {importlib.metadata.version(name)} (Python)" if name else ""


def _data() -> list[Content]:
    """Return kxsh's grammar, its saved parser tables, its library and its lists."""
    root = Path(resources.root())
    place = f"{LIBRARY}/kxsh/_data"
    files = (resources.grammar_path, resources.parameters_path, resources.messages_path)
    sources = [Path(path()) for path in files]
    sources += sorted((root / "stdlib").glob("*.kxs"))
    package = _distribution("kxsh")
    return [
        Content(f"{place}/grammar/kxsh.tables", _tables(), package=package),
        *(
            Content(f"{place}/{path.relative_to(root)}", _read(path), str(path), package)
            for path in sources
        ),
    ]


def _tables() -> bytes:
    """Return the parser's tables: one grammar always gives the same."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tables")
        tables.save(str(path), tables.load())
        return path.read_bytes()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: {error.strerror or error}") from error
