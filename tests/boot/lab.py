"""What the boot tests work with: legacy images, adapted ones, and machines that run them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import legacy_images
from workers import Store

from kxsh.image import cpio, esp, loader, tools, uki
from kxsh.image.adapt import Request, adapt
from kxsh.image.firmware import FirmwareKind
from kxsh.image.guest import Guest
from kxsh.image.progress import Progress
from kxsh.image.qemu import Disk, VirtualMachine
from kxsh.machine.partitions import read_table

LOGS = Path(__file__).resolve().parents[2] / "build" / "boot-logs"

# An emulated CPU that shares two real ones with another: nothing waits this long unless
# something is wrong.
PATIENCE = 150.0
# A kernel's command line that no `kxsh.id=` is on: the target's, not the loader's.
TARGET_LINE = r"^\[ *\d+\.\d+\] Kernel command line: (?!.*\bkxsh\.id=)(.*)\n"
# The recovery prompt on the serial line.
PROMPT = r"^kxsh> "


class Lab:
    """Makes every image at most once in a run, and runs machines."""

    def __init__(self, store: Store) -> None:
        self.path = store.path
        self.once = store.once

    # -- images

    def legacy(self, kind: str) -> Path:
        """Return an image of scripts/legacy_images.py."""

        def make() -> Path:
            target = self.path(f"-{kind}.img")
            if kind != "gpt-extlinux":
                return legacy_images.KINDS[kind](target)
            # Installing EXTLINUX takes a guest: once is enough.
            tools.run(["cp", "--sparse=always", self.legacy("mbr-extlinux"), target])
            return legacy_images.as_gpt(target)

        return self.once(("legacy", kind), make)

    def loader(self, *wanted: str, **options: str) -> Path:
        """Return the loader as it is shipped, with the features `wanted` besides, and with
        ``kxsh.NAME=VALUE`` set."""
        shipped = self.once(("loader", wanted), lambda: self._build(wanted))
        if not options:
            return shipped

        def change() -> Path:
            data = shipped.read_bytes()
            for name, value in options.items():
                data = uki.with_option(data, f"kxsh.{name}", value)
            return self._write(".efi", data)

        return self.once(("loader", wanted, *sorted(options.items())), change)

    def _build(self, wanted: tuple[str, ...]) -> Path:
        """Build one that is as it is shipped, but packed in a tenth of the time."""
        path = self.path(".efi")
        loader.write(loader.build(level=3, wanted=wanted), path)
        return path

    def loader_with(self, base: Path, files: Mapping[str, bytes]) -> Path:
        """Return a copy of a loader whose initramfs has other `files` (path -> content).

        They are a second archive behind the first: the kernel unpacks both in order.
        """
        sections = dict(uki.read_sections(base.read_bytes()))
        initrd = sections[".initrd"]
        extra = cpio.pack(cpio.file(name, data) for name, data in files.items())
        sections[".initrd"] = initrd + bytes(-len(initrd) % 4) + extra
        stub = loader.STUB.read_bytes()
        own = set(uki.read_sections(stub))
        added = {name: data for name, data in sections.items() if name not in own}
        return self._write(".efi", uki.build(stub, added))

    def adapted(self, image: Path, base: Path | None = None, *, force: bool = False) -> Path:
        """Return `image` adapted with the script that suits it; `base` is the loader."""
        base = base or self.loader()

        def make() -> Path:
            target = self.path("-adapted.img")
            adapt(Request(image, target, loader=base, force=force), Progress(quiet=True))
            return target

        return self.once(("adapted", image, base, force), make)

    def scripted(self, image: Path, script: str, base: Path | None = None) -> Path:
        """Return `image` adapted with `script`, which has to be without errors."""

        def make() -> Path:
            target = self.path("-scripted.img")
            source = self._write(".kxs", script.encode())
            request = Request(image, target, script=source, loader=base or self.loader())
            adapt(request, Progress(quiet=True))
            return target

        return self.once(("scripted", image, script, base), make)

    def edited(self, adapted: Path, script: bytes | None) -> Path:
        """Return a copy of an adapted image whose boot.kxs was edited, or deleted."""
        target = self.path("-edited.img")
        tools.run(["cp", "--sparse=always", adapted, target])
        place = f"{target}@@{esp_offset(target)}"
        name = f"::/{esp.FOLDER}/{esp.SCRIPT}"
        tools.run(["mdel", "-i", place, name])
        if script is not None:
            tools.run(["mcopy", "-i", place, self._write(".kxs", script), name])
        return target

    def _write(self, suffix: str, data: bytes) -> Path:
        path = self.path(suffix)
        path.write_bytes(data)
        return path

    # -- machines

    @contextmanager
    def boot(self, machine: VirtualMachine, name: str) -> Iterator[Guest]:
        """Run a machine; what it said is kept in build/boot-logs/NAME.log."""
        log = LOGS / f"{name}.log"
        with Guest(machine) as guest:
            try:
                yield guest
            except BaseException as error:
                error.add_note(f"all that the machine said is in {log}")
                raise
            finally:
                log.parent.mkdir(parents=True, exist_ok=True)
                log.write_text(guest.serial.raw)

    def target_line(
        self, image: Path, firmware: FirmwareKind = "ovmf", *, bus: str = "usb", cd: bool = False
    ) -> str:
        """Boot `image` and return the command line that the target's kernel printed."""

        def run() -> str:
            disk = Disk(image, bus=bus, cd=cd)  # type: ignore[arg-type]
            name = f"{image.stem}-{firmware}-{'cd' if cd else bus}"
            with self.boot(VirtualMachine((disk,), firmware), name) as guest:
                return guest.expect(TARGET_LINE, PATIENCE)[1]

        return self.once(("line", image, firmware, bus, cd), run)


def esp_offset(image: Path) -> int:
    """Return the first byte of the last partition: the ESP that was added."""
    with image.open("rb") as file:

        def read(offset: int, count: int) -> bytes:
            file.seek(offset)
            return file.read(count)

        table = read_table(read, image.stat().st_size)
    return max(partition.start for partition in table.partitions)
