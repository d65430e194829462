"""Paths and the files they name."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

_IMAGE = ("image",)

CODES: tuple[Code, ...] = (
    Code(
        "KX501",
        "error",
        "a path with backslashes",
        r"""
A path is written with `\` between its folders, as in DOS and in UEFI.

Linux separates folders by `/`, on FAT too. `\EFI\BOOT` is to it one name that contains
backslashes, and no such file is there.
""",
        "kxs 1\nlet e = mount $esp\nload $e'\\EFI\\BOOT\\vmlinuz'\nexec\n",
        "kxs 1\nlet e = mount $esp\nload $e/EFI/BOOT/vmlinuz\nexec\n",
        fix="safe",
    ),
    Code(
        "KX502",
        "warning",
        "a name in another case than on the disk",
        """
The file is there, but its name is spelled with other capitals on the disk. It is found
all the same, because FAT (and an ISO 9660 filesystem without Rock Ridge) ignores case.

It stops working on the day when the same files are copied to ext4, or the ISO is made
with Rock Ridge. The same code tells of two names in one folder of FAT that differ in
case only: Linux shows one of them, other systems perhaps the other.
""",
        "kxs 1\nlet e = mount $esp\nload $e/efi/boot/VMLINUZ\nexec\n",
        "kxs 1\nlet e = mount $esp\nload $e/EFI/BOOT/vmlinuz\nexec\n",
        facts=("image", "esp"),
    ),
    Code(
        "KX503",
        "warning",
        "an ISO without Rock Ridge",
        """
The ISO 9660 filesystem has neither Rock Ridge nor Joliet, so its names are those of
plain ISO 9660: upper case, mostly eight and three characters, with `;1` behind them.
Linux shows them in lower case and without the `;1`.

The path of the script is spelled as it stands on the disc (`VMLINUZ.;1`) or longer than
the disc can hold, so it finds nothing, or finds the file by luck.
""",
        'kxs 1\nlet i = mount LABEL=OLD_CD\nload "$i/BOOT/VMLINUZ.;1"\nexec\n',
        "kxs 1\nlet i = mount LABEL=OLD_CD\nload $i/boot/vmlinuz\nexec\n",
        facts=_IMAGE,
    ),
    Code(
        "KX504",
        "error",
        "a name that FAT cannot hold",
        """
The path leads to a FAT filesystem (the ESP, or one mounted with `--type vfat`) and has a
name with one of `" * : < > ? |`, or with a dot or a blank at its end.

FAT cannot store such a name. Linux and Windows drop a dot at the end without a word
when the file is made, so the file that was meant has another name.
""",
        "kxs 1\nlet e = mount $esp\nload $e/a --initrd $e/initrd-6.1:new\nexec\n",
        "kxs 1\nlet e = mount $esp\nload $e/a --initrd $e/initrd-6.1-new\nexec\n",
    ),
    Code(
        "KX505",
        "warning",
        "a relative path",
        """
The path begins neither with `/` nor with a mount (`$image/...`) nor with a device
(`LABEL=X:/...`).

A boot script has no current folder: such a path is looked for at the top of the loader's
own memory, where there are no kernels. Mostly a `$` was forgotten.
""",
        "kxs 1\nlet image = mount LABEL=GENTOO\n"
        "load image/boot/vmlinuz --initrd $image/initrd\nexec\n",
        "kxs 1\nlet image = mount LABEL=GENTOO\n"
        "load $image/boot/vmlinuz --initrd $image/initrd\nexec\n",
    ),
    Code(
        "KX506",
        "warning",
        "a path below no mount",
        """
The path is absolute, and the script mounts nothing there: it leads into the loader's own
initramfs, which holds kxsh and nothing of the image.

`mount` chooses a fresh directory unless it is told one. Its result is that directory:
write `$image/...`, or name the device in the path, as in `LABEL=GENTOO:/isolinux/gentoo`.

`$esp/file` is an error: `$esp` is a device, written as its name, and nothing lies below that.
Mount it, or write `$esp:/file`.
""",
        "kxs 1\nload /isolinux/gentoo --initrd /isolinux/gentoo.igz\nexec\n",
        "kxs 1\nlet image = mount LABEL=GENTOO\n"
        "load $image/isolinux/gentoo --initrd $image/isolinux/gentoo.igz\nexec\n",
    ),
    Code(
        "KX507",
        "error",
        "file not there",
        """
