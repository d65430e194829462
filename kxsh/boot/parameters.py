"""Whose a word of a kernel command line is: the kernel's, a module's, the first program's.

The kernel takes what it knows; an unknown word with a ``.`` before any ``=`` belongs to
a module; others go to init, with a ``=`` as an environment variable, without as an
argument, and so does everything after ``--`` (kernel: Documentation/admin-guide/
kernel-parameters.rst; init/main.c, unknown_bootoption; the BootPrompt HOWTO, section 2).
The names come from the kernel's documentation: data/kernel-parameters.txt.
"""

from __future__ import annotations

from collections.abc import Iterator

from kxsh import resources
from kxsh.boot.cmdline import Cmdline, Word
from kxsh.record import record

# Keys of drivers that the documentation of today's kernels does not list any more; all
# took their numbers through get_options (the BootPrompt HOWTO, sections 5 to 10).
_OLD_DRIVERS = """\
advansys aha1542 aha152x ahb aic7xxx AM53C974 atascsi BusLogic dtc3181e eata fdomain gdth gvp11
hosts in2000 max_scsi_luns NCR5380 ncr5380 ncr53c400 ncr53c400a ncr53c406a ncr53c8xx pas16
ppa scsihosts st st0x sym53c416 t128 tmc8xx tmscsim u14-34f ultrastor wd33c93 wd7000
aztcd cdu31a cm206 gscd isp16 mcd mcdx optcd sbpcd sjcd sonycd535 hd hda hdb hdc hdd xd
bttv digi dma icn isicom pcbit plip ppp riscom8 teles lp apm aic79xx idebus ide mca-pentium
no-hlt no387 no-scroll nodisconnect nohalt resume2 swap uart401 sound sscape trix opl3 mad16
max_loop md nfsaddrs panic pirq profile vmhalt mpu401 adlib ad1848 gus maui pss sb cs4232
bmouse msmouse atamouse strip baycom scc es1370 es1371 bootsect noapm
"""
# A list of these counts as one value each; get_options stores ten and forgets the rest.
GET_OPTIONS = frozenset(
    "ether netdev reserve hd xd aha152x aha1542 ahb dtc3181e eata fdomain in2000 NCR5380"
    " ncr5380 ncr53c400 ncr53c400a ncr53c406a pas16 ppa st st0x sym53c416 t128 tmc8xx tmscsim"
    " u14-34f ultrastor wd7000 aztcd cdu31a cm206 gscd isp16 mcd mcdx optcd sbpcd sjcd sonycd535"
    " bttv digi icn isicom pcbit plip riscom8 teles floppy baycom sound sscape trix opl3 mad16"
    " mpu401 adlib ad1848 gus maui pss sb cs4232 bmouse".split()
)


@record
class Parameter:
    """A documented parameter of the kernel.

    `forms` are ``flag`` (stands alone), ``value`` (``=...`` follows) or both; `kind` is
    ``int``, ``bool``, ``size``, ``list``, ``choice`` or empty; `areas` as the kernel's
    documentation abbreviates subsystems (``BOOT``: read by the boot loader).
    """

    name: str
    forms: tuple[str, ...] = ()
    kind: str = ""
    areas: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    meaning: str = ""


@record
class Origin:
    """Whose a word is: `kind` is ``kernel``, ``loader``, ``module``, ``environment``,
    ``argument`` or ``separator``; `meaning` is one line, `reader` a program that is known
    to read it (empty: none is known)."""

    kind: str
    key: str
    meaning: str
    reader: str = ""
    parameter: Parameter | None = None


class _Tables:
    """What is read once, and only when a command line is looked at.

    `lines` are the list's lines by key; a `Parameter` is made of one when it is asked for.
    """

    def __init__(self) -> None:
        from kxsh.boot.meanings import KERNEL, USERLAND

        self.meanings: dict[str, str] = {}
        self.lines = {same(name): name for name in _OLD_DRIVERS.split()}
        for line in KERNEL.splitlines():
            word, _, meaning = line.partition(" ")
            name = word.partition("=")[0]
            self.meanings[same(name)] = meaning
            self.lines[same(name)] = name
        for line in _documented():
            self.lines[same(line.partition("\t")[0])] = line
        self.letters: dict[str, list[str]] = {}
        self.readers: dict[str, str] = {}
        self.prefixes: list[tuple[str, str]] = []
        for reader, keys in USERLAND.items():
            for key in keys.split():
                if key.endswith((".", "/", "_")) and len(key) > 2:
                    self.prefixes.append((same(key), reader))
                self.readers.setdefault(same(key), reader)

    def reader_of(self, key: str) -> str:
        known = self.readers.get(same(key))
        if known is None:
            known = next((who for begin, who in self.prefixes if same(key).startswith(begin)), "")
        return known


