"""Commands that read files: scripts, environment blocks, images of disks."""

from __future__ import annotations

from collections.abc import Callable

from kxsh.menus import paths
from kxsh.menus.grub2 import envblock
from kxsh.menus.grub2.interpreter import Interpreter
from kxsh.menus.grub2.numbers import (
    BAD_ARGUMENT,
    BAD_FILE_TYPE,
    FILE_NOT_FOUND,
    NONE,
)
from kxsh.menus.grub2.options import Options
from kxsh.menus.grub2.state import Shown
from kxsh.menus.grub2.tree import Block
from kxsh.text import display

Builtin = Callable[[Interpreter, list[str], Block | None], int]

_LOAD_ENV = Options("f:file= s:skip-sig")
_SAVE_ENV = Options("f:file=")
_LOOPBACK = Options("d:delete D:decompress")


def config_text(data: bytes) -> str:
    """Return a configuration as GRUB reads it: no carriage returns, and no lines that
    begin with ``#``, not even inside of quotes (normal/main.c)."""
    text = data.decode("utf-8", "surrogateescape").replace("\r", "").replace("\0", "")
    if "\n#" in text or text.startswith("#"):
        # An empty comment keeps the numbers of the lines, where nothing is continued.
        lines = text.split("\n")
        text = "\n".join(_uncommented(lines))
    return text


def _uncommented(lines: list[str]) -> list[str]:
    """Drop comment lines; where a line before is not continued they leave an empty one."""
    found: list[str] = []
    quotes = ""
    for line in lines:
        if line.startswith("#"):
            if not quotes and not (found and found[-1].endswith("\\")):
                found.append("")
            continue
        if "'" in line or '"' in line:
            quotes = _open_quote(line, quotes)
        found.append(line)
    return found


def _open_quote(line: str, inside: str) -> str:
    """Return the quote that is open at the end of `line`, where `inside` was before."""
    index = 0
    while index < len(line):
        character = line[index]
        if character == "\\" and inside != "'":
            index += 1
        elif inside:
            inside = "" if character == inside else inside
        elif character in "'\"":
            inside = character
        elif character == "#" and (index == 0 or line[index - 1] in " \t;{}"):
            break
        index += 1
    return inside


def run_file(script: Interpreter, name: str) -> int:
    """Run a configuration file in the present context."""
    data = script.world.read(name, script.root)
    if data is None:
        return script.fail(FILE_NOT_FOUND, f"cannot read {display(name, 200)}")
    values = script.environment
    full = name if name.startswith("(") else f"({script.root}){name}"
    before = [(key, values.get(key)) for key in ("config_file", "config_directory")]
    values.set("config_file", full)
    values.set("config_directory", full.rpartition("/")[0])
    values.export("config_file")
    values.export("config_directory")
    place = script.file, script.line
    script.file = script.world.spell(*script.world.split(name, script.root))
    try:
        status = script.run_text(config_text(data))
        script.file, script.line = place  # else what ended it tells where it was
        return status
    finally:
        for key, value in before:
            if value is None:
                values.values.pop(key, None)
            else:
                values.set(key, value)


def _source(script: Interpreter, words: list[str], _: Block | None) -> int:
    if len(words) != 1:
        return script.fail(BAD_ARGUMENT, "source needs one file")
    return run_file(script, words[0])


def _configfile(script: Interpreter, words: list[str], _: Block | None) -> int:
    """Read another menu in a context of its own. If it has entries it is shown, and GRUB
    comes back from it only by the Escape key."""
    if len(words) != 1:
        return script.fail(BAD_ARGUMENT, "configfile needs one file")
    return _show(script, words[0], new_context=True)


def _normal(script: Interpreter, words: list[str], _: Block | None) -> int:
    name = words[0] if words else f"{script.environment.get('prefix') or ''}/grub.cfg"
    return _show(script, name, new_context=False)


def _show(script: Interpreter, name: str, *, new_context: bool) -> int:
    before = script.environment
    if new_context:
        script.switch(before.opened())
    items, script.items = script.items, []
    status = run_file(script, name)
    if script.items:
        raise Shown(script.items, script.environment, name)
    script.items = items
    script.switch(before)
    return status


def _block_name(script: Interpreter, options: dict[str, list[str]]) -> str:
    name = options.get("file", [""])[-1]
    if not name:
        return f"{script.environment.get('prefix') or ''}/grubenv"
    if not name.startswith(("/", "(")):
        return f"{script.environment.get('prefix') or ''}/{name}"
    return name


