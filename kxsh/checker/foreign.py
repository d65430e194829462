"""Calls and strings that parse and exist in kxs, but mean what they mean elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kxsh.checker.report import Report
from kxsh.diagnostics import Diagnostic
from kxsh.errors import Edit, Fix
from kxsh.record import replace
from kxsh.source import Source, Span
from kxsh.syntax import ast
from kxsh.text import display

# Where U-Boot keeps files: `load mmc 0:1 ADDRESS FILE`.
_INTERFACES = frozenset("mmc usb scsi sata ide nvme virtio host ubi dfu pvblock".split())
_VARIABLES = r"(?:\w*boot(?:cmd|args)?\w*|load(?:image|fdt|ramdisk)|findfdt)_?\w*"
_PROGRAMS = frozenset(("kexec-reboot", "sysboot"))
# Codes that tell of a whole statement of another language.
_STATEMENTS = ("KX001", "KX004", "KX006", "KX010")
_INTERPRETER = r"#!\s*(?:\S*/)?(?:env\s+)?([\w-]+)"
# Without one of these in a script, no string of it holds a substitution.
_SUBSTITUTES = ("`", *(f"${sign}" for sign in "(0123456789?@#!*"))


def check_foreign(report: Report, script: ast.Script, nodes: Sequence[ast.Node]) -> None:
    """Report what other languages mean by the calls, strings and first line of a script,
    which has these nodes."""
    _check_interpreter(report, script)
    text = script.span.source.text
    substitutes = any(sign in text for sign in _SUBSTITUTES)
    for node in nodes:
        if isinstance(node, ast.Call):
            check = _CALLS.get(node.name)
            if check is not None:
                check(report, node)
        elif substitutes and isinstance(node, ast.Text | ast.Literal):
            _check_string(report, node)


def with_menus(found: list[Diagnostic], source: Source) -> list[Diagnostic]:
    """Give each `menuentry` the fix of its whole menu, which is read off the script's own
    text: what stands in it may be no kxs."""
    menus = [item for item in found if item.code == "KX010" and _is_entry(item.span, source)]
    if not menus:
        return found
    from kxsh.commands.foreign_menus import fixes_of_entries

    fixes = fixes_of_entries(source, sorted(item.span.start for item in menus if item.span))
    return [
        replace(item, fix=fixes.get(item.span.start))
        if item.span and _is_entry(item.span, source)
        else item
        for item in found
    ]


def _is_entry(span: Span | None, source: Source) -> bool:
    return span is not None and span.source is source and span.text == "menuentry"


def without_consequences(found: list[Diagnostic]) -> list[Diagnostic]:
    """Leave out what is found in the line of another language's statement beside that -
    its words are not this language's - and that a name is unknown which it would make."""
    made = {name for item in found for name in _made(item)}
    lines = {
        (item.span.source.name, item.span.line)
        for item in found
        if item.span and item.code in _STATEMENTS
    }
    return [
        item
        for item in found
        if not item.span
        or item.code.startswith("KX0")
        or (
            not (item.code in _OF_NAMES and item.span.text.lstrip("$") in made)
            and (item.span.source.name, item.span.line) not in lines
        )
    ]


_OF_NAMES = ("KX101", "KX201")
# Compiled when it is needed: a script without a fault never is.
_MAKING = (
    r"(?:export|local|readonly|declare|typeset|setenv|set|read|function|def|func|foreach)\b"
    r"((?:[ \t]+(?:-\w+|\"[^\"\n]*\"|[A-Za-z_]\w*(?:=[^\s;]*)?))+)"
)


def _made(finding: Diagnostic) -> list[str]:
    """Return the names that the statement of a finding makes in its own language."""
    if finding.code not in _STATEMENTS or finding.span is None:
        return []
    statement = re.compile(_MAKING).match(finding.span.source.text, finding.span.start)
    return re.findall(r"\s([A-Za-z_]\w*)", statement.group(1)) if statement else []


def _check_string(report: Report, node: ast.Text | ast.Literal) -> None:
    text = node.span.source.text
    # Only double quotes are read for what is in them, in every shell.
    if '"' in text[node.span.start : node.span.end] and "'" not in node.span.text:
        from kxsh.syntax.foreign.substitutions import first_in_string

        error = first_in_string(node.span.source, node.span.start, node.span.end)
        if error is not None:
            report.add_error(error)


def _check_interpreter(report: Report, script: ast.Script) -> None:
    source = script.span.source
    found = re.match(_INTERPRETER, source.text)
    if found is None or found.group(1) in ("kxsh", "kxs"):
        return
    report.add(
        "KX010",
        f"this is a script for {found.group(1)}",
        Span(source, 0, found.end()),
        "a kxs script begins with `kxs 1`; docs/from-shell.md and docs/from-grub.md show both",
    )


def _words(node: ast.Call) -> list[str]:
    """Return the plain words of a call; something that is none is an empty string."""
    return [
        str(item.value.value) if item.kind == "word" and isinstance(item.value, ast.Literal) else ""
        for item in node.arguments
    ]


