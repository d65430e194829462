"""Words of other languages that begin a statement, and what kxs writes instead."""

from __future__ import annotations

_LOAD = "write `load KERNEL --initrd FILE --cmdline TEXT`, then `exec`"
_KERNEL = f"{_LOAD}; a file belongs to a filesystem: `LABEL=X:/vmlinuz`"
_INITRD = "write it with `load`: `load KERNEL --initrd FILE`"
_LINUX_ONLY = "kexec starts Linux kernels only: `load KERNEL`, then `exec`"
_MODULES = "kxsh reads filesystems by itself; a driver of Linux is loaded by `modprobe NAME`"
_READ = "a file is read where it lies, `LABEL=X:/file`, or after `let m = mount LABEL=X`"
_ENDS = 'a failure is `fail "why"`; `recovery "why"` opens the prompt, `reboot` restarts'
_MAKES = "write `let name = value`; functions and blocks below see it"
_NO_MATTER = "there is nothing like it, and no need for it: leave it out"
_SCREEN = "the loader sees to the screen by itself: leave it out"
_FETCH = "write `net-up`, then `let file = fetch URL --sha256 DIGEST`"
_MENU = "write `menu TITLE --timeout 5s { entry ID TITLE { ... } }`"
_COMPARES = 'write `if $a == "b" { ... }`, `if exists $file { ... }`, `if $text =~ "word" { ... }`'
_STATE = 'what is kept over a restart is a state: `let s = state "slots"`, then `save $s`'

