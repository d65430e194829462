"""The network: net-up, fetch, pxelinux-entries."""

from __future__ import annotations

from kxsh.boot.entry import Menu
from kxsh.commands.context import Context
from kxsh.commands.registry import command
from kxsh.errors import Failure, NotFound
from kxsh.machine.protocol import CONFIG_LIMIT, Download, Machine
from kxsh.signature import argument, flag, option
from kxsh.text import display, size
from kxsh.units import Duration, Size
from kxsh.usage import bad_digest
from kxsh.values import DURATION, FILE, MENU, SIZE, STR, URL, File

# How often a download says how far it is, in seconds.
_TELLING = 3.0
_PATIENCE = 600.0
_CONFIG_PATIENCE = 60.0
_LIMIT = 1024 * 1024 * 1024


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
    option("timeout", DURATION, "how long it may take in all", Duration(_PATIENCE)),
    option("limit", SIZE, "refuse a larger file", Size(_LIMIT)),
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
    wrong = bad_digest(sha256)
    if wrong is not None:
        raise wrong
    path = fetch_file(context, url, sha256, timeout, limit)
    root, inner = context.machine.locate(path)
    facts = root.stat(inner)
    return File(path, facts.size if facts else 0, "file")


def fetch_file(
    context: Context,
    url: str,
    sha256: str = "",
    timeout: float = _PATIENCE,
    limit: int = _LIMIT,
) -> str:
    """Fetch a file into memory, telling how far it is, and return its path."""
    name = url.partition("?")[0].rstrip("/").rpartition("/")[2]
    told = Progress(context.machine, display(name))
    return context.machine.fetch(Download(url, sha256, timeout, limit), told)


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


@command(
    "pxelinux-entries",
    argument("url", URL, "a configuration; or a folder (with / at the end) with pxelinux.cfg"),
    option("mac", STR, "the network card's address; left out: the first card's", ""),
    option("uuid", STR, "the machine's UUID; left out: its own", ""),
    option("ip", STR, "the machine's address, as `net-up` returns it", ""),
    returns=MENU,
    raises=("not-found", "timeout", "denied", "io", "format", "verify"),
    effects=("reads",),
    examples=(
        "let address = net-up\n"
        "let all = pxelinux-entries http://boot.lan/ --ip $address\n"
        "for e in $all { say ${e.title} ${e.kernel} }",
    ),
)
def pxelinux_entries(context: Context, url: str, *, mac: str, uuid: str, ip: str) -> Menu:
    """Read the menu that a boot server has for this machine, as PXELINUX would.

    In a folder the names are tried that PXELINUX tries: the machine's UUID, its card, its
    address in hexadecimal, shorter and shorter, then default. The entries' files stay on
    the server until `load` fetches them.
    """
    from kxsh.menus.syslinux import pxe

    def ask(wanted: str) -> bytes | None:
        try:
            path = fetch_file(context, wanted, "", _CONFIG_PATIENCE, CONFIG_LIMIT)
        except NotFound:
            return None
        root, inner = context.machine.locate(path)
        return root.read(inner, CONFIG_LIMIT)

    client = pxe.Client(
        prefix=url if url.endswith("/") else "",
        mac=mac or _first_card(context.machine),
        uuid=uuid or _sys(context.machine, "class/dmi/id/product_uuid"),
        ip=ip,
    )
    menu = pxe.read_client(client, ask) if client.prefix else pxe.read_url(url, ask, client)
    if not menu.entries:
        trouble = "; ".join(display(str(problem)) for problem in menu.problems[:2])
        raise NotFound(f"the server has no menu for this machine at {url}", hint=trouble)
    return menu


def _first_card(machine: Machine) -> str:
    root, inner = machine.locate("/sys/class/net")
    try:
        names = [name for name in root.list(inner) if name != "lo"]
    except Failure:
        return ""
    return _sys(machine, f"class/net/{names[0]}/address") if names else ""


def _sys(machine: Machine, name: str) -> str:
    """Return a line of /sys, empty where it cannot be read."""
    root, inner = machine.locate(f"/sys/{name}")
    try:
        return root.read(inner).decode("ascii", "replace").strip()
    except Failure:
        return ""
