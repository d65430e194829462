"""Kernel command lines that a script writes: the line as a whole.

What the kernel does with a line: lib/cmdline.c, init/main.c, Documentation/admin-guide/
kernel-parameters.rst; the x86 boot protocol for its length.
"""

from __future__ import annotations

import re

from kxsh.boot.cmdline import Cmdline, Word
from kxsh.boot.parameters import is_known, same
from kxsh.checker.constants import Text
from kxsh.errors import Edit, Fix, Related
from kxsh.text import display

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.arguments import Argument, Call

# Stands for what is not constant; no script can write it.
HOLE = "\x01"
# x86: COMMAND_LINE_SIZE is 2048 with the NUL.
LIMIT = 2047
_BLANKS = re.compile(r"\s*[=,]\s*")
_VALUE = re.compile(r"[/:.\d]")
_DOLLAR = re.compile(r"(?<!\w)\$(?:\{\w+\}|[A-Za-z_]\w*)")
# Only one of these counts, and it is the last.
_ONCE = frozenset(
    "root rootfstype rootflags rootdelay init rdinit panic loglevel nfsroot resume"
    " resume_offset ramdisk_size ro rw quiet splash selinux apparmor maxcpus vga BOOT_IMAGE"
    " boot lang keymap cdroot archisobasedir archisolabel".split()
)
# A word of a command line that is written without quotes.
_PLAIN = re.compile(r"(?!-)[\w./:=,@%+-]+", re.ASCII)
_OPPOSITES = (("ro", "rw"), ("quiet", "debug"), ("splash", "nosplash"))
_TYPOGRAPHIC = "\u2018\u2019\u201c\u201d\u201e\u00a0\u202f\u2007\u2060\ufeff\u200b\u200c\u200d"


class Line:
    """A command line in a script: its text, and its words before `--`."""

    def __init__(self, call: Call, text: Text) -> None:
        self.call = call
        self.text = text
        self.sketch = text.sketch(HOLE)
        known = call.walker.words.get(self.sketch)
        if known is None:
            known = call.walker.words[self.sketch] = _own_words(self.sketch)
        self.words = known

    @property
    def complete(self) -> bool:
        """Tell whether no further word can come out of what is not constant."""
        return all(
            HOLE not in self.raw(word) or (HOLE not in word.key and word.value is not None)
            for word in self.words
        )

    def raw(self, word: Word) -> str:
        return self.sketch[word.start : word.end]

    def has(self, key: str) -> bool:
        return any(same(word.key) == same(key) for word in self.words)

    def get(self, key: str) -> str | None:
        """Return the value of the last word of a key, None where there is none."""
        found = [word.value or "" for word in self.words if same(word.key) == same(key)]
        return found[-1] if found else None

    def report(
        self,
        code: str,
        message: str,
        words: str,
        help: str = "",
        *,
        related: str = "",
        fix: Fix | None = None,
        warning: bool = False,
        last: bool = False,
    ) -> None:
        """Report what `words` of the line are; `related` are others that matter."""
        place = self.text.place(words, last=last)
        others = [Related(self.text.place(related), "and this")] if related else []
        self.call.walker.report.add(
            code,
            message,
            place,
            help,
            severity="warning" if warning else None,
            related=[other for other in others if other.span != place],
            fix=fix,
        )

    def removal(self, word: Word) -> Fix | None:
        """Return the fix that takes a word out, where it stands plainly in the script."""
        place = self.text.removal(self.raw(word))
        return Fix(f"remove {word.key}", (Edit(place, ""),)) if place is not None else None


def _own_words(text: str) -> list[Word]:
    """Return the words before `--`."""
    words: list[Word] = []
    for word in Cmdline(text):
        if word.key == "--" and word.value is None:
            break
        words.append(word)
    return words


def check_cmdline(call: Call, argument: Argument) -> None:
    """Check a command line, and what the rest of the call makes of it."""
    if not isinstance(argument.value, Text):
        return
    if _is_too_long(call, argument.value):
        return
    line = Line(call, argument.value)
    _check_consoles(line)
    if _is_checked(line) or _check_characters(line) or _check_blanks(line):
        return
    _check_repeats(line)
    check_words(line)


def _is_checked(line: Line) -> bool:
    """Tell whether the same text was checked before: a variable that is used often."""
    span = line.text.span
    key = (span.source.name, span.start, line.sketch)
    before = line.call.walker.checked_lines
    known = key in before
    before.add(key)
    return known


