"""Manual pages and shell completions of kxsh and kximage, from their parsers.

The build hook puts them into the wheel's data, where `man` and the shells look; as a script
it writes them below a folder: `scripts/manuals.py FOLDER`. The pages are in man(7).
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import shtab

from kxsh import __version__
from kxsh.cli.arguments import build_parser
from kxsh.image import cli as image_cli

SUMMARIES = {
    "kxsh": "run, check and rehearse boot scripts",
    "kximage": "make images that only BIOS can boot start on UEFI machines too",
}
# Where each shell looks for the completions of a program, below the data folder.
COMPLETIONS = {
    "bash": "share/bash-completion/completions/{}",
    "zsh": "share/zsh/site-functions/_{}",
    "fish": "share/fish/vendor_completions.d/{}.fish",
}
_EXIT = {
    "kxsh": (
        ("0", "done; nothing found"),
        ("1", "the script failed; something was found; a file would be formatted"),
        ("2", "wrong usage, or a file that cannot be read"),
        ("130", "interrupted"),
    ),
    "kximage": (
        ("0", "done"),
        ("1", "it failed; the message says why and what to try"),
        ("2", "wrong usage"),
        ("130", "interrupted"),
    ),
}


def parser_of(program: str) -> argparse.ArgumentParser:
    """Return a program's whole parser, file names marked for completion."""
    parser = build_parser() if program == "kxsh" else image_cli.build_parser(every=True)
    for one in (parser, *_commands(parser).values()):
        for action in one._actions:
            folder = action.metavar == "DIR"
            if folder or action.metavar in ("FILE", "IMAGE") or action.type is Path:
                action.complete = shtab.DIRECTORY if folder else shtab.FILE  # type: ignore[attr-defined]
    return parser


def write(folder: Path) -> list[str]:
    """Write all files below a folder; return their paths, relative to it."""
    texts = {}
    for program in SUMMARIES:
        texts[f"share/man/man1/{program}.1"] = manual(program)
        for shell, place in COMPLETIONS.items():
            texts[place.format(program)] = completions(program, shell)
    for place, text in texts.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    return list(texts)


def completions(program: str, shell: str) -> str:
    """Return what makes a shell complete a program's options."""
    parser = parser_of(program)
    for name, command in _commands(parser).items():
        command.description = image_cli.COMMANDS[name][1]  # a line, not a page
    return shtab.complete(parser, shell)


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


# -- the manual


def manual(program: str) -> str:
    """Return the manual page of a program."""
    parser = parser_of(program)
    other = next(name for name in SUMMARIES if name != program)
    lines = [
        f'.TH {program.upper()} 1 "{_date()}" "kxsh {__version__}" "kxsh"',
        *(".SH NAME", rf"{program} \- {SUMMARIES[program]}"),
        *(".SH SYNOPSIS", *_synopsis(parser)),
        *(".SH DESCRIPTION", *_prose(parser.description or "")),
        *(".SH OPTIONS", *_options(parser)),
    ]
    for name, command in _commands(parser).items():
        lines += [f".SH {program} {name}".upper(), *_synopsis(command)]
        lines += [".PP", *_prose(command.description or ""), *_options(command)]
    lines.append(".SH EXIT STATUS")
    for code, meaning in _EXIT[program]:
        lines += [".TP", f".B {code}", _escape(meaning)]
    lines += [".SH SEE ALSO", f".BR {other} (1)"]
    return "\n".join(lines) + "\n"


def _date() -> str:
    """Return the day of the build; SOURCE_DATE_EPOCH makes builds repeatable."""
    seconds = float(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


def _synopsis(parser: argparse.ArgumentParser) -> Iterator[str]:
    usage = " ".join(parser.format_usage().split()[1:])
    yield f".B {_escape(parser.prog)}"
    yield from _filled(usage.removeprefix(parser.prog).strip())


def _prose(text: str) -> Iterator[str]:
    """Yield paragraphs; lines that are indented stay as they are."""
    lines = textwrap.dedent(text).strip("\n").split("\n")
    groups = itertools.groupby(lines, lambda line: (not line.strip(), line.startswith(" ")))
    begun = False
    for (blank, example), group in groups:
        if blank:
            continue
        if example:
            yield from (".sp", ".RS 4", ".nf")
            yield from map(_escape, textwrap.dedent("\n".join(group)).split("\n"))
            yield from (".fi", ".RE")
        else:
            yield from [".PP"] if begun else []
            yield from _filled(" ".join(group))
        begun = True


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for group in parser._action_groups:
        actions = [a for a in group._group_actions if not isinstance(a, argparse._SubParsersAction)]
        if actions and group.title not in ("positional arguments", "options"):
            yield f".SS {_escape(str(group.title)).capitalize()}"
        yield from _group(parser, actions)


def _group(parser: argparse.ArgumentParser, actions: Sequence[argparse.Action]) -> Iterator[str]:
    formatter = parser._get_formatter()
    for action in actions:
        value = action.metavar or "|".join(map(str, action.choices or ())) or action.dest.upper()
        name = rf"\fI{_escape(str(value))}\fR"
        options = ", ".join(rf"\fB{_escape(option)}\fR" for option in action.option_strings)
        yield from (
            ".TP",
            f"{options} {name}" if options and action.nargs != 0 else options or name,
        )
        yield from _filled(formatter._expand_help(action) if action.help else "") or [".br"]


def _filled(text: str) -> list[str]:
    """Return text as lines of a page's source, for it is filled anew when it is shown."""
    lines = textwrap.wrap(text, 60, break_long_words=False, break_on_hyphens=False)
    return [_escape(line) for line in lines]


def _escape(text: str) -> str:
    """Return text that roff shows as it is."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("`", r"\(ga")
    return rf"\&{text}" if text[:1] in (".", "'") else text


if __name__ == "__main__":
    write(Path(sys.argv[1]))
