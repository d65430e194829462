"""What an expert types after a broken boot.kxs, from the error to `exec`, and what is seen.

The same on a pty with a made-up machine (tests/console) and on the serial line of an
emulated one (tests/boot). Steps whose keys need a cursor that moves are left out on a
dumb terminal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Protocol

LABEL = "LEGACY_ISO"
MARK = "typed-by=expert"
# Three things are wrong: the label, the initrd's name, and a file that is not there.
SCRIPT = f"""\
kxs 1
# Boots the image that this loader lies on.
let image = mount LABEL={LABEL}O
load $image/isolinux/gentoo --initrd $image/isolinux/gentoo.img --cmdline "console=ttyS0"
if not (exists $image/isolinux/checked) {{ fail "unchecked" --class verify }}
exec
"""


RULE = "=" * 8


@dataclass(frozen=True, slots=True)
class Step:
    """`keys` are typed; then `seen`, a regular expression, is on the screen. Where it is a
    `line`, the prompt is there again. `moving`: only where the cursor moves."""

    name: str
    keys: str
    seen: str
    line: bool = True
    moving: bool = False


def line(name: str, typed: str, seen: str) -> Step:
    return Step(name, f"{typed}\r", seen)


def keys(name: str, typed: str, seen: str) -> Step:
    return Step(name, typed, seen, line=False, moving=True)


def ends(name: str, typed: str, seen: str) -> Step:
    return Step(name, typed, seen, moving=True)


CLEAR_SCREEN, F1, UP = "\x0c", "\x1b[11~", "\x1b[A"
CLEAR = ends("the line is cleared", "\x03", r"kxsh>\s*\Z")
# The line that was typed is over, and it showed nothing.
AGAIN = r"\s+kxsh>\s*\Z"
ENTRY = "$image/isolinux/isolinux.cfg"
LOAD = "load $image/isolinux/gentoo --initrd $image/isolinux/gentoo.igz"

STEPS = (
    # what happened?
    line("why", "why", r"what: not-found"),
    line("the disks", "disks", rf"/dev/sd\w1 .*{LABEL}\b"),
    line("their menus", "disks --menus", r"isolinux"),
    line("help", "help", r"^At this prompt\s+why"),
    line("help on a term", "help LABEL", r"LABEL=X +a"),
    line("help on a command", "mount --help", r"usage: mount DEVICE"),
    line("help on a code", "help KX202", r"KX202 \(error\)"),
    line("help on the keys", "help keys", r"F1 +the signature"),
    # the first fault: the label
    keys("a mistake is underlined", "mont LABEL=X ", r"KX201 there is no command `mont`"),
    CLEAR,
    keys("Tab completes", "mount LAB\t", r"kxsh> mount LABEL="),
    keys("and a label", f"{LABEL[:3]}\t", rf"kxsh> mount LABEL={LABEL}\s*\Z"),
    keys("F1 shows the signature", F1, r"mount DEVICE (.*\n)+ +\^{11}"),
    ends("Enter mounts", "\r", r"^mount path=\S*/mnt/\d+ "),
    ends("what is mounted", "mounts\r", rf"{LABEL}"),
    ends("the last mount is undone", "undo\r", r"(?i)unmount"),
    line("mounted for the script", f"let image = mount LABEL={LABEL}", rf"{LABEL}{AGAIN}"),
    line("a value", "$image", r"^mount path=\S*/mnt/\d+ "),
    line("a value's kind", "help $image", r"^mount: \S*/mnt/\d+"),
    keys("a path is completed", "ls $image/isol\t", r"kxsh> ls \$image/isolinux/\s*\Z"),
    ends("and listed", "\r", r" gentoo\.igz *$"),
    keys("GRUB's name of it", "ls (hd0,1)/isol\t", r"kxsh> ls \S+:/isolinux/\s*\Z"),
    CLEAR,
    line("the old menu", f"cat {ENTRY}", r"label gentoo"),
    line("the script goes on after it", "retry --skip", r"gentoo\.img"),
    # the second: the initrd
    line("why again", "why", r"what: not-found"),
    line("the failure before", "why 2", rf"{LABEL}O"),
    line("an entry of the menu", f"let old = isolinux-entry {ENTRY} gentoo", rf"gentoo{AGAIN}"),
    keys("its labels", f"isolinux-entry {ENTRY} \t", r"gentoo-nofb"),
    CLEAR,
    line("its command line", "${old.cmdline}", r"root=/dev/ram0"),
    line("a field that there is not", "${old.cmdlin}", r"did you mean `cmdline`\?"),
    line("a call that cannot work", "part $image", r"usage: part DISK NUMBER"),
    keys("a block", "for n in [1, 2] {\r", r" \.\.\.>\s*\Z"),
    keys("its body", "say number $n\r", r" \.\.\.>\s*\Z"),
    ends("its end", "}\r", r"^number 2 *$"),
    keys("the history", UP, r"kxsh> for n in \[1, 2\] \{\n \.\.\.> say number \$n\n \.\.\.> \}"),
    CLEAR,
    keys("a search in it", "\x12let im", rf"let image = mount LABEL={LABEL} *$"),
    ends("that is left", "\x07\x03", r"kxsh>\s*\Z"),
    keys("words for a kernel", f'{LOAD} --cmdline "qui\t', r'"quiet\s*\Z'),
    keys("and what they take", " console=ttyS0\t", r"ttyS0,115200"),
    ends("the line is given up", "\x03", r"kxsh>\s*\Z"),
    line("loaded by hand", f'{LOAD} --cmdline "console=ttyS0 {MARK}"', rf"^cmdline +.*{MARK}"),
    line("what is loaded", "plan", rf"cmdline +console=ttyS0 {MARK}"),
    line("a rehearsal", "exec --dry-run", r"exec would start"),
    line("the script goes on", "retry --skip", r"unchecked"),
    # the third: a file that is not there; the expert knows better
    line("why once more", "why", r"what: verify"),
    line("what was typed", "history", r"retry --skip"),
    line("what could be undone", "undo --list", r"(?i)mount|unload|load"),
    line("a variable", "let fine = exists $image/isolinux/gentoo.igz", rf"igz{AGAIN}"),
    line("is true", "$fine", r"^true *$"),
)
EXEC = "exec\r"
# The last line of a text that is longer than the screen.
PAGED = "q back"
PAGER = r"lines \d+-.*"


class Conversation(Protocol):
    """A terminal: a pty's or a serial line's."""

    @property
    def text(self) -> str: ...

    def type(self, text: str) -> None: ...

    def wait(self, wanted: str, timeout: float = ...) -> None: ...

    def wait_cursor(self, line: str, timeout: float = ...) -> None: ...


def steps(*, moving: bool) -> Iterator[Step]:
    """Yield the steps for a terminal whose cursor moves, or does not."""
    return (step for step in STEPS if moving or not step.moving)


def converse(
    screen: Conversation, *, moving: bool, patience: float, after: Callable[[Step], None]
) -> int:
    """Take all steps, each line on a clear screen where that can be had; `after` is called
    when a step's screen is there. Return their number."""
    count, at_prompt = 0, True
    for step in steps(moving=moving):
        count += 1
        if moving and at_prompt:
            screen.type(CLEAR_SCREEN)
            screen.wait(r"\Akxsh>\s*\Z", patience)
        at_prompt = step.line
        screen.type(step.keys)
        look_for(screen, step.seen, patience)
        if step.line:
            screen.wait_cursor(f"kxsh>|{PAGER}", patience)
        after(step)
        if PAGED in screen.text:
            screen.type("q")
            screen.wait_cursor("kxsh>", patience)
    return count


