"""What systemd-boot keeps in the firmware's variables: a choice for one start, a default, times.

Source: systemd's Boot Loader Interface, and bootctl(1). The choice for one start comes
first, then the default of `bootctl set-default`, then loader.conf.
"""

from __future__ import annotations

from kxsh.menus.bls.loader_conf import LoaderConf, waiting
from kxsh.menus.disks import Disks, loader_variable
from kxsh.record import replace

ONCE = "LoaderEntryOneShot"
DEFAULT = "LoaderEntryDefault"
_LAST = "LoaderEntryLastBooted"
_TIMES = ("LoaderConfigTimeoutOneShot", "LoaderConfigTimeout")
# What a write is called that changes such a variable.
PREFIX = "firmware:"


def overridden(conf: LoaderConf, disks: Disks) -> LoaderConf:
    """Return a loader.conf as the variables change it."""

    def said(name: str) -> str:
        return loader_variable(disks, name)

    defaults = [said(ONCE), said(DEFAULT), *conf.defaults]
    last = said(_LAST)
    named = (last if one.lower() == "@saved" else one for one in defaults)
    found = tuple(filter(None, named))
    timeout = conf.timeout
    for name in reversed(_TIMES):
        timeout = waiting(said(name), timeout)
    used = tuple(PREFIX + name for name in (ONCE, _TIMES[0]) if said(name))
    return replace(conf, defaults=found or conf.defaults, timeout=timeout, used=used)
