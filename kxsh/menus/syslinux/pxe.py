"""PXELINUX over the network: which configuration a machine is given, and its menu.

Sources: doc/pxelinux.txt of SYSLINUX 6.04 (the search for the configuration file, the
pathname prefix, DHCP options 209 and 210, ``::``), RFC 5071, doc/syslinux.txt (IPAPPEND).
"""

from __future__ import annotations

from collections.abc import Callable

from kxsh.boot.entry import Entry, Menu, Problem
from kxsh.errors import NotFound
from kxsh.machine.protocol import FileFacts
from kxsh.menus.syslinux import lexer
from kxsh.menus.syslinux.reader import Reader
from kxsh.record import record, replace

# Returns a file's content by its URL, None where the server has none.
Fetch = Callable[[str], bytes | None]

_FOLDER = "pxelinux.cfg/"


@record
class Client:
    """What a machine that boots over the network knows; empty is unknown.

    `server` is the boot server's address, `bootfile` the loader's name on it or its URL,
    `config` and `prefix` are DHCP options 209 and 210, `hardware` the ARP type of the
    card (1: Ethernet).
    """

    server: str = ""
    bootfile: str = ""
    config: str = ""
    prefix: str = ""
    mac: str = ""
    ip: str = ""
    uuid: str = ""
    hardware: int = 1
    gateway: str = ""
    netmask: str = ""

    @property
    def bootif(self) -> str:
        """The card's address as BOOTIF= and file names have it: ``01-88-99-aa-bb-cc-dd``."""
        return f"{self.hardware:02x}-{self.mac.lower().replace(':', '-')}" if self.mac else ""


def config_names(client: Client) -> list[str]:
    """Return the names that are asked for in ``pxelinux.cfg``, the first that exists counts:
    the machine's UUID, its card, its address in hexadecimal, shorter and shorter, default."""
    names = [client.uuid.lower(), client.bootif]
    parts = client.ip.split(".")
    if len(parts) == 4 and all(part.isascii() and part.isdigit() for part in parts):
        address = "".join(f"{int(part) & 255:02X}" for part in parts)
        names += [address[:length] for length in range(8, 0, -1)]
    return [name for name in names if name] + ["default"]


def is_probed(name: str) -> bool:
    """Return whether PXELINUX may ask for a configuration of this name: of a machine (UUID),
    a card (``01-88-99-aa-bb-cc-dd``), an address or the beginning of one (``C0A8``)."""
    if name == "default":
        return True
    digits = name.replace("-", "")
    if any(character not in "0123456789abcdefABCDEF" for character in digits):
        return False
    if "-" not in name:
        return 0 < len(name) <= 8 and name == name.upper()
    return [len(part) for part in name.split("-")] in ([8, 4, 4, 4, 12], [2] * 7)


def config_urls(client: Client) -> list[str]:
    """Return the addresses at which a machine looks for its configuration, in order."""
    base = working_directory(client)
    start = base if client.prefix or client.bootfile else _server(client)
    first = [_resolve(client.config, start)] if client.config else []
    return first + [f"{base}{_FOLDER}{name}" for name in config_names(client)]


def working_directory(client: Client) -> str:
    """Return the URL, with a slash at its end, that file names are taken from: option 210,
    else the loader's folder, else that of the configuration that DHCP named."""
    if client.prefix:
        return _resolve(client.prefix, _server(client))
    return _resolve(client.bootfile or client.config, _server(client)).rpartition("/")[0] + "/"


def _server(client: Client) -> str:
    return f"tftp://{client.server}/" if client.server else ""


def _resolve(name: str, directory: str) -> str:
    """Return the URL of a name: with a scheme as it is, after ``::`` from the server's
    root, else after the directory, literally."""
    if "://" in name:
        return name
    server, mark, path = name.partition("::")
    if mark:
        scheme, _, rest = directory.partition("://")
        root = f"tftp://{server}" if server else f"{scheme}://{rest.partition('/')[0]}"
        return f"{root}/{path.lstrip('/')}"
    return f"{directory.rstrip('/')}/{name.lstrip('/')}" if directory else name


def read_client(client: Client, fetch: Fetch) -> Menu:
    """Return the menu that a machine is given; its files are URLs. Raises what `fetch` does."""
    urls = config_urls(client)
    for url in urls:
        data = fetch(url)
        if data is not None:
            return read_url(url, _known(url, data, fetch), client)
    problem = Problem(urls[0], 0, f"no configuration, nor at the other {len(urls) - 1} names")
    return Menu("pxelinux", urls[0], problems=(problem,))


def _known(url: str, data: bytes, fetch: Fetch) -> Fetch:
    """Return `fetch` with what is known already."""
    return lambda wanted: data if wanted == url else fetch(wanted)


def read_url(url: str, fetch: Fetch, client: Client | None = None) -> Menu:
    """Return the menu of the configuration at `url`; raises what `fetch` does."""
    client = client or Client()
    known = client.prefix or client.bootfile or client.config
    directory = working_directory(client) if known else url.rpartition("/")[0] + "/"
    if not known and directory.endswith("/" + _FOLDER):
        directory = directory[: -len(_FOLDER)]
    menu = NetReader(fetch).menu(url, directory)
    return replace(menu, entries=tuple(_appended(menu, entry, client) for entry in menu.entries))


class NetReader(Reader):
    """Reads a menu whose files are URLs. Kernels and initrds are not asked for."""

    networked = True

    def __init__(self, fetch: Fetch) -> None:
        super().__init__(None, "pxelinux")
        self._fetch = fetch

    def resolve(self, name: str, directory: str) -> str:
        return _resolve(name, directory)

    def find(self, path: str, file: str, line: int) -> FileFacts | None:
        return FileFacts("file", 0, path)

    def content(self, path: str) -> bytes:
        data = self._fetch(path)
        if data is None:
            raise NotFound(f"{path}: no such file")
        return b"\n".join(_directive(line) for line in data.split(b"\n"))


def _directive(line: bytes) -> bytes:
    """Return a line with what petitboot's servers write beside PXELINUX's own directives:
    ``initrd=FILE`` and ``dtb FILE``. PXELINUX would pass over them."""
    text = line.lstrip()
    lower = text.lower()
    if lower.startswith(b"initrd="):
        return b"initrd " + text[len(b"initrd=") :]
    return b"fdt " + text[len(b"dtb ") :] if lower.startswith(b"dtb ") else line


def _appended(menu: Menu, entry: Entry, client: Client) -> Entry:
    """Return an entry with what IPAPPEND adds to its command line, as far as it is known."""
    text = menu.facts.get(f"sysappend.{entry.id}", menu.facts.get("sysappend", ""))
    flags = lexer.number(text)
    words = [
        f"ip={client.ip}:{client.server}:{client.gateway}:{client.netmask}" * bool(client.ip),
        f"BOOTIF={client.bootif}" * bool(client.bootif),
        f"SYSUUID={client.uuid.lower()}" * bool(client.uuid),
    ]
    added = " ".join(word for bit, word in enumerate(words) if flags >> bit & 1 and word)
    if not added or entry.not_bootable:
        return entry
    cmdline = f"{entry.cmdline} {added}".strip()
    # Without arguments the blank after BOOT_IMAGE= is the one before them.
    bare = entry.handover == f"BOOT_IMAGE={entry.boot_image} "
    return replace(entry, cmdline=cmdline, handover=f"{entry.handover}{'' if bare else ' '}{added}")
