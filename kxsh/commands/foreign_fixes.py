"""What a statement of another loader or a shell would be in kxs, read off its line.

All are unsafe: they put the command right, but only its author knows what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kxsh.errors import Edit, Fix
from kxsh.source import Span

_WORD = re.compile(r"""(?:[^\s"']|"[^"\n]*"|'[^'\n]*')+""")
_END = re.compile(r"""(?:[^;\n"'{}#]|\$\{[^{}\n]*\}|(?<!\s)#|"[^"\n]*"|'[^'\n]*')*""")
# GRUB's own modules: filesystems, partition tables, screens. Linux needs none of them here.
_GRUB_MODULES = frozenset(
    "acpi all_video boot btrfs chain cryptodisk cpuid echo efi_gop efi_uga ext2 fat font "
    "gcry_sha256 gfxmenu gfxterm gzio halt hfsplus iso9660 jpeg keystatus linux loadenv "
    "loopback luks luks2 lvm lzopio mdraid09 mdraid1x minicmd normal ntfs part_apple part_gpt "
    "part_msdos password_pbkdf2 png probe reboot regexp search search_fs_file search_fs_uuid "
    "search_label sleep squash4 test true tpm udf vbe vga video video_bochs video_cirrus xfs "
    "xzio zfs zstdio".split()
)
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)


def fix_of(name: str, span: Span) -> Fix | None:
    """Return the fix of the statement whose first word, at `span`, is `name`."""
    make = _FIXES.get(name)
    text = span.source.text
    end = _END.match(text, span.end)
    if make is None or end is None:
        return None
    rest = text[span.end : end.end()].rstrip()
    words = _WORD.findall(rest)
    made = make(span, words)
    if made is None:
        return None
    place = Span(span.source, span.start, span.end + len(rest))
    if not made:
        return Fix("leave it out", (Edit(place.with_line(), ""),), safe=False)
    return Fix(f"write `{made.strip()}`", (Edit(place, made),), safe=False)


def _load(_: Span, words: list[str]) -> str | None:
    """`linux /vmlinuz root=... ro`."""
    if not words or any(sign in word for word in words for sign in "\"'()"):
        return None
    arguments = " ".join(words[1:])
    return f"load {words[0]}" + (f' --cmdline "{arguments}"' if arguments else "")


def _initrd(span: Span, words: list[str]) -> str | None:
    """`initrd /initrd.img` under a `linux` line: it goes on with an option of `load`."""
    above = span.source.text[: span.start].rstrip().rpartition("\n")[2].split()
    if not words or above[:1] not in (["linux"], ["linuxefi"], ["linux16"], ["kernel"], ["load"]):
        return None
    return "  " + " ".join(f"--initrd {word}" for word in words)


def _search(_: Span, words: list[str]) -> str | None:
    """`search --no-floppy --fs-uuid --set=root UUID`."""
    name, key, value = "root", "", ""
    for word in words:
        if word in ("--label", "-l", "--fs-label"):
            key = "LABEL"
        elif word in ("--fs-uuid", "-u"):
            key = "UUID"
        elif word.startswith("--set="):
            name = word[6:]
        elif not word.startswith("-"):
            value = word
    if not key or not value or not name.isidentifier():
        return None
    return f"let {name} = findfs {key}={value}"


def _insmod(_: Span, words: list[str]) -> str | None:
    if not words or not all(re.fullmatch(r"[\w-]+", word) for word in words):
        return None
    kept = [word for word in words if word not in _GRUB_MODULES]
    return f"modprobe {' '.join(kept)}" if kept else ""


def _say(_: Span, words: list[str]) -> str | None:
    kept = [word for word in words if word not in ("-n", "-e", "-ne", "-en")]
    return " ".join(["say", *kept]) if kept else 'say ""'


def _let(_: Span, words: list[str]) -> str | None:
    """`export x=5`, `local x=5`."""
    found = _ASSIGNED.fullmatch(words[0]) if len(words) == 1 else None
    return f"let {found.group(1)} = {_value(found.group(2))}" if found else None


def _setenv(_: Span, words: list[str]) -> str | None:
    if len(words) < 2 or not words[0].isidentifier():
        return None
    return f"let {words[0]} = {_value(' '.join(words[1:]))}"


def _value(text: str) -> str:
    if re.fullmatch(r"[0-9]+|\"[^\"]*\"|'[^']*'|\$[A-Za-z_]\w*", text):
        return text
    return f'"{text}"' if '"' not in text else f"'{text}'"


def _import(_: Span, words: list[str]) -> str | None:
    path = words[0].strip("\"'") if len(words) == 1 else ""
    return f'import "{path}"' if re.fullmatch(r"[\w./-]+", path) else None


def _entry(_: Span, words: list[str]) -> str | None:
    """`menuentry 'My Linux' --class x`."""
    if not words:
        return None
    title = words[0].strip("\"'")
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:20].rstrip("-")
    return f'entry {slug or "entry"} "{title}"' if '"' not in title and "$" not in title else None


def _read(_: Span, words: list[str]) -> str | None:
    return f"say (read {words[0]})" if len(words) == 1 and not words[0].startswith("-") else None


def _nothing(_: Span, words: list[str]) -> str | None:
    return ""


_FIXES: dict[str, Callable[[Span, list[str]], str | None]] = {
    **dict.fromkeys(("linux", "linuxefi", "linux16", "kernel"), _load),
    **dict.fromkeys(("initrd", "initrdefi", "initrd16"), _initrd),
    **dict.fromkeys(("export", "local", "readonly", "declare", "typeset"), _let),
    **dict.fromkeys(("source", "configfile"), _import),
    **dict.fromkeys(("echo", "print"), _say),
    **dict.fromkeys(
        ("loadfont", "terminal_output", "terminal_input", "savedefault", "imgfree"), _nothing
    ),
    "search": _search,
    "insmod": _insmod,
    "setenv": _setenv,
    "menuentry": _entry,
    "cat": _read,
}
