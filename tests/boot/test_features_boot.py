"""Loaders made `--with luks,lvm,md,net`: real containers, volumes, arrays and a web server.

Each script ends by starting a kernel that lies inside what it opened; proof is what that
kernel prints. What a loader has is told by `has`.
"""

from __future__ import annotations

import functools
import http.server
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import legacy_images
import pytest
from lab import PATIENCE, TARGET_LINE, Lab, esp_offset

from kxsh.image import tools
from kxsh.image.qemu import Disk, VirtualMachine
from kxsh.text import MIB

PASSPHRASE = "open sesame"
FEATURES = ("luks", "lvm", "md", "net")


def boot_files(folder: Path) -> Path:
    """Make a folder with the target's kernel and initrd in boot/."""
    (folder / "boot").mkdir(parents=True)
    shutil.copy(legacy_images.INSTALLER / "linux", folder / "boot/vmlinuz")
    (folder / "boot/initrd.img").write_bytes(
        legacy_images.target_initrd(folder / "unpacked").read_bytes()
    )
    return folder


def ext4(lab: Lab) -> Path:
    image = lab.path("-plain.img")
    with tempfile.TemporaryDirectory() as folder:
        tree = boot_files(Path(folder) / "tree")
        with image.open("wb") as file:
            file.truncate(96 * MIB)
        tools.run(["mke2fs", "-q", "-t", "ext4", "-d", tree, image])
    return image


def luks(lab: Lab) -> Path:
    """Make a LUKS container with an ext4 in it, without root or devices."""
    image = lab.path("-luks.img")
    secret = ["--object", f"secret,id=key,data={PASSPHRASE}", "-O", "luks"]
    options = ["-o", "key-secret=key,iter-time=200"]
    plain = lab.once("ext4", lambda: ext4(lab))
    # It times itself, and gives up where the clock of processor time stood still meanwhile.
    for left in reversed(range(5)):
        try:
            tools.run(["qemu-img", "convert", "-f", "raw", *secret, *options, plain, image])
            return image
        except tools.ImageError as error:
            if not left or "accurate CPU usage" not in str(error):
                raise
    raise AssertionError("unreachable")


def blank(lab: Lab) -> Path:
    image = lab.path("-blank.img")
    with image.open("wb") as file:
        file.truncate(160 * MIB)
    return image


def machine(
    lab: Lab,
    script: str,
    *disks: Disk,
    network: bool = False,
    features: tuple[str, ...] = FEATURES,
) -> VirtualMachine:
    loader = lab.loader(*features, console="ttyS0")
    stick = lab.scripted(lab.legacy("small-isohybrid"), script, loader)
    return VirtualMachine((Disk(stick, writable=True), *disks), memory=1024, network=network)


LUKS_SCRIPT = """\
kxs 1
let boot = state tries --default [count: 0]
set boot.count = $boot.count + 1
save $boot
let disk = findfs TYPE=crypto_LUKS --wait 60s
luks-open $disk --name root --tries 3
let root = mount /dev/mapper/root
load $root/boot/vmlinuz --initrd $root/boot/initrd.img --cmdline "console=ttyS0 marker=luks"
exec
"""


def test_an_encrypted_disk_whose_passphrase_is_typed(lab: Lab) -> None:
    """The first one typed is wrong; none is shown. A state is saved on the way."""
    wanted = machine(lab, LUKS_SCRIPT, Disk(lab.once("luks", lambda: luks(lab)), bus="virtio"))
    with lab.boot(wanted, "luks") as guest:
        guest.expect(r"^Passphrase for /dev/vda: ", PATIENCE)
        guest.send("not this one\r")
        guest.expect(r"does not open /dev/vda; 2 more", PATIENCE)
        guest.expect(r"^Passphrase for /dev/vda: ", PATIENCE)
        guest.send(f"{PASSPHRASE}\r")
        line = guest.expect(TARGET_LINE, PATIENCE)[1]
        assert "sesame" not in guest.serial.text
    assert line == "console=ttyS0 marker=luks"
    stick = wanted.disks[0].path
    place = f"{stick}@@{esp_offset(stick)}"
    saved = tools.run(["mtype", "-i", place, "::/kxsh/state/tries.json"])
    assert saved == b'{\n  "count": 1\n}\n'


