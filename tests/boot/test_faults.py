"""Boots that go wrong: each ends at the prompt, which says what failed and where.

Never a panic, a hang or a dark screen. The scripts are put on the stick as they are,
faults and all, as somebody with an editor would.
"""

from __future__ import annotations

import inspect
import py_compile
import re
from pathlib import Path

import pytest
from lab import PATIENCE, PROMPT, TARGET_LINE, Lab

import kxsh.commands.mounts
from kxsh.image.guest import Guest
from kxsh.image.qemu import Disk, VirtualMachine

MOUNT = "kxs 1\nlet image = mount (part ${esp.disk} 1)\n"
FOLDER = "$image/isolinux"

# name, boot.kxs, what the prompt has to say (regular expressions)
FAULTS: list[tuple[str, str, tuple[str, ...]]] = [
    (
        "syntax-error",
        "kxs 1\nlet image = mount (part ${esp.disk} 1))\nexec\n",
        (r"error\[KX\d+\]", r"boot\.kxs:2:\d+"),
    ),
    (
        "unknown-label",
        "kxs 1\nlet image = mount LABEL=NOWHERE\nload $image/vmlinuz\nexec\n",
        (r"error\[KX\d+\]", r"NOWHERE", r"boot\.kxs:2:\d+"),
    ),
]
# Lines that fail one after the other, from line 3 of a script, and what each has to say.
LINES: list[tuple[str, tuple[str, ...]]] = [
    (f"load (isolinux-entry {FOLDER}/isolinux.cfg nobody)", ("nobody",)),
    (f"load {FOLDER}/missing --initrd {FOLDER}/gentoo.igz", ("missing", "not-found")),
    (f"load {FOLDER}/empty --initrd {FOLDER}/gentoo.igz", ("empty", "format")),
    (f"load {FOLDER}/text --initrd {FOLDER}/gentoo.igz", ("text", "format")),
    (f"load {FOLDER}/short --initrd {FOLDER}/gentoo.igz", ("short|truncated", "format")),
    (f"load {FOLDER}/gentoo --initrd {FOLDER}/missing.igz", (r"missing\.igz", "not-found")),
]


@pytest.mark.parametrize(("script", "said"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_fault_ends_at_the_prompt(lab: Lab, script: str, said: tuple[str, ...]) -> None:
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), script.encode())
    with lab.boot(_stick(image), f"fault-{image.stem}") as guest:
        text = _text_to_prompt(guest)
    for pattern in said:
        assert re.search(pattern, text), f"nothing like {pattern!r} in\n{text}"


def test_every_line_that_cannot_load_ends_at_the_prompt(lab: Lab) -> None:
    """`retry --skip` goes on with the next one: one boot for them all."""
    script = MOUNT + "".join(f"{line}\n" for line, _ in LINES) + "exec\n"
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), script.encode())
    with lab.boot(_stick(image), "lines") as guest:
        begun = 0
        for number, (line, said) in enumerate(LINES, 3):
            text = _text_to_prompt(guest)[begun:]
            begun = len(guest.serial.text)
            for pattern in (r"error\[KX\d+\]", rf"boot\.kxs:{number}:\d+", *said):
                assert re.search(pattern, text), f"{line}: nothing like {pattern!r} in\n{text}"
            guest.send("retry --skip\r")
        # Nothing is loaded when the script comes to its `exec`.
        guest.expect(rf"boot\.kxs:{number + 1}:1", PATIENCE)


def test_without_a_script_the_menu_of_what_was_found_comes(lab: Lab) -> None:
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), None)
    with lab.boot(_stick(image), "no-script") as guest:
        guest.expect(r"no boot\.kxs", PATIENCE)
        guest.expect(r"gentoo-nofb", PATIENCE)
        text = guest.serial.text
    assert "panic" not in text


def test_an_image_cut_in_half_ends_at_the_prompt(lab: Lab) -> None:
    def cut() -> Path:
        target = lab.path("-half.iso")
        whole = lab.legacy("isohybrid").read_bytes()
        target.write_bytes(whole[: len(whole) // 2])
        return target

    script = MOUNT + "load (isolinux-entry $image/isolinux/isolinux.cfg)\nexec\n"
    image = lab.edited(lab.adapted(lab.once("half", cut), force=True), script.encode())
    with lab.boot(_stick(image), "half") as guest:
        text = _text_to_prompt(guest)
    assert re.search(r"error\[KX\d+\]", text)
    assert re.search(r"boot\.kxs:[23]:\d+", text)


def test_an_exception_in_a_command_ends_at_the_prompt(lab: Lab) -> None:
    image = lab.adapted(lab.legacy("small-isohybrid"), lab.once("broken", lambda: _broken(lab)))
    with lab.boot(_stick(image), "exception") as guest:
        text = _text_to_prompt(guest)
        assert "ZeroDivisionError" in text
        guest.send("why\r")
        guest.expect(r"ZeroDivisionError", PATIENCE)
        guest.expect(r"report the trace", PATIENCE)
        guest.expect(PROMPT, PATIENCE)


def _broken(lab: Lab) -> Path:
    """Return a loader with a division by zero in `mount`."""
    place = "usr/lib/python3.11/kxsh/commands/mounts.pyc"
    text = inspect.getsource(kxsh.commands.mounts)
    faulty = text.replace(" context.machine.mount(", " 1 // 0 or context.machine.mount(", 1)
    assert faulty != text
    source, compiled = lab.path(".py"), lab.path(".pyc")
    source.write_text(faulty)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(source), str(compiled), doraise=True, invalidation_mode=mode)
    shipped = lab.loader()
    assert place in shipped.with_name(f"{shipped.name}.manifest.json").read_text()
    return lab.loader_with(shipped, {place: compiled.read_bytes()})


def test_control_c_stops_an_endless_loop(lab: Lab) -> None:
    script = 'kxs 1\nsay "round and round"\nlet n = 0\nwhile true { set n = $n + 1 }\n'
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), script.encode())
    with lab.boot(_stick(image), "endless") as guest:
        guest.expect(r"round and round", PATIENCE)
        guest.send("\x03")
        text = _text_to_prompt(guest)
        assert re.search(r"interrupted|Ctrl-C", text)
        guest.send("say ${1 + 1}\r")
        guest.expect(r"^2$", PATIENCE)


def test_the_scripts_policy_restarts_the_machine(lab: Lab) -> None:
    script = "kxs 1\non-failure reboot 2s\nload LABEL=NOWHERE:/vmlinuz\nexec\n"
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), script.encode())
    with lab.boot(_stick(image), "policy") as guest:
        guest.expect(r"NOWHERE", PATIENCE)
        assert guest.wait(PATIENCE) == 0


def _stick(image: Path) -> VirtualMachine:
    return VirtualMachine((Disk(image),))


def _text_to_prompt(guest: Guest) -> str:
    """Wait for the prompt; return all that was said before. No target may have started."""
    guest.expect(PROMPT, PATIENCE)
    assert not re.search(TARGET_LINE, guest.serial.text, re.MULTILINE)
    assert "panic" not in guest.serial.text
    return guest.serial.text
