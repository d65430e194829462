"""What `make bench` compares: one image, adapted with each of the two loaders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ash_loader
import legacy_images

from kxsh.image import cpio, loader, python_runtime, tools, uki
from kxsh.image import kernel as kernels
from kxsh.image.adapt import Request, adapt
from kxsh.image.progress import Progress
from kxsh.machine.partitions import read_table

# Nothing but the image's default, like the fragment of the ash loader.
SCRIPT = """\
kxs 1
let image = mount (part ${esp.disk} 1)
load (isolinux-entry $image/isolinux/isolinux.cfg)
exec
"""
# The loaders' kernels say what they do, and kxsh leaves marks among that.
_TALKATIVE = "loglevel=7 printk.devkmsg=on kxsh.debug"

# Starts before the loader's own init and says now and then how much memory is left.
_SAMPLER = """\
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
while :; do
    while read -r NAME VALUE UNIT; do
        case $NAME in
            MemTotal:) TOTAL=$VALUE ;;
            MemAvailable:) echo "bench: in use $((TOTAL - VALUE)) kB" >/dev/kmsg; break ;;
        esac
    done </proc/meminfo
    /bin/busybox sleep 0.1
done &
exec /init
"""


@dataclass(frozen=True, slots=True)
class Contender:
    """A loader in an image; `sampled` is the same image with the memory sampler. Bytes."""

    name: str
    image: Path
    sampled: Path
    loader_size: int
    initramfs_size: int


def prepare(folder: Path, progress: Progress) -> list[Contender]:
    """Build the image and both loaders in `folder`: ash first, then kxsh."""
    progress.step("a BIOS-only image with the Debian installer")
    legacy = legacy_images.isohybrid(folder / "legacy.iso")
    kernel = kernels.find()
    progress.step("the ash loader")
    ash = ash_loader.sections(kernel)
    progress.step("kxsh's loader")
    kxsh = uki.read_sections(loader.build(kernel, progress=progress).data)
    return [
        _contender("ash", ash, legacy, folder),
        _contender("kxsh", {name: kxsh[name] for name in ash}, legacy, folder),
    ]


def python_size() -> int:
    """Return the bytes of Python, its libraries and kxsh in the loader, compressed alone."""
    files = [cpio.file(item.path, item.data) for item in python_runtime.contents()]
    options = [f"-{loader.RELEASE_LEVEL}", "--single-thread", "--no-progress", "-c"]
    return len(tools.run(["zstd", *options], input=cpio.pack(files), timeout=600))


def _contender(name: str, sections: Mapping[str, bytes], legacy: Path, folder: Path) -> Contender:
    sizes = len(uki.build(loader.STUB.read_bytes(), sections)), len(sections[".initrd"])
    own = sections[".cmdline"].rstrip(b"\0").decode()
    talkative = f"{own.replace('quiet', '')} {_TALKATIVE}"
    images = []
    for suffix, options in (("", ""), ("-sampled", " rdinit=/sampler")):
        cmdline = (talkative + options).encode()
        changed = {**sections, ".cmdline": cmdline, ".initrd": _sampled(sections[".initrd"])}
        images.append(_adapted(folder / f"{name}{suffix}.iso", legacy, changed))
    return Contender(name, images[0], images[1], *sizes)


def _sampled(initrd: bytes) -> bytes:
    """Return `initrd` with the sampler behind it: the kernel unpacks one after the other."""
    extra = cpio.pack(
        [
            cpio.file("sampler", _SAMPLER.encode(), executable=True),
            cpio.character_device("dev/kmsg", 1, 11),
            cpio.character_device("dev/null", 1, 3),
        ]
    )
    return initrd + bytes(-len(initrd) % 4) + extra


def _adapted(target: Path, legacy: Path, sections: Mapping[str, bytes]) -> Path:
    loader_file = target.with_suffix(".efi")
    loader_file.write_bytes(uki.build(loader.STUB.read_bytes(), sections))
    script = target.with_suffix(".kxs")
    script.write_text(SCRIPT)
    adapt(Request(legacy, target, script=script, loader=loader_file), Progress(quiet=True))
    fragment = target.with_suffix(".sourceme")
    fragment.write_text(ash_loader.FRAGMENT)
    place = f"{target}@@{_esp_offset(target)}"
    tools.run(["mcopy", "-i", place, fragment, f"::{ash_loader.FRAGMENT_NAME}"])
    return target


def _esp_offset(image: Path) -> int:
    with image.open("rb") as file:
        size = image.stat().st_size

        def read(offset: int, count: int) -> bytes:
            file.seek(offset)
            return file.read(count)

        return max(partition.start for partition in read_table(read, size).partitions)
