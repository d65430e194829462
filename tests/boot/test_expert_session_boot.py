"""The expert's session of tests/expert_steps.py on the serial line of a real boot, to its end:
the line that the target's kernel prints.

The screens are in tests/boot/screens; what differs from one image to the next is masked.
`KXSH_UPDATE=1` writes them anew; read the difference.
"""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

from lab import LOGS, PATIENCE, TARGET_LINE, Lab
from serial_screen import SerialScreen

from kxsh.image.qemu import Disk, VirtualMachine

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from expert_steps import EXEC, MARK, SCRIPT, Step, as_text, compare, converse, read_screens

SCREENS = Path(__file__).with_name("screens") / "expert-serial-80x24.txt"
# An image's time and identifiers, sizes of files that are built, places of mounts.
VARYING = (
    (re.compile(r"\b\d{4}(?:-\d\d){6}\b"), "DATE"),
    (re.compile(r"\b[0-9A-F]{4}-[0-9A-F]{4}\b"), "UUID"),
    (re.compile(r" *\b\d+(?:\.\d)? (?:B|KiB|MiB|GiB)\b *"), "  SIZE  "),
    (re.compile(r"/mnt/\d+"), "/mnt/N"),
)

# What a terminal would answer, or obey beyond its screen.
ANSWERED = re.compile(r"\x1b\[[>=?]?\d*c|\x1b\[\??\d+n|\x1b\]|\x1bP|\x05|\x1bZ")


def masked(text: str) -> str:
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return "\n".join(line.rstrip() for line in text.split("\n"))


def settled(screen: SerialScreen, wanted: str | None) -> str:
    """Return the screen when it is the one that is wanted, else when nothing more comes."""
    quiet = time.monotonic() + (10.0 if wanted is not None else 1.0)
    while (text := masked(screen.text)) != wanted and time.monotonic() < quiet:
        time.sleep(0.02)
    return text


def test_an_expert_boots_by_hand(lab: Lab) -> None:
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), SCRIPT.encode())
    with lab.boot(VirtualMachine((Disk(image),)), "expert-session") as guest:
        screen = SerialScreen(guest)
        screen.wait("did you mean LABEL=LEGACY_ISO")
        screen.wait_cursor("kxsh>")
        seen: list[tuple[str, str]] = []
        update = bool(os.environ.get("KXSH_UPDATE"))
        wanted = [] if update else read_screens(SCREENS)

        def keep(step: Step) -> None:
            seen.append((step.name, settled(screen, dict(wanted[len(seen) :][:1]).get(step.name))))

        try:
            assert converse(screen, moving=True, patience=PATIENCE, after=keep) >= 40
        finally:
            LOGS.mkdir(parents=True, exist_ok=True)
            (LOGS / "expert-screens.txt").write_text(as_text(seen))
            if update:
                SCREENS.parent.mkdir(exist_ok=True)
                SCREENS.write_text(as_text(seen))
        screen.type(EXEC)
        line = guest.expect(TARGET_LINE, PATIENCE)[1]
        assert line.startswith(f"console=ttyS0 {MARK}")
        session = guest.serial.raw[: guest.serial.raw.index(f"Kernel command line: {line}")]
        prompt = session[session.index("Recovery prompt, started from") :]
        assert ANSWERED.findall(prompt) == []
        compare(seen, read_screens(SCREENS))
