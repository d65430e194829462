"""What `help TOPIC` says of things that are no commands: terms, keys, failure classes.

A text has paragraphs, and lines of two columns (what to type, what it does): see
`kxsh.console.tables.flowed`, which fits both to the screen.
"""

from __future__ import annotations

from kxsh.console.help.key_pages import PAGES

# The menu's own page of keys is a topic too.
_MENU_KEYS = "menu-keys"
# A topic's names, the first as `help` lists it -> its text.
_TEXTS = {
    **PAGES,
    "console prompt kxsh": """\
The prompt of kxsh: a script failed or was left, or there was none. Nothing has been started.

  why            what failed, and what to try
  retry          go on with the script; `retry --edit --save` mends it first, for good
  disks          what disks there are
  ls LABEL=X:/   what is on one; Tab completes, also where nothing is mounted
  entries        what can be started; `boot` and Tab take one of them
  load K --initrd I --cmdline "..."
                 a kernel by hand; `exec` starts it
  sh             a plain shell, and back; other programs run by their name
  reboot         or poweroff, firmware

It takes the language of boot scripts: `let m = mount LABEL=X` keeps a value, `$m` shows it, an
open block goes on in the next line. Faults are underlined while you type, and told below.

`help` lists all, `help WORD` explains any: a command, a code (KX201), a term, or what was said,
in quotes. F1 shows how a command is written. Wrong letters? `keymap de`.
See also: keys, going-on, menus, kexec, failure, serial, messages.
""",
    "going-on retry-step resume": """\
A script that failed keeps its variables and mounts, and the prompt works in them.

  why            what failed, and what to try
  retry          goes on with the statement that failed
  retry --edit   lets the line that failed be changed first, for this boot; in a script
                 that was refused each faulty one
  retry --edit --save
                 and writes that to the script's own file, for good
  retry --skip   goes on after it: its work was done by hand
  retry --whole  starts again with the first line
  step           statement by statement, asking before each
  undo           takes back what the last line did
  save-script new.kxs
                 writes the lines that worked as a script; with --rest what is still to do
""",
    "failure failures classes": """\
A command that fails stops its line or script, unless something handles it. Its class says
what kind of failure it was.

  not-found      what was asked for is not there
  timeout        it did not come in time
  denied         a policy says no: Secure Boot, lockdown, permissions
  io             reading, writing or a device failed
  format         a file or filesystem is not what it should be
  verify         a check of the script did not hold
  interrupted    Ctrl-C; nothing handles it

  findfs LABEL=X?
                 null where it is not found
  mount LABEL=X else { say "no X" }
                 for any failure; `else as e` has ${e.message}

`why` tells all that is known about the last one.
""",
    "LABEL UUID PARTUUID PARTLABEL tags disk": """\
A device is named by what is on it, since names like sda change from boot to boot.

  LABEL=X        a filesystem's label
  UUID=X         a filesystem's UUID
  PARTUUID=X, PARTLABEL=X
                 a partition's, by its table
  /dev/sda1      by its path
  part ${esp.disk} 1
                 by its number on the disk that was booted from
  LABEL=X:/boot  a file or directory on it; it need not be mounted

`disks` lists all; Tab after LABEL= lists the labels there are.
""",
    "esp": """\
$esp is the partition that this loader was started from, ${esp.disk} its disk. So `part
${esp.disk} 1` finds a partition of the same stick, wherever it is plugged in. $esp is null
when no loader started kxsh.
""",
    "LUKS encryption cryptsetup": """\
An encrypted partition (`disks` shows the type crypto_LUKS) is opened before it is mounted.

  let inside = luks-open UUID=X
                 asks for the passphrase
  mount $inside

The target asks again: its own initrd does not know what was opened here. A loader has
cryptsetup only when it was built `--with luks`.
""",
    "LVM volumes": """\
A physical volume (type LVM2_member) holds a group of volumes.

  lvm-activate GROUP
                 makes the group's volumes devices
  mount /dev/GROUP/VOLUME

A loader has LVM only when it was built `--with lvm`.
""",
    "RAID md mdadm": """\
Parts of a RAID have the type linux_raid_member.

  md-assemble    assembles what belongs together
  md-assemble /dev/sda2 /dev/sdb2

A loader has mdadm only when it was built `--with md`.
""",
    "image iso loop": """\
An image file on a disk becomes a device.

  let disc = loop-open LABEL=DATA:/images/gentoo.iso
  let image = mount $disc
                 disc is the image as a device
  boot $image/isolinux/gentoo --iso LABEL=DATA:/images/gentoo.iso
                 tells the target where its image lies
""",
    "grub": """\
What grub> has, here:

  ls, cat        the same; ls alone: the disks
  ls (hd0,1)/boot
                 Tab and Enter write it as kxsh names it: ls LABEL=root:/boot
  linux, initrd  load KERNEL --initrd FILE --cmdline "..."
  boot           exec
  configfile F   boot-menus, or: let all = grub-entries F
                 then: boot ${all.default}

(hd0) is the disk that was booted from, other disks follow in the kernel's order. See also:
LABEL, menus.
""",
    "menus isolinux syslinux bls lilo": """\
The menus of other boot loaders on the disks are read as they are.

  entries        all entries of all disks
  boot-menus     each menu with its file
  isolinux-entry FILE LABEL
  grub-entry FILE ID
  bls-entry PLACE ID
  loader-entries FILE
                 of any loader: LILO, ELILO, yaboot, petitboot...
  boot $entry    starts one; `plan $entry` only shows it
  boot (isolinux-entry LABEL=X:/isolinux/isolinux.cfg) --set nomodeset
                 with another word on its command line
""",
    "kexec kernel": """\
A kernel is loaded first and started then; the machine's firmware is not asked.

  load KERNEL --initrd FILE --cmdline "root=LABEL=X ro"
  plan           what is loaded, and the kexec command that would do the same
  exec --dry-run
                 checks again, and does not start it
  exec           starts it; nothing comes back
  boot KERNEL    load and exec in one

What needs the BIOS or EFI cannot be started so: memtest, chain loading, .c32 modules.
""",
    "command-line parameters": """\
The kernel's command line is words with blanks between. `help WORD` tells what one means:
`help nomodeset`, `help root=`.

  load K --cmdline "root=UUID=X ro quiet"
  boot $entry --set console=ttyS0 --drop quiet
                 changes an entry's own line

Tab completes words inside of the quotes.
""",
    "serial consoles ttyS0 terminal": """\
The prompt is on all consoles of the kernel, and each can type; the smallest gives the size. A
serial line (115200 8N1) gets plain ASCII and is never asked anything, so any terminal program
will do. For the target to be seen there, tell its kernel:

  boot $entry --set console=ttyS0,115200

On the loader's own command line:

  kxsh.console=ttyS0,tty0
                 the consoles to use
  kxsh.term=ttyS0:vt100
                 what a terminal is; dumb: no escape sequence at all
  kxsh.size=ttyS0:132x43
                 its columns and rows, else 80x24
  kxsh.debug=tty2
                 where the log is shown as it happens
""",
    "keyboard layout": """\
The keyboard of the machine's own screen is the American one until

  keymap de      sets another; Tab lists those that the loader has

A serial line sends characters, not keys: there it does not matter.
""",
    "secure-boot lockdown EPERM": """\
Under Secure Boot or lockdown only signed kernels and modules load. What is refused is of
class denied, and another way is refused too: sign the kernel with a key that the firmware
or its MOK list knows, or switch Secure Boot off in the firmware (`firmware` goes there).
""",
    "password access superusers": """\
A loader or a script may close this prompt, the editing of entries and all of a menu but its
default: with a password, or for everybody.

  lock password HASH
                 among a script's first lines; `kximage password` makes the hash
  lock off       nobody gets in; the machine restarts after a failure
  kxsh.recovery=password kxsh.password=HASH
                 on the loader's own command line: from the start

Who can change the disk or the firmware's settings is not stopped by it.
""",
    "network pxe": """\
  net-up         asks for an address by DHCP
  fetch URL      gets a file into memory; --sha256 proves it
  pxelinux-entries URL
                 the menu that PXELINUX would show
""",
    "modules drivers": """\
A disk or filesystem that is not there may want its driver.

  modprobe NAME  loads one; Tab lists those of this kernel
  run dmesg      shows what the kernel found
""",
    "script boot.kxs": """\
The script is boot.kxs beside the loader on the ESP. `retry --edit --save` changes what failed in
it. To change it all, mount the ESP writable, and write it with a program:

  mount $esp /mnt/esp --rw
  run vi /mnt/esp/EFI/BOOT/boot.kxs
  retry
""",
}

# Commands that have a topic beside their own help.
BESIDE = {
    "menu": "menu-keys",
    "edit": "editing",
    "step": "stepping, going-on",
    "retry": "going-on",
    "why": "going-on, failure",
    "log": "pager",
    "lock": "access",
    "keymap": "keyboard",
    "help": "console, keys, messages",
}
TOPICS: dict[str, str] = {name: text for names, text in _TEXTS.items() for name in names.split()}


def topic_named(name: str) -> str:
    """Return a topic's text, its name in any case; empty: there is no such topic."""
    wanted = name.casefold()
    if wanted in (_MENU_KEYS, "countdown"):
        from kxsh.console.menu.help import HELP

        return "The keys of the menu.\n\n" + "\n".join(f"  {line}".rstrip() for line in HELP)
    return next((text for known, text in TOPICS.items() if known.casefold() == wanted), "")


def topic_names() -> list[str]:
    """Return each topic's first name, in their order."""
    first, *others = (names.split()[0] for names in _TEXTS)
    return [first, _MENU_KEYS, *others, "messages"]
