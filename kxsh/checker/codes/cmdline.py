"""The kernel's command line."""

from __future__ import annotations

from kxsh.checker.codes.code import Code


def _load(cmdline: str, *, initrd: bool = True, first: str = "", more: str = "") -> str:
    """Return a script that loads a kernel with this command line."""
    ramdisk = " --initrd $image/initrd.img" if initrd else ""
    return (
        f"kxs 1\n{first}let image = mount LABEL=GENTOO\n"
        f"load $image/vmlinuz{ramdisk}{more}\n  --cmdline {cmdline}\nexec\n"
    )


CODES: tuple[Code, ...] = (
    Code(
        "KX401",
        "error",
        "a blank around `=`",
        """
A blank stands before or behind a `=`, or behind a comma of a list of values.

The kernel cuts its command line at blanks. `ether = 9, 0x300` is four words: `ether`
without a value, and three that nobody knows, which are handed to init as arguments.
Values are separated by commas, without blanks.
""",
        _load('"ether = 9, 0x300 ro"'),
        _load('"ether=9,0x300 ro"'),
    ),
    Code(
        "KX402",
        "warning",
        "more than ten numbers for one key",
        """
Drivers of the old kind (ether=, aha152x=, reserve=...) get their numbers through one
function of the kernel, get_options, into a list of ten.

What is more than that is dropped without a word. bootparam(7) says ten; older texts say
eleven, counting a name behind the numbers. Keys with lists of another kind, such as
isolcpus=, are not meant.
""",
        _load('"reserve=0x300,32,0x340,32,0x360,32,0x380,32,0x3a0,32,0x3c0,32"'),
        _load('"reserve=0x300,32,0x340,32,0x360,32,0x380,32 reserve=0x3a0,32,0x3c0,32"'),
    ),
    Code(
        "KX403",
        "warning",
        "`initrd=` beside `--initrd`",
        """
The command line has a word `initrd=`, and the kernel is loaded with `--initrd` as well.

The word is read by ISOLINUX and its kin, and by the kernel's EFI stub. kexec starts the
kernel behind that stub, so only `--initrd` loads a file. An entry that was read from a
loader's menu keeps the word, because its target got it too; a line that you write does
not need it.
""",
        _load('"root=/dev/ram0 initrd=gentoo.igz"'),
        _load('"root=/dev/ram0"'),
        fix="safe",
    ),
    Code(
        "KX404",
        "warning",
        "`vga=` does nothing",
        """
`vga=` asks the boot loader to set a VESA mode through the BIOS.

After EFI and kexec there is no BIOS to ask: the screen keeps the mode that the firmware
set, and the target gets it from the loader. `video=` asks a graphics driver for another
mode.
""",
        _load('"root=/dev/ram0 vga=791"'),
        _load('"root=/dev/ram0"'),
        fix="safe",
    ),
    Code(
        "KX405",
        "error",
        "root by label or UUID, without an initrd",
        """
The command line says `root=LABEL=` or `root=UUID=`, and no initrd is loaded.

The kernel itself does not look into filesystems for their label or UUID; programs in the
initrd do. Alone it knows PARTUUID=, PARTLABEL= and device names, and stops with `Unable
to mount root fs`. A kernel with an initramfs built in is an exception: allow it there.
""",
        _load('"root=LABEL=gentoo ro"', initrd=False),
        _load('"root=PARTLABEL=gentoo ro"', initrd=False),
    ),
    Code(
        "KX406",
        "warning",
        "words that repeat or contradict each other",
        """
The same key, of which one counts, is there twice, or two words say opposite things (`ro`
and `rw`, `quiet` and `debug`).

The last one counts. Somebody who reads or edits the first one is misled. Keys that may
repeat (console=, rd.luks.uuid=...) are not meant, unless the whole word is the same.
""",
        _load('"root=/dev/ram0 ro quiet rw"'),
        _load('"root=/dev/ram0 quiet rw"'),
    ),
    Code(
        "KX407",
        "error",
        "a command line that is too long",
        """
On x86 the kernel takes 2047 bytes of command line; a kernel's own header may say less,
which is looked up with `--image`.

`load` refuses a longer one, since the kernel would cut it in the middle of a word.
""",
        _load('"ip=dhcp ' + " ".join(f"systemd.setenv=A{n}={'x' * 88}" for n in range(20)) + '"'),
        _load('"ip=dhcp ' + " ".join(f"systemd.setenv=A{n}={'x' * 8}" for n in range(20)) + '"'),
    ),
    Code(
        "KX408",
        "error",
        "an unclosed quote in the command line",
        """
The command line has an odd number of `"`.

In quotes a value may have blanks (`dyndbg="file ahci.c +p"`). Without the second one,
the kernel takes everything that follows as part of that word.
""",
        _load("""'root=/dev/ram0 dyndbg="file ahci.c +p quiet'"""),
        _load("""'root=/dev/ram0 dyndbg="file ahci.c +p" quiet'"""),
    ),
    Code(
        "KX409",
        "error",
        "a variable of another loader",
        """
A `$name` or `${name}` is left in the command line as text.

It was copied from a grub.cfg, where GRUB replaces it (`${iso_path}`, `$kernelopts`). In
single quotes kxs replaces nothing, so the kernel gets the dollar sign. Write the value,
or a variable of the script in double quotes.
""",
        _load("'root=/dev/ram0 iso-scan/filename=${iso_path}'"),
        _load("'root=/dev/ram0 iso-scan/filename=/gentoo.iso'"),
    ),
    Code(
        "KX410",
        "warning",
        "BOOT_IMAGE= left over",
        """
`BOOT_IMAGE=` is added by the boot loader that starts a kernel; it stands in
/proc/cmdline afterwards, and from there it was copied.

It says the name of a file that another loader read. Nothing needs it; an entry of a
menu gets it by itself, as its own loader would have added it.
""",
        _load('"BOOT_IMAGE=/vmlinuz-5.10 root=/dev/ram0"'),
        _load('"root=/dev/ram0"'),
        fix="safe",
    ),
    Code(
        "KX411",
        "warning",
        "the last console= is another one",
        """
The entry is named for one kind of console, and the last `console=` is of another kind.

All consoles show the kernel's messages, but programs talk to /dev/console, which is the
last one: the log-in, and a question for a passphrase, appear there and nowhere else.
""",
        "kxs 1\nlet image = mount LABEL=GENTOO\n"
        'menu "Gentoo" --timeout 5s {\n  entry s "On the serial line" {\n'
        '    boot $image/vmlinuz --cmdline "console=ttyS0,115200 console=tty0"\n  }\n}\n',
        "kxs 1\nlet image = mount LABEL=GENTOO\n"
        'menu "Gentoo" --timeout 5s {\n  entry s "On the serial line" {\n'
        '    boot $image/vmlinuz --cmdline "console=tty0 console=ttyS0,115200"\n  }\n}\n',
    ),
    Code(
        "KX412",
        "warning",
        "nearly a kernel parameter",
        """
Nothing is known to read this word, and it is one slip of the fingers away from a
parameter that the kernel documents.

The kernel does not complain of unknown words: it hands them to init, which ignores them.
So `rootdealy=5` delays nothing. The names are those of the kernel's documentation, in the
version that data/kernel-parameters.txt says.
""",
        _load('"root=/dev/ram0 rootdealy=5"'),
        _load('"root=/dev/ram0 rootdelay=5"'),
    ),
    Code(
        "KX413",
        "error",
        "a character that does not belong there",
        r"""
The command line has a line end or another control character, a blank or quote that only
looks like the plain one, or (a warning) a letter outside of ASCII.

A line end mostly means that two `append` lines were joined in one string. The kernel does
not know typographic quotes, and other letters arrive as several bytes.
""",
        _load('"root=/dev/ram0\\ninit=/linuxrc"'),
        _load('"root=/dev/ram0 init=/linuxrc"'),
    ),
    Code(
        "KX414",
        "warning",
        "a secret in the command line",
        """
A password stands in the command line.

Every user and every program of the target can read it in /proc/cmdline, it is in the
boot log, and it lies unencrypted on the ESP.
""",
        _load('"root=/dev/ram0 rd.iscsi.password=geheim"'),
        _load('"root=/dev/ram0 rd.iscsi.firmware"'),
    ),
    Code(
        "KX415",
        "warning",
        "a live system's label that the image does not have",
        """
The command line tells a live system to find its medium by a label (`root=live:LABEL=`,
`archisolabel=`, `inst.stage2=hd:LABEL=`...), and no filesystem of the image has it.

The kernel and its initrd start, search for the medium, and stop in an emergency shell.
The label of an ISO is lost when it is copied to a stick file by file.
""",
        _load('"root=live:LABEL=F40-Live"'),
        _load('"root=live:LABEL=GENTOO"'),
        facts=("image",),
    ),
    Code(
        "KX416",
        "warning",
        "nobody is there, and no panic=",
        """
The script restarts or switches off by itself after a failure (`on-failure reboot`), but
the kernel that it starts would stay where it panics: without `panic=` (or with `panic=0`)
it waits for ever.

`panic=30` restarts half a minute after the panic, and the script gets another chance.
""",
        _load('"root=/dev/ram0"', first="on-failure reboot 30s\n"),
        _load('"root=/dev/ram0 panic=30"', first="on-failure reboot 30s\n"),
    ),
    Code(
        "KX417",
        "warning",
        "a value that the kernel does not understand",
        """
The parameter takes a number, a size, yes or no, or one of some words, and this value is
none of them. The kernel says nothing, or one line in its log, and goes on without it.

Numbers may be negative or hexadecimal (`panic=-1`), sizes have a unit (`mem=4G`). Of words
only a slip of the fingers is reported, since not every version takes the same ones. The
kinds are those of the kernel's documentation.
""",
        _load('"root=/dev/ram0 panic=soon"'),
        _load('"root=/dev/ram0 panic=30"'),
    ),
    Code(
        "KX418",
        "error",
        "several words in one `--set`",
        """
`--set` takes one word, `key` or `key=value`, and replaces the one of that key. Several words in
quotes are refused when the line runs.

Write `--set` for each. A value with blanks has quotes of its own: `--set 'dyndbg="file a.c +p"'`.
""",
        _load("root=/dev/ram0", more=' --set "quiet panic=30"'),
        _load("root=/dev/ram0", more=" --set quiet --set panic=30"),
        fix="unsafe",
    ),
)
