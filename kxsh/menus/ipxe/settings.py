"""``${name:type}``: iPXE's settings, of which a menu reader knows the script's own.

What is expanded to what was compared with the real iPXE in QEMU.
"""

from __future__ import annotations

from kxsh.menus import limits

_SETTINGS = 512
_EXPANSIONS = 64
# What stands between the digits.
_HEX = {"hex": ":", "hexhyp": "-", "hexraw": ""}
# What a script asks about the machine before it shows anything.
BUILT_IN = {
    "buildarch": "x86_64",
    "platform": "efi",
    "version": "1.21.1+",
    "arch": "",
    "cwuri": "",
}


def store(settings: dict[str, str], name: str, value: str) -> bool:
    """Set ``name`` or ``name:type``; an empty value clears it. False: there are too many.
    The type is kept as ``name:``, since it says how the value is shown."""
    name, _, kind = name.partition(":")
    settings.pop(f"{name}:", None)
    if kind in _HEX:
        value = _from_hex(value)
    if not value:
        settings.pop(name, None)
        return True
    if len(settings) >= _SETTINGS and name not in settings:
        return False
    settings[name] = value[: limits.LINE]
    if kind in _HEX:
        settings[f"{name}:"] = kind
    return True


def expand(text: str, settings: dict[str, str]) -> str:
    """Return `text` with every setting in it replaced, the innermost first; unknown is
    empty."""
    for _ in range(_EXPANSIONS):
        end = text.find("}", max(text.find("${"), 0))
        start = text.rfind("${", 0, end) if end >= 0 else -1
        if start < 0:
            break
        name = text[start + 2 : end]
        text = (text[:start] + value(name, settings) + text[end + 1 :])[: limits.LINE]
    return text


def value(name: str, settings: dict[str, str]) -> str:
    """Return a setting's value as its type writes it."""
    name, _, kind = name.partition(":")
    found = settings.get(name, BUILT_IN.get(name, ""))
    kind = kind or settings.get(f"{name}:", "")
    if kind in _HEX:
        return _HEX[kind].join(f"{byte:02x}" for byte in found.encode("utf-8", "replace"))
    if kind == "uristring":
        return "".join(_quoted(character) for character in found)
    return found


def _quoted(character: str) -> str:
    if character.isascii() and (character.isalnum() or character in "-._~"):
        return character
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))


def _from_hex(text: str) -> str:
    digits = text.replace(":", "").replace("-", "").replace(" ", "")
    try:
        return bytes.fromhex(digits).decode("latin-1")
    except ValueError:
        return ""
