"""Conditions of shells, GRUB and U-Boot as kxs writes them: `[ -f x ]` is `exists x`."""

from __future__ import annotations

import re

_WORD = re.compile(r"""(?:[^\s"'\\;&|()<>`]|\\.|"(?:[^"\\]|\\.)*"|'[^']*'|\$\{[^{}]*\})+|[<>()]""")
_JOINED = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'&|]|&(?!&)|\|(?!\|))+|&&|\|\|""")
_NAME = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_PLAIN = re.compile(r"[\w./:=,+@%~-]+")
_TEXT = re.compile(r"""(?:[\w./:=,+@%~ -]|\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\})*""")
_SEARCHED = r"""(\"[^\"\n]*\"|'[^'\n]*'|[\w./:=-]+)"""
_GREP = re.compile(
    rf"cat (\S+) \| grep (?:-[qsFE]+ )*{_SEARCHED}|grep (?:-[qsFE]+ )+{_SEARCHED} (\S+)"
)
_ARITHMETIC = re.compile(r"\(\(\s*(\$?\w+)\s*([<>]=?|[=!]=)\s*(\$?\w+)\s*\)\)")
# What is kxs already.
_COMPARISON = re.compile(
    r"""(?:not )?\$\w+(?: (?:[=!]=|=~|[<>]=?) (?:\$\w+|-?\d+|"[^"$\\]*"|'[^']*'))?"""
)
_FILE_TESTS = frozenset("-e -f -d -r -s -b -c -h -L -w -x".split())
_NUMBERS = {"-eq": "==", "-ne": "!=", "-lt": "<", "-le": "<=", "-gt": ">", "-ge": ">="}
_STRINGS = {"=": "==", "==": "==", "!=": "!=", "=~": "=~", "<": "<", ">": ">"}


def convert(text: str) -> str | None:
    """Return a condition in kxs; None where it cannot be told what it would be."""
    parts = _JOINED.findall(text.strip())
    if not parts or "".join(parts) != text.strip():
        return None
    made = [_one(part.strip()) for part in parts[::2]]
    if any(part is None for part in made) or len(parts) % 2 == 0:
        return None
    joined = made[0] or ""
    for sign, part in zip(parts[1::2], made[1:], strict=True):
        joined = f"{_closed(joined)} {'and' if sign == '&&' else 'or'} {_closed(part or '')}"
    return joined


def value(word: str, *, number: bool = False) -> str | None:
    """Return a shell's word as a value of kxs: quoted, or a variable, or a number."""
    name = _NAME.fullmatch(word)
    if name:
        return f"${name.group(1) or name.group(2)}"
    if word[:1] == word[-1:] == '"' and len(word) > 1:
        inner = word[1:-1]
        name = _NAME.fullmatch(inner)
        if name:
            return f"${name.group(1) or name.group(2)}"
        if number and inner.isdecimal():
            return inner
        return word if _TEXT.fullmatch(inner) else None
    if word[:1] == word[-1:] == "'" and len(word) > 1:
        return word if "'" not in word[1:-1] else None
    if number and word.removeprefix("-").isdecimal():
        return word
    return f'"{word}"' if _TEXT.fullmatch(word) else None


def _closed(text: str) -> str:
    """Return a call in parentheses, as it needs them beside an operator."""
    return f"({text})" if text.startswith(("exists ", "not exists ")) or " or " in text else text


def _one(text: str) -> str | None:
    if text.startswith("!") and text[1:2] != "=":
        inner = _one(text[1:].strip())
        return (
            None
            if inner is None
            else f"not {_closed(inner)}"
            if inner[0] != "e"
            else f"not {inner}"
        )
    for opening, closing in (("[[ ", " ]]"), ("[ ", " ]"), ("test ", "")):
        if text.startswith(opening) and text.endswith(closing):
            return _test(text[len(opening) : len(text) - len(closing)].strip())
    searched = _GREP.fullmatch(text)
    if searched:
        file = searched.group(1) or searched.group(4)
        wanted = value(searched.group(2) or searched.group(3))
        return f"(read {file}) =~ {wanted}" if wanted and value(file) else None
    counted = _ARITHMETIC.fullmatch(text)
    if counted:
        left, sign, right = counted.groups()
        return f"{_operand(left)} {sign} {_operand(right)}"
    if text in ("true", ":"):
        return "true"
    if (
        text == "false"
        or text.startswith(("exists ", "not exists "))
        or _COMPARISON.fullmatch(text)
    ):
        return text
    return None


def _operand(text: str) -> str:
    return text if text.isdecimal() or text.startswith("$") else f"${text}"


def _test(text: str) -> str | None:
    words = _WORD.findall(text)
    for sign, name in (("-o", "or"), ("-a", "and")):
        if sign in words[1:]:
            at = words.index(sign, 1)
            left, right = _compared(words[:at]), _test(" ".join(words[at + 1 :]))
            if left is None or right is None:
                return None
            return f"{_closed(left)} {name} {_closed(right)}"
    return _compared(words)


def _compared(words: list[str]) -> str | None:
    if words[:1] == ["!"]:
        inner = _compared(words[1:])
        if inner is None:
            return None
        return f"not {inner}" if inner.startswith("exists ") else f"not ({inner})"
    if len(words) == 1:
        left = value(words[0])
        return None if left is None else f'{left} != ""'
    if len(words) == 2 and words[0] in _FILE_TESTS:
        path = value(words[1])
        plain = path is not None and path.startswith("$")
        return None if path is None else f"exists {path if plain else words[1]}"
    if len(words) == 2 and words[0] in ("-n", "-z"):
        left = value(words[1])
        return None if left is None else f'{left} {"!=" if words[0] == "-n" else "=="} ""'
    if len(words) == 3 and words[1] in {**_NUMBERS, **_STRINGS}:
        number = words[1] in _NUMBERS
        left, right = value(words[0], number=number), value(words[2], number=number)
        sign = (_NUMBERS if number else _STRINGS)[words[1]]
        return None if left is None or right is None else f"{left} {sign} {right}"
    return None
