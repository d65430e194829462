"""The expert's session of tests/expert_steps.py on the serial line of a real boot, to its end:
the line that the target's kernel prints."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from lab import LOGS, PATIENCE, TARGET_LINE, Lab
from serial_screen import SerialScreen

from kxsh.image.qemu import Disk, VirtualMachine

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from expert_steps import EXEC, MARK, SCRIPT, Step, converse

# What a terminal would answer, or obey beyond its screen.
ANSWERED = re.compile(r"\x1b\[[>=?]?\d*c|\x1b\[\??\d+n|\x1b\]|\x1bP|\x05|\x1bZ")


def test_an_expert_boots_by_hand(lab: Lab) -> None:
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), SCRIPT.encode())
    with lab.boot(VirtualMachine((Disk(image),)), "expert-session") as guest:
        screen = SerialScreen(guest)
        screen.wait("did you mean LABEL=LEGACY_ISO")
        screen.wait_cursor("kxsh>")
        seen: list[str] = []

        def keep(step: Step) -> None:
            seen.append(f"======== {step.name}\n{screen.text}\n")

        try:
            assert converse(screen, moving=True, patience=PATIENCE, after=keep) >= 40
        finally:
            LOGS.mkdir(parents=True, exist_ok=True)
            (LOGS / "expert-screens.txt").write_text("".join(seen))
        screen.type(EXEC)
        line = guest.expect(TARGET_LINE, PATIENCE)[1]
        assert line.startswith(f"console=ttyS0 {MARK}")
        session = guest.serial.raw[: guest.serial.raw.index(f"Kernel command line: {line}")]
        prompt = session[session.index("Recovery prompt, started from") :]
        assert ANSWERED.findall(prompt) == []