STACK_SCRIPT = """\
kxs 1
## Make an array of two disks, a volume on it, and a filesystem with a kernel on that.
fn make() {
  let image = mount (part ${esp.disk} 1)
  modprobe raid1
  for disk in ["/dev/vda", "/dev/vdb"] { wait $disk --timeout 60s }
  run mdadm --create /dev/md127 --run --level=1 --raid-devices=2 --assume-clean /dev/vda /dev/vdb
  run lvm pvcreate /dev/md127
  run lvm vgcreate vg-0 /dev/md127
  run env DM_DISABLE_UDEV=1 lvm lvcreate --size 120M --name root --wipesignatures n vg-0
  run busybox mke2fs /dev/vg-0/root
  let root = mount /dev/vg-0/root --rw
  run cp $image/isolinux/gentoo $image/isolinux/gentoo.igz $root
  umount $root
  run env DM_DISABLE_UDEV=1 lvm vgchange -an vg-0
  run mdadm --stop /dev/md127
}

make
if exists /dev/md127 { say "md127 is still there" }
findfs /dev/vg-0/root --wait 0s else { say "the volume is closed" }
let arrays = md-assemble /dev/vda /dev/vdb
say "assembled ${arrays[0]}"
let volumes = lvm-activate vg-0
say "activated ${volumes[0]}"
let root = mount /dev/vg-0/root
load $root/gentoo --initrd $root/gentoo.igz --cmdline "console=ttyS0 marker=stack"
exec
"""


def test_a_volume_on_an_array(lab: Lab) -> None:
    disks = [Disk(blank(lab), bus="virtio"), Disk(blank(lab), bus="virtio")]
    with lab.boot(machine(lab, STACK_SCRIPT, *disks), "stack") as guest:
        guest.expect(r"^the volume is closed$", 2 * PATIENCE)
        guest.expect(r"^assembled /dev/md\d+$", PATIENCE)
        guest.expect(r"^activated /dev/mapper/vg--0-root$", PATIENCE)
        line = guest.expect(TARGET_LINE, PATIENCE)[1]
    assert line == "console=ttyS0 marker=stack"


HAS_SCRIPT = """\
kxs 1
say "features" (has feature luks) (has feature lvm) (has feature md) (has feature net)
say "programs" (has program kexec) (has program busybox) (has program cryptsetup)
say "modules" (has module ext4) (has module usb-storage) (has module dm-crypt) (has module zfs)
say "filesystems" (has filesystem ext4) (has filesystem vfat) (has filesystem zfs)
poweroff
"""


@pytest.mark.parametrize("features", [(), FEATURES])
def test_a_script_knows_what_its_loader_has(lab: Lab, features: tuple[str, ...]) -> None:
    with_all = str(bool(features)).lower()
    with lab.boot(machine(lab, HAS_SCRIPT, features=features), "has") as guest:
        guest.expect("^features" + f" {with_all}" * 4 + "$", 2 * PATIENCE)
        guest.expect(f"^programs true true {with_all}$", PATIENCE)
        guest.expect(f"^modules true true {with_all} false$", PATIENCE)
        guest.expect("^filesystems true true false$", PATIENCE)


NET_SCRIPT = """\
kxs 1
let address = net-up --timeout 60s
say "here as $address"
fetch http://10.0.2.2:PORT/none else as e { say "${e.class}" }
let kernel = fetch http://10.0.2.2:PORT/boot/vmlinuz --sha256 DIGEST
let initrd = fetch http://10.0.2.2:PORT/boot/initrd.img
load $kernel --initrd $initrd --cmdline "console=ttyS0 marker=net"
exec
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@contextmanager
def web_server(folder: Path) -> Iterator[int]:
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_a_kernel_from_a_web_server(lab: Lab) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tree = boot_files(Path(folder) / "tree")
        digest = tools.run(["sha256sum", tree / "boot/vmlinuz"]).split()[0].decode()
        with web_server(tree) as port:
            script = NET_SCRIPT.replace("PORT", str(port)).replace("DIGEST", digest)
            with lab.boot(machine(lab, script, network=True), "net") as guest:
                guest.expect(r"^here as 10\.0\.2\.15$", PATIENCE)
                guest.expect(r"^not-found$", PATIENCE)
                line = guest.expect(TARGET_LINE, PATIENCE)[1]
    assert line == "console=ttyS0 marker=net"