def look_for(screen: Conversation, wanted: str, patience: float) -> None:
    """Wait for a text, on a small screen page by page."""
    screen.wait(f"{wanted}|{PAGED}", patience)
    while PAGED in screen.text and not re.search(wanted, screen.text, re.MULTILINE):
        position = screen.text.splitlines()[-1].partition(PAGED)[0]
        screen.type(" ")
        screen.wait(rf"^(?!{re.escape(position)}){PAGER}", patience)


def as_text(seen: list[tuple[str, str]]) -> str:
    return "".join(f"{RULE} {name}\n{text}\n" for name, text in seen)


def read_screens(path: Path) -> list[tuple[str, str]]:
    """Return the steps and screens of a file."""
    parts = path.read_text(encoding="utf-8").split(f"{RULE} ")[1:]
    return [(name, text[:-1]) for name, _, text in (part.partition("\n") for part in parts)]


def compare(seen: list[tuple[str, str]], wanted: list[tuple[str, str]]) -> None:
    """Compare the screens with those of a file, one by one."""
    assert len(seen) == len(wanted)
    for (name, ours), (wanted_name, screen) in zip(seen, wanted, strict=True):
        assert name == wanted_name
        difference = "\n".join(unified_diff(screen.split("\n"), ours.split("\n"), lineterm=""))
        assert ours == screen, f"the screen after the step `{name}`:\n{difference}"
