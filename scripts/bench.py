"""`make bench`: kxsh's loader beside a plain ash loader, same image, same machine.

Both are started in turn in the same emulated machine from the same adapted image; what
is timed is what the loader's own kernel prints with its clock ("Run /init", "Starting
new kernel") and when the lines arrive here, so neither loader has marks of its own.
Prints a table of medians, and puts it into docs/benchmarks.md; others tell how long
`kxsh --check` takes (bench_check.py), how long an editor waits for findings (bench_lsp.py),
how long menus take (bench_menus.py) and how fast the console answers (bench_console.py).
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import bench_check
import bench_console
import bench_image
import bench_lsp
import bench_menus
import bench_run
from bench_image import Contender
from bench_run import Run

from kxsh.errors import KxshError
from kxsh.image.progress import Progress

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs/benchmarks.md"
# What each table in the report stands between.
LOADERS, CHECKS = "make bench", "make bench, checks"
EDITORS, MENUS = "make bench, editors", "make bench, menus"
CONSOLE = "make bench, console"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `unit` also says how many digits it is shown with."""

    name: str
    unit: str
    ash: float
    kxsh: float


def main() -> int:
    arguments = _parse()
    progress = Progress()
    tables: dict[str, Callable[[], str]] = {
        LOADERS: lambda: _loaders(arguments, progress),
        CHECKS: bench_check.report,
        EDITORS: bench_lsp.report,
        MENUS: bench_menus.report,
        CONSOLE: bench_console.report,
    }
    for name, measured in tables.items():
        if arguments.only and not name.endswith(f", {arguments.only}"):
            continue
        progress.step(name)
        try:
            table = measured()
        except KxshError as error:
            print(f"bench: {error.message}\n  {error.hint}", file=sys.stderr)
            return 1
        print(table)
        if not arguments.no_report:
            _write_report(name, table)
    return 0


def _loaders(arguments: argparse.Namespace, progress: Progress) -> str:
    with tempfile.TemporaryDirectory(prefix="kxsh-bench-") as folder:
        contenders = bench_image.prepare(Path(folder), progress)
        return render(measure(contenders, arguments, progress), arguments.rounds)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare kxsh's loader with an ash loader.")
    parser.add_argument("--rounds", type=int, default=5, help="timed boots of each (5)")
    parser.add_argument(
        "--only",
        choices=("checks", "editors", "menus", "console"),
        help="measure this, and boot nothing",
    )
    parser.add_argument("--times-only", action="store_true", help="leave the memory runs out")
    parser.add_argument("--no-report", action="store_true", help="leave docs/benchmarks.md alone")
    return parser.parse_args()


def measure(
    contenders: Sequence[Contender], arguments: argparse.Namespace, progress: Progress
) -> list[Row]:
    """Return the rows of the table, ash and kxsh in turn through all rounds."""
    runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    for number in range(1, arguments.rounds + 1):
        for contender in contenders:
            run = bench_run.boot(contender)
            runs[contender.name].append(run)
            progress.step(
                f"round {number}, {contender.name}: init to jump {run.init_to_jump:.2f} s,"
                f" start to target {run.start_to_target:.2f} s"
            )
    ash, kxsh = contenders
    progress.step(f"where kxsh's time goes: {_marks(runs['kxsh'])}")
    rows = [
        _median("init to jump", runs, lambda run: run.init_to_jump),
        _median(
            "loader kernel's first line to target's first line",
            runs,
            lambda run: run.start_to_target,
        ),
        Row("bootx64.efi", "MB", ash.loader_size / 1e6, kxsh.loader_size / 1e6),
        Row("initramfs, compressed", "MB", ash.initramfs_size / 1e6, kxsh.initramfs_size / 1e6),
        Row("of it Python and kxsh, compressed alone", "MB", 0, bench_image.python_size() / 1e6),
    ]
    if not arguments.times_only:
        rows += _memory_rows(ash, kxsh, progress)
    return rows


def _median(name: str, runs: dict[str, list[Run]], value: Callable[[Run], float]) -> Row:
    ash, kxsh = (statistics.median(value(run) for run in found) for found in runs.values())
    return Row(name, "s", ash, kxsh)


def _marks(runs: Sequence[Run]) -> str:
    """Return kxsh's own marks in the kernel's log, with their median seconds since init."""
    times = {
        mark: statistics.median(run.marks[mark] for run in runs if mark in run.marks)
        for mark in runs[0].marks
    }
    return ", ".join(f"{mark} {seconds:.2f}" for mark, seconds in times.items())


def _memory_rows(ash: Contender, kxsh: Contender, progress: Progress) -> list[Row]:
    progress.step("peak memory of both")
    peaks = [bench_run.peak_memory(contender) for contender in (ash, kxsh)]
    least = []
    for contender in (ash, kxsh):
        progress.step(f"the least memory that {contender.name} boots with")
        least.append(bench_run.least_memory(contender, progress))
    return [
        Row("memory in use at its peak, target loaded", "MiB", *peaks),
        Row("least -m that boots the target", "MiB", *least),
    ]


def render(rows: Sequence[Row], rounds: int) -> str:
    """Return the table in Markdown, columns aligned."""
    cells = [["", "ash + kexec-tools", "kxsh", "kxsh / ash"]]
    for row in rows:
        digits = 2 if row.unit == "s" else 1 if row.unit == "MB" else 0
        values = [f"{value:.{digits}f} {row.unit}" for value in (row.ash, row.kxsh)]
        cells.append([row.name, *values, f"{row.kxsh / row.ash:.2f}" if row.ash else ""])
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    lines = [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in cells
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    where = f"Medians of {rounds} boots of each, in turn; {bench_run.machine_in_words()}."
    return "\n".join([where, "", lines[0], rule, *lines[1:]])


def _write_report(name: str, table: str) -> None:
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = REPORT.read_text()
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    REPORT.write_text(f"{before}{begin}\n{table}\n{end}{after}")


if __name__ == "__main__":
    sys.exit(main())
