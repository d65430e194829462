"""The order of things: what is loaded, mounted and closed when."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = (
    Code(
        "KX301",
        "error",
        "exec without a loaded kernel",
        "`exec` starts the kernel that `load` has put into memory. On at least one way through "
        "the script nothing has been loaded when `exec` is reached: a branch was not taken, a "
        "loop ran no turn, or a failure of `load` was handled and the script went on.\n\n"
        "At run time this is a usage error, which nothing handles: the boot stops there, on the "
        "machine and at the time when the other way is taken.\n\n"
        "Load a kernel on every way, or leave where there is none.",
        bad="kxs 1\nlet m = mount LABEL=X\nif exists $m/vmlinuz {\n  load $m/vmlinuz\n}\nexec\n",
        good=(
            "kxs 1\nlet m = mount LABEL=X\nif exists $m/vmlinuz {\n  load $m/vmlinuz\n"
            '} else { recovery "no kernel in $m" }\nexec\n'
        ),
    ),
    Code(
        "KX303",
        "warning",
        "the script can end without starting a kernel",
        "A script that loads or starts a kernel comes to its end on some way without having "
        "started one. Often `exec` was forgotten, or it stands in a loop or branch and nothing "
        "says what happens when that is passed by.\n\n"
        "A loader whose script ends has nothing more to do: it shows an error and follows the "
        "script's `on-failure`, without a reason that would help anybody.\n\n"
        "End the script with `exec`, or with `recovery` and the reason.",
        bad="kxs 1\nfor d in devices {\n  boot $d:/vmlinuz else { continue }\n}\n",
        good=(
            "kxs 1\nfor d in devices {\n  boot $d:/vmlinuz else { continue }\n}\n"
            'recovery "no disk has a kernel that starts"\n'
        ),
    ),
    Code(
        "KX307",
        "warning",
        "a kernel is loaded in vain",
        "`load` puts a kernel in the place of one that an earlier `load` has read, and on no way "
        "is the first one started or looked at. Only the last one can be started.\n\n"
        "Reading a kernel and its initrd takes seconds from a slow stick; and whoever reads "
        "the script takes the first line for the one that counts.\n\n"
        "A `load` whose failure is handled is an attempt, and what was loaded before serves "
        "where it fails: of that nothing is said.",
        bad="kxs 1\nload LABEL=A:/vmlinuz\nload LABEL=B:/vmlinuz\nexec\n",
        good=(
            "kxs 1\nload LABEL=A:/vmlinuz\n"
            'load LABEL=B:/vmlinuz else { say "then the old kernel" }\nexec\n'
        ),
    ),
)
