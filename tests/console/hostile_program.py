"""The prompt on a machine whose every name, title and text is hostile, for the tests."""

from __future__ import annotations

import os
import sys

from kxsh.console.prompt import loop as prompt
from kxsh.console.terminal import Terminal
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Device
from kxsh.text import GIB

EVIL = (
    "\x1b]52;c;Y3VybA==\x07", "\x1bP+q544e\x1b\\", "\x1b[6n", "\x1b[c", "\x9b6n", "\x9d0;x\x9c",
    "\u202egnp.exe\u202c", "\u200b\u2066x\u2069", "\x08\x0d\x7f", "\udc9b6n", "\x1bZ\x05",
    "x" * 10_000,
)  # fmt: skip
INFO = b"description=Bad \x1b]0;x\x07\x9b6n driver\0"


def machine() -> FakeMachine:
    devices = [Device("/dev/sda", size=GIB, disk="/dev/sda", model=EVIL[0] + EVIL[6])]
    for number, evil in enumerate(EVIL, 1):
        devices.append(
            Device(
                f"/dev/sda{number}", label=f"bad{evil}"[:300], uuid=f"id{number}{evil}"[:90],
                partuuid=f"part-{number}", fstype="ext4", size=GIB, disk="/dev/sda", number=number,
            )
        )  # fmt: skip
    plain = Device("/dev/sdb1", label="X", fstype="iso9660", disk="/dev/sdb", number=1)
    menu = "".join(
        f"LABEL bad{number}{flat}\n MENU LABEL Title {flat}\n KERNEL kernel\n"
        for number, evil in enumerate(EVIL)
        for flat in [evil.replace("\r", "")]
    )
    folder = f"/lib/modules/{os.uname().release}"
    files: dict[str, bytes | str] = {f"/names/bad{evil[:200]}": b"" for evil in EVIL}
    files |= {f"/good/fine{number}": b"" for number in range(3)}
    files["/isolinux/isolinux.cfg"] = menu.encode("utf-8", "surrogateescape")
    files["/isolinux/kernel"] = b""
    system: dict[str, bytes | str] = {
        f"{folder}/modules.dep": "".join(
            f"kernel/{evil[:99]}/bad{n}.ko:\n" for n, evil in enumerate(EVIL[:6])
        ),
        **{f"{folder}/kernel/{evil[:99]}/bad{n}.ko": INFO for n, evil in enumerate(EVIL[:6])},
        **{f"/usr/bin/bad{evil[:60]}": b"" for evil in EVIL},
    }
    return FakeMachine([*devices, plain], {"/dev/sdb1": files, "/": system})


def main() -> None:
    made = machine()
    serial = "--serial" in sys.argv
    terminal = Terminal(sys.stdin, sys.stdout, color=True, serial=serial)
    interpreter = Interpreter(made, terminal, esp=made.devices()[1], interactive=True)
    for number, evil in enumerate(EVIL):
        interpreter.session.variables[f"bad{number}"] = evil
    interpreter.session.variables["map"] = {f"key{evil}": evil for evil in EVIL}
    interpreter.session.variables["image"] = made.mount(made.devices()[-1])
    prompt.run(interpreter, terminal, error=None)


if __name__ == "__main__":
    main()