def _boot(report: Report, node: ast.Call) -> None:
    if not node.arguments:
        fix = Fix("write `exec`", (Edit(node.name_span, "exec"),), safe=False)
        report.add(
            "KX010",
            "`boot` alone is GRUB's and iPXE's",
            node.name_span,
            "`exec` starts what `load` has loaded; `boot ENTRY` loads and starts a menu's entry",
            fix=fix,
        )


def _load(report: Report, node: ast.Call) -> None:
    words = _words(node)
    if len(words) > 1 and words[0] in _INTERFACES:
        report.add(
            "KX010",
            f"`load {words[0]} ...` is U-Boot's way to read a file",
            node.arguments[0].span,
            "write `load LABEL=X:/vmlinuz --initrd LABEL=X:/initrd.img`, then `exec`",
        )


def _part(report: Report, node: ast.Call) -> None:
    words = _words(node)
    if len(words) > 1 and words[0] in ("uuid", "list", "start", "size", "number", "type"):
        report.add(
            "KX010",
            f"`part {words[0]}` is U-Boot's",
            node.arguments[0].span,
            "write `let p = part ${esp.disk} 1`; then `${p.partuuid}`, `${p.uuid}`, `${p.size}`",
        )


def _run(report: Report, node: ast.Call) -> None:
    words = _words(node)
    if words and re.fullmatch(_VARIABLES, words[0]) and words[0] not in _PROGRAMS:
        report.add(
            "KX010",
            f"`run {words[0]}` is U-Boot's way to run a variable",
            node.arguments[0].span,
            f"what is run again is a function: `fn {words[0].replace('_', '-')} {{ ... }}`, then"
            " its name; `run` starts a program",
        )


def _mount(report: Report, node: ast.Call) -> None:
    for option in node.arguments:
        if option.kind == "option" and option.name in ("o", "t"):
            report.add(
                "KX010",
                f"`mount -{option.name}` is a shell's",
                option.span,
                "write `let m = mount LABEL=X`; it is read-only unless `--rw`, and"
                " `--type iso9660` names the filesystem",
                fix=_mount_fix(node),
            )
            return


def _mount_fix(node: ast.Call) -> Fix | None:
    """`mount -t iso9660 -o ro DEVICE DIRECTORY`."""
    words: list[str] = []
    options: list[str] = []
    waiting = list(reversed(node.arguments))
    while waiting:
        item = waiting.pop()
        if item.kind != "option":
            words.append(item.span.text)
        elif item.name in ("t", "o") and item.value is None and waiting:
            given = waiting.pop().span.text
            options += _mount_options(item.name, given)
        elif item.name != "r":
            return None
    if not words or (not words[0].startswith(("/", "$", "(", '"')) and "=" not in words[0]):
        return None
    if any("loop" in option or "bind" in option for option in options):
        return None
    written = " ".join(["mount", *words, *dict.fromkeys(options)])
    return Fix(f"write `{written}`", (Edit(node.span, written),), safe=False)


def _mount_options(name: str, given: str) -> list[str]:
    if name == "t":
        return [] if given == "auto" else [f"--type {given}"]
    kept = [word for word in given.split(",") if word not in ("ro", "rw", "defaults")]
    made = ["--rw"] if "rw" in given.split(",") else []
    return [*made, f"--options {','.join(kept)}"] if kept else made


def _umount(report: Report, node: ast.Call) -> None:
    """`umount /mnt` of a directory that nothing in the script mounts to."""
    words = _words(node)
    text = node.span.source.text
    if len(words) != 1 or not words[0].startswith("/") or node.optional:
        return
    mounted = rf"(?<!u)mount\b[^\n;]*{re.escape(words[0].rstrip('/'))}/?(?![\w/])"
    if "mount" in text and not re.search(mounted, text):
        report.add(
            "KX010",
            f"nothing is mounted on {display(words[0])} here",
            node.arguments[0].span,
            "`let m = mount LABEL=X` makes a mount, and the end of its block unmounts it; before"
            " that: `umount $m`",
        )


def _read(report: Report, node: ast.Call) -> None:
    """`read -p "Name: " name` waits for a person."""
    words = _words(node)
    options = [item.name for item in node.arguments if item.kind == "option"]
    asks = [name for name in options if name in ("p", "r", "s", "n", "t")]
    if asks or (words and not options and words == [word for word in words if word.isidentifier()]):
        report.add(
            "KX010",
            "`read` of a shell waits for a line; here it reads a file",
            node.name_span,
            "who is there chooses from a menu: `menu TITLE { entry ID TITLE { ... } }`",
        )


def _menu(report: Report, node: ast.Call) -> None:
    end = node.span.end
    title = node.arguments[0].span.text if len(node.arguments) == 1 else '"'
    if "{" not in node.span.source.text[end : end + 3] and title[0] not in "\"'$":
        report.add(
            "KX010",
            "`menu` without a block is iPXE's",
            node.name_span,
            "write `menu TITLE { entry ID TITLE { ... } }`",
        )


_CALLS = {
    "boot": _boot,
    "load": _load,
    "menu": _menu,
    "mount": _mount,
    "part": _part,
    "read": _read,
    "run": _run,
    "umount": _umount,
}
