"""Fixes of the checker's: applied to a code's example they cure it, and only it."""

from __future__ import annotations

import pytest

from kxsh.checker import check_source
from kxsh.checker.codes import CODES
from kxsh.checker.codes.code import Code
from kxsh.errors import Fix
from kxsh.source import Source

FAMILIES = ("KX4", "KX5", "KX6", "KX8")
FIXED = [code for code in CODES.values() if code.fix and code.code.startswith(FAMILIES)]


def fixes(text: str, code: str) -> list[Fix]:
    found = check_source(Source("t.kxs", text))
    return [item.fix for item in found if item.code == code and item.fix is not None]


def applied(text: str, fix: Fix) -> str:
    for edit in sorted(fix.edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize("code", FIXED, ids=lambda code: code.code)
def test_the_example_s_fix_cures_it(code: Code) -> None:
    (fix,) = fixes(code.bad, code.code)
    assert fix.safe == (code.fix == "safe")
    assert check_source(Source("t.kxs", applied(code.bad, fix))) == []


@pytest.mark.parametrize(
    ("line", "code", "fixed"),
    [
        ("load $m/k --initrd $m/i --cmdline 'initrd=i ro'", "KX403", "'ro'"),
        ("load $m/k --initrd $m/i --cmdline 'ro initrd=i'", "KX403", "'ro'"),
        ("load $m/k --initrd $m/i --cmdline 'ro initrd=i rw=1'", "KX403", "'ro rw=1'"),
        ("load $m/k --cmdline vga=791", "KX404", None),
        ("load $m/k --cmdline 'vga=791'", "KX404", "''"),
        ("load $m/k --cmdline 'xvga=1 vga=1 b'", "KX404", "'xvga=1 b'"),
        ("load $m/k --cmdline 'vga=1 b vga=1'", "KX404", None),
        ("load $m\\a\\k", "KX501", "load $m/a/k"),
        ('load "$m\\\\a"', "KX501", 'load "$m/a"'),
        ("load $m/k-*", "KX510", 'load ${(glob "$m/k-*")[0]}'),
        ('load "$m/k *"', "KX510", 'load ${(glob "$m/k *")[0]}'),
        ("mount /dev/sda2", "KX601", "mount (part ${esp.disk} 2)"),
        ("mount /dev/sda", "KX601", None),
        ('mount "(hd0,msdos3)"', "KX607", "mount (part ${esp.disk} 3)"),
        ('load "(hd0,1)/k"', "KX607", None),
    ],
)
def test_what_a_fix_writes(line: str, code: str, fixed: str | None) -> None:
    text = f"kxs 1\nlet m = mount LABEL=X\n{line}\nexec\n"
    found = fixes(text, code)
    if fixed is None:
        assert found == []
        return
    (fix,) = found
    mended = applied(text, fix)
    assert fixed in mended
    assert code not in {item.code for item in check_source(Source("t.kxs", mended))}
