"""Commands and their arguments."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = (
    Code(
        "KX201",
        "error",
        "unknown command",
        """
No command and no function has this name. The message names the nearest one; `help` lists
all. Programs of the loader's system are not commands: `run lsblk -f` starts one, with its
arguments as they stand. A script cannot start one by its bare name, so that a misspelt
command is found before anything runs.
""",
        "kxs 1\nlsblk -f\nrecovery\n",
        "kxs 1\nrun lsblk -f\nrecovery\n",
        fix="unsafe",
    ),
    Code(
        "KX202",
        "error",
        "unknown option",
        """
The command does not have this option. What it has stands in the usage line of the message,
and is explained by `help COMMAND`. Options have one spelling, and are not shortened.

Names that other programs give an option are known: `--append` is `--cmdline` here. One that
says what is so anyway is left out: a mount is read-only unless `--rw`.
""",
        "kxs 1\nlet m = mount LABEL=X --read-only\nboot $m/vmlinuz\n",
        "kxs 1\nlet m = mount LABEL=X\nboot $m/vmlinuz\n",
        fix="safe",
    ),
    Code(
        "KX203",
        "error",
        "missing or extra argument",
        """
A command gets fewer words than it needs or more than it takes, an option lacks its value,
or a block stands where none belongs. One value is one word: nothing is split at blanks.

After a call an operator is one more word: `if (exists $a) and (exists $b)` needs its
parentheses.
""",
        "kxs 1\nlet m = mount LABEL=X /mnt/x ro\nboot $m/vmlinuz\n",
        "kxs 1\nlet m = mount LABEL=X /mnt/x\nboot $m/vmlinuz\n",
        fix="safe",
    ),
    Code(
        "KX204",
        "error",
        "value outside its set",
        """
The word does not read as what the parameter takes: a duration without a unit, a number that
is none, a device that is neither `LABEL=` and its like nor a path, or a word that is not
among those that are allowed. So is a filesystem type that is nearly one of Linux's: `mount
--type iso9600`.

What `lock password` gets has to be a hash, not the password: everybody can read the script.
`kximage password` makes one. It stands in single quotes, since a `$` in others is a variable.
""",
        "kxs 1\nsleep 5\nboot LABEL=X:/vmlinuz --method kexec\n",
        "kxs 1\nsleep 5s\nboot LABEL=X:/vmlinuz --method file\n",
    ),
    Code(
        "KX205",
        "error",
        "repeated or contradicting option",
        """
An option that takes one value is given twice, or two options say opposite things: `--rw`
and `--options ro`, a key file and a passphrase. Neither the first nor the last wins; only
the writer knows which was meant.
""",
        "kxs 1\nlet m = mount LABEL=X --rw --options ro,noatime\nrun touch $m/a\n",
        "kxs 1\nlet m = mount LABEL=X --rw --options noatime\nrun touch $m/a\n",
    ),
    Code(
        "KX206",
        "warning",
        "result that nothing takes",
        "The command only finds something out, and its result is thrown away. Most often a "
        "`let` was forgotten: `cmdline set $args quiet`, for one, returns a new command line and "
        "leaves `$args` as it is. Or an `else { mount LABEL=B }` opens what ends with the braces: "
        "`else mount LABEL=B` hands it on.\n\n"
        "To wait until a device is there, use `wait`, which says so.",
        bad="kxs 1\nfindfs LABEL=X\nboot LABEL=X:/vmlinuz\n",
        good="kxs 1\nlet disk = findfs LABEL=X\nboot $disk:/vmlinuz\n",
    ),
    Code(
        "KX207",
        "warning",
        "handler of what cannot happen",
        "A `?` stands after a command that never fails with not-found, or an `else` after one "
        "that never fails; it does nothing, and whoever reads it is led astray. Or the `?` "
        "touches the word before it, and is a part of that word: `LABEL=DATA?` looks for a "
        "filesystem whose label ends in a question mark.",
        bad="kxs 1\nif let data = findfs LABEL=DATA? { say $data }\n",
        good="kxs 1\nif let data = findfs LABEL=DATA ? { say $data }\n",
        fix="safe",
    ),
    Code(
        "KX209",
        "error",
        "exec of a program",
        """
In a shell `exec PROGRAM` goes on in another program. In kxs `exec` starts the kernel that
`load` has read, and takes no program. `run sh` starts a shell, and the script goes on when
it ends; the recovery prompt, which `recovery` opens, has `sh` as well.
""",
        "kxs 1\nexec /bin/sh\n",
        "kxs 1\nrun /bin/sh\nrecovery\n",
    ),
    Code(
        "KX210",
        "error",
        "a program that the initramfs does not have",
        """
`run` starts a program of the loader's initramfs, and the one that `--initramfs` names has
no such program.

The loader carries busybox and what it was built with; programs of the helper PC are not
there. `run` fails on the target with not-found.
""",
        "kxs 1\nrun lshw -short\nrecovery\n",
        "kxs 1\nrun lsblk -f\nrecovery\n",
        facts=("initramfs",),
    ),
    Code(
        "KX211",
        "error",
        "a module that the initramfs does not have",
        """
`modprobe` loads a module of the loader's initramfs, and the one that `--initramfs` names
has no module, built-in driver or alias of this name.

Build a loader with it, or remove the line: the usual storage drivers are loaded before
the script starts.
""",
        "kxs 1\nmodprobe nvme-fabric\nrecovery\n",
        "kxs 1\nmodprobe nvme-fabrics\nrecovery\n",
        facts=("initramfs",),
    ),
    Code(
        "KX212",
        "warning",
        "modprobe after the command that needs the module",
        "The filesystem's or the device mapper's module is loaded after the command that cannot "
        "work without it. Either the command has worked, and the line does nothing; or it failed "
        "and the line is never reached.",
        bad="kxs 1\nlet m = mount LABEL=X --type ext4\nmodprobe ext4\nboot $m/vmlinuz\n",
        good="kxs 1\nmodprobe ext4\nlet m = mount LABEL=X --type ext4\nboot $m/vmlinuz\n",
    ),
    Code(
        "KX213",
        "warning",
        "operator among the words of a command",
        """
The arguments of a command are words, and so is a `+` or a `-` among them: `say $n - 1` shows
`3 - 1`. Where the command takes no more words, this is an error.

Parentheses hold an expression, and `${...}` holds one inside of a string. What is to be one
text is written as one string: `+` joins no strings and numbers.
""",
        'kxs 1\nlet left = 3\nsay "left: " + $left\nsay $left - 1\nrecovery\n',
        'kxs 1\nlet left = 3\nsay "left: $left"\nsay ($left - 1)\nrecovery\n',
        fix="unsafe",
    ),
)
