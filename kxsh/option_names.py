"""Options as other programs call them, and options that say what is so anyway.

Read only where a call has an option that its command does not know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kxsh.errors import Edit, Fix
from kxsh.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.signature import Item, Signature

_CMDLINE = "append command-line args arguments kargs options"
_INITRD = "ramdisk initramfs initrdfile module"
# what other programs call an option: by command and option here
_NAMES = {
    ("load", "cmdline"): _CMDLINE,
    ("load", "initrd"): _INITRD,
    ("load", "drop"): "unset remove delete del without",
    ("load", "set"): "add",
    ("mount", "type"): "types fstype filesystem",
    ("mount", "rw"): "write writable read-write readwrite",
    ("findfs", "wait"): "timeout delay",
    ("part", "wait"): "timeout delay",
    ("net-up", "timeout"): "wait",
    ("net-up", "interface"): "iface device dev",
    ("fetch", "sha256"): "hash checksum sha256sum digest",
    ("fetch", "timeout"): "wait",
    ("wait", "timeout"): "wait",
    ("menu", "timeout"): "wait delay",
    ("entry", "key"): "hotkey",
    ("devices", "type"): "types fstype filesystem",
    ("devices", "except"): "exclude without ignore skip",
    ("luks-open", "key-file"): "keyfile key",
    ("luks-open", "passphrase"): "password",
    ("state", "at"): "file path",
    ("retry", "wait"): "delay interval",
}
NAMES = {
    (command, name): option for (command, option), names in _NAMES.items() for name in names.split()
}
_INITRD_FILE = re.compile(r"(?i)\b(initrd|initramfs)[^/]*$|\.(img|gz|xz|zst|cpio)$")
_NOT_IN_QUOTES = "\"'\\\n(){}[]"
_SAME = {"boot": "load", "plan": "load"}
_READ_ONLY = "a mount is read-only unless `--rw`: leave it out"
_AT_ONCE = "it is done at once, and all that is open is closed first: leave it out"
_EACH = "one module for each call; the words after it are its parameters: `modprobe usb_storage`"
# options that have no counterpart: what is so, and whether to leave them out
_NEEDLESS = {
    ("mount", "ro"): _READ_ONLY,
    ("mount", "r"): _READ_ONLY,
    ("mount", "read-only"): _READ_ONLY,
    ("mount", "readonly"): _READ_ONLY,
    ("reboot", "f"): _AT_ONCE,
    ("reboot", "force"): _AT_ONCE,
    ("poweroff", "f"): _AT_ONCE,
    ("poweroff", "force"): _AT_ONCE,
    ("umount", "f"): "what is busy is told, and not torn away: leave it out",
    ("umount", "force"): "what is busy is told, and not torn away: leave it out",
    ("umount", "l"): "what is busy is told, and not torn away: leave it out",
    ("umount", "lazy"): "what is busy is told, and not torn away: leave it out",
}
_OTHERWISE = {
    ("load", "reuse-cmdline"): "write `--cmdline (read /proc/cmdline)`",
    ("load", "type"): "the kind of a kernel is read off the file: leave it out",
    ("modprobe", "a"): _EACH,
    ("modprobe", "all"): _EACH,
    ("modprobe", "r"): "a module that is loaded stays: leave it out",
    ("read", "p"): "a script asks by a menu: `menu TITLE { entry ID TITLE { ... } }`",
    ("read", "r"): "`read FILE` gives a file's text; a script asks by a menu",
    ("mount", "bind"): "a mount is a value, and has as many names as you like: `let b = $a`",
    ("mount", "move"): "a mount that is returned moves to the caller: `return $m`",
    ("fetch", "O"): "what is fetched is a value: `let file = fetch URL`, `load $file`",
    ("fetch", "output"): "what is fetched is a value: `let file = fetch URL`, `load $file`",
    ("entry", "id"): "the first word is its id: `entry ID TITLE { ... }`",
    ("entry", "class"): "entries have no pictures: leave it out",
    ("exec", "e"): "`exec` alone starts what `load` has loaded",
}
# before a flag's name, and before any option's
_NOT_A_FLAG = ("non-", "not-", "un", "in")
_NOT = ("no-", "without-", "dont-")


def advice(signature: Signature, name: str, place: Span) -> tuple[str, Fix | None]:
    """Return what to write for an option that a command does not have, and the fix of
    what stands at `place`; an empty text where nothing is known of it."""
    key = (_SAME.get(signature.name, signature.name), name)
    option = NAMES.get(key)
    if option is not None:
        return f"it is `--{option}` here", _renamed(place, option)
    if key in _NEEDLESS:
        return _NEEDLESS[key], _left_out(place)
    if key in _OTHERWISE:
        return _OTHERWISE[key], None
    return _opposite(signature, name, place)


def _without_dashes(
    signature: Signature, items: Sequence[Item], extra: Item
) -> tuple[str, Fix | None] | None:
    """Return the advice for `load FILE initrd=FILE`, and for `if exists FILE: say x`."""
    name, sign, _ = extra.span.text.partition("=")
    option = signature.option(name) if sign else None
    if option is not None and option.kind == "option":
        start = Span(extra.span.source, extra.span.start, extra.span.start)
        fix = Fix("write the dashes", (Edit(start, "--"),), safe=False)
        return f"an option has dashes: `--{name} ...`", fix
    before = [item for item in items if item.span.end <= extra.span.start]
    if before and before[-1].span.text.endswith(":") and before[-1].kind == "word":
        return "a block has braces in kxs, and no `:`: `if exists FILE { ... }`", None
    return None


def quoted(
    signature: Signature, items: Sequence[Item], extra: Item
) -> tuple[str, Fix | None] | None:
    """Return the advice for `--cmdline ro quiet`, whose words a command does not take
    because the option takes one; None where the word that is too much is another's."""
    told = _without_dashes(signature, items, extra)
    if told is not None:
        return told
    first = next(at for at, item in enumerate(items) if item is extra)
    last = first
    while first and items[first - 1].kind == "word":
        first -= 1
    while last + 1 < len(items) and items[last + 1].kind == "word":
        last += 1
    if _SAME.get(signature.name, signature.name) == "load" and all(
        item.kind == "word" for item in items[:first]
    ):
        return _to_load(items[first : last + 1], len(signature.positionals()))
    given = items[first - 1] if first else None
    option = signature.option(given.name) if given and given.kind == "option" else None
    before = sum(item.kind == "word" for item in items[:first])
    if given is None or option is None or option.kind != "option":
        return None
    if before < len(signature.positionals()):
        return None
    start = items[first].span.start
    if given.value is not None:
        start = given.span.start + len(f"--{given.name}=")
    place = Span(given.span.source, start, items[last].span.end)
    text = place.text
    if option.many:
        words = " ".join(
            f"--{option.name} {item.span.text}" for item in items[first + 1 : last + 1]
        )
        end = items[first].span.end if given.value is None else given.span.end
        edit = Edit(Span(place.source, end, place.end), f" {words}")
        return f"`--{option.name}` takes one word, and may repeat", Fix("repeat it", (edit,))
    hint = f"`--{option.name}` takes one word: quote what has blanks in it"
    if any(sign in text for sign in _NOT_IN_QUOTES):
        return hint, None
    written = f'"{text}"'
    if len(text) < 60:
        hint = f"`--{option.name}` takes one word: `--{option.name} {written}`"
    return hint, Fix(f"write {written}", (Edit(place, written),))


