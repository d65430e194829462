"""Files that no person writes, for every menu reader, as long as one likes.

In turn: scripts of GRUB's grammar, whole and with bytes changed; words of each format in
any order; the samples, and the real files where there are any, with bytes changed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grub2_scripts import WRITTEN, Generator
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from menu_samples import CONFIG, HOSTILE, SAMPLES, check, read, tree

# Of the processor, for one file.
SECONDS = 2.0
_DRAWING = settings(
    max_examples=60,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# Pieces that mean something in most formats.
_PIECES = (
    b"\n", b"\r\n", b" ", b"\t", b'"', b"'", b"\\", b"$", b"${", b"}", b"{", b"#", b"=", b"\0",
    b"\xff", b"\x1b[2J", b"../", b"(hd0,1)", b"label ", b"title ", b"kernel ", b"initrd=", b"%",
)  # fmt: skip


@dataclass
class Tally:
    """What was read so far, and the files that broke a bound: (format, file, how)."""

    files: int = 0
    slowest: float = 0.0
    broken: list[tuple[str, bytes, str]] = field(default_factory=list)

    def read(self, form: str, data: bytes) -> None:
        """Read a file as its format's; what goes wrong is kept."""
        fault, took = _try(form, data)
        if took > SECONDS:  # a busy machine takes longer: the better of two
            took = min(took, _try(form, data)[1])
        self.files += 1
        self.slowest = max(self.slowest, took)
        if took > SECONDS:
            fault = fault or f"{took:.1f} s"
        if fault:
            self.broken.append((form, data, fault))


def _try(form: str, data: bytes) -> tuple[str, float]:
    """Return (what went wrong, seconds of the processor)."""
    fault = ""
    began = time.process_time()
    try:
        check(read(form, tree(SAMPLES[form], data)))
    except Exception as error:
        fault = f"{type(error).__name__}: {error}"
    return fault, time.process_time() - began


def scripts() -> st.SearchStrategy[str]:
    """Return scripts of GRUB's grammar, some of them inside of an entry or a function."""
    written = st.integers(0, 2**32).map(lambda number: Generator(number).script())
    plain = st.one_of(written, st.sampled_from(WRITTEN))
    wraps = ("{}", "menuentry x {{\n{}\nlinux /k $a\n}}\n", "function f {{\n{}\n}}\nf a b\n")
    wraps += ("submenu s {{\n{}\n}}\n", "if true; then\n{}\nfi\n", "for v in a b; do\n{}\ndone\n")
    return st.lists(
        st.tuples(st.sampled_from(wraps), plain).map(lambda pair: pair[0].format(pair[1])),
        min_size=1,
        max_size=4,
    ).map("\n".join)


def words() -> st.SearchStrategy[tuple[str, str]]:
    """Return (format, its words in any order)."""

    def lines(form: str) -> st.SearchStrategy[tuple[str, str]]:
        sample = SAMPLES[form]
        one = st.lists(st.sampled_from(sample.words.split(" ")), max_size=6).map(" ".join)
        texts = st.lists(one, max_size=30).map("\n".join)
        return texts.map(lambda text: (form, sample.head + text))

    return st.sampled_from([name for name, one in SAMPLES.items() if one.words]).flatmap(lines)


def changed(data: bytes, dice: random.Random) -> bytes:
    """Return a file with some of its bytes replaced, dropped, doubled or put in."""
    found = bytearray(data)
    for _ in range(dice.randint(1, 12)):
        place = dice.randrange(len(found) + 1)
        length = dice.randint(0, 6)
        piece = dice.choice((dice.choice(_PIECES), dice.randbytes(dice.randint(0, 4))))
        if dice.random() < 0.1:  # a part of it once more
            piece = bytes(found[place : place + dice.randint(1, 200)]) * dice.randint(1, 3)
        found[place : place + length] = piece
    return bytes(found[:CONFIG])


def real_files(shared: Path) -> dict[str, list[bytes]]:
    """Return the collected files of each format."""
    found: dict[str, list[bytes]] = {}
    for form in SAMPLES:
        folder = {"isolinux": "syslinux", "esxi-boot.cfg": "esxi"}.get(form, form)
        files = [
            path.read_bytes()[:CONFIG]
            for path in sorted((shared / "wild" / folder).rglob("*"))
            if path.is_file() and path.name not in ("ORIGIN.txt", "expect.json")
        ]
        if files:
            found[form] = files
    return found


def run(seconds: float, shared: Path | None = None, first: int = 0) -> Tally:
    """Read such files for so many seconds."""
    tally = Tally()
    real = real_files(shared) if shared is not None else {}
    end = time.monotonic() + seconds
    for number in _from(first):
        if time.monotonic() > end:
            return tally
        dice = random.Random(number)
        _drawn(number, scripts(), lambda text: _script(tally, text))
        _drawn(number, words(), lambda pair: tally.read(pair[0], _bytes(pair[1])))
        for form, sample in SAMPLES.items():
            kind = dice.choice([name for name in HOSTILE if "entries" not in name])
            for data in (
                (sample.head + sample.entry * 3 + sample.circle).encode(),
                HOSTILE[kind](sample)[:4096],
                *dice.sample(real.get(form, []), min(3, len(real.get(form, [])))),
            ):
                tally.read(form, changed(data, dice))
    return tally


def _from(first: int) -> Iterator[int]:
    number = first
    while True:
        yield number
        number += 1


def _script(tally: Tally, text: str) -> None:
    data = _bytes(text)
    tally.read("grub2", data)
    tally.read("grub2", changed(data, random.Random(len(data))))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _drawn(number: int, strategy: st.SearchStrategy[Any], use: Callable[[Any], None]) -> None:
    """Use some dozen values of a strategy."""
    seed(number)(_DRAWING(given(strategy)(use)))()