def check_setting(call: Call, argument: Argument) -> None:
    """Check one `key=value` of `--set` and `cmdline set`."""
    if isinstance(argument.value, Text) and not _is_too_long(call, argument.value):
        line = Line(call, argument.value)
        if not _is_checked(line) and not _check_characters(line):
            _check_single(line, argument)
            check_words(line)


def _check_single(line: Line, argument: Argument) -> None:
    """KX418: several words where one is set."""
    words = [line.sketch[word.start : word.end] for word in Cmdline(line.sketch)]
    if len(words) < 2:
        return
    between = " --set " if argument.parameter.kind == "option" else " "
    shown = between.join(words).replace(HOLE, "...")
    fix = None
    if argument.node.span == line.text.span and all(map(_PLAIN.fullmatch, words)):
        fix = Fix("set each", (Edit(line.text.span, between.join(words)),), safe=False)
    line.call.walker.report.add(
        "KX418",
        f"{len(words)} words where one is set: this always fails",
        argument.node.span,
        f"each by itself: {'--set ' * (between != ' ')}{display(shown)}",
        fix=fix,
    )


def check_words(line: Line) -> None:
    from kxsh.checker.cmdline_words import check_word

    for word in line.words:
        check_word(line, word)


def _check_characters(line: Line) -> bool:
    """KX413, KX408, KX409: characters that do not belong into a command line."""
    for part in line.text.parts:
        if isinstance(part, str) and _bad_character(line, part):
            return True
    found = _DOLLAR.search(line.sketch)
    if found is not None:
        line.report(
            "KX409",
            f"`{found.group()}` is not replaced by anything: the kernel gets it as it is",
            found.group(),
            "it is a variable of the configuration that this came from; write its value",
        )
    if line.sketch.count('"') % 2 and HOLE not in line.sketch:
        line.report(
            "KX408",
            'a `"` of this command line is never closed',
            line.sketch[line.sketch.rfind('"') :],
            "the kernel takes all that follows it as one word",
        )
        return True
    return False


def _bad_character(line: Line, part: str) -> bool:
    for sign in part:
        if (sign < " " and sign != "\t") or sign == "\x7f":
            line.report(
                "KX413",
                f"a command line is one line of text, and has no character {sign!r}",
                "",
                "two command lines in one string? put a blank between them",
            )
            return True
        if sign in _TYPOGRAPHIC:
            line.report(
                "KX413",
                f"U+{ord(sign):04X} is not the plain quote or blank that it looks like",
                sign,
                "write the plain character",
            )
            return True
        if sign > "~" and sign != HOLE:
            what = "is not ASCII: the kernel and its programs may take it for several characters"
            line.report("KX413", f"{display(sign)!r} {what}", sign, warning=True)
            return False
    return False


def _check_blanks(line: Line) -> bool:
    """KX401: a blank before or behind `=`, or behind a comma."""
    words = [line.raw(word) for word in line.words]
    end = -1
    for number in range(len(words) - 1):
        if number < end or not _is_cut(words, number):
            continue
        end = number + 1
        while end + 1 < len(words) and _is_cut(words, end):
            end += 1
        text = line.sketch[line.words[number].start : line.words[end].end]
        line.report(
            "KX401",
            "a blank ends the word: the kernel takes each part for a parameter of its own",
            text,
            f"write `{display(_BLANKS.sub(_without_blanks, text).replace(HOLE, '...'))}`",
        )
    return end > 0


def _is_cut(words: list[str], number: int) -> bool:
    """Tell whether a word and the next one were meant as one."""
    word, after = words[number], words[number + 1]
    if after.startswith("="):
        return True
    if not word.endswith(("=", ",")):
        return False
    if word == "=":
        return True
    if "=" in after or HOLE in after or is_known(after):
        return False
    # An empty value is possible: `foo= bar`. A word like 9, /dev/sda1 or a:b is a value.
    return word.endswith(",") or bool(_VALUE.search(after)) or is_known(word[:-1])


def _without_blanks(found: re.Match[str]) -> str:
    return found.group().strip()


def _is_too_long(call: Call, text: Text) -> bool:
    """KX407; what is too long is not looked at further."""
    length = sum(
        len(part.encode("utf-8", "surrogateescape")) for part in text.parts if isinstance(part, str)
    )
    if length > LIMIT:
        call.walker.report.add(
            "KX407",
            f"this command line has {length} bytes, and x86 kernels take {LIMIT}",
            text.span,
            "drop what is not needed",
        )
    return length > LIMIT


