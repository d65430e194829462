"""`make demo`: an image that only BIOS can boot starts on UEFI, from nothing to proof.

Every step runs the commands that a person would type, and shows them. What it makes stays
in build/demo, to look at and to try again.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import legacy_images

from kxsh.errors import KxshError
from kxsh.image import esp
from kxsh.image.firmware import FirmwareKind
from kxsh.machine.partitions import read_table
from kxsh.text import size

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build/demo"
PROGRAMS = Path(sys.executable).parent

TARGET_LINE = r"Kernel command line: BOOT_IMAGE=.*"
TIMEOUT = "170"


class DemoFailed(Exception):
    """A step that did not do what it should; the text says which."""


@dataclass(slots=True)
class Demo:
    """The steps so far: (what, seconds), and the files that they made."""

    steps: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        print(f"\n== {len(self.steps) + 1}. {title}", flush=True)
        began = time.monotonic()
        yield
        self.steps.append((title, time.monotonic() - began))


def main() -> int:
    try:
        run()
    except DemoFailed as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    except KxshError as error:
        print(f"\ndemo: {error.message}\n  {error.hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: interrupted", file=sys.stderr)
        return 130
    return 0


def run() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    legacy, adapted = FOLDER / "legacy.iso", FOLDER / "adapted.iso"
    loader, script = FOLDER / "bootx64.efi", FOLDER / "boot.kxs"
    demo = Demo()
    with demo.step("An image that only BIOS can boot: ISOLINUX and the Debian installer"):
        legacy_images.isohybrid(legacy)
        print(f"{legacy.relative_to(ROOT)}, {size(legacy.stat().st_size)}; its isolinux.cfg says:")
        print(_indented(legacy_images.ISOLINUX_CFG))
    with demo.step("The loader: a Linux kernel and kxsh in one EFI program"):
        kxrun("kximage", "loader", "-o", loader)
    with demo.step("The image gets the loader and a boot.kxs that suits it"):
        kxrun("kximage", "adapt", legacy, "-o", adapted, "--loader", loader, "--force")
        script.write_bytes(esp.read_file(str(adapted), _esp_offset(adapted), esp.SCRIPT))
        print(f"{script.relative_to(ROOT)}:\n{_indented(script.read_text())}")
    with demo.step("The script is checked, and rehearsed against the image"):
        kxrun("kxsh", "--check", "--image", adapted, "--initramfs", loader, script)
        print("  nothing to correct")
        rehearsed = _rehearse(adapted, script)
    with demo.step("UEFI boots the adapted image, until the target's own kernel speaks"):
        by_uefi = _boot(adapted, "ovmf")
    with demo.step("BIOS boots the untouched image with its own ISOLINUX"):
        by_bios = _boot(legacy, "seabios")
    _conclude(demo, {"rehearsal": rehearsed, "UEFI": by_uefi, "BIOS": by_bios})
    _sizes(legacy, adapted, loader)


def kxrun(program: str, *words: str | Path, show: bool = True) -> str:
    """Show and run a program of kxsh; return what it printed. Raises DemoFailed."""
    argv = [word if isinstance(word, str) else str(word.relative_to(ROOT)) for word in words]
    print(f"$ {shlex.join([program, *argv])}", flush=True)
    done = subprocess.run(
        [PROGRAMS / program, *argv], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if show or done.returncode:
        print(done.stdout, end="", flush=True)
    if done.returncode:
        raise DemoFailed(f"{program} {argv[0]} ended with exit code {done.returncode}")
    return done.stdout


def _rehearse(image: Path, script: Path) -> str:
    """Return the command line that `script` would boot."""
    result = json.loads(
        kxrun("kxsh", "--dry-run", "--image", image, "--format", "json", script, show=False)
    )
    for action in result["actions"]:
        print(f"  {action if isinstance(action, str) else ' '.join(map(str, action.values()))}")
    print(f"  kernel: {result['kernel']['path']} ({result['kernel']['kind']})")
    print(f"  command line: {result['cmdline']}")
    return str(result["cmdline"])


def _boot(image: Path, firmware: FirmwareKind) -> str:
    """Boot `image` until its kernel printed its command line; return that."""
    options = ("--firmware", firmware, "--headless", "--until", TARGET_LINE, "--timeout", TIMEOUT)
    said = kxrun("kximage", "try", image, *options, show=False)
    lines = re.findall(r"Kernel command line: (BOOT_IMAGE=.*)", said)
    if not lines:
        raise DemoFailed(f"no command line was found in what {firmware} showed")
    print(f"  {lines[-1]}")
    return str(lines[-1])


def _esp_offset(image: Path) -> int:
    with image.open("rb") as file:

        def read(offset: int, count: int) -> bytes:
            file.seek(offset)
            return file.read(count)

        table = read_table(read, image.stat().st_size)
    return max(partition.start for partition in table.partitions)


def _indented(text: str) -> str:
    return "".join(f"  | {line}\n" for line in text.splitlines())


def _conclude(demo: Demo, lines: dict[str, str]) -> None:
    print("\n== Done")
    for number, (title, seconds) in enumerate(demo.steps, 1):
        print(f"  {number}. {title:<75} {seconds:6.1f} s")
    total = sum(seconds for _, seconds in demo.steps)
    print(f"     {'together':<75} {total:6.1f} s")
    if len(set(lines.values())) != 1:
        shown = "".join(f"\n  {name:>9}: {line}" for name, line in lines.items())
        raise DemoFailed(f"the targets got different command lines:{shown}")
    print(f"\nThe rehearsal, UEFI and BIOS agree, byte for byte, on\n  {lines['BIOS']}")


def _sizes(*files: Path) -> None:
    shown = ", ".join(f"{file.name} {size(file.stat().st_size)}" for file in files)
    print(f"\nIn {FOLDER.relative_to(ROOT)}: {shown}.")
    print(f"Look for yourself:  kximage try {(FOLDER / 'adapted.iso').relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
