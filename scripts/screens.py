"""Make the pictures of docs/pictures from the running program.

    python scripts/screens.py              all of them
    python scripts/screens.py cured menu   these scenes
    python scripts/screens.py --quick      only see that they can be played

Each scene is one QEMU run of the real loader under OVMF: keys go over the serial line,
and what comes back is drawn (NAME.png), or the video console is photographed as it is.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import legacy_images
import pictures
import qemu_monitor
from stage import Stage, emulated, native

from kxsh.image import loader
from kxsh.image.adapt import Request, adapt
from kxsh.image.progress import Progress

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs/pictures"
PATIENCE = 120.0
# After the awaited text the rest of a screen follows at once; this is long enough for it.
QUIET = 1.5
PROMPT = r"kxsh>\Z"


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
            Shot("mount LABEL=\t", r"LABEL=LEGACY_ISO +\d", "completion"),
            Shot("\x15log\r", r"q back", "log"),
            Shot("q", PROMPT),
            Shot("retry --edit\r", r"kxsh> let image[^$]*\Z"),
            Shot("\x7f\x7fSO\r", rf"{legacy_images.TARGET_LINE}|^-- jump", "cured"),
        ),
    ),
    "menu": Scene(
        script=(ROOT / "stdlib/default.kxs").read_text(),
        disks=("mbr-grub-legacy",),
        shots=(
            Shot("", r"any key stops", "countdown"),
            Shot("\x1b[B", r"^> 2 gentoo-nofb[^$]*Enter start", "menu", photo=True),
            Shot("?", r"Keys of the menu", "menu-keys", photo=True),
            Shot("q", r"Enter start"),
            Shot("\t", r"^ Plan:", "plan"),
            Shot("q", r"Enter start"),
            Shot("e", r"F10 or Ctrl-X", "edit"),
        ),
    ),
}


def play(shot: Shot, stage: Stage, photograph: Callable[[], bytes] | None) -> None:
    """Do what a shot says; take its picture where there is a video console."""
    before = len(stage.raw)
    stage.send(shot.keys)
    deadline = time.monotonic() + PATIENCE
    while len(stage.raw) == before or not re.search(shot.until, stage.text(), re.MULTILINE):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {shot.until!r} after {shot.keys!r} in\n{stage.text()}")
        time.sleep(0.2)
    time.sleep(QUIET)
    target = PICTURES / f"{shot.name}.png"
    if shot.photo and photograph:
        pictures.of_screendump(photograph(), target)
    elif shot.name and photograph:
        pictures.of_text(stage.screen(), target)


def act(scene: Scene, folder: Path, *, quick: bool) -> str:
    """Play a scene from the firmware on, or only from the script on; return the last screen."""
    script = folder / "boot.kxs"
    script.write_text(scene.script)
    kinds = (legacy_images.KINDS[kind](folder / f"{kind}.img") for kind in scene.disks)
    legacy = legacy_images.small_isohybrid(folder / "legacy.iso")
    images = [legacy if quick else adapted(legacy, script), *kinds]
    monitor = folder / "monitor"
    with native(script, images) if quick else emulated(images, monitor) as stage:
        for shot in scene.shots:
            play(shot, stage, None if quick else lambda: qemu_monitor.photograph(monitor))
        return stage.text()


def adapted(image: Path, script: Path) -> Path:
    """Return a copy of an ISO that boots by a script."""
    target, program = image.with_name("adapted.iso"), image.with_name("bootx64.efi")
    loader.write(loader.build(level=3), program)
    adapt(Request(image, target, script=script, loader=program), Progress(quiet=True))
    return target


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the pictures of docs/pictures.")
    parser.add_argument("scene", nargs="*", choices=[*SCENES, []])
    parser.add_argument("--quick", action="store_true", help="without QEMU, and no pictures")
    arguments = parser.parse_args()
    PICTURES.mkdir(exist_ok=True)
    for name in arguments.scene or SCENES:
        with tempfile.TemporaryDirectory() as folder:
            print(act(SCENES[name], Path(folder), quick=arguments.quick), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
