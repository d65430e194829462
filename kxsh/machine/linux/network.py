"""A network card with an address from DHCP, by busybox's udhcpc or by dhclient.

Sources: netdevice(7), sysfs class/net, udhcpc's and dhclient's manuals.
"""

from __future__ import annotations

import errno
import os
import struct
import time
from collections.abc import Callable

from kxsh.errors import Failure, IoFailure, NotFound, TimedOut, from_os_error
from kxsh.machine.linux import programs
from kxsh.machine.linux.modules import Modules
from kxsh.machine.protocol import Completed, Opened
from kxsh.text import display, duration, nearest

_CLASS = "/sys/class/net"
# include/uapi/linux/sockios.h, if.h, if_arp.h
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _SIOCGIFADDR = 0x8913, 0x8914, 0x8915
_UP = 1
_ETHERNET = "1"
_REQUEST = struct.Struct("16sH14x8x")
_LOOKING = 0.1  # seconds between two looks for a cable

# What udhcpc calls to have an address set: it does not do that itself.
_SCRIPT = """\
#!/bin/sh
case "$1" in
deconfig) busybox ifconfig "$interface" 0.0.0.0 ;;
bound | renew)
    busybox ifconfig "$interface" "$ip" netmask "${subnet:-255.255.255.0}"
    for gateway in $router; do
        busybox route add default gw "$gateway" dev "$interface" && break
    done
    : >/etc/resolv.conf
    for server in $dns; do echo "nameserver $server" >>/etc/resolv.conf; done
    ;;
esac
"""


class Network:
    """Brings cards up and down. The script for udhcpc is written below `runtime`."""

    def __init__(self, modules: Modules, runtime: str, interrupt: Callable[[float], None]) -> None:
        self._modules = modules
        self._runtime = runtime
        self._sleep = interrupt

    def up(self, interface: str, timeout: float) -> Opened:
        """Give `interface` (empty: the first card with a cable and an answer) an address.

        A network that is up already serves, and is left as it is afterwards.
        """
        before = _default_route()
        if before and interface in ("", before):
            return Opened("borrowed", before, address=_address(before))
        self._modules.load_any("af_packet")
        return self._try(interface, timeout)

    def down(self, opened: Opened) -> None:
        """Switch a card off; its address is gone with that."""
        _set_up(opened.name, False)

    def _try(self, interface: str, timeout: float) -> Opened:
        """Ask on every card that has a cable, until one has an address. Drivers load while
        the script runs, so a card may come late."""
        deadline = time.monotonic() + timeout
        tried: dict[str, str] = {}
        answer = ""
        try:
            while not answer and (left := deadline - time.monotonic()) > 0:
                for name in _wanted(interface):
                    if name not in tried:
                        tried[name] = _switched_on(name, only=bool(interface))
                answer = self._round([name for name in tried if _has_cable(name)], tried, deadline)
                if not answer:
                    self._sleep(min(_LOOKING, left))
        finally:
            for name in tried:
                if name != answer:
                    _set_up(name, False)
        if not answer:
            raise _no_network(interface, timeout, tried)
        return Opened("network", answer, address=_address(answer))

    def _round(self, names: list[str], tried: dict[str, str], deadline: float) -> str:
        """Ask once on each of these cards; return the one that got an address, or nothing."""
        for name in names:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            if self._ask(name, left).status == 0 and _address(name):
                return name
            tried[name] = "no DHCP server answered"
        return ""

    def _ask(self, name: str, left: float) -> Completed:
        """Ask DHCP servers for an address on one card, for some seconds."""
        seconds = max(1, int(min(left, 10)))
        udhcpc = ["busybox", "udhcpc", "-i", name, "-n", "-q", "-f", "-s", self._script()]
        udhcpc += ["-T", "1", "-t", str(seconds)]
        for argv in (udhcpc, ["dhclient", "-1", name]):
            try:
                return programs.run(argv, capture=True, timeout=left + 2)
            except NotFound:
                continue
            except TimedOut:
                return Completed(1)
        raise programs.missing("busybox", "net")

    def _script(self) -> str:
        path = f"{self._runtime}/dhcp.sh"
        try:
            os.makedirs(self._runtime, mode=0o700, exist_ok=True)
            with open(path, "w", encoding="ascii") as file:
                file.write(_SCRIPT)
            os.chmod(path, 0o700)
        except OSError as error:
            raise from_os_error(error, f"writing {path}") from error
        return path


