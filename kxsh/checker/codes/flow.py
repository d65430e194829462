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
        "KX302",
        "warning",
        "statement that is never reached",
        "What stands before this statement never comes to an end: `exec`, `boot`, `recovery`, "
        "`fail`, `return`, `break`, a loop without a way out, or a function that does not come "
        "back. So this line never runs.\n\n"
        "Usually it was meant to run: a message, an `umount`, a second attempt. What shall run "
        "when `exec` or `boot` fails stands in an `else` after it.",
        bad='kxs 1\nboot LABEL=X:/vmlinuz\nsay "it did not start"\nrecovery\n',
        good='kxs 1\nboot LABEL=X:/vmlinuz else { say "it did not start" }\nrecovery\n',
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
        "KX304",
        "error",
        "a file of a mount that is closed",
        "A path, an entry or a menu leads to a filesystem that is not mounted any more on some "
        "way to this line: `umount` closed it, or the block that mounted it has ended. A mount "
        "belongs to its block, also when its value was given to a variable outside.\n\n"
        "The file is then looked for in the loader's own, almost empty file system, and is not "
        "found, although everybody can see it on the stick.\n\n"
        "Mount in the block where the files are used, return the mount itself from a function "
        "(it moves to the caller), or mount with `--keep`. What `load` has read is in memory: "
        "after it, the mount may close.",
        bad="kxs 1\nlet m = mount LABEL=X\numount $m\nload $m/vmlinuz\nexec\n",
        good="kxs 1\nlet m = mount LABEL=X\nload $m/vmlinuz\numount $m\nexec\n",
    ),
    Code(
        "KX305",
        "error",
        "umount of what is unmounted already",
        "On some way to this line the mount is closed: by an `umount` before it, or by the end "
        "of the block that made it. There is nothing left to unmount, which is a failure of "
        "class not-found and stops the script.\n\n"
        "Leave `umount` out: the end of a block unmounts what it has mounted, on every way out "
        "of it.",
        bad=("kxs 1\nlet m = mount LABEL=X\nif exists $m/a { umount $m }\nsay done\numount $m\n"),
        good="kxs 1\nlet m = mount LABEL=X\nif exists $m/a { say yes }\nsay done\numount $m\n",
    ),
    Code(
        "KX306",
        "warning",
        "two mounts on one directory",
        "The directory is taken by a mount that is still open: this one lies over it, and the "
        "files of the first cannot be reached until the second is closed.\n\n"
        "`mount` without a directory makes one of its own each time; that never collides.",
        bad="kxs 1\nmount LABEL=X /mnt\nmount LABEL=Y /mnt\n",
        good="kxs 1\nlet x = mount LABEL=X\nlet y = mount LABEL=Y\nsay $x $y\n",
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
    Code(
        "KX308",
        "error",
        "changed state that is not saved",
        "A state that `state` read was changed with `set`, and a kernel is started on some way "
        "without `save`. Only `save` writes it: the next boot finds the old values.\n\n"
        "A boot counter that is not saved never counts, and a machine that was meant to fall "
        "back to its other system tries the broken one for ever.",
        bad=(
            "kxs 1\nlet boot = state slots --default [tries: 3]\n"
            "set boot.tries = $boot.tries - 1\nboot LABEL=X:/vmlinuz\n"
        ),
        good=(
            "kxs 1\nlet boot = state slots --default [tries: 3]\n"
            "set boot.tries = $boot.tries - 1\nsave $boot\nboot LABEL=X:/vmlinuz\n"
        ),
    ),
    Code(
        "KX309",
        "warning",
        "endless loop that never pauses",
        "The loop has no way out but a failure, and nothing in it waits: no `sleep`, no `wait`, "
        "no command with a time. It keeps the processor busy for good, and on a machine without "
        "a keyboard nobody can stop it.\n\n"
        "Leave it with `break`, count the turns, or use `retry` or `wait`.",
        bad='kxs 1\nwhile true {\n  if exists LABEL=X:/ready { say "ready" }\n}\n',
        good=(
            "kxs 1\nwhile true {\n"
            '  if exists LABEL=X:/ready { say "ready"; break }\n  sleep 1s\n}\n'
        ),
    ),
    Code(
        "KX310",
        "warning",
        "retry of what never changes",
        "Every try of this `retry` ends the same way: nothing in its block can fail, or it fails "
        "in any case, or there is one try only. Trying again changes nothing.\n\n"
        "`retry` helps where the world may change between two tries: a disk that appears, a "
        "network that answers.",
        bad='kxs 1\nretry 3 { say "hello" }\n',
        good="kxs 1\nretry 3 { modprobe usb-storage }\n",
    ),
    Code(
        "KX311",
        "warning",
        "failure that is swallowed",
        "An `else` with an empty block handles every failure and does nothing: also an unreadable "
        "disk or a refused kernel, and nobody is ever told.\n\n"
        "Where only `not found` is fine, `?` says so. Where any failure is fine, a comment in the "
        "block says why, and this finding goes away.",
        bad="kxs 1\nmodprobe dm-crypt else { }\n",
        good="kxs 1\nmodprobe dm-crypt ?\n",
    ),
    Code(
        "KX312",
        "error",
        "write to a read-only mount",
        "A program is to write to a filesystem that the script mounted without `--rw`. The "
        "kernel refuses that.",
        bad="kxs 1\nlet m = mount LABEL=X\nrun touch $m/booted\n",
        good="kxs 1\nlet m = mount LABEL=X --rw\nrun touch $m/booted\n",
    ),
    Code(
        "KX313",
        "warning",
        "mounted for writing and never written to",
        "`--rw` lets the kernel write: it replays the journal, and a machine that is switched "
        "off in the middle leaves a damaged filesystem. Nothing in the script writes to this "
        "mount. (`save` opens its partition for writing by itself.)",
        bad="kxs 1\nlet m = mount LABEL=X --rw\nboot $m/vmlinuz\n",
        good="kxs 1\nlet m = mount LABEL=X\nboot $m/vmlinuz\n",
    ),
    Code(
        "KX314",
        "warning",
        "opened and never used",
        "A LUKS container, a volume group, an array, an image file or the network is opened, and "
        "nothing after it uses a device or the network. The kernel that is started does not get "
        "it either: it opens what it needs by itself.",
        bad="kxs 1\nnet-up --timeout 20s\nboot LABEL=X:/vmlinuz\n",
        good=(
            "kxs 1\nnet-up --timeout 20s\n"
            "let kernel = fetch https://boot.lan/vmlinuz --timeout 1m\nboot $kernel\n"
        ),
    ),
    Code(
        "KX315",
        "error",
        "a fallback that leads to itself",
        "What runs when something fails is the very thing that failed: the same call again, the "
        "function in which it stands, or a menu's default as its own fallback. It fails the same "
        "way again, without an end or without an effect.",
        bad=(
            "kxs 1\nfn rescue() -> never {\n  let m = mount LABEL=RESCUE else rescue\n"
            "  boot $m/vmlinuz\n}\nrescue\n"
        ),
        good=(
            "kxs 1\nfn rescue() -> never {\n  let m = mount LABEL=RESCUE else { recovery }\n"
            "  boot $m/vmlinuz\n}\nrescue\n"
        ),
    ),
)
