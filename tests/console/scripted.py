"""A prompt after a script on a made-up machine, and what it shows line by line."""

from __future__ import annotations

import io
from collections.abc import Callable

from machines import KERNEL, devices

from kxsh.console.prompt.session import Session
from kxsh.console.terminal import Terminal
from kxsh.errors import KxshError
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine, Program
from kxsh.machine.protocol import Completed
from kxsh.source import Source
from kxsh.syntax.parser import parse_script


class Scripted:
    """The session after `script` (empty: there was none) has ended or failed."""

    def __init__(
        self,
        script: str = "",
        typed: str = "",
        fail: dict[str, object] | None = None,
        furnish: Callable[[FakeMachine], None] = lambda machine: None,
    ) -> None:
        programs: dict[str, Program] = {"lsblk": Completed(0), "sh": Completed(0)}
        self.machine = FakeMachine(
            devices(),
            {
                "/dev/sda1": {
                    "/boot/kernel": bytes(KERNEL), "/boot/initrd": b"\x1f\x8b" + bytes(64),
                },
                "/dev/sda2": {"/EFI/BOOT/BOOTX64.EFI": b"MZ"},
                "/dev/sdb1": {"/readme": b"data"},
                "/": {"/usr/bin/lsblk": b""},
            },
            programs=programs,
            fail=fail,  # type: ignore[arg-type]
        )  # fmt: skip
        furnish(self.machine)
        self.out = io.StringIO()
        self.typed = io.StringIO(typed)
        terminal = Terminal(self.typed, self.out, color=False, serial=False, term="dumb")
        self.interpreter = Interpreter(
            self.machine, terminal, esp=self.machine.devices()[2], interactive=True
        )
        self.session = Session(self.interpreter, terminal, None)
        self.session.journal.paused = False
        self.error: KxshError | None = None
        if script:
            try:
                self.interpreter.interactive = False
                self.interpreter.attempt(parse_script(Source("boot.kxs", script)))
            except KxshError as error:
                self.error = error
            self.interpreter.interactive = True
            self.session.lines.take_script()
        self.session.journal.paused = True

    def __call__(self, line: str, typed: str = "") -> str:
        """Run a line, with `typed` as what is typed at its questions; return what it shows."""
        at = self.typed.tell()
        self.typed.write(typed)
        self.typed.seek(at)
        before = len(self.out.getvalue())
        self.session.execute(line)
        return self.out.getvalue()[before:]

    def file(self, path: str) -> str:
        """Return a file of the loader's partition."""
        mount = next((m for m in self.machine.mounts() if m.device.path == "/dev/sda2"), None)
        mount = mount or self.machine.mount(self.machine.devices()[2])
        root, inside = self.machine.locate(mount.path + path)
        return root.read(inside).decode()
