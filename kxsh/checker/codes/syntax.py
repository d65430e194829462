"""Syntax: what is not kxs, and the habits of other languages."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

_END = "load LABEL=BOOT:/vmlinuz\nexec\n"

CODES: tuple[Code, ...] = (
    Code(
        "KX000",
        "error",
        "not kxs",
        "Here stands something that the language has no place for, or a bracket is never "
        "closed, or a limit is passed (1 MiB of text, 60,000 words and signs, brackets in "
        "brackets). The hint says what could stand there instead.\n\n"
        "A script with such a fault does not run at all: kxsh reads it to its end before it "
        "does anything.",
        bad="kxs 1\nload LABEL=BOOT:/vmlinuz )\nexec\n",
        good=f"kxs 1\n{_END}",
        fix="safe",
    ),
    Code(
        "KX001",
        "error",
        "assignment or comparison of another language",
        "`x=5`, `x = 5`, `$x = 5`, `set x 5` or `export x=5`: in kxs a new variable is made by "
        "`let x = 5`, and one that is there is changed by `set x = 5`. The name is bare where "
        "it is bound, and has a `$` wherever it is read. Two values are compared by `==`.\n\n"
        "Two words for two things, because the difference matters: a `set` of a name that "
        "nobody made is an error, so a misspelt name is found instead of making another "
        "variable.",
        bad="kxs 1\nargs=quiet\nload LABEL=BOOT:/vmlinuz --cmdline $args\nexec\n",
        good='kxs 1\nlet args = "quiet"\nload LABEL=BOOT:/vmlinuz --cmdline $args\nexec\n',
        fix="safe",
    ),
    Code(
        "KX002",
        "error",
        "`&&`, `||` or `!`",
        "In a shell `a && b` goes on only when `a` went well, and `a || b` is what happens "
        "otherwise. In kxs a failure always stops the script, so `&&` is two lines; what "
        "happens otherwise is an `else` behind the command: `mount LABEL=X else { ... }`. "
        "`|| true` is `else { }`.\n\n"
        "Conditions are joined by `and`, `or` and `not`. A command takes all words of its "
        "line, so it stands in parentheses there: `if $a and (exists $file) { ... }`.",
        bad="kxs 1\nload LABEL=BOOT:/vmlinuz && exec\n",
        good=f"kxs 1\n{_END}",
        fix="unsafe",
    ),
    Code(
        "KX003",
        "error",
        "substitution of a shell: `$( )`, backticks, `${x:-y}`, `$1`, `$?`",
        "A command's result is a value: `let d = findfs LABEL=X`, and as a word "
        "`mount (findfs LABEL=X)`. In a string it is `${(...)}`. A value for null is "
        '`${x ?? "default"}`, arithmetic needs no marks, parameters have names, and a '
        "failure is handled on the spot: `mount LABEL=X else as e { ... }`.\n\n"
        "Inside a string these signs would be plain text, so the mistake would only show on "
        "the screen or in the kernel's command line. That is why it is an error there too; "
        "a `$` that is meant is written `\\$`, or stands in '...'.",
        bad=f'kxs 1\nsay "this is $(read /proc/version)"\n{_END}',
        good=f'kxs 1\nsay "this is ${{(read /proc/version)}}"\n{_END}',
        fix="safe",
    ),
    Code(
        "KX004",
        "error",
        "blocks and tests of a shell: `[ ]`, then, fi, do, done, case, f()",
        "Blocks have braces. Conditions are plain: `exists FILE` for `[ -e FILE ]`, "
        '`$a == "b"` for `[ "$a" = b ]`, `$n < 3` for `[ $n -lt 3 ]`. `case` is `match`, '
        '`for x in a b; do` is `for x in ["a", "b"] {`, and `f() {` is `fn f() {`. '
        "A range, `1..5` or `$(seq 5)`, is a list that is written out. Whether a command works is "
        "no condition: `try { ... } else { ... }` asks that, and `retry 3 { ... }` tries again. "
        "`elif`, `catch`, blocks of Python and `say(x)` are told here too.\n\n"
        "`--fix --unsafe` rewrites a whole construct, where each of its parts has a "
        "counterpart; what stands between is left as it is. It is unsafe because `[ -f X ]` "
        "and `exists X` are not quite the same question.",
        bad=f"kxs 1\nif [ -f /etc/quiet ]; then\n  say quiet\nfi\n{_END}",
        good=f"kxs 1\nif exists /etc/quiet {{\n  say quiet\n}}\n{_END}",
        fix="unsafe",
    ),
    Code(
        "KX005",
        "error",
        "redirection, pipe, here document or background job",
        "Commands of kxs give values, not streams: `let text = (read FILE)` and then "
        '`if $text =~ "word" { ... }` does what a pipe into grep does. `say` writes to the '
        "screen, `state` and `save` keep something over a restart, and nothing runs in the "
        "background.\n\n"
        "A program that must have a pipe is started as `run sh -c '...'`.",
        bad=f"kxs 1\nread /proc/cmdline | grep quiet\n{_END}",
        good=f'kxs 1\nif (read /proc/cmdline) =~ "quiet" {{ say quiet }}\n{_END}',
        fix="unsafe",
    ),
    Code(
        "KX006",
        "error",
        "goto or a label",
        "There are no jumps. What stands under a label is a function, what jumps back is a "
        "loop or `retry 3 { ... }`, and a jump to an error label is an `else`.\n\n"
        "A jump past the end of a block would leave open what the block has mounted.",
        bad="kxs 1\n:again\nload LABEL=BOOT:/vmlinuz\nexec\n",
        good="kxs 1\nretry 3 { load LABEL=BOOT:/vmlinuz }\nexec\n",
    ),
    Code(
        "KX007",
        "error",
        "quote that is never closed",
        "A string ends on the line that it begins on. The quote that opened it is marked; "
        "often it is an apostrophe in a message, which then needs the other kind of quotes "
        "around it.\n\n"
        "Long texts are several strings: several `say`, or a list.",
        bad=f"kxs 1\nsay it's me\n{_END}",
        good=f'kxs 1\nsay "it\'s me"\n{_END}',
    ),
    Code(
        "KX008",
        "error",
        "unknown escape",
        'In "..." a backslash begins one of \\n \\t \\" \\$ \\\\ and nothing else. Paths with '
        "backslashes, as firmware and Windows write them, are the usual case: "
        '"\\EFI\\BOOT" means nothing here. Files are named with `/` on every filesystem, '
        "FAT included.\n\n"
        "A backslash that is meant is written twice, or stands in '...'.",
        bad=f'kxs 1\nsay "50\\% done"\n{_END}',
        good=f'kxs 1\nsay "50% done"\n{_END}',
        fix="safe",
    ),
    Code(
        "KX009",
        "error",
        "bare word in an expression",
        "After `=`, `in`, `if`, `while`, `match` and `return`, and inside of brackets, stand "
        "expressions: strings have quotes there, variables a `$`. Bare words are for the "
        "arguments of commands.\n\n"
        "Otherwise nobody could tell whether `let x = reboot` is a string or restarts the "
        "machine.",
        bad=(f"kxs 1\nfor label in [BOOT, DATA] {{\n  say $label\n}}\n{_END}"),
        good=f'kxs 1\nfor label in ["BOOT", "DATA"] {{\n  say $label\n}}\n{_END}',
        fix="safe",
    ),
    Code(
        "KX010",
        "error",
        "command of another loader or a shell",
        "GRUB, iPXE, U-Boot and shells have commands that kxs has under another name or does "
        "not need: `linux` and `initrd` are `load`, `boot` is `exec`, `menuentry` is `entry`, "
        "`search` is `findfs` or `mount`, `echo` is `say`. The hint names the kxs way.\n\n"
        "`--fix --unsafe` rewrites what has a counterpart. A run of GRUB's entries becomes a menu "
        "that boots, each with its device and `exec`, or is left alone.\n\n"
        "docs/from-grub.md and docs/from-shell.md show whole scripts side by side.",
        bad="kxs 1\nlinux /boot/vmlinuz root=/dev/sda2 ro\nboot\n",
        good=(
            "kxs 1\nlet root = mount LABEL=root\n"
            "load $root/boot/vmlinuz --initrd $root/boot/initrd.img\n"
            '  --cmdline "root=LABEL=root ro"\n'
            "exec\n"
        ),
        fix="unsafe",
    ),
    Code(
        "KX011",
        "error",
        "typographic or invisible character",
        "Quotes of a word processor, blanks that are none (U+00A0) and characters without a "
        "width look like the plain ones and are others; what turns the direction of writing, and "
        "control characters, cannot be seen at all. In a bare word they would become part "
        "of it: a label that no disk has.\n\n"
        "They come from web pages and chat programs. Inside of quotes and in comments any "
        "character is welcome.",
        bad=f"kxs 1\nsay \u201chello\u201d\n{_END}",
        good=f'kxs 1\nsay "hello"\n{_END}',
        fix="safe",
    ),
    Code(
        "KX012",
        "warning",
        "edition missing or newer",
        "The first line `kxs 1` names the edition of the language. A newer kxsh on the helper "
        "PC can then still check a script for an older one on a stick, and an old loader "
        "refuses a script that it would misread instead of running half of it.\n\n"
        "An edition that this kxsh does not know is an error; a missing one is a warning.",
        bad=_END,
        good=f"kxs 1\n{_END}",
        fix="safe",
    ),
    Code(
        "KX013",
        "warning",
        "`on-failure` after the first lines",
        "`on-failure` counts from where it has run. What fails above it does not follow it: "
        "the machine waits at the prompt instead of restarting, for somebody who is not "
        "there.\n\n"
        "Write it under `kxs 1`. Functions and imports may stand above it.",
        bad="kxs 1\nload LABEL=BOOT:/vmlinuz\non-failure reboot 30s\nexec\n",
        good=f"kxs 1\non-failure reboot 30s\n{_END}",
    ),
)
