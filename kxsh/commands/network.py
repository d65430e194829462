"""The network: net-up, fetch."""

from __future__ import annotations

from kxsh.commands.context import Context
from kxsh.commands.registry import command
from kxsh.errors import UsageError
from kxsh.machine.protocol import Download, Machine
from kxsh.signature import argument, flag, option
from kxsh.text import display, size
from kxsh.units import Duration, Size
from kxsh.values import DURATION, FILE, SIZE, STR, URL, File

# How often a download says how far it is, in seconds.
_TELLING = 3.0
_DIGEST = 64


@command(
    "net-up",
    option("interface", STR, "the network card; left out: the first that gets an address", ""),
    option("timeout", DURATION, "how long to try", Duration(30)),
    flag("keep", "stay up after the block ends"),
    returns=STR,
    raises=("not-found", "timeout", "io", "denied"),
    effects=("opens",),
    examples=('let address = net-up --timeout 20s\nsay "here as $address"',),
)
def net_up(context: Context, *, interface: str, timeout: float, keep: bool) -> str:
    """Bring the network up by DHCP and return the address; the block's end takes it down.

    Wired cards only. A network that is up already serves, and stays. A loader has the
    drivers and the program for it when it was built `--with net`.
    """
    opened = context.machine.network_up(interface, timeout)
    if not keep:
        context.own(opened)
    return opened.address


@command(
    "fetch",
    argument("url", URL, "http:// or https:// and so on"),
    option("sha256", STR, "what the file's SHA-256 has to be, 64 hexadecimal digits", ""),
    option("timeout", DURATION, "how long it may take in all", Duration(600)),
    option("limit", SIZE, "refuse a larger file", Size(1024 * 1024 * 1024)),
    returns=FILE,
    raises=("not-found", "timeout", "denied", "io", "format", "verify"),
    effects=("reads",),
    examples=(
        "net-up\n"
        "let kernel = fetch https://boot.lan/rescue/vmlinuz --timeout 2m\n"
        'load $kernel --cmdline "ip=dhcp panic=30"',
        "let notes = fetch http://boot.lan/rescue/notes\n"
        "  --sha256 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\n"
        "say (read $notes)",
    ),
)
def fetch(context: Context, url: str, *, sha256: str, timeout: float, limit: int) -> File:
    """Fetch a file over the network into memory and return it, for `load` and `read`.

    Without --sha256, and over http, whoever is on the network between can change it. A
    wrong digest is a failure of class verify. It stays in memory until a kernel starts.
    """
    if sha256 and (len(sha256) != _DIGEST or not _is_hexadecimal(sha256)):
        raise UsageError(
            f"`{display(sha256)}` is not a SHA-256: that has {_DIGEST} hexadecimal digits",
            code="KX204",
            hint="`sha256sum FILE` prints it",
        )
    machine = context.machine
    name = url.partition("?")[0].rstrip("/").rpartition("/")[2]
    told = Progress(machine, display(name))
    path = machine.fetch(Download(url, sha256, timeout, limit), told)
    root, inner = machine.locate(path)
    facts = root.stat(inner)
    return File(path, facts.size if facts else 0, "file")


def _is_hexadecimal(text: str) -> bool:
    return all(sign in "0123456789abcdefABCDEF" for sign in text)


class Progress:
    """Says how much has come, not more often than every few seconds."""

    def __init__(self, machine: Machine, name: str) -> None:
        self._machine = machine
        self._name = name
        self._told = machine.now()

    def __call__(self, done: int, total: int) -> None:
        now = self._machine.now()
        if now - self._told < _TELLING:
            return
        self._told = now
        of = f" of {size(total)} ({done * 100 // total}%)" if total else ""
        self._machine.write(f"fetching {self._name}: {size(done)}{of}\n")