def _load_env(script: Interpreter, words: list[str], _: Block | None) -> int:
    parsed = _LOAD_ENV.parse(words)
    if parsed is None:
        return BAD_ARGUMENT
    options, wanted = parsed
    name = _block_name(script, options)
    data = _block(script, name)
    if data is None:
        return script.fail(FILE_NOT_FOUND, f"load_env: cannot read {display(name, 200)}")
    if not envblock.is_block(data):
        return script.fail(BAD_FILE_TYPE, f"{display(name, 200)} is no environment block")
    for key, value in envblock.variables(data):
        variable = _text(key)
        if not wanted or variable in wanted:
            script.set(variable, _text(value))
    return NONE


def _save_env(script: Interpreter, words: list[str], _: Block | None) -> int:
    """Work out the block that GRUB would write; nothing is written here."""
    parsed = _SAVE_ENV.parse(words)
    if parsed is None or not parsed[1]:
        return script.fail(BAD_ARGUMENT, "save_env needs a variable's name")
    options, names = parsed
    name = _block_name(script, options)
    data = _block(script, name)
    if data is None:
        return script.fail(FILE_NOT_FOUND, f"save_env: cannot read {display(name, 200)}")
    if not envblock.is_block(data):
        return script.fail(BAD_FILE_TYPE, f"{display(name, 200)} is no environment block")
    status = NONE
    for variable in names:
        value = script.environment.get(variable)
        key = variable.encode("utf-8", "surrogateescape")
        if value is None:
            data = envblock.without_variable(data, key)
            continue
        given = value.encode("utf-8", "surrogateescape")
        changed = envblock.with_variable(data, key, given)
        if changed is None:
            script.complain(f"GRUB would not write to {display(name, 200)}: no room, or damaged")
            changed = envblock.squeezed_variable(data, key, given)
        if changed is None:
            status = script.fail(BAD_ARGUMENT, f"{display(name, 200)} has no room")
            break
        data = changed
    volume, path = script.world.split(name, script.root)
    if volume is not None:
        script.writes[volume.name, paths.join("/", path)] = data
    return status


def _block(script: Interpreter, name: str) -> bytes | None:
    volume, path = script.world.split(name, script.root)
    if volume is None:
        return None
    written = script.writes.get((volume.name, paths.join("/", path)))
    return script.world.read(name, script.root) if written is None else written


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _loopback(script: Interpreter, words: list[str], _: Block | None) -> int:
    parsed = _LOOPBACK.parse(words)
    if parsed is None or not parsed[1]:
        return script.fail(BAD_ARGUMENT, "loopback: an argument is missing or wrong")
    options, arguments = parsed
    if "delete" in options:
        script.world.devices.drop_loop(arguments[0])
        return NONE
    if len(arguments) < 2:
        return script.fail(BAD_ARGUMENT, "loopback needs a name and a file")
    facts = script.world.look(arguments[1], script.root)
    if facts is None or facts.kind != "file":
        return script.fail(FILE_NOT_FOUND, f"loopback: no file {display(arguments[1], 200)}")
    volume, path = script.world.split(arguments[1], script.root)
    if volume is not None:
        script.world.devices.add_loop(arguments[0], volume, path)
    return NONE


def _cat(script: Interpreter, words: list[str], _: Block | None) -> int:
    facts = script.world.look(words[-1], script.root) if words else None
    return NONE if facts and facts.kind == "file" else FILE_NOT_FOUND


def _loadfont(script: Interpreter, words: list[str], _: Block | None) -> int:
    if not words:
        return BAD_ARGUMENT
    for word in words:
        name = word
        if not word.startswith(("/", "(", "+")):
            name = f"{script.environment.get('prefix') or ''}/fonts/{word}.pf2"
        if not script.world.exists(name, script.root):
            return FILE_NOT_FOUND
    return NONE


def _background(script: Interpreter, words: list[str], _: Block | None) -> int:
    names = [word for word in words if not word.startswith("-")]
    if names and not script.world.exists(names[-1], script.root):
        return FILE_NOT_FOUND
    return NONE


BUILTINS: dict[str, Builtin] = {
    "source": _source,
    ".": _source,
    "extract_entries_source": _source,
    "extract_entries_configfile": _source,
    "configfile": _configfile,
    "normal": _normal,
    "load_env": _load_env,
    "save_env": _save_env,
    "loopback": _loopback,
    "cat": _cat,
    "loadfont": _loadfont,
    "background_image": _background,
}