def _check_repeats(line: Line) -> None:
    """KX406: keys of which one counts, and words that contradict each other."""
    seen: dict[str, Word] = {}
    for word in line.words:
        if HOLE in word.key or HOLE in (word.value or ""):
            continue  # two that are not known need not be the same
        key = same(word.key)
        first = seen.get(key)
        if first is not None and (key in _ONCE or line.raw(first) == line.raw(word)):
            _repeated(line, first, word)
            return
        seen.setdefault(key, word)
    for one, other in _OPPOSITES:
        if one in seen and other in seen:
            first, last = sorted((seen[one], seen[other]), key=lambda word: word.start)
            line.report(
                "KX406",
                f"`{one}` and `{other}` contradict each other; `{last.key}`, the last one, counts",
                line.raw(last),
                related=line.raw(first),
            )


def _repeated(line: Line, first: Word, word: Word) -> None:
    same_value = first.value == word.value
    help = "" if same_value else f"`{display(line.raw(word))}`, the last one, counts"
    line.report(
        "KX406",
        f"`{word.key}` is there twice",
        line.raw(word),
        help or "once is enough",
        related="" if same_value else line.raw(first),
        last=True,
    )


def _check_consoles(line: Line) -> None:
    """KX411: an entry for one kind of console whose last `console=` is the other kind."""
    consoles = [word for word in line.words if word.key == "console" and word.value]
    if len(consoles) < 2:
        return
    entry = line.call.walker.around.entry_around(line.call.node)
    title = entry.span.text.partition("{")[0].lower() if entry is not None else ""
    last = consoles[-1]
    serial = (last.value or "").startswith(("ttyS", "ttyUSB", "ttyAMA", "hvc", "uart"))
    wants_serial = "serial" in title
    wants_screen = not wants_serial and any(
        word in title for word in ("screen", "video", "monitor", "vga")
    )
    if (wants_serial and not serial) or (wants_screen and serial):
        line.report(
            "KX411",
            f"programs use the last console, `{last.value}`, in an entry that is named for"
            f" {'the serial line' if wants_serial else 'the screen'}",
            line.raw(last),
            "all consoles get the kernel's messages, the last one is /dev/console as well",
        )


def check_load(call: Call) -> None:
    """Check what kernel, initrd and command line of one call make together."""
    given = call.argument("cmdline")
    kernel = call.argument("kernel")
    if given is None or not isinstance(given.value, Text) or kernel is None:
        return
    if len(given.value.sketch(HOLE)) > LIMIT:
        return
    line = Line(call, given.value)
    _check_initrd_word(line)
    if isinstance(kernel.value, Text) and call.complete:
        if "initrd" not in call.given:
            _check_root(line)
        _check_panic(line)


def _check_initrd_word(line: Line) -> None:
    """KX403: `initrd=` beside `--initrd`."""
    if "initrd" not in line.call.given:
        return
    for word in line.words:
        if word.key == "initrd" and word.value:
            line.report(
                "KX403",
                "`initrd=` loads nothing here: `--initrd` does",
                line.raw(word),
                "only boot loaders and the kernel's EFI stub read it",
                fix=line.removal(word),
            )


def _check_root(line: Line) -> None:
    """KX405: a root filesystem that the kernel alone cannot find."""
    root = line.get("root")
    if root is None or not root.startswith(("LABEL=", "UUID=")):
        return
    tag = root.partition("=")[0]
    line.call.walker.report.add(
        "KX405",
        f"without an initrd the kernel finds no root={tag}=",
        line.text.place(f"root={tag}="),
        f"add `--initrd FILE`, or name it by PART{tag}= or as /dev/...: those the kernel knows",
        related=[Related(line.call.node.name_span, "has no --initrd")],
    )


def _check_panic(line: Line) -> None:
    """KX416: nobody is there, and a kernel that panics would stay so for ever."""
    walker = line.call.walker
    if not walker.around.unattended or walker.prompt or not line.complete:
        return
    settings = [item.value for item in line.call.given.get("set", ())]
    texts = [item.sketch(HOLE) for item in settings if isinstance(item, Text)]
    if len(texts) < len(settings) or any(text.startswith("panic=") for text in texts):
        return
    value = line.get("panic")
    if value is None or value == "0":
        line.report(
            "KX416",
            "the script restarts by itself after a failure, but a kernel that panics would not",
            "panic=0" if value else "",
            "add `panic=30` to the command line: then the kernel restarts after half a minute",
        )
