"""Trust: what is fetched, kept and written."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

_SUM = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

CODES: tuple[Code, ...] = (
    Code(
        "KX801",
        "warning",
        "a file over an open line",
        """
A file is fetched by http, ftp or tftp, and no `--sha256` says what it has to be.

Everybody on the way, and everybody who can answer in the server's name, can hand the
machine another kernel. With the sum, `fetch` refuses any other file; https proves the
server instead.
""",
        "kxs 1\nnet-up\nload (fetch http://boot.lan/vmlinuz)\nexec\n",
        f"kxs 1\nnet-up\nload (fetch http://boot.lan/vmlinuz\n  --sha256 {_SUM})\nexec\n",
    ),
    Code(
        "KX802",
        "warning",
        "a passphrase in the script",
        """
The passphrase of an encrypted disk stands in the script.

The script lies unencrypted on the ESP: whoever holds the stick reads it, and the disk is
encrypted for nobody. Without `--passphrase` it is asked for, without echo.
""",
        "kxs 1\nlet disk = luks-open PARTLABEL=secret --passphrase geheim\n"
        "let root = mount $disk\nload $root/boot/vmlinuz --initrd $root/boot/initrd.img\nexec\n",
        "kxs 1\nlet disk = luks-open PARTLABEL=secret\n"
        "let root = mount $disk\nload $root/boot/vmlinuz --initrd $root/boot/initrd.img\nexec\n",
    ),
    Code(
        "KX803",
        "warning",
        "an unsigned kernel behind a signed loader",
        """
The loader on the image is signed, as Secure Boot asks, and the kernel that the script
loads is not.

With Secure Boot the running kernel is locked down: it loads signed kernels only, and not
through kexec-tools. Whether the firmware will trust the signature is not looked at.
""",
        "kxs 1\nlet image = mount LABEL=GENTOO\nload $image/isolinux/gentoo\nexec\n",
        "kxs 1\nlet image = mount LABEL=DEBIAN\nload $image/live/vmlinuz-signed\nexec\n",
        facts=("image",),
    ),
    Code(
        "KX804",
        "warning",
        "writing to another system's filesystem",
        """
A filesystem is mounted with `--rw` that another system may have in use: one of Windows or
macOS, one that a search over all disks found, or (with `--image`) one beside a hibernated
system.

A hibernated system keeps what it knows of its filesystems in memory. When it wakes up and
the disk has changed behind its back, it destroys the filesystem.
""",
        "kxs 1\nlet data = mount LABEL=WINDOWS --type ntfs3 --rw\n"
        "run cp /tmp/log $data\nload $data/boot/vmlinuz\nexec\n",
        "kxs 1\nlet data = mount LABEL=WINDOWS --type ntfs3\n"
        "run ls $data\nload $data/boot/vmlinuz\nexec\n",
    ),
)