# what it is from, its code, what to write instead, and the words it is said by
_TABLE = (
    (
        "",
        "KX201",
        "an `else` stands after what it handles: `mount LABEL=X else { ... }`",
        "else",
    ),
    (
        "a shell's",
        "KX004",
        "a block is written in braces: `if $ready { ... }`",
        "then do",
    ),
    (
        "a shell's",
        "KX004",
        "a block ends with `}`",
        "fi done esac end endif",
    ),
    (
        "a shell's",
        "KX004",
        "write `} else if ... {`",
        "elif elsif elseif",
    ),
    (
        "a shell's",
        "KX004",
        'write `match $x { "a" | "b" { ... } else { ... } }`',
        "case select switch",
    ),
    (
        "a shell's",
        "KX004",
        "write `while not ... { ... }`; what may fail is tried again by `retry 5 { ... }`",
        "until",
    ),
    (
        "another language's",
        "KX004",
        'write `for x in ["a", "b"] { ... }`',
        "foreach repeat",
    ),
    (
        "another language's",
        "KX004",
        "write `while true { ... }`",
        "loop forever",
    ),
    (
        "another language's",
        "KX010",
        'a failure is `fail "why"`, with `--class not-found` and its like',
        "throw raise error assert",
    ),
    (
        "a batch file's",
        "KX010",
        "a comment begins with `#`",
        "rem",
    ),
    (
        "a shell's",
        "KX004",
        "write `fn name(first, second) { ... }`",
        "function def func",
    ),
    (
        "a shell's",
        "KX004",
        _COMPARES,
        "test itest iseq isset",
    ),
    (
        "a batch file's",
        "KX006",
        "there are no jumps: use functions, loops and `else`",
        "goto gosub",
    ),
    (
        "a shell's",
        "KX001",
        _MAKES,
        "export local readonly declare typeset var const",
    ),
    (
        "a shell's",
        "KX001",
        "a variable ends with its block",
        "unset",
    ),
    (
        "U-Boot's",
        "KX001",
        _MAKES,
        "setenv env setexpr editenv askenv",
    ),
    (
        "U-Boot's",
        "KX010",
        _STATE,
        "saveenv save_env load_env list_env",
    ),
    (
        "U-Boot's",
        "KX010",
        _LOAD,
        "bootm bootz booti bootefi bootelf bootflow bootstd go zboot",
    ),
    (
        "U-Boot's",
        "KX010",
        "`entries DEVICE` reads the menus of other loaders, `boot ENTRY` starts one",
        "sysboot pxe bootmenu extlinux legacy_configfile syslinux_configfile blscfg",
    ),
    (
        "U-Boot's",
        "KX010",
        _READ,
        "ext4load ext2load fatload fsload sqfsload nand sf loadb ext4ls fatls",
    ),
    (
        "U-Boot's",
        "KX010",
        "`disks` at the prompt lists them; `devices` gives them as a list",
        "mmc usb scsi nvme sata virtio",
    ),
    (
        "U-Boot's",
        "KX010",
        _FETCH,
        "tftpboot tftp nfs wget curl bootp rarpboot",
    ),
    (
        "U-Boot's",
        "KX010",
        _NO_MATTER,
        "fdt imls iminfo crc32 mw md cp.b gpio i2c bdinfo",
    ),
    (
        "U-Boot's",
        "KX010",
        "`say $name` shows a variable",
        "printenv",
    ),
    (
        "GRUB's",
        "KX010",
        "write `entry ID TITLE { ... }` inside a `menu`",
        "menuentry label",
    ),
    (
        "GRUB's",
        "KX010",
        "write `entry ID TITLE { menu TITLE { ... } }`",
        "submenu",
    ),
    (
        "GRUB's",
        "KX010",
        _KERNEL,
        "linux linuxefi linux16 linux32 kernel multiboot multiboot2 append imgargs "
        "imgexec imgload imgselect",
    ),
    (
        "GRUB's",
        "KX010",
        _INITRD,
        "initrd initrdefi initrd16 module module2 imgfetch",
    ),
    (
        "GRUB's",
        "KX010",
        _LINUX_ONLY,
        "chain chainloader ntldr drivemap freebsd sanboot sanhook efi ipxe",
    ),
    (
        "GRUB's",
        "KX010",
        "write `let root = mount LABEL=NAME`, then `$root/vmlinuz` is a file of it",
        "search search.fs_uuid search.fs_label search.file probe",
    ),
    (
        "GRUB's",
        "KX010",
        _MODULES,
        "insmod rmmod depmod",
    ),
    (
        "GRUB's",
        "KX010",
        "`let all = grub-entries LABEL=X:/boot/grub/grub.cfg` reads its menu as it is, and"
        " `boot ${all.default}` starts from it",
        "configfile normal extract_entries_configfile",
    ),
    (
        "a shell's",
        "KX010",
        'a script of kxs is read by `import "FILE.kxs"`, and its functions are `FILE.name`;'
        " `run sh FILE` runs a shell's",
        "source include",
    ),
    (
        "GRUB's",
        "KX010",
        "a file in an image is reached by `let d = loop-open FILE`",
        "loopback losetup",
    ),
    (
        "GRUB's",
        "KX010",
        "write `luks-open DEVICE --name NAME`",
        "cryptomount cryptsetup",
    ),
    (
        "GRUB's",
        "KX010",
        _MENU,
        "default timeout title prompt fallback ontimeout onerror totaltimeout item choose",
    ),
    (
        "GRUB's",
        "KX010",
        _SCREEN,
        "terminal_input terminal_output terminal serial gfxmode loadfont gfxpayload "
        "background_image background_color set_background play load_video videoinfo console cpair "
        "colour color splashimage",
    ),
    (
        "GRUB's",
        "KX010",
        "the first `(hd0)` is `${esp.disk}`, or `findfs LABEL=X`",
        "rootnoverify root uuid",
    ),
    (
        "GRUB's",
        "KX010",
        "`reboot` restarts, `poweroff` switches off",
        "halt shutdown",
    ),
    (
        "systemd-boot's",
        "KX010",
        "write `load KERNEL --cmdline TEXT`, then `exec`; `bls-entries DEVICE` reads such files",
        "options efi-uki devicetree machine-id sort-key version architecture",
    ),
    (
        "SYSLINUX's",
        "KX010",
        "`isolinux-entries FILE` reads such a file as it is; a menu of kxs: `menu TITLE { entry ID"
        " TITLE { ... } }`",
        "ui localboot menu-include say-file display f1",
    ),
    (
        "rEFInd's",
        "KX010",
        _KERNEL,
        "loader",
    ),
    (
        "GRUB's",
        "KX010",
        _NO_MATTER,
        "savedefault recordfail hiddenmenu authenticate password password_pbkdf2 lockdown imgfree "
        "imgstat imgverify params login config shim cpuid map setup embed",
    ),
    (
        "a shell's",
        "KX010",
        f"{_LOAD}; `exec` alone is `kexec -e`",
        "kexec",
    ),
    (
        "iPXE's",
        "KX010",
        _FETCH,
        "dhcp ifopen ifconf ifstat autoboot netboot route",
    ),
    (
        "iPXE's",
        "KX010",
        '`recovery "why"` opens the prompt',
        "shell bash ash busybox",
    ),
    (
        "a shell's",
        "KX010",
        "write `say TEXT`",
        "echo printf print puts",
    ),
    (
        "a shell's",
        "KX010",
        "write `say (read FILE)`, or `let text = (read FILE)`",
        "cat type more less head tail",
    ),
    (
        "a shell's",
        "KX010",
        'write `for f in glob "DIR/*" { say $f }`, or `run ls DIR`',
        "ls dir find",
    ),
    (
        "a shell's",
        "KX010",
        _ENDS,
        "exit die abort panic err quit",
    ),
    (
        "a shell's",
        "KX010",
        "a failure always stops the script; handle one by `else` or `try`",
        "trap",
    ),
    (
        "a shell's",
        "KX010",
        'a text is compared by `if (read FILE) =~ "word" { ... }`',
        "grep egrep fgrep sed awk cut tr sort wc expr basename dirname xargs",
    ),
    (
        "a shell's",
        "KX010",
        "a script's text is fixed: use functions, lists and maps",
        "eval alias command builtin shift getopts",
    ),
    (
        "a shell's",
        "KX010",
        "it does nothing here: leave it out",
        "true sync clear cls",
    ),
    (
        "a shell's",
        "KX010",
        'a failure is `fail "why"`; a value is `false`, after `=` or in a condition',
        "false",
    ),
    (
        "a shell's",
        "KX010",
        "nothing is written but states (`state`, `save`), and mounts make their own directory",
        "mkdir touch",
    ),
    (
        "a shell's",
        "KX010",
        "`findfs LABEL=X` finds a filesystem; `${d.uuid}`, `${d.fstype}`, `${d.label}` tell of"
        " one; the program itself: `run blkid`",
        "blkid",
    ),
    (
        "a shell's",
        "KX010",
        "write `lvm-activate GROUP`",
        "vgchange vgscan lvchange lvscan lvm",
    ),
    (
        "a shell's",
        "KX010",
        "write `md-assemble`",
        "mdadm",
    ),
    (
        "a shell's",
        "KX010",
        "write `net-up`; `--interface eth0` names the card",
        "udhcpc dhclient dhcpcd ifconfig ifup ip",
    ),
    (
        "a shell's",
        "KX010",
        "a list is written out: `for i in [1, 2, 3] { ... }`; `retry 3 { ... }` tries again",
        "seq range",
    ),
    (
        "a shell's",
        "KX010",
        "`exists $m` tells whether a file is there; a mount that fails stops the script",
        "mountpoint",
    ),
    (
        "a shell's",
        "KX010",
        "there is no current directory: paths are whole",
        "cd pushd popd pwd",
    ),
    (
        "a shell's",
        "KX010",
        "the loader has mounted what it needs; a driver is loaded by `modprobe NAME`",
        "mdev udevadm udevd",
    ),
    (
        "a shell's",
        "KX010",
        "Ctrl-Alt-Del and `reboot` do it",
        "init telinit systemctl switch_root pivot_root chroot",
    ),
    (
        "a shell's",
        "KX010",
        'write `import "FILE.kxs"`; the first line is `kxs 1`',
        "pragma use require",
    ),
)

# Words that are somebody else's than those they share their line with.
_ORIGINS = (
    ("iPXE's", "iseq isset imgargs imgexec imgload imgselect imgfetch chain sanboot sanhook ipxe"),
    ("iPXE's", "item choose imgfree imgstat imgverify params login config shim"),
    ("SYSLINUX's", "label append prompt ontimeout onerror totaltimeout"),
    ("U-Boot's", "itest"),
    ("another language's", "var const use require pragma switch elseif end"),
    ("a shell's", "wget curl cryptsetup losetup shutdown depmod rmmod bash ash busybox"),
)
_ORIGIN = {word: origin for origin, words in _ORIGINS for word in words.split()}

# ISOLINUX's files have them in capitals, and GRUB's never.
CAPITALS = dict.fromkeys(("LABEL", "KERNEL", "INITRD", "LINUX", "APPEND"), "SYSLINUX's")

WORDS: dict[str, tuple[str, str, str]] = {
    word: (_ORIGIN.get(word, origin), code, hint)
    for origin, code, hint, words in _TABLE
    for word in words.split()
}
