"""Commands and their arguments."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = (
    Code("KX201", "error", "unknown command"),
    Code("KX202", "error", "unknown option"),
    Code("KX203", "error", "missing or extra argument"),
    Code("KX204", "error", "value outside its set"),
    Code("KX205", "error", "repeated option"),
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
        "KX206",
        "warning",
        "result that nothing takes",
        "The command only finds something out, and its result is thrown away. Most often a "
        "`let` was forgotten: `cmdline set $args quiet`, for one, returns a new command line and "
        "leaves `$args` as it is.\n\n"
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
        "KX212",
        "warning",
        "modprobe after the command that needs the module",
        "The filesystem's or the device mapper's module is loaded after the command that cannot "
        "work without it. Either the command has worked, and the line does nothing; or it failed "
        "and the line is never reached.",
        bad="kxs 1\nlet m = mount LABEL=X --type ext4\nmodprobe ext4\nboot $m/vmlinuz\n",
        good="kxs 1\nmodprobe ext4\nlet m = mount LABEL=X --type ext4\nboot $m/vmlinuz\n",
    ),
)