_loaded: list[_Tables] = []


def _tables() -> _Tables:
    if not _loaded:
        _loaded.append(_Tables())
    return _loaded[0]


def same(key: str) -> str:
    """Return a key as the kernel compares it: ``-`` and ``_`` are one."""
    return key.replace("-", "_")


def _documented() -> list[str]:
    try:
        with open(resources.parameters_path(), encoding="utf-8") as file:
            return [line for line in file.read().splitlines() if not line.startswith("#")]
    except OSError:  # an installation without the list: the common ones are known still
        return []


def parameter(key: str) -> Parameter | None:
    """Return the kernel parameter of this name (``-`` and ``_`` are the same), or None."""
    tables = _tables()
    line = tables.lines.get(same(key))
    if line is None:
        return None
    name, forms, kind, areas, values, *_ = (line + "\t\t\t\t").split("\t")
    return Parameter(
        name,
        tuple(filter(None, forms.split("+"))),
        kind,
        tuple(filter(None, areas.split(","))),
        tuple(filter(None, values.split("|"))),
        tables.meanings.get(same(name), ""),
    )


def names() -> list[str]:
    """Return the names of all kernel parameters that are known."""
    return [line.partition("\t")[0] for line in _tables().lines.values()]


def names_like(key: str) -> list[str]:
    """Return the names of kernel parameters that begin with the same letter as a key."""
    letters = _tables().letters
    if not letters:
        for name in names():
            letters.setdefault(name[:1], []).append(name)
    return letters.get(key[:1], [])


def is_known(key: str) -> bool:
    """Tell whether anything is known to read a key: the kernel or a first program."""
    tables = _tables()
    return same(key) in tables.lines or bool(tables.reader_of(key))


def classify(token: str) -> Origin:
    """Return whose one word of a command line is.

    >>> classify("quiet").kind, classify("usbcore.autosuspend=-1").kind
    ('kernel', 'kernel')
    >>> classify("e1000.debug=1").kind, classify("TERM=vt100").kind, classify("single").kind
    ('module', 'environment', 'argument')
    """
    return origin(next(iter(Cmdline(token)), Word(0, 0, token, None)))


def classify_line(line: Cmdline) -> Iterator[tuple[Word, Origin]]:
    """Yield each word of a command line with whose it is, minding ``--``."""
    passed = False
    for word in line:
        if passed:
            kind = "argument"
            yield word, Origin(kind, word.key, "an argument for init: it stands after `--`")
        elif word.key == "--" and word.value is None:
            passed = True
            yield word, Origin("separator", "--", "what follows is for init alone")
        else:
            yield word, origin(word)


def origin(word: Word) -> Origin:
    """Return whose a word before ``--`` is."""
    known = parameter(word.key)
    if known is not None:
        return _kernels(word, known)
    reader = _tables().reader_of(word.key)
    read_by = f", read by {reader}" if reader else ""
    module, dot, name = word.key.partition(".")
    if dot:
        if reader:
            return Origin("module", word.key, f"read by {reader}", reader)
        meaning = f"the parameter {name} of the module {module}"
        return Origin("module", word.key, meaning)
    if word.value is not None:
        return Origin("environment", word.key, f"an environment variable for init{read_by}", reader)
    return Origin("argument", word.key, f"an argument for init{read_by}", reader)


def _kernels(word: Word, known: Parameter) -> Origin:
    kind = "loader" if "BOOT" in known.areas and "KNL" not in known.areas else "kernel"
    meaning = known.meaning
    if not meaning:
        owner = "for the boot loader" if kind == "loader" else "a kernel parameter"
        about = f" ({', '.join(known.areas)})" if known.areas else ""
        takes = f", one of {', '.join(known.values)}" if known.values else _TAKES[known.kind]
        meaning = f"{owner}{about}{takes}"
    return Origin(kind, word.key, meaning, "", known)


_TAKES = {
    "": "",
    "int": ", a number",
    "bool": ", yes or no",
    "size": ", a size such as 64M",
    "list": ", a list",
    "choice": "",
}
