"""From a change in an editor to the findings on its screen: `kxsh --lsp`, timed by a client.

The client is pygls's own, over the server's standard input and output. The aim is 50 ms
for a script of 100 lines, which is longer than boot scripts are.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

from lsprotocol import types
from pygls.lsp.client import LanguageClient

LENGTHS = (100, 1000)
CHANGES = 30
_URI = "file:///bench/boot.kxs"
_ENTRY = """\
## Start system {0}, unless its disk is not there.
fn start-{0}(wait: duration = 2s) {{
  let root = mount (findfs LABEL=SYSTEM{0} --wait $wait) else {{ return }}
  if not exists $root/boot/vmlinuz {{
    warn "no kernel on ${{root.device}}"
    return
  }}
  load $root/boot/vmlinuz --initrd $root/boot/initrd.img --cmdline "root=PARTLABEL=root{0} ro"
  exec
}}
start-{0}
"""


def script(lines: int) -> str:
    """Return a script of about this many lines."""
    parts = [_ENTRY.format(number) for number in range(lines // _ENTRY.count("\n"))]
    return "kxs 1\n" + "".join(parts) + 'recovery "nothing can be started"\n'


async def measure(lines: int) -> list[float]:
    """Return the seconds from each of some changes to their findings."""
    client = LanguageClient("bench", "1")
    arrived: asyncio.Queue[int | None] = asyncio.Queue()

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def told(params: types.PublishDiagnosticsParams) -> None:
        arrived.put_nowait(params.version)

    await client.start_io(sys.executable, "-m", "kxsh.cli", "--lsp")
    capabilities = types.ClientCapabilities()
    await client.initialize_async(types.InitializeParams(capabilities=capabilities))
    client.initialized(types.InitializedParams())
    item = types.TextDocumentItem(_URI, "kxs", 0, script(lines))
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    await arrived.get()
    times = []
    place = types.Position(lines // 2, 0)
    for version in range(1, CHANGES + 1):
        change = types.TextDocumentContentChangePartial(types.Range(place, place), "# a\n")
        document = types.VersionedTextDocumentIdentifier(version, _URI)
        begin = time.perf_counter()
        client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))
        while await arrived.get() != version:
            pass
        times.append(time.perf_counter() - begin)
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()
    return times


def report() -> str:
    """Return a table in Markdown: median and slowest of the changes."""
    lines = ["| from a change to its findings | median | slowest |", "|---|---|---|"]
    for length in LENGTHS:
        times = asyncio.run(measure(length))
        median, slowest = statistics.median(times) * 1000, max(times) * 1000
        lines.append(f"| {length} lines | {median:.0f} ms | {slowest:.0f} ms |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(report())
