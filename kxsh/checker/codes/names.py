"""Names and types."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = (
    Code(
        "KX101",
        "error",
        "undefined variable",
        """
Nothing makes a variable of this name: no `let`, no parameter, no `for` around this place.
Mostly it is misspelt, or `set` was written where `let` was meant.

A shell would put nothing in its place and go on; `rm -rf $diir/` is why kxs does not. At
run time it is an error that nothing handles.
""",
        'kxs 1\nlet label = "X"\nsay "from $label"\nboot LABEL=$lable:/vmlinuz\n',
        'kxs 1\nlet label = "X"\nsay "from $label"\nboot LABEL=$label:/vmlinuz\n',
        fix="unsafe",
    ),
    Code(
        "KX102",
        "warning",
        "unused variable, function or import",
        """
It is made and nothing reads it. Either it is left over, or something that should use it
uses another one; giving it a new value by `set` is no use.

A name that begins with `_` is left out on purpose, and nothing is said of it. A file that
only makes names is a library: what it does not use itself, others import.
""",
        "kxs 1\nlet disk = findfs LABEL=X\nlet other = findfs LABEL=Y\nboot $disk:/vmlinuz\n",
        "kxs 1\nlet disk = findfs LABEL=X\nboot $disk:/vmlinuz\n",
    ),
    Code(
        "KX103",
        "warning",
        "a name hides another",
        """
A `let` makes a second variable of a name that is in sight already, and it ends with its
block; the first one keeps its value. Mostly `set` was meant. Or a function has the name of
a command, which nothing can call any more.
""",
        (
            'kxs 1\nlet found = "none"\nfor d in devices {\n  let found = $d.label\n'
            '  say $found\n}\nif $found == "none" { recovery }\nsay $found\n'
        ),
        (
            'kxs 1\nlet found = "none"\nfor d in devices {\n  set found = $d.label\n'
            '  say $found\n}\nif $found == "none" { recovery }\nsay $found\n'
        ),
    ),
    Code(
        "KX104",
        "error",
        "variable of a block that has ended",
        """
The variable is made in one branch, loop or other block, and read after it. A variable
lives as long as its block, whichever way the script takes; after it, there is none.

Make it before the block, and let the block change it with `set`. The same is said of a
function that reads a variable and is called above the `let` that makes it.
""",
        (
            'kxs 1\nif exists LABEL=X:/a { let name = "a" } else { let name = "b" }\n'
            "boot LABEL=X:/$name\n"
        ),
        ('kxs 1\nlet name = "b"\nif exists LABEL=X:/a { set name = "a" }\nboot LABEL=X:/$name\n'),
    ),
    Code(
        "KX105",
        "error",
        "value that may be null",
        """
A `?` after a call, an `else { ... }` whose block goes on, or `null` itself may have left
nothing in this variable on some way to this place, and here a value is needed.

Handle that first: `if let x = $x { ... }` runs its block where there is a value, `$x ?? ...`
gives another one, and an `else` that leaves (`recovery`, `return`, `continue`) lets only
values pass.
""",
        "kxs 1\nlet disk = findfs LABEL=X ?\nboot $disk:/vmlinuz\n",
        'kxs 1\nlet disk = findfs LABEL=X else { recovery "plug in X" }\nboot $disk:/vmlinuz\n',
    ),
    Code(
        "KX106",
        "error",
        "wrong type",
        """
A value stands where one of another type is asked for: text where a condition must be true
or false, a list inside of a word, a number and text with `+` between them.

Nothing is converted by itself, but for a word that is given to a command: `10s` there is a
duration and `LABEL=X` a device. So a mistake does not become a wrong value far away.
""",
        "kxs 1\nlet tries = 3\nif $tries { boot LABEL=X:/vmlinuz }\nrecovery\n",
        "kxs 1\nlet tries = 3\nif $tries > 0 { boot LABEL=X:/vmlinuz }\nrecovery\n",
    ),
    Code(
        "KX107",
        "error",
        "unknown field",
        """
A record does not have this field. The fields of each type are in docs/language.md, and
the message tells the nearest.

As a warning it means `$esp.disk` in a word or string: `$name` takes the name alone there,
as in a shell, and `.disk` is text. The field is `${esp.disk}`.
""",
        "kxs 1\nlet image = mount (part ${esp.dsk} 1)\nboot $image/vmlinuz\n",
        "kxs 1\nlet image = mount (part ${esp.disk} 1)\nboot $image/vmlinuz\n",
        fix="safe",
    ),
    Code(
        "KX108",
        "warning",
        "comparison that is never true",
        """
The two sides have different types, and those are never equal: `1` is not `"1"`, and nothing
is converted to compare it. Or a value is compared with null that cannot be null: `findfs`
fails where it finds nothing, and only a `?` or `else` makes that null.

The branch is dead, and what it was written for does not happen.
""",
        ("kxs 1\nlet disk = findfs LABEL=X\nif $disk == null { recovery }\nboot $disk:/vmlinuz\n"),
        (
            "kxs 1\nlet disk = findfs LABEL=X ?\nif $disk == null { recovery }\n"
            "boot $disk:/vmlinuz\n"
        ),
        fix="unsafe",
    ),
    Code(
        "KX109",
        "error",
        "change of what is fixed",
        """
`$esp` is the partition that the loader was started from, and fields of a record tell what
a disk or file is. Neither can be set; only variables, keys of maps and items of lists can.
""",
        "kxs 1\nset esp = null\nrecovery\n",
        "kxs 1\nlet disk = null\nif $disk == null { recovery }\n",
    ),
    Code(
        "KX110",
        "warning",
        "recursion without an end",
        """
Each call of this function leads to another call of it, on every path. No more than 100
calls may stand inside one another: the next one ends the script, as an error that nothing
handles.

Return, or go to `recovery`, on the path where there is nothing left to do; to do something
again and again, write a loop.
""",
        "kxs 1\nfn again() {\n  say waiting\n  sleep 1s\n  again\n}\nagain\n",
        "kxs 1\nwhile true {\n  say waiting\n  sleep 1s\n}\n",
    ),
    Code(
        "KX111",
        "error",
        "break, continue or return with nothing to leave",
        """
`break` and `continue` stand inside a loop, `return` inside a function. The block of a
menu's `entry` runs when the loops around it are over, so it cannot leave them.

To end a script, write `recovery` with the reason, `reboot` or `poweroff`.
""",
        "kxs 1\nif exists LABEL=X:/a { return }\nboot LABEL=X:/vmlinuz\n",
        "kxs 1\nif exists LABEL=X:/a { recovery }\nboot LABEL=X:/vmlinuz\n",
    ),
    Code(
        "KX112",
        "error",
        "a file imports itself",
        """
The import leads back to the file in which it stands, perhaps by way of others. What both
need belongs into a third file that imports neither.
""",
    ),
)
