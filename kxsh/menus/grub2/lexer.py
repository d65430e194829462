"""Text to tokens as GRUB's own lexer cuts it (grub-core/script/yylex.l).

GRUB reads line by line and asks for more only inside of a compound statement or
quotes; for the tokens it makes no difference, so the text is taken whole here.
"""

from __future__ import annotations

from kxsh.menus.grub2.tree import QUOTED, QUOTED_VARIABLE, TEXT, TRANSLATED, VARIABLE, Part, Word

KEYWORDS = frozenset(
    "[[ ]] case do done elif else esac fi for if in select then until while function".split()
)
# As an argument these are ordinary words; the brackets are not.
PLAIN_KEYWORDS = KEYWORDS - {"[[", "]]"}
_STOPS = frozenset("{}|&$;<> \t\n'\"\\")
_SYMBOLS = frozenset("{};\n")
_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_NAME = _LETTERS | _DIGITS
_SPECIAL = frozenset("?#*@")
# A word of more parts than this is not one.
_PARTS = 4096


class BadToken(Exception):
    """Text that is no token; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Lexer:
    """Tokens of `text`, one by one. `kind` is the current one: a symbol (``{ } ; \\n``),
    a keyword, ``name``, ``word``, or ``end``; `word` is its word, `line` its line."""

    def __init__(self, text: str, line: int = 1) -> None:
        self.text = text if text.endswith("\n") else text + "\n"
        self.position = 0
        self.line = line
        self.start = 0
        self.kind = ""
        self.word: Word = ""

    def next(self) -> str:
        """Go to the next token and return its kind; `BadToken` where there is none."""
        text = self.text
        position = self.position
        self.kind = "bad"
        if position >= len(text):
            self.kind = "end"
            self.start = position
            return "end"
        character = text[position]
        while character == " " or character == "\t":
            position += 1
            character = text[position]
        if character == "#":
            position = text.index("\n", position)
            character = "\n"
        self.start = position
        if character in _SYMBOLS:
            self.position = position + 1
            self.kind = character
            if character == "\n":
                self.line += 1
            elif character == ";" and text[position + 1] == ";":
                raise BadToken("`;;` has no meaning here")
            return character
        if character in "|&<>":
            self.position = position + 1
            raise BadToken(f"`{character}` has to stand in quotes")
        return self._word(position)

    def skip_line(self) -> None:
        """Go to the start of the next line."""
        if self.kind == "\n":
            return
        end = self.text.find("\n", self.position)
        if end < 0:
            self.position = len(self.text)
            return
        self.position = end + 1
        self.line += 1

    def _word(self, position: int) -> str:
        text = self.text
        end = position
        while text[end] not in _STOPS:
            end += 1
        if text[end] not in "$'\"\\":
            return self._plain(text[position:end], end)
        parts: list[Part] = [(TEXT, text[position:end])] if end > position else []
        while True:
            character = text[end]
            if character == "'":
                end = self._single(end, parts)
            elif character == '"':
                end = self._double(end, parts)
            elif character == "\\":
                end = self._escape(end, parts)
            elif character == "$":
                end = self._dollar(end, parts)
            else:
                break
            if len(parts) > _PARTS:
                raise BadToken("a word of too many parts")
            begin = end
            while text[end] not in _STOPS:
                end += 1
            if end > begin:
                parts.append((TEXT, text[begin:end]))
            if end >= len(text):
                break
        self.position = end
        self.line += text.count("\n", position, end)
        self.kind = "word"
        self.word = fold(parts)
        return "word"

    def _plain(self, word: str, end: int) -> str:
        self.position = end
        if word in KEYWORDS:
            self.kind = word
        elif word[0] in _LETTERS and _NAME.issuperset(word):
            self.kind = "name"
        else:
            self.kind = "word"
            if "*" in word or "?" in word:
                self.word = ((TEXT, word),)
                return "word"
        self.word = word
        return self.kind

    def _single(self, at: int, parts: list[Part]) -> int:
        end = self.text.find("'", at + 1)
        if end < 0:
            self._unclosed("'")
        parts.append((QUOTED, self.text[at + 1 : end]))
        return end + 1

    def _unclosed(self, quote: str) -> None:
        self.position = len(self.text)
        raise BadToken(f"a quote {quote} is not closed")

    def _escape(self, at: int, parts: list[Part]) -> int:
        following = self.text[at + 1 : at + 2]
        if following != "\n":
            parts.append((TEXT, "\\" + following))
        elif at + 2 >= len(self.text):
            self.position = len(self.text)
            raise BadToken("the file ends after a backslash")
        return at + 2

    def _dollar(self, at: int, parts: list[Part]) -> int:
        if self.text[at + 1] == '"':
            return self._translated(at + 1, parts)
        name, end = self._variable(at)
        parts.append((VARIABLE, name))
        return end

    def _variable(self, at: int) -> tuple[str, int]:
        """Return the name after the ``$`` at `at`, and where it ends."""
        text = self.text
        begin = at + 1
        braced = text[begin] == "{"
        begin += braced
        end = begin
        character = text[begin : begin + 1]
        if character in _SPECIAL:
            end += 1
        elif character in _DIGITS:
            while text[end : end + 1] in _DIGITS:
                end += 1
        elif character in _LETTERS:
            while text[end : end + 1] in _NAME:
                end += 1
        if end == begin or (braced and text[end : end + 1] != "}"):
            self.position = end
            raise BadToken("`$` without a variable's name")
        return text[begin:end], end + braced

    def _double(self, at: int, parts: list[Part]) -> int:
        text = self.text
        position = at + 1
        piece: list[str] = []
        close = self._closing(at)
        while True:
            begin = position
            while text[position] not in '"$\\':
                position += 1
            piece.append(text[begin:position])
            character = text[position]
            if character == '"':
                break
            if character == "$":
                parts.append((QUOTED, "".join(piece)))
                piece.clear()
                try:
                    name, position = self._variable(position)
                except BadToken:
                    self.position = close  # the whole string was one token
                    raise
                parts.append((QUOTED_VARIABLE, name))
                if len(parts) > _PARTS:
                    raise BadToken("a word of too many parts")
                continue
            following = text[position + 1]
            if following in '$\\"':
                piece.append(following)
            elif following != "\n":
                piece.append("\\" + following)
            position += 2
        parts.append((QUOTED, "".join(piece)))
        return position + 1

    def _closing(self, at: int) -> int:
        """Return where the string that begins with the quote at `at` has its other one."""
        text = self.text
        end = at
        while True:
            end = text.find('"', end + 1)
            if end < 0:
                self._unclosed('"')
            before = end - 1
            while text[before] == "\\" and before > at:
                before -= 1
            if (end - before) % 2:
                return end

    def _translated(self, at: int, parts: list[Part]) -> int:
        end = self._closing(at)
        text = self.text[at + 1 : end]
        if "\\" in text:
            text = _untranslate(text)
        parts.append((TRANSLATED, text))
        return end + 1


def _untranslate(text: str) -> str:
    """Take away what only protected a quote or a line's end in ``$"..."``."""
    found: list[str] = []
    index = 0
    while index < len(text):
        pair = text[index : index + 2]
        if pair == "\\\n":
            index += 2
        elif pair == '\\"':
            found.append('"')
            index += 2
        elif pair == "\\\\":
            found.append(pair)
            index += 2
        else:
            found.append(text[index])
            index += 1
    return "".join(found)


def fold(parts: list[Part]) -> Word:
    """Return the word that `parts` make: a string where nothing in it can vary."""
    found: list[str] = []
    for kind, text in parts:
        if kind == TEXT:
            if "*" in text or "?" in text:
                if text[0] != "\\":
                    return tuple(parts)
                found.append(text[1:])
            else:
                found.append(text[1:] if text[0] == "\\" else text)
        elif kind == QUOTED:
            found.append(text)
        else:
            return tuple(parts)
    return "".join(found) if found else ()
