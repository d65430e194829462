"""The initramfs of the loader: init, busybox, kexec, Python with kxsh, kernel modules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kxsh.image import cpio, features, kernel_modules, libraries, manifest, python_runtime, tools
from kxsh.image.manifest import Content
from kxsh.image.progress import Progress
from kxsh.image.tools import ImageError

# Applets that init, the kernel (modprobe) or a person at the shell needs.
APPLETS = (
    "[ ash awk basename blkdiscard blockdev cat chmod chroot clear cmp cp cut date dd df "
    "dirname dmesg du echo env expr false fdisk find free grep gunzip gzip halt head "
    "hexdump hostname id insmod kill killall less ln losetup ls lsmod lsscsi md5sum mkdir "
    "mkfifo mknod modinfo modprobe more mount mv od pidof poweroff printf ps pwd readlink "
    "realpath reboot renice reset rm rmdir rmmod sed seq setsid sh sha256sum sleep sort "
    "stat strings stty sync sysctl tail tar tee test timeout top touch tr true tty uevent "
    "umount uname uniq uptime vi wc xxd xzcat zcat"
).split()

# Debian's layout: one folder for programs, one for libraries, links for the old names.
LINKS = {
    "bin": "usr/bin",
    "sbin": "usr/bin",
    "usr/sbin": "bin",
    "lib": "usr/lib",
    "lib64": "usr/lib64",
    "usr/bin/python3": python_runtime.INTERPRETER.rpartition("/")[2],
}

_FOLDERS = ("dev", "etc", "mnt", "proc", "root", "run", "sys", "tmp", "usr/lib64")

_FSTAB = """\
proc /proc proc nosuid,nodev,noexec 0 0
sysfs /sys sysfs nosuid,nodev,noexec 0 0
devtmpfs /dev devtmpfs nosuid,mode=0755 0 0
tmpfs /run tmpfs nosuid,nodev,mode=0755 0 0
"""

_CONFIGURATION = {
    "etc/fstab": _FSTAB,
    "etc/passwd": "root::0:0:root:/root:/bin/sh\n",
    "etc/group": "root:x:0:\n",
    # One second per stick otherwise; kxsh waits for the device's event anyway.
    "etc/modprobe.d/kxsh.conf": "options usb_storage delay_use=0\n",
}


def contents(
    version: str, modules: Path, progress: Progress, wanted: Sequence[str] = ()
) -> list[Content]:
    """Return every file of the initramfs but the manifest, with its origin.

    `version` is the kernel's release, `modules` its folder of modules, `wanted` the
    features besides (`kxsh.image.features`).
    Raises ImageError or NotFound, naming the Debian package, when something is missing.
    """
    progress.step(f"the programs: {', '.join(['busybox', 'kexec', *features.programs(wanted)])}")
    layouts = features.keymaps(features.common_layouts())
    programs = [*_programs(), *layouts, *features.contents(wanted)]
    progress.step("Python and kxsh: finding and compiling what is used")
    python = python_runtime.contents(network=features.has_network(wanted))
    progress.step(f"the modules of kernel {version}")
    tree = kernel_modules.read_tree(modules)
    chosen = kernel_modules.choose(tree, [*kernel_modules.CHOSEN, *features.patterns(wanted)])
    drivers = kernel_modules.contents(tree, chosen, version)
    # A library may be needed from both sides: it is the same file.
    merged = {item.path: item for item in (*programs, *python, *drivers, *_own_files())}
    return manifest.with_debian_packages([merged[path] for path in sorted(merged)])


def pack(files: Sequence[Content]) -> bytes:
    """Return the uncompressed archive of `files` and their manifest."""
    members = [cpio.file(c.path, c.data, executable=c.executable) for c in files]
    members.append(cpio.file("manifest", manifest.as_lines(files).encode()))
    members += [cpio.symlink(name, target) for name, target in LINKS.items()]
    members += [cpio.symlink(f"usr/bin/{applet}", "busybox") for applet in APPLETS]
    members += [cpio.directory(name) for name in _FOLDERS]
    # Until devtmpfs is mounted the kernel and init need these two.
    members.append(cpio.character_device("dev/console", 5, 1))
    members.append(cpio.character_device("dev/null", 1, 3))
    return cpio.pack(members)


def static_busybox() -> Path:
    """Return the busybox program; raise ImageError when it is absent or needs libraries."""
    busybox = Path(tools.require("busybox")).resolve()
    if libraries.interpreter_of(busybox):
        raise ImageError(f"{busybox} is not a static busybox", hint=tools.install_hint("busybox"))
    return busybox


def _programs() -> list[Content]:
    busybox = static_busybox()
    kexec = Path(tools.require("kexec")).resolve()
    shared = libraries.closure([kexec])
    return [
        Content("usr/bin/busybox", busybox.read_bytes(), str(busybox), executable=True),
        Content("usr/bin/kexec", kexec.read_bytes(), str(kexec), executable=True),
        *(
            Content(place, path.read_bytes(), str(path.resolve()), executable=True)
            for place, path in shared.items()
        ),
    ]


def _own_files() -> list[Content]:
    folder = Path(__file__).parent
    scripts = [
        Content("init", (folder / "init.sh").read_bytes(), executable=True),
        Content("usr/bin/hotplug", (folder / "hotplug.sh").read_bytes(), executable=True),
    ]
    texts = [Content(path, text.encode()) for path, text in _CONFIGURATION.items()]
    return [*scripts, *texts]
