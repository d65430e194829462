"""The yardstick of `make bench`: a kexec loader of busybox ash and kexec-tools.

It does what the guide that kxsh began from does - find the EFI system partition by its
label, mount it, source a shell fragment from it, which mounts the image's first
partition, takes the command line out of isolinux.cfg with grep and sed, loads and jumps -
with two changes in its favour: instead of sleeping a fixed time it looks for the label
every 50 ms, and it loads only the drivers that a stick needs. Written anew, same stub,
same kernel and same compression as kxsh's own loader.
"""

from __future__ import annotations

import initramfs

from kxsh.image import esp, tools, uki
from kxsh.image.kernel import Kernel
from kxsh.image.loader import RELEASE_LEVEL, STUB

# The guide's kernel has no options at all; a bench needs its consoles.
CMDLINE = "console=ttyS0,115200 console=tty0 panic=30"
FRAGMENT_NAME = "kexec.sourceme"
MODULES = (
    "ehci_pci xhci_pci usb_storage uas sd_mod sr_mod ahci nvme virtio_pci virtio_blk "
    "vfat nls_cp437 nls_ascii isofs ext4"
).split()

_INIT = f"""\
#!/bin/sh
# Find the partition labelled {esp.LABEL}; run the fragment that lies on it.
export PATH=/bin:/sbin

give_up() {{
    echo "ash loader: $1" >&2
    exec setsid cttyhack sh
}}

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev

modprobe -a ehci_pci xhci_pci usb_storage sd_mod
modprobe -a vfat nls_cp437 nls_ascii isofs sr_mod

TRIES=0
until BOOT_PATH=$(findfs LABEL={esp.LABEL} 2>/dev/null); do
    TRIES=$((TRIES + 1))
    [ $TRIES -lt 600 ] || give_up "no filesystem is labelled {esp.LABEL}"
    sleep 0.05
done
mount -t vfat -o ro "$BOOT_PATH" /boot || give_up "cannot mount $BOOT_PATH"
[ -f /boot/{FRAGMENT_NAME} ] || give_up "no {FRAGMENT_NAME} on $BOOT_PATH"
. /boot/{FRAGMENT_NAME}
give_up "{FRAGMENT_NAME} came back"
"""

FRAGMENT = """\
# Boots the image's ISOLINUX default. $BOOT_PATH is the partition this lies on.
TARGET_PATH=$(echo "$BOOT_PATH" | sed 's/[0-9]*$/1/')
mount -o ro "$TARGET_PATH" /mnt/target || give_up "cannot mount $TARGET_PATH"
FOLDER=/mnt/target/isolinux
COMMAND_LINE="$(grep 'append ' $FOLDER/isolinux.cfg | head -n 1 | sed 's/^ *append //')"
kexec --type=bzImage --initrd=$FOLDER/gentoo.igz --append="$COMMAND_LINE" \\
    --load $FOLDER/gentoo || give_up "kexec --load failed"
umount /boot
umount /mnt/target
kexec -e
"""


def sections(kernel: Kernel) -> dict[str, bytes]:
    """Return what goes into the loader file, as kxsh.image.loader does it."""
    archive = initramfs.build(_INIT, programs=("kexec",), modules=MODULES, kernel=kernel)
    options = [f"-{RELEASE_LEVEL}", "--single-thread", "--no-progress", "-c"]
    return {
        ".osrel": b"ID=ash\nNAME=ash\nVERSION_ID=1\nPRETTY_NAME=ash\n",
        ".uname": kernel.version.encode(),
        ".cmdline": CMDLINE.encode(),
        ".linux": kernel.path.read_bytes(),
        ".initrd": tools.run(["zstd", *options], input=archive, timeout=600),
    }


def build(kernel: Kernel) -> bytes:
    """Return the loader file."""
    return uki.build(STUB.read_bytes(), sections(kernel))