The image (or the ESP's folder) was looked into, and the file is not there; or the file
that `import` names is not beside the script.

On the target this line would fail. The finding names the nearest name of the same
folder, or the part of the path that is missing. A path that the script itself asks for
(`exists`), or whose failure it handles (`?`, `else`, `try`), is not reported.
""",
        'kxs 1\nimport "not-there.kxs"\nnot-there.start\n',
        "kxs 1\nlet image = mount LABEL=GENTOO\nload $image/isolinux/gentoo\nexec\n",
        facts=("image", "esp"),
    ),
    Code(
        "KX508",
        "error",
        "not a kernel, not an initrd, or for another machine",
        """
The file's first bytes say that it is not what it is used as: kernel and initrd are
swapped, the file is cut off, empty, a text, a boot loader's module, or a kernel for
another processor; or the programs in an initrd are made for another processor than the
kernel.

`load` refuses most of these on the target, after the machine was restarted. An initrd
of another machine is loaded, and then nothing in it can run.
""",
        "kxs 1\nlet i = mount LABEL=GENTOO\nload $i/gentoo.igz --initrd $i/gentoo\nexec\n",
        "kxs 1\nlet i = mount LABEL=GENTOO\nload $i/gentoo --initrd $i/gentoo.igz\nexec\n",
        facts=_IMAGE,
    ),
    Code(
        "KX509",
        "warning",
        "a kernel that kexec_file_load does not take",
        """
The kernel is old, made for 32 bits, not relocatable, or cannot be loaded above 4 GiB, so
the running kernel's own loader refuses it and kexec-tools has to load it.

That mostly works, but with less: the firmware's tables and the framebuffer are passed on
less well, and a machine with Secure Boot or lockdown refuses this way altogether. Try
it on the machine that it is meant for.
""",
        "kxs 1\nlet i = mount LABEL=OLD\nload $i/isolinux/vmlinuz-2.6 --initrd $i/initrd\nexec\n",
        "kxs 1\nlet i = mount LABEL=OLD\nload $i/isolinux/vmlinuz-6.1 --initrd $i/initrd\nexec\n",
        facts=_IMAGE,
    ),
    Code(
        "KX510",
        "warning",
        "`*` in a path",
        """
Words are never expanded in kxs: one word is one argument, also when it has a `*` in it.

So this is the path of a file whose name contains a star. `glob` gives the list of the
paths that match; take one of them, or walk over all with `for`.
""",
        "kxs 1\nlet root = mount LABEL=ROOT\n"
        "load $root/boot/vmlinuz-* --initrd $root/boot/initrd\nexec\n",
        "kxs 1\nlet root = mount LABEL=ROOT\n"
        'load ${(glob "$root/boot/vmlinuz-*")[0]} --initrd $root/boot/initrd\nexec\n',
        fix="safe",
    ),
    Code(
        "KX511",
        "warning",
        "an initrd with another kernel's modules",
        """
The initrd has kernel modules, and none of them is for the kernel that it is loaded with.

A module is loaded into the very kernel only that it was made for. The initrd starts, finds
no driver, and stops with a disk that is not there. It happens where a kernel was replaced
and its initrd was not.
""",
        "kxs 1\nlet i = mount LABEL=GENTOO\nload $i/vmlinuz-6.6 --initrd $i/initrd-6.1\nexec\n",
        "kxs 1\nlet i = mount LABEL=GENTOO\nload $i/vmlinuz-6.6 --initrd $i/initrd-6.6\nexec\n",
        facts=_IMAGE,
    ),
    Code(
        "KX512",
        "warning",
        "a kernel that leaves the screen dark",
        """
The target starts with the screen as EFI has set it up. This kernel has no driver for that
built in (efifb, simplefb, simpledrm), and its initrd has none as a module.

The system may start well, but the screen stays dark until a driver for the graphics card
is loaded. vesafb alone does not serve: it is for a mode that the BIOS has set.
""",
        "kxs 1\nlet i = mount LABEL=OLD\nload $i/vmlinuz-dark --initrd $i/initrd\nexec\n",
        "kxs 1\nlet i = mount LABEL=OLD\nload $i/vmlinuz-6.1 --initrd $i/initrd\nexec\n",
        facts=_IMAGE,
    ),
)
