"""LOADLIN's own command line: options, the kernel, parameters, and parameter files."""

from __future__ import annotations

from kxsh.boot.entry import Entry
from kxsh.errors import Failure
from kxsh.menus import limits, paths
from kxsh.menus.loadlin.batch import Call
from kxsh.menus.reading import Reading
from kxsh.menus.syslinux import programs
from kxsh.record import fresh, mutable

_FLAGS = frozenset(("-v", "-t", "-clone", "-n", "-txmode", "-noheap", "-dskreset", "-f"))
# These set fields of the kernel's header and are no part of the command line.
_HEADER = ("vga", "ramdisk")
# DOS writes all of CONFIG.SYS in capitals; LOADLIN makes these small again.
_KEYS = frozenset(
    "root ro rw mem no387 single auto debug no-hlt reserve vga ramdisk initrd noinitrd "
    "load_ramdisk prompt_ramdisk ramdisk_start image console".split()
)
_PARAMETERS = 512


@mutable
class Run:
    """What a call comes to."""

    kernel: str = ""
    initrd: str = ""
    words: list[str] = fresh(default_factory=list)
    test_only: bool = False
    wrong: str = ""


def entry(reading: Reading, call: Call) -> Entry:
    """Return what a call of LOADLIN would start."""
    run = Run()
    words = list(call.words)
    further: list[str] = []
    if words and words[0].startswith("@"):
        further = _small(words[1:], all_of_them=True) if call.upper else words[1:]
        words = _parameters(reading, words[0][1:], call.line)
    elif call.upper:
        words = _small(words, all_of_them=False)
    _take(run, words, first=True)
    _take(run, further, first=False)
    if not run.kernel:
        run.wrong = run.wrong or "names no kernel"
    kernel = locate(reading, run.kernel, call.line) if run.kernel else ""
    initrds = (locate(reading, run.initrd, call.line),) if run.initrd else ()
    obstacle = run.wrong or programs.obstacle("linux", run.kernel)
    if run.test_only and not obstacle:
        reading.complain(reading.source, call.line, "-t or -d: LOADLIN would test only")
    cmdline = " ".join(word for word in run.words if word.partition("=")[0] not in _HEADER)
    return Entry(
        id=call.title,
        title=call.title,
        kernel=kernel,
        initrds=initrds,
        cmdline=cmdline,
        boot_image="" if obstacle else run.kernel,
        handover="" if obstacle else f"{cmdline} BOOT_IMAGE={run.kernel}".lstrip(),
        not_bootable=obstacle,
        source=reading.source,
    )


def _take(run: Run, words: list[str], *, first: bool) -> None:
    """Take in options, the kernel (the first word that is no option) and parameters.
    What comes after a parameter file replaces equal keywords."""
    skip = False
    for word in words[:_PARAMETERS]:
        key, equals, value = word.partition("=")
        if skip:
            skip = False
        elif word == "-d":
            run.test_only = skip = True
        elif word in _FLAGS or key == "-wait":
            run.test_only = run.test_only or word == "-t"
        elif equals and key == "image":
            run.kernel = value
        elif first and not run.kernel:
            run.kernel = word
        elif equals and key == "initrd":
            run.initrd = value
        elif not (word.startswith("%") and len(word) == 2):  # a batch file's argument
            if not first:
                run.words = [old for old in run.words if old.partition("=")[0] != key]
            run.words.append(word)


def _parameters(reading: Reading, name: str, line: int) -> list[str]:
    """Return the words of a parameter file: ``#`` begins a comment anywhere."""
    path = locate(reading, name, line)
    words: list[str] = []
    for text in reading.text(path, reading.source, line).replace("\x1a", "\n").splitlines():
        words += text.partition("#")[0].split()[: _PARAMETERS - len(words)]
        if len(words) >= _PARAMETERS:
            break
    return words


def _small(words: list[str], *, all_of_them: bool) -> list[str]:
    """Return words that DOS wrote in capitals as LOADLIN repairs them."""
    found = []
    for word in words:
        key, equals, value = word.partition("=")
        known = key.lower() in _KEYS
        small_value = value.lower() if key.lower() in ("root", "console", "vga") else value
        if all_of_them:
            found.append(word.lower())
        elif known:
            found.append(key.lower() + equals + small_value)
        else:
            found.append(word if not word.startswith("-") else word.lower())
    return found


def locate(reading: Reading, name: str, line: int) -> str:
    """Return a DOS file's path as the disk spells it: any drive is the filesystem itself,
    a short name (``PROGRA~1``) is the long one that it is short for."""
    name = name.replace("\\", "/")
    if name[1:2] == ":":
        name = name[2:]
        if not name.startswith("/"):
            name = "/" + name
    path = paths.join(paths.parent(reading.source), name)
    found = ""
    for part in path.strip("/").split("/"):
        found += "/" + _spelled(reading, found or "/", part)
    if not reading.holds(found):
        reading.complain(reading.source, line, f"no file {found}")
    return found


def _spelled(reading: Reading, folder: str, part: str) -> str:
    try:
        names = reading.root.list(folder)[: limits.LOOKUPS]
    except Failure:
        return part
    wanted = part.lower()
    if part in names:
        return part
    for name in names:
        if name.lower() == wanted:
            return name
    stem, tilde, rest = wanted.partition("~")
    if not tilde or not stem:
        return part
    digits, dot, extension = rest.partition(".")
    alike = [
        name
        for name in names
        if _squeezed(name.rpartition(".")[0] or name).startswith(stem)
        and (not dot or name.lower().rpartition(".")[2].startswith(extension))
    ]
    index = int(digits) - 1 if digits.isascii() and digits.isdigit() and len(digits) < 3 else 0
    return alike[index] if 0 <= index < len(alike) else part


def _squeezed(name: str) -> str:
    return "".join(c for c in name.lower() if c not in " .+,;=[]")
