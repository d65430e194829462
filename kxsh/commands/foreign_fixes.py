"""What a statement of another loader or a shell would be in kxs, read off its line.

All are unsafe: they put the command right, but only its author knows what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kxsh.errors import Edit, Fix
from kxsh.source import Span
from kxsh.syntax.foreign.words import binding_word

_WORD = re.compile(r"""(?:[^\s"']|"[^"\n]*"|'[^'\n]*')+""")
_END = re.compile(
    r"""(?:\\[ \t]*\n|\$\{[^{}\n]*\}|\$(?!\{)|[^;\n"'{}#$]|(?<!\s)#|"[^"\n]*"|'[^'\n]*')*"""
)
# GRUB's own modules: filesystems, partition tables, screens. Linux needs none of them here.
_GRUB_MODULES = frozenset(
    "acpi all_video boot btrfs chain cryptodisk cpuid echo efi_gop efi_uga ext2 fat font "
    "gcry_sha256 gfxmenu gfxterm gzio halt hfsplus iso9660 jpeg keystatus linux loadenv "
    "loopback luks luks2 lvm lzopio mdraid09 mdraid1x minicmd normal ntfs part_apple part_gpt "
    "part_msdos password_pbkdf2 png probe reboot regexp search search_fs_file search_fs_uuid "
    "search_label sleep squash4 test true tpm udf vbe vga video video_bochs video_cirrus xfs "
    "xzio zfs zstdio".split()
)
# What stands before a value; only the line is looked at.
_BEFORE_VALUE = re.compile(r"(?:=|\(|\$\{|\b(?:in|if|while|match|return|not|and|or))[ \t]*$")
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
        line = place.with_line()
        after = re.compile(r"[ \t]*;[ \t]*").match(text, place.end) if line is place else None
        left = Span(span.source, place.start, after.end()) if after else line
        return Fix("leave it out", (Edit(left, ""),), safe=False)
    return Fix(f"write `{made.strip()}`", (Edit(place, made),), safe=False)


def is_value(span: Span) -> bool:
    """Tell whether a call that begins at a place stands where its result is taken."""
    text = span.source.text
    line = text[max(text.rfind("\n", 0, span.start) + 1, span.start - 200) : span.start]
    return _BEFORE_VALUE.search(line) is not None


def advice_of(fix: Fix) -> str:
    """Return a fix as a hint: what it writes, and what has to follow."""
    written = fix.edits[0].text
    for start, after in _AFTER.items():
        if written.startswith(start):
            return fix.title + after
    return fix.title


_AFTER = {"load ": ", then `exec`", "boot ": ", which loads and starts it"}


def _kexec(_: Span, words: list[str]) -> str | None:
    """`kexec -l /vmlinuz --initrd=/i --append="ro"`, `kexec -e`."""
    kernel, made = "", ""
    actions: set[str] = set()
    for word in words:
        name, joined, value = word.partition("=")
        if word in _KEXEC_ACTIONS:
            actions.add(_KEXEC_ACTIONS[word])
        elif name in _KEXEC_OPTIONS and joined and value and "$(" not in value:
            made += f" --{_KEXEC_OPTIONS[name]} {value}"
        elif word == "--reuse-cmdline":
            made += " --cmdline (read /proc/cmdline)"
        elif name in ("--type", "-i", "-s", "-c", "-f", "-x", "-d", "-a", "\\"):
            continue
        elif word.startswith("-") or kernel or not _PLAIN_WORD.fullmatch(word):
            return None
        else:
            kernel = word
    if "exec" in actions:
        return None if kernel or made else "exec"
    if not kernel:
        return None
    return f"{'load' if 'load' in actions else 'boot'} {kernel}{made}"


_KEXEC_ACTIONS = {"-l": "load", "--load": "load", "-e": "exec", "--exec": "exec"}
_KEXEC_OPTIONS = {
    **dict.fromkeys(("--append", "--command-line"), "cmdline"),
    **dict.fromkeys(("--initrd", "--ramdisk"), "initrd"),
    "--dtb": "dtb",
    "--module": "module",
}
_PLAIN_WORD = re.compile(r"(?:[\w./:@+-]|\$\w+|\$\{\w+\})+|\"[^\"`]*\"")


def _load(span: Span, words: list[str]) -> str | None:
    """`linux /vmlinuz root=... ro`, where it is known on which filesystem that is."""
    kernel = _file(span, words[0]) if words else None
    if kernel is None or any(sign in word for word in words[1:] for sign in "\"'()"):
        return None
    arguments = " ".join(words[1:])
    return f"load {kernel}" + (f' --cmdline "{arguments}"' if arguments else "")


def _initrd(span: Span, words: list[str]) -> str | None:
    """`initrd /initrd.img` under a `linux` line: it goes on with an option of `load`."""
    above = span.source.text[: span.start].rstrip().rpartition("\n")[2].split()
    files = [_file(span, word) for word in words]
    if not words or None in files or above[:1] != ["load"]:
        return None
    return "  " + " ".join(f"--initrd {file}" for file in files)


def _file(span: Span, word: str) -> str | None:
    """Return a file of GRUB or iPXE as kxs names it: below the `root` that was made above,
    or fetched."""
    if re.fullmatch(r"https?://[\w./:%-]+", word):
        return f"(fetch {word})"
    if re.fullmatch(r"\$\w+[\w./-]*", word):
        return word
    above = span.source.text[: span.start]
    if not re.fullmatch(r"/[\w./@:+-]+", word) or not _ROOT.search(above):
        return None
    return f"$root{word}"


_ROOT = re.compile(r"^[ \t]*let root = mount\b", re.MULTILINE)


def searched(words: list[str]) -> tuple[str, str]:
    """Return the variable that GRUB's `search` sets, and what it looks for as kxs names
    it; an empty text where that cannot be told."""
    name, key, value = "root", "", ""
    waiting = list(reversed(words))
    while waiting:
        word = waiting.pop()
        if word in ("--label", "-l", "--fs-label"):
            key = "LABEL"
        elif word in ("--fs-uuid", "-u"):
            key = "UUID"
        elif word.startswith("--set="):
            name = word[6:]
        elif word in ("--set", "-s"):
            if waiting[-1:] and not waiting[-1].startswith("-") and (value or waiting[1:]):
                name = waiting.pop()
        elif not word.startswith("-"):
            value = word.strip("\"'")
    known = key and re.fullmatch(r"[\w.:-]+", value) and name.isidentifier()
    return name, f"{key}={value}" if known else ""


def _search(_: Span, words: list[str]) -> str | None:
    """`search --no-floppy --fs-uuid --set=root UUID`: what GRUB calls root is mounted."""
    name, device = searched(words)
    return f"let {name} = mount {device}" if device else None


def _net_up(_: Span, words: list[str]) -> str | None:
    return "net-up" if len(words) < 2 else None


def _insmod(_: Span, words: list[str]) -> str | None:
    if not words or not all(re.fullmatch(r"[\w-]+", word) for word in words):
        return None
    kept = [word for word in words if word not in _GRUB_MODULES]
    return f"modprobe {' '.join(kept)}" if kept else ""


def _say(span: Span, words: list[str]) -> str | None:
    if is_value(span):
        return None
    kept = [word for word in words if word not in ("-n", "-e", "-ne", "-en")]
    return " ".join(["say", *kept]) if kept else 'say ""'


def _let(span: Span, words: list[str]) -> str | None:
    """`export x=5 y=6`, `local x=5`; `export x` of what is there does nothing here."""
    made: list[str] = []
    if len(words) == 3 and words[1] == "=" and words[0].isidentifier():  # `var x = 5`
        return f"let {words[0]} = {words[2]}"
    for word in words:
        found = _ASSIGNED.fullmatch(word)
        if found is None or "$(" in word or "`" in word:
            return "" if span.text == "export" and word.isidentifier() and not words[1:] else None
        name = found.group(1)
        made.append(
            f"{binding_word(span.source.text, name, span.start)} {name} = {_value(found.group(2))}"
        )
    return "; ".join(made) or None


def _none(_: Span, words: list[str]) -> str | None:
    return None if words else ""


def _function(span: Span, words: list[str]) -> str | None:
    """`function f {`, `def f {`."""
    return f"fn {words[0]}" if len(words) == 1 else None


def _else_if(span: Span, words: list[str]) -> str | None:
    """`elif` at a line's start, under the `}` of its `if`."""
    above = span.source.text[: span.start].rstrip()
    return f"else if {' '.join(words)}" if words and above.endswith("}") else None


def _printf(_: Span, words: list[str]) -> str | None:
    r"""`printf "text\n"`, without a `%`."""
    found = re.fullmatch(r"([\"'])([^%\\]*)\\n\1", words[0]) if len(words) == 1 else None
    return f"say {found.group(1)}{found.group(2)}{found.group(1)}" if found else None


def _run(span: Span, words: list[str]) -> str | None:
    """`busybox mount ...`: a program, where it is told what to do."""
    return f"run {span.text} {' '.join(words)}" if words else None


def _remark(_: Span, words: list[str]) -> str | None:
    return f"# {' '.join(words)}"


def _foreach(_: Span, words: list[str]) -> str | None:
    """`foreach x in $list {`."""
    return f"for {' '.join(words)}" if words[1:2] == ["in"] and len(words) == 3 else None


def _setenv(_: Span, words: list[str]) -> str | None:
    if len(words) < 2 or not words[0].isidentifier():
        return None
    return f"let {words[0]} = {_value(' '.join(words[1:]))}"


def _value(text: str) -> str:
    if re.fullmatch(r"[0-9]+|\"[^\"]*\"|'[^']*'|\$[A-Za-z_]\w*", text):
        return text
    return f'"{text}"' if '"' not in text else f"'{text}'"


def _import(_: Span, words: list[str]) -> str | None:
    """`source lib.kxs`; what a shell or GRUB reads is no kxs under another name."""
    path = words[0].strip("\"'") if len(words) == 1 else ""
    return f'import "{path}"' if re.fullmatch(r"[\w./-]+\.kxs", path) else None


def _read(span: Span, words: list[str]) -> str | None:
    if len(words) != 1 or words[0].startswith("-"):
        return None
    return f"read {words[0]}" if is_value(span) else f"say (read {words[0]})"


def _nothing(_: Span, words: list[str]) -> str | None:
    return ""


_FIXES: dict[str, Callable[[Span, list[str]], str | None]] = {
    **dict.fromkeys(("linux", "linuxefi", "linux16", "kernel"), _load),
    **dict.fromkeys(("initrd", "initrdefi", "initrd16"), _initrd),
    **dict.fromkeys(("export", "local", "readonly", "declare", "typeset", "var", "const"), _let),
    "source": _import,
    **dict.fromkeys(("echo", "print"), _say),
    **dict.fromkeys(
        (
            "loadfont",
            "terminal_output",
            "terminal_input",
            "savedefault",
            "imgfree",
            "recordfail",
            "load_video",
        ),
        _nothing,
    ),
    **dict.fromkeys(("true", "sync", "clear", "cls"), _none),
    **dict.fromkeys(("function", "def", "func"), _function),
    **dict.fromkeys(("elif", "elsif", "elseif"), _else_if),
    **dict.fromkeys(("bash", "ash", "busybox"), _run),
    "printf": _printf,
    "rem": _remark,
    "REM": _remark,
    "foreach": _foreach,
    "kexec": _kexec,
    **dict.fromkeys(("dhcp", "ifconf", "autoconf"), _net_up),
    "search": _search,
    "insmod": _insmod,
    "setenv": _setenv,
    "cat": _read,
}
