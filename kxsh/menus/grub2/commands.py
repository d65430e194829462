"""GRUB's commands: the table, and those that only deal with the script itself."""

from __future__ import annotations

from collections.abc import Callable

from kxsh.menus.grub2 import conditions, entries, files, loaders, others, searches, users
from kxsh.menus.grub2.interpreter import Interpreter
from kxsh.menus.grub2.numbers import (
    BAD_ARGUMENT,
    BAD_NUMBER,
    INVALID_COMMAND,
    NONE,
    TEST_FAILURE,
    unsigned,
)
from kxsh.menus.grub2.options import Options
from kxsh.menus.grub2.tree import Block

Builtin = Callable[[Interpreter, list[str], Block | None], int]

_ECHO = Options("n:n e:e", dashes=True, first=True)
_ESCAPES = {"\\": "\\", "a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def _set(script: Interpreter, words: list[str], _: Block | None) -> int:
    if not words:
        return NONE
    name, mark, value = words[0].partition("=")
    if not mark:
        return script.fail(BAD_ARGUMENT, "`set` without `=`")
    script.set(name, value)
    return NONE


def _unset(script: Interpreter, words: list[str], _: Block | None) -> int:
    if not words:
        return BAD_ARGUMENT
    script.environment.values.pop(words[0], None)
    return NONE


def _export(script: Interpreter, words: list[str], _: Block | None) -> int:
    if not words:
        return BAD_ARGUMENT
    for name in words:
        script.environment.export(name)
    return NONE


def _true(_: Interpreter, __: list[str], ___: Block | None) -> int:
    return NONE


def _false(_: Interpreter, __: list[str], ___: Block | None) -> int:
    return TEST_FAILURE


def _echo(script: Interpreter, words: list[str], _: Block | None) -> int:
    parsed = _ECHO.parse(words)
    if parsed is None:
        return BAD_ARGUMENT
    options, words = parsed
    text = " ".join(words)
    newline = "n" not in options
    if "e" in options:
        newline = newline and "\\c" not in text.replace("\\\\", "")
        text = _escaped(text)
    script.say(text + "\n" if newline else text)
    return NONE


def _escaped(text: str) -> str:
    """Replace the escapes; GRUB drops those that it does not know."""
    found: list[str] = []
    characters = iter(text)
    for character in characters:
        found.append(_ESCAPES.get(next(characters, ""), "") if character == "\\" else character)
    return "".join(found)


def _break(script: Interpreter, words: list[str], _: Block | None) -> int:
    return _leave_loops(script, words, go_on=False)


def _continue(script: Interpreter, words: list[str], _: Block | None) -> int:
    return _leave_loops(script, words, go_on=True)


def _leave_loops(script: Interpreter, words: list[str], *, go_on: bool) -> int:
    count = 1
    if len(words) > 1:
        return BAD_ARGUMENT
    if words:
        count, rest, error = unsigned(words[0], 10)
        if error:
            return error
        if rest or count == 0:
            return BAD_ARGUMENT
    script.break_loops(count, go_on=go_on)
    return NONE


def _shift(script: Interpreter, words: list[str], _: Block | None) -> int:
    if script.arguments is None:
        return NONE
    count, rest, _error = unsigned(words[0], 10) if words else (1, "", NONE)
    if len(words) > 1 or rest or count > len(script.arguments):
        return BAD_ARGUMENT
    script.arguments = script.arguments[count:]
    return NONE


def _setparams(script: Interpreter, words: list[str], _: Block | None) -> int:
    if script.arguments is None:
        return INVALID_COMMAND
    script.arguments = words
    return NONE


def _return(script: Interpreter, words: list[str], _: Block | None) -> int:
    if script.arguments is None or len(words) > 1:
        return BAD_ARGUMENT
    if not words:
        script.leave_function()
        return unsigned(script.environment.get("?") or "")[0]
    count, rest, error = unsigned(words[0], 10)
    if error or rest:
        return error or BAD_ARGUMENT
    script.leave_function()
    return count & 0xFFFF


def _eval(script: Interpreter, words: list[str], _: Block | None) -> int:
    return script.run_text(" ".join(words), script.line) if words else NONE


def _count(step: int) -> Builtin:
    """Return `increment` or `decrement`."""

    def run(script: Interpreter, words: list[str], _: Block | None) -> int:
        if len(words) != 1:
            return BAD_ARGUMENT
        value, _rest, error = unsigned(script.environment.get(words[0]) or "", 10)
        if error:
            return BAD_NUMBER
        script.set(words[0], str(value + step))
        return NONE

    return run


def _read(script: Interpreter, words: list[str], _: Block | None) -> int:
    """Nobody types: the line is empty."""
    if words:
        script.set(words[-1], "")
    return NONE


def _password(script: Interpreter, words: list[str], _: Block | None) -> int:
    return users.set_password(script, words)


def _password_pbkdf2(script: Interpreter, words: list[str], _: Block | None) -> int:
    return users.set_hash(script, words)


# Screen, sound, keyboard, modules: nothing of it is there, and GRUB says that it worked.
_SILENT = (
    "insmod rmmod lsmod terminal_input terminal_output terminfo serial play keymap videoinfo "
    "vbeinfo clear cls pager background_color sleep gfxmenu "
    "set_key debug dump usb lspci setpci date badram cutmem gettext nativedisk ls "
    "lsfonts videotest at_keyboard terminal authenticate hwmatch cpuid list_env "
    "cryptomount zfskey outb outw outl inb inw inl efi-watchdog legacy_password "
    "net_bootp net_dhcp net_add_addr net_nslookup net_ls_addr acpi smbios uuid crc "
    "rdmsr wrmsr help drivemap loadkeys hdparm gptsync hiddenentry bli mmap"
).split()
# Where GRUB says no: nothing is pressed, nothing is there.
_DENIED = "keystatus time lsefi lsefisystab lsacpi testload lsmmap hexdump parttool".split()

BUILTINS: dict[str, Builtin] = {
    **dict.fromkeys(_SILENT, _true),
    **dict.fromkeys(_DENIED, _false),
    "set": _set,
    "unset": _unset,
    "export": _export,
    "true": _true,
    "false": _false,
    "echo": _echo,
    "break": _break,
    "continue": _continue,
    "shift": _shift,
    "setparams": _setparams,
    "return": _return,
    "eval": _eval,
    "increment": _count(1),
    "decrement": _count(-1),
    "read": _read,
    "test": conditions.test,
    "[": conditions.test,
    "regexp": conditions.regexp,
    "password": _password,
    "password_pbkdf2": _password_pbkdf2,
    **entries.BUILTINS,
    **files.BUILTINS,
    **loaders.BUILTINS,
    **others.BUILTINS,
    **searches.BUILTINS,
}
