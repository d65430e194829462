"""data/kernel-parameters.txt, from the kernel's own documentation in Debian's linux-doc.

    apt-get install linux-doc-6.1
    python scripts/kernel_parameters.py

Taken are facts: names, whether a value follows, what kind of value, the subsystems. The
explanations stay where they are; kxsh/boot/meanings.py has its own for the common ones.
"""

from __future__ import annotations

import argparse
import gzip
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "data" / "kernel-parameters.txt"
PACKAGE = "linux-doc-6.1"
SOURCE = Path(f"/usr/share/doc/{PACKAGE}/Documentation/admin-guide/kernel-parameters.txt.gz")

_ENTRY = re.compile(r"\t([^\s]\S*)(.*)")
_NAME = re.compile(r"[A-Za-z0-9_.+-]+$")
_AREAS = re.compile(r"\s*\[([A-Za-z0-9_, +=/&-]+)\]")
_CHOICE = re.compile(r"[\w.:+-]+")
_HEAD = """\
# Parameters of the Linux kernel, from Documentation/admin-guide/kernel-parameters.txt
# of {package} {version}. Made by scripts/kernel_parameters.py; do not edit.
# name, what follows it (flag: nothing, value: =...), kind of value, areas, values
"""


@dataclass(slots=True)
class Parameter:
    """A parameter, as several paragraphs of the documentation may describe it."""

    name: str
    forms: set[str] = field(default_factory=set)
    kind: str = ""
    areas: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    def line(self) -> str:
        forms = "+".join(sorted(self.forms))
        columns = (self.name, forms, self.kind, ",".join(self.areas), "|".join(self.values))
        return "\t".join(columns).rstrip("\t")


def read(text: str) -> dict[str, Parameter]:
    """Return the parameters by name, in the order of the documentation."""
    found: dict[str, Parameter] = {}
    lines = text.splitlines()
    for number, line in enumerate(lines):
        head = _ENTRY.match(line)
        if head is None:
            continue
        name, form = _name(head[1])
        if not name:
            continue
        body = _body(lines, number + 1)
        parameter = found.setdefault(name, Parameter(name))
        parameter.forms.add(form)
        rest = head[1][len(name) :].lstrip("=") + head[2]
        areas = _AREAS.search(head[2]) or _AREAS.search(rest)
        areas = areas or (_AREAS.match(body[0]) if body else None)
        if areas and not parameter.areas and areas[1].upper() == areas[1]:
            parameter.areas = [
                area.strip() for area in areas[1].split(",") if area.strip() != "KMG"
            ]
        kind, values = _kind(rest, body)
        parameter.kind = parameter.kind or kind
        parameter.values = parameter.values or values
    return found


def _name(word: str) -> tuple[str, str]:
    """Return a parameter's name and whether a value follows; no name: not a parameter."""
    name, equals, _ = word.partition("=")
    optional = "[" in name
    name = name.partition("[")[0]
    if not _NAME.match(name) or name.startswith("-"):
        return "", ""
    if optional and not equals:
        return name, "value"
    return name, "value" if equals else "flag"


def _body(lines: list[str], start: int) -> list[str]:
    end = start
    while end < len(lines) and not _ENTRY.match(lines[end]):
        end += 1
    return [line.strip() for line in lines[start:end]]


def _kind(rest: str, body: list[str]) -> tuple[str, list[str]]:
    """Return the kind of a parameter's value and its choices, where the format says so."""
    text = " ".join(body[:12])
    form = re.search(r"Format:\s*(.{1,200})", text)
    words = form[1] if form else rest + " " + text[:80]
    braces = re.match(r"\s*(?:\[[^\]]*\]\s*)?\{([^}]*)\}", words)
    if braces:
        values = [value.strip().strip('"') for value in braces[1].split("|")]
        values = [value.split(" ")[0] for value in values]
        if len(values) > 1 and all(_CHOICE.fullmatch(value) for value in values):
            return "choice", values
        if "," in braces[1]:
            return "list", []
    if re.search(r"n+\[KMG|size\[KMG|<size>", words[:60]):
        return "size", []
    if re.search(r",\s*\.\.\.|\[,|<[\w-]+>,|cpu-?list|comma-\s*separated", words):
        return "list", []
    if re.match(r"\s*<bool>|\s*<boolean>", words):
        return "bool", []
    if re.match(r"\s*(<u?int(eger)?>|<num(ber)?>|<n>|integer|<byte>|<secs?>|<msecs>)", words):
        return "int", []
    return "", []


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--source", type=Path, default=SOURCE)
    parser.add_argument("--version", help="its version, instead of the package's")
    arguments = parser.parse_args()
    if not arguments.source.exists():
        print(f"{arguments.source} is not there: apt-get install {PACKAGE}", file=sys.stderr)
        return 1
    opener = gzip.open if arguments.source.suffix == ".gz" else open
    with opener(arguments.source, "rt", encoding="utf-8") as file:
        found = read(str(file.read()))
    query = ["dpkg-query", "-W", "-f", "${Version}", PACKAGE]
    version = arguments.version or subprocess.check_output(query, text=True)
    lines = [parameter.line() for parameter in sorted(found.values(), key=lambda item: item.name)]
    TARGET.write_text(
        _HEAD.format(package=PACKAGE, version=version) + "\n".join(lines) + "\n", encoding="utf-8"
    )
    print(f"{TARGET.relative_to(ROOT)}: {len(lines)} parameters of {PACKAGE} {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