def _switched_on(name: str, *, only: bool) -> str:
    """Switch a card on; return what is wrong with it. The only one that counts must work."""
    try:
        _set_up(name, True)
    except Failure as error:
        if only:
            raise
        return error.message
    return "no cable"


def _wanted(interface: str) -> list[str]:
    return [name for name in _cards() if interface in ("", name)]


def _no_network(interface: str, timeout: float, tried: dict[str, str]) -> Failure:
    """Return the failure: without a card it is another than without an answer."""
    waited = duration(timeout)
    if not tried:
        names = _cards()
        near = nearest(interface, names)
        card = f"network card {display(interface)}" if interface else "network card"
        return NotFound(
            f"there is no {card} (waited {waited})",
            hint=f"did you mean {near}?" if near else _there(names),
        )
    causes = "; ".join(f"{display(name)}: {cause}" for name, cause in tried.items())
    return TimedOut(
        f"no network within {waited} ({causes})",
        hint="look at the cable and the server, or give it a longer --timeout",
    )


def _there(names: list[str]) -> str:
    if names:
        return f"there are: {', '.join(names)}"
    return "is its driver loaded? a loader has the usual ones: `kximage loader --with net`"


def _cards() -> list[str]:
    """Return the Ethernet cards: real ones, not bridges, tunnels or wireless ones."""
    try:
        names = os.listdir(_CLASS)
    except OSError:
        return []
    return sorted(
        name
        for name in names
        if os.path.exists(f"{_CLASS}/{name}/device")
        and not os.path.exists(f"{_CLASS}/{name}/phy80211")
        and _attribute(name, "type") == _ETHERNET
    )


def _has_cable(name: str) -> bool:
    return _attribute(name, "carrier") == "1"


def _attribute(name: str, attribute: str) -> str:
    try:
        with open(f"{_CLASS}/{name}/{attribute}", encoding="ascii") as file:
            return file.read().strip()
    except (OSError, ValueError):  # EINVAL while the card is down
        return ""


def _default_route() -> str:
    """Return the card that the default route leads through, or nothing."""
    try:
        with open("/proc/net/route", encoding="ascii") as file:
            rows = [line.split() for line in file][1:]
    except OSError:
        return ""
    return next((row[0] for row in rows if len(row) > 2 and row[1] == "00000000"), "")


def _set_up(name: str, up: bool) -> None:
    try:
        flags = _REQUEST.unpack(_control(_SIOCGIFFLAGS, _REQUEST.pack(name.encode(), 0)))[1]
        flags = flags | _UP if up else flags & ~_UP
        _control(_SIOCSIFFLAGS, _REQUEST.pack(name.encode(), flags))
    except OSError as error:
        if error.errno == errno.ENODEV and not up:  # pulled out: it is down
            return
        raise _card_failure(name, up, error) from error


def _card_failure(name: str, up: bool, error: OSError) -> Failure:
    failure = from_os_error(error, f"switching {display(name)} {'on' if up else 'off'}")
    if isinstance(failure, IoFailure):
        failure.hint = "its driver may want a firmware file: see the kernel's messages"
    return failure


def _address(name: str) -> str:
    """Return a card's IPv4 address, empty where it has none."""
    try:
        answer = _control(_SIOCGIFADDR, _REQUEST.pack(name.encode(), 0))
    except OSError:
        return ""
    return ".".join(str(byte) for byte in answer[20:24])


def _control(request: int, data: bytes) -> bytes:
    import fcntl
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        return fcntl.ioctl(control, request, data)
