"""A script run for show: the ordinary interpreter on an image instead of a machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from kxsh.boot.entry import Entry, Menu
from kxsh.boot.plan import Plan
from kxsh.commands.context import Chosen, Offer
from kxsh.errors import KxshError, RecoveryRequest
from kxsh.interpreter.imports import importer
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.esp import esp_candidates
from kxsh.machine.image import ImageMachine, ImageSpec
from kxsh.machine.linux import LinuxMachine
from kxsh.machine.protocol import Action, Device, Ended
from kxsh.machine.recording import RecordingMachine
from kxsh.machine.root import DirectoryRoot
from kxsh.source import Source
from kxsh.text import display


class Audience:
    """The console of a rehearsal: nobody types, so every menu takes its default."""

    def __init__(self, actions: list[Action]) -> None:
        self._actions = actions
        self.lines: list[str] = []

    def choose(self, offer: Offer) -> Chosen:
        """Take the default, as on a target where nobody touches a key."""
        if offer.default and offer.timeout is not None:
            self._actions.append(Action("choose", (offer.default,)))
            return Chosen(offer.default)
        raise RecoveryRequest(f"the menu `{offer.title}` would wait for a key, for ever")

    @property
    def locked(self) -> bool:
        return False

    def allows(self, action: str, entry: Entry | None = None, *, free: bool = False) -> bool:
        return True

    def asks(self, entry: Entry | None, *, free: bool = False) -> bool:
        return False

    def visit_prompt(self, request: RecoveryRequest) -> bool:
        return False

    def restrict(
        self, mode: str, hashes: Iterable[str], delay: float, menu: Menu | None = None
    ) -> None:
        """Note it: what a lock would keep from a person is part of the rehearsal."""
        if mode != "open":
            self._actions.append(Action("lock", (mode,)))

    def ask_secret(self, question: str, timeout: float | None) -> str:
        """Answer as a person would; no rehearsal opens what it is for."""
        self._actions.append(Action("ask", (question.strip(),)))
        return ""

    def say(self, text: str) -> None:
        self.lines.append(text)

    def warn(self, text: str) -> None:
        self.lines.append(f"warning: {text}")


@dataclass(slots=True)
class Rehearsal:
    """What a script would do: `ended` is how (``jump``...), empty when it just ended;
    `digests` are the files' SHA-256 by path."""

    actions: list[Action]
    lines: list[str]
    plan: Plan | None = None
    ended: str = ""
    error: KxshError | None = None
    digests: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return ``{"actions", "kernel", "initrds", "cmdline", "load", ...}``."""
        plan = (
            {} if self.plan is None else self.plan.as_json(lambda path: self.digests.get(path, ""))
        )
        empty: dict[str, object] = {"kernel": None, "initrds": [], "cmdline": "", "load": ""}
        return {
            "actions": [str(action) for action in self.actions],
            **empty,
            **plan,
            "ended": self.ended,
            "output": self.lines,
            "error": self.error.message if self.error else None,
        }

    def describe(self) -> str:
        """Return the rehearsal as lines for people."""
        lines = [f"  {display(str(action), 4000)}" for action in self.actions]
        lines = ["what it would do:", *lines]
        if self.lines:
            lines += ["what it would say:", *(f"  {line}" for line in self.lines)]
        if self.plan is not None:
            lines += ["what it would start:"]
            lines += [f"  {display(line, 4000)}" for line in self.plan.describe().splitlines()]
        endings = {"jump": "the kernel starts", "": "the script ends without starting a kernel"}
        if self.error is None:
            lines.append(f"in the end: {endings.get(self.ended, self.ended)}")
        return "\n".join(lines)


def rehearse(source: Source, images: Sequence[str]) -> Rehearsal:
    """Run a script against images (the first is the disk that was booted), or, without
    any, against this machine with every effect only written down."""
    if not images:
        return _run(source, RecordingMachine(LinuxMachine()), None)
    with ImageMachine([ImageSpec(image) for image in images]) as machine:
        return _run(source, machine, _boot_partition(machine))


def _boot_partition(machine: ImageMachine) -> Device:
    """Return the image's ESP; an image that has none yet gets an empty one on its first
    disk, so that a script can be rehearsed before `kximage adapt`."""
    candidates = esp_candidates(machine)
    # Looking is not part of the script.
    machine.actions.clear()
    if candidates:
        return candidates[0]
    disk = machine.devices()[0]
    return machine.add_empty(
        Device(f"{disk.path}-esp", label="KXSH", fstype="vfat", disk=disk.disk or disk.path)
    )


def _run(source: Source, machine: ImageMachine | RecordingMachine, esp: Device | None) -> Rehearsal:
    audience = Audience(machine.actions)
    interpreter = Interpreter(machine, audience, esp=esp, find_import=_importer(source))
    result = Rehearsal(machine.actions, audience.lines)
    try:
        interpreter.run_script(source)
    except Ended as end:
        result.ended = end.how
    except KxshError as error:
        result.error = error
    finally:
        interpreter.close_all()
    result.plan = interpreter.loaded
    if isinstance(machine, ImageMachine):
        result.digests = machine.loaded_digests
    return result


def _importer(source: Source) -> Callable[[str], Source]:
    """Imports come from beside the script's file on this PC."""
    folder = os.path.dirname(os.path.abspath(source.name))
    return importer(DirectoryRoot(folder), "/")
