"""Which entries install something: their defaults may erase disks."""

from __future__ import annotations

from kxsh.boot.cmdline import Cmdline
from kxsh.boot.entry import Entry

# Words of a title, as a whole; `installed system` is none.
_TITLES = frozenset("install installer installation autoinstall netinstall netinst setup".split())
# Keys of a command line that installers read, each with whose it is.
_KEYS = {
    "autoinstall": "Ubuntu's installer",
    "automatic-ubiquity": "Ubuntu's installer",
    "only-ubiquity": "Ubuntu's installer",
    "debian-installer/language": "the Debian installer",
    "preseed/file": "the Debian installer",
    "preseed/url": "the Debian installer",
    "inst.stage2": "Fedora's installer",
    "inst.repo": "Fedora's installer",
    "inst.ks": "Fedora's installer",
    "ks": "Fedora's installer",
    "autoyast": "SUSE's installer",
    "install": "SUSE's installer",
    "archiso_install": "Arch's installer",
}
# Folders of a kernel's path.
_FOLDERS = frozenset(("install", "install.amd", "install.386", "install.arm", "netboot"))
# Words of a title that say that the disks stay as they are: `Try or install`.
_HARMLESS = frozenset("rescue try".split())


def installer(entry: Entry | None) -> str:
    """Return why an entry looks like an installer; empty: it does not."""
    if entry is None:
        return ""
    words = [word.strip("^()[].,:;!-").lower() for word in entry.title.split()]
    if _HARMLESS.intersection(words):
        return ""
    title = next((word for word in words if word in _TITLES), "")
    if title:
        return f"its title says `{title}`"
    for word in Cmdline(entry.handover or entry.cmdline):
        if word.key in _KEYS:
            return f"{_KEYS[word.key]} reads `{word.key}`"
    folders = entry.kernel.lower().split("/")[:-1]
    folder = next((name for name in folders if name in _FOLDERS), "")
    return f"its kernel lies in a folder `{folder}`" if folder else ""
