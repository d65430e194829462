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
)