def _to_load(words: Sequence[Item], taken: int) -> tuple[str, Fix | None] | None:
    """Return the advice for `load /vmlinuz ro quiet`, as GRUB's `linux` takes its words."""
    rest = words[taken:]
    texts = [item.span.text for item in rest]
    initrds = [text for text in texts if _INITRD_FILE.search(text)]
    others = [text for text in texts if text not in initrds]
    parameters = " ".join(others)
    written = [f"--initrd {text}" for text in initrds]
    if not any(sign in parameters for sign in _NOT_IN_QUOTES):
        written += [f'--cmdline "{parameters}"'] if others else []
    elif len(others) == 1:
        written.append(f"--cmdline {parameters}")
    else:
        return "the kernel's parameters are one text: `--cmdline TEXT`", None
    place = Span(rest[0].span.source, rest[0].span.start, rest[-1].span.end)
    whole = " ".join(written)
    hint = "initrds and parameters have options: `--initrd FILE --cmdline TEXT`"
    if len(whole) <= 60:
        hint = f"it has options for that: `{whole}`"
    return hint, Fix("write the options", (Edit(place, whole),), safe=False)


def _opposite(signature: Signature, name: str, place: Span) -> tuple[str, Fix | None]:
    """`--no-keep` says what is so anyway; the nearest name would be what it is not."""
    for option in signature.options():
        before = _NOT if option.kind == "option" else (*_NOT, *_NOT_A_FLAG)
        if name in [prefix + option.name for prefix in before]:
            return f"without `--{option.name}` it is so: leave it out", _left_out(place)
        if name == option.name.replace("with-", "without-"):
            return f"there is its opposite alone, `--{option.name}`", None
    return "", None


def _renamed(place: Span, option: str) -> Fix:
    """The name alone is changed, whether `=value` is joined to it or not."""
    text = place.text
    length = len(text.partition("=")[0])
    edit = Edit(Span(place.source, place.start, place.start + length), f"--{option}")
    return Fix(f"write `--{option}`", (edit,))


def _left_out(place: Span) -> Fix:
    text = place.source.text
    start = len(text[: place.start].rstrip(" \t"))
    return Fix("leave it out", (Edit(Span(place.source, start, place.end), ""),))
