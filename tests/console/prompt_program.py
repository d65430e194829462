"""The prompt on a made-up machine, as a program to be run on a pty by the tests."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Sequence

from machines import HOSTILE, machine

from kxsh.console.interrupts import ignore_from_now
from kxsh.console.prompt import loop as prompt
from kxsh.console.terminal import Terminal
from kxsh.errors import KxshError
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.protocol import Completed, Device, Ended
from kxsh.machine.supervisor import supervise
from kxsh.source import Source
from kxsh.syntax.parser import parse_script
from kxsh.text import GIB

SCRIPT = """kxs 1
let name = "GENTO0"
let image = mount LABEL=$name
load $image/isolinux/gentoo
exec
"""


def stuck(argv: Sequence[str]) -> Completed:
    """Behave like a system call that no signal ends."""
    told = False
    while True:
        try:
            if not told:
                told = True
                print("stuck now", flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            continue


def patient(argv: Sequence[str]) -> Completed:
    print("waiting now", flush=True)
    time.sleep(60)
    return Completed(0)


def main(board: int) -> int:
    ignore_from_now(board)
    parser = argparse.ArgumentParser()
    parser.add_argument("--serial", action="store_true")
    parser.add_argument("--failed", action="store_true", help="a script has failed before")
    parser.add_argument("--plug", type=float, help="seconds until a stick comes, and goes")
    parser.add_argument("--editor", choices=("works", "missing", "dies", "breaks"), default="works")
    arguments = parser.parse_args()
    if arguments.editor == "missing":
        sys.modules["prompt_toolkit"] = None  # type: ignore[assignment]
    if arguments.editor == "dies":
        from kxsh.console.prompt.line_editor import LineEditor

        def die(self: LineEditor) -> str:
            raise RuntimeError("the terminal said \x1b[2J")

        LineEditor.read = die  # type: ignore[method-assign]
    if arguments.editor == "breaks":
        from prompt_toolkit.key_binding.key_processor import KeyProcessor

        def process(self: KeyProcessor) -> None:
            if self.input_queue:
                raise RuntimeError("the loop broke")

        KeyProcessor.process_keys = process  # type: ignore[method-assign]
    made = machine(stuck=stuck, patient=patient)
    if arguments.plug:
        stick = Device(
            "/dev/sdc1", label=HOSTILE, fstype="vfat", size=GIB, disk="/dev/sdc", number=1
        )
        threading.Timer(arguments.plug, lambda: made.add(stick, {"/a": b""})).start()
        threading.Timer(2 * arguments.plug, lambda: made.remove("/dev/sdc1")).start()
    terminal = Terminal(sys.stdin, sys.stdout, color=True, serial=arguments.serial)
    interpreter = Interpreter(made, terminal, esp=made.devices()[2], interactive=True)

    def attempt() -> KxshError | None:
        terminal.say("running boot.kxs")
        try:
            interpreter.attempt(parse_script(Source("boot.kxs", SCRIPT)))
        except KxshError as error:
            return error
        return None

    error = attempt() if arguments.failed else None
    retry = attempt if arguments.failed else None
    try:
        prompt.run(interpreter, terminal, error=error, retry=retry)
    except Ended as end:
        print(f"the machine went away: {end.how}")
        return 0
    terminal.say("the prompt is over")
    return 0


if __name__ == "__main__":
    sys.exit(supervise(main))
