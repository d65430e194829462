"""A kernel command line: ordered, keys may repeat, kept byte for byte unless edited.

Words are cut as the kernel cuts them (lib/cmdline.c next_arg, and kernel/params.c):
blanks part words except inside double quotes; there is no backslash; a value or a
whole word may stand in quotes; in keys ``-`` and ``_`` are the same; what follows a
word ``--`` goes to the first program and is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.errors import FormatFailure
from kxsh.record import record

# What the kernel takes as blanks, besides the line ends, which are refused here.
_BLANKS = " \t"
# Keys of which each occurrence counts for itself. `rd.` (dracut) mostly repeats too.
REPEATABLE = frozenset(
    (
        "console",
        "earlycon",
        "initrd",
        "ip",
        "nameserver",
        "memmap",
        "pci",
        "hugepages",
        "hugepagesz",
        "blacklist",
        "modprobe.blacklist",
        "module_blacklist",
        "netconsole",
        "systemd.setenv",
        "systemd.mask",
        "systemd.wants",
    )
)


@record
class Word:
    """One word of a command line: where it stands, its key, its value without quotes.

    `value` is None where there is no ``=`` (``quiet``).
    """

    start: int
    end: int
    key: str
    value: str | None

    @property
    def repeats(self) -> bool:
        return self.key in REPEATABLE or self.key.startswith("rd.")


@record
class Cmdline:
    """A command line. Every operation returns a new one.

    >>> line = Cmdline.parse("root=/dev/ram0  quiet console=tty0")
    >>> str(line.set("root=/dev/sda1").drop("quiet"))
    'root=/dev/sda1  console=tty0'
    """

    text: str = ""

    @classmethod
    def parse(cls, text: str) -> Cmdline:
        """Return `text` as a command line; control characters are a `FormatFailure`."""
        _require_line(text)
        return cls(text)

    def __str__(self) -> str:
        return self.text

    def __iter__(self) -> Iterator[Word]:
        return _words(self.text)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and any(_same(word.key, key) for word in self._own())

    @property
    def byte_length(self) -> int:
        """Bytes as handed to the kernel, without the final NUL."""
        return len(self.text.encode("utf-8", "surrogateescape"))

    def get(self, key: str) -> str | None:
        """Return the value of the last `key`: the one that mostly counts.

        A word without ``=`` has the value ``""``; None where the key is absent.
        """
        values = self.get_all(key)
        return values[-1] if values else None

    def get_all(self, key: str) -> list[str]:
        """Return the value of each `key`, in order."""
        return [word.value or "" for word in self._own() if _same(word.key, key)]

    def set(self, *settings: str) -> Cmdline:
        """Put each ``key=value`` (or ``key``) in the place of the last word of that key.

        Earlier words of the key go, except for keys that may repeat (`REPEATABLE`,
        ``rd.*``): there only the last is replaced. An absent key is appended.
        """
        line = self
        for setting in settings:
            line = line._set(setting)
        return line

    def drop(self, *wanted: str) -> Cmdline:
        """Remove every word of these keys; ``key=value`` removes only that word."""
        line = self
        for want in wanted:
            gone = [word for word in line._own() if _matches(word, want)]
            for word in reversed(gone):
                line = line._without(word)
        return line

    def append(self, text: str) -> Cmdline:
        """Add words at the end, but before ``--`` where there is one."""
        _require_line(text)
        text = text.strip(_BLANKS)
        if not text:
            return self
        stop = next((word for word in self if _stops(word)), None)
        if stop is not None:
            return Cmdline(f"{self.text[: stop.start]}{text} {self.text[stop.start :]}")
        between = " " if self.text.strip(_BLANKS) and self.text[-1] not in _BLANKS else ""
        return Cmdline(self.text + between + text)

    def duplicates(self) -> list[str]:
        """Return the keys that stand more than once though only one counts."""
        seen: set[str] = set()
        twice: list[str] = []
        for word in self._own():
            key = word.key.replace("-", "_")
            if key in seen and not word.repeats and word.key not in twice:
                twice.append(word.key)
            seen.add(key)
        return twice

    def _own(self) -> list[Word]:
        """Return the words before ``--``: the kernel's own."""
        own = []
        for word in self:
            if _stops(word):
                break
            own.append(word)
        return own

    def _set(self, setting: str) -> Cmdline:
        _require_line(setting)
        new = next(_words(setting), None)
        if new is None or setting[new.end :].strip(_BLANKS) or not new.key:
            hint = 'quote a value with blanks: key="a b"'
            if new is not None:
                each = " ".join(f"--set {word}" for word in setting.split())
                hint = f"one word at a time: {each}; {hint}"
            raise FormatFailure(f"not one command line word: {setting!r}", hint=hint)
        setting = setting.strip(_BLANKS)
        words = [word for word in self._own() if _same(word.key, new.key)]
        if not words:
            return self.append(setting)
        last = words.pop()
        line = Cmdline(self.text[: last.start] + setting + self.text[last.end :])
        if not new.repeats:
            for word in reversed(words):
                line = line._without(word)
        return line

    def _without(self, word: Word) -> Cmdline:
        """Remove a word and the blanks after it, or before it when it is the last."""
        before, after = self.text[: word.start], self.text[word.end :]
        if after.strip(_BLANKS):
            after = after.lstrip(_BLANKS)
        else:
            before = before.rstrip(_BLANKS)
        return Cmdline(before + after)


def _words(text: str) -> Iterator[Word]:
    index, length = 0, len(text)
    while index < length:
        if text[index] in _BLANKS:
            index += 1
            continue
        start, quoted = index, False
        while index < length and (quoted or text[index] not in _BLANKS):
            quoted ^= text[index] == '"'
            index += 1
        yield _word(text, start, index)


def _word(text: str, start: int, end: int) -> Word:
    raw = text[start:end]
    if raw.startswith('"'):  # quotes around the whole word
        raw = raw[1:].removesuffix('"')
        key, mark, value = raw.partition("=")
        return Word(start, end, key, value if mark else None)
    # The first "=" parts the word, even where it stands inside of quotes.
    key, mark, value = raw.partition("=")
    if value.startswith('"'):
        value = value[1:].removesuffix('"')
    return Word(start, end, key, value if mark else None)


def _same(a: str, b: str) -> bool:
    return a.replace("-", "_") == b.replace("-", "_")


def _matches(word: Word, want: str) -> bool:
    key, mark, value = want.partition("=")
    return _same(word.key, key) and (not mark or (word.value or "") == value)


def _stops(word: Word) -> bool:
    return word.key == "--" and word.value is None


def _require_line(text: str) -> None:
    for character in text:
        if (character < " " and character != "\t") or character == "\x7f":
            raise FormatFailure(
                f"a command line is one line of text, but has the character {character!r}",
                hint="two APPEND lines glued together? remove the line end",
            )
