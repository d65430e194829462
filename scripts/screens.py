"""Make the pictures of docs/pictures from the running program.

    python scripts/screens.py              all of them
    python scripts/screens.py cured menu   these scenes

Each scene is one QEMU run of the real loader under OVMF: keys go over the serial line,
and what comes back is drawn (NAME.png), or the video console is photographed as it is.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import legacy_images
import pictures
import pyte

from kxsh.image import loader
from kxsh.image.adapt import Request, adapt
from kxsh.image.guest import Guest
from kxsh.image.progress import Progress
from kxsh.image.qemu import Disk, VirtualMachine

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs/pictures"
PATIENCE = 120.0
# After the awaited text the rest of a screen follows at once; this is long enough for it.
QUIET = 1.5
PROMPT = r"kxsh> $"
# What the firmware says last, and what the loader says before it shows anything.
FIRMWARE = "USB(0x0,0x0)\r\n"


@dataclass(frozen=True, slots=True)
class Shot:
    """Type `keys`, wait for `until`; then take the picture `name` (empty: none).

    A name of a `photo` is of the video console, else the text is drawn.
    """

    keys: str
    until: str
    name: str = ""
    photo: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """The stick's boot.kxs, the kinds of the other disks, and what is done with them."""

    shots: tuple[Shot, ...]
    script: str = ""
    disks: tuple[str, ...] = ()


# A stick whose label is not what the script says.
MISTAKEN = """\
kxs 1
let image = mount LABEL=LEGACY_IOS
let entry = isolinux-entry $image/isolinux/isolinux.cfg
load $entry --set quiet
exec
"""
SCENES: Mapping[str, Scene] = {
    "cured": Scene(
        script=MISTAKEN,
        shots=(
            Shot("", PROMPT, "failure"),
            Shot("why\r", PROMPT, "why"),
            Shot("disks\r", PROMPT, "disks"),
            Shot("mount LABEL=\t", "LEGACY_ISO", "completion"),
            Shot("\x15retry --edit\r", "LEGACY_IOS"),
            Shot("\x7f\x7fSO\r", legacy_images.TARGET_LINE, "cured"),
        ),
    ),
    "menu": Scene(
        script=(ROOT / "stdlib/default.kxs").read_text(),
        disks=("mbr-grub-legacy",),
        shots=(
            Shot("", r"any key stops"),
            Shot("\x1b[B", r"Enter start", "menu", photo=True),
            Shot("?", r"Keys of the menu", "menu-keys", photo=True),
        ),
    ),
}


class Stage:
    """A machine that runs, with what its serial line shows on a terminal of 80x24."""

    def __init__(self, guest: Guest, monitor: Path) -> None:
        self._guest = guest
        self._monitor = monitor

    def play(self, shot: Shot) -> None:
        self._guest.send(shot.keys)
        self._guest.expect(shot.until, PATIENCE)
        if not shot.name:
            return
        time.sleep(QUIET)
        target = PICTURES / f"{shot.name}.png"
        if shot.photo:
            pictures.of_screendump(self._dump(), target)
        else:
            pictures.of_text(self._screen(), target)
        print(f"{target} ({target.stat().st_size / 1000:.0f} kB)")

    def _screen(self) -> pyte.Screen:
        screen = pyte.Screen(80, 24)
        pyte.Stream(screen).feed(self._guest.serial.raw.rpartition(FIRMWARE)[2])
        return screen

    def _dump(self) -> bytes:
        """Return what is on the video console, asked of QEMU by its machine protocol."""
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as line:
            dump = Path(folder) / "dump.ppm"
            line.connect(str(self._monitor))
            answers = line.makefile()
            answers.readline()
            orders = {"qmp_capabilities": {}, "screendump": {"filename": str(dump)}}
            for order, arguments in orders.items():
                line.sendall(json.dumps({"execute": order, "arguments": arguments}).encode())
                while "return" not in (answer := json.loads(answers.readline())):
                    assert "error" not in answer, answer
            return dump.read_bytes()


def act(scene: Scene, folder: Path) -> None:
    """Play a scene from the firmware on."""
    disks = [Disk(adapted(folder, scene.script))]
    for kind in scene.disks:
        disks.append(Disk(legacy_images.KINDS[kind](folder / f"{kind}.img"), bus="sata"))
    monitor = folder / "monitor"
    with Guest(VirtualMachine(tuple(disks), monitor=monitor)) as guest:
        stage = Stage(guest, monitor)
        for shot in scene.shots:
            stage.play(shot)


def adapted(folder: Path, script: str) -> Path:
    """Return an ISO that boots by a script."""
    source, target = folder / "boot.kxs", folder / "adapted.iso"
    source.write_text(script)
    image = legacy_images.small_isohybrid(folder / "legacy.iso")
    progress = Progress(quiet=True)
    adapt(Request(image, target, script=source, loader=loader.default_loader(progress)), progress)
    return target


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the pictures of docs/pictures.")
    parser.add_argument("scene", nargs="*", choices=[*SCENES, []])
    PICTURES.mkdir(exist_ok=True)
    for name in parser.parse_args().scene or SCENES:
        with tempfile.TemporaryDirectory() as folder:
            act(SCENES[name], Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
