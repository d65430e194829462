"""Devices: how a script names disks."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = (
    Code(
        "KX601",
        "warning",
        "a disk by its kernel name",
        """
The script names a disk as the kernel numbers it: `/dev/sda1`, `/dev/nvme0n1p2`.

The kernel gives these names in the order in which the disks answer. With another stick
plugged in, in another port or on another machine, `/dev/sda` is another disk, and the
script boots from it or writes to it. A label or UUID goes with the filesystem, a
PARTUUID with the partition; `part ${esp.disk} 1` is always a partition of the disk that
was booted.
""",
        "kxs 1\nlet image = mount /dev/sda1\n"
        "load $image/vmlinuz --initrd $image/initrd.img\nexec\n",
        "kxs 1\nlet image = mount (part ${esp.disk} 1)\n"
        "load $image/vmlinuz --initrd $image/initrd.img\nexec\n",
        fix="unsafe",
    ),
    Code(
        "KX602",
        "error",
        "a label that the filesystem cannot have",
        """
The label is longer than the filesystem's labels can be (FAT 11, XFS 12, ext4 16, ISO 9660
32 characters), or in lower case on FAT.

No filesystem of that type can have it, so nothing is found. Tools that set labels cut
what is too long, or make it upper case.
""",
        "kxs 1\nlet data = mount LABEL=rescue-data --type vfat\n"
        "say (read $data/version)\nrecovery\n",
        "kxs 1\nlet data = mount LABEL=RESCUE-DATA --type vfat\n"
        "say (read $data/version)\nrecovery\n",
    ),
    Code(
        "KX603",
        "error",
        "a malformed UUID",
        """
What stands after `UUID=` or `PARTUUID=` has the form of no identifier.

FAT and exFAT have XXXX-XXXX, NTFS 16 hexadecimal digits, ISO 9660 the time when it was
made (2018-05-11-12-33-44-00), LVM groups of letters, all others 8-4-4-4-12 hexadecimal
digits. A PARTUUID is 8-4-4-4-12 digits on GPT, and XXXXXXXX-NN on MBR.
""",
        "kxs 1\nlet root = mount UUID=e2d3-57\n"
        "load $root/vmlinuz --initrd $root/initrd.img\nexec\n",
        "kxs 1\nlet root = mount UUID=E2D3-57AB\n"
        "load $root/vmlinuz --initrd $root/initrd.img\nexec\n",
    ),
    Code(
        "KX604",
        "error",
        "an unknown tag",
        """
A device is named by LABEL=, UUID=, PARTUUID=, PARTLABEL= or TYPE=, in upper case.

This word begins with none of them, but nearly. Read as a path it would lead nowhere.
""",
        "kxs 1\nlet image = mount LABLE=GENTOO\n"
        "load $image/vmlinuz --initrd $image/initrd.img\nexec\n",
        "kxs 1\nlet image = mount LABEL=GENTOO\n"
        "load $image/vmlinuz --initrd $image/initrd.img\nexec\n",
    ),
    Code(
        "KX605",
        "warning",
        "a label that occurs twice",
        """
Several filesystems of the images have this label (or UUID).

`findfs` and `mount` refuse to guess: two matches are a failure that names both. Name the
one that is meant by its UUID or PARTUUID, or look on one disk only with `--disk`.
""",
        "kxs 1\nlet image = mount LABEL=GENTOO\n"
        "load $image/vmlinuz --initrd $image/initrd.img\nexec\n",
        "kxs 1\nlet image = mount (part ${esp.disk} 1)\n"
        "load $image/vmlinuz --initrd $image/initrd.img\nexec\n",
        facts=("image",),
    ),
    Code(
        "KX606",
        "warning",
        "a removable disk that is not waited for",
        """
Sticks and card readers need seconds to answer. `devices` lists what is there at this
moment, and `--wait 0s` looks once.

On the machine where the script was written the stick was quick enough; on the next one
it is not found. `wait LABEL=X`, or `findfs` as it is, end when the device is there.
""",
        "kxs 1\nfor stick in devices --removable { say $stick }\nrecovery\n",
        "kxs 1\nwait LABEL=DATA --timeout 10s else { say waited }\n"
        "for stick in devices --removable { say $stick }\nrecovery\n",
    ),
    Code(
        "KX607",
        "error",
        "GRUB's name of a partition",
        """
`(hd0,1)` is GRUB's way to say: partition 1 of the first disk that the firmware lists.

Linux does not know that order. The disk that was booted from is `${esp.disk}`, and
`part ${esp.disk} 1` its first partition; other disks are found by their label.
""",
        'kxs 1\nlet image = mount "(hd0,1)" else { recovery }\nload $image/vmlinuz\nexec\n',
        "kxs 1\nlet image = mount (part ${esp.disk} 1) else { recovery }\n"
        "load $image/vmlinuz\nexec\n",
        fix="safe",
    ),
    Code(
        "KX608",
        "warning",
        "no such device in the image",
        """
The images were looked into, and none of their filesystems has this label, UUID or other
tag, or the disk has no partition of that number.

It may be a disk of the target that is not in the images (give it with a further
`--image`, or handle its absence by `?` or `else`). Mostly the label has another spelling:
labels are compared to the letter.
""",
        "kxs 1\nlet image = mount LABEL=GENTO\n"
        "load $image/vmlinuz --initrd $image/initrd.img\nexec\n",
        "kxs 1\nlet image = mount LABEL=GENTOO\n"
        "load $image/vmlinuz --initrd $image/initrd.img\nexec\n",
        facts=("image",),
    ),
)
