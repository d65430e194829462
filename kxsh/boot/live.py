"""Live systems that have to find their own image, when it is a file on another disk.

Each framework looks for its image by its own keys on the kernel's command line; without
them a perfect start ends in a silent wait. The table is data: what shows the framework,
and the keys it then wants.

Sources: casper(7) and live-boot(7), dracut.cmdline(7) ("Booting live images"; kiwi uses
the same module), archiso's README (img_dev, img_loop), NixOS's stage 1 (findiso).
"""

from __future__ import annotations

from kxsh.boot.cmdline import Cmdline
from kxsh.errors import FormatFailure
from kxsh.record import record


@record
class Framework:
    """One way of finding an image.

    `words` are words of the command line, or beginnings of words that end with ``=``,
    ``:`` or ``/``, any of which shows it; `folders` those of kernels that need no such
    word. `keys` are set, with {path}, the image's path on its filesystem, and {uuid},
    that filesystem's. `wrong` says why no key would help.
    """

    name: str
    words: tuple[str, ...]
    folders: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    wrong: str = ""


# The first that fits counts: NixOS and archiso have words that no other has.
FRAMEWORKS = (
    Framework("NixOS", ("init=/nix/store/",), keys=("findiso={path}",)),
    Framework(
        "archiso",
        ("archisobasedir=", "archisolabel=", "archisodevice=", "archisosearchuuid="),
        keys=("img_dev=/dev/disk/by-uuid/{uuid}", "img_loop={path}"),
    ),
    Framework(
        "Manjaro",
        ("misobasedir=", "misolabel="),
        keys=("img_dev=/dev/disk/by-uuid/{uuid}", "img_loop={path}"),
    ),
    Framework("live-boot", ("boot=live",), keys=("findiso={path}",)),
    Framework("casper", ("boot=casper",), ("casper",), keys=("iso-scan/filename={path}",)),
    Framework(
        "dracut or kiwi",
        ("root=live:", "rd.live.image", "rd.kiwi.live.overlay.persistent", "rd.live.dir="),
        keys=("iso-scan/filename={path}",),
    ),
    Framework(
        "Debian's installer",
        (),
        ("install", "install.amd", "install.386", "debian-installer"),
        wrong="looks for a CD or stick with the whole image, never for a file",
    ),
    Framework(
        "openSUSE's installer",
        ("install=cd:",),
        ("loader",),
        wrong="looks for a CD or stick with the whole image, never for a file",
    ),
)
_SEPARATOR = "---"  # of installers, no argument of the kernel: it may go


def framework(cmdline: Cmdline, kernel: str) -> Framework | None:
    """Return what a kernel's command line and path show, None where nothing is known."""
    words = [cmdline.text[word.start : word.end] for word in cmdline]
    folders = kernel.lower().split("/")[:-1]
    for one in FRAMEWORKS:
        if any(_shows(word, sign) for word in words for sign in one.words):
            return one
        if any(folder in folders for folder in one.folders):
            return one
    return None


def _shows(word: str, sign: str) -> bool:
    return word.startswith(sign) if sign[-1] in "=:/" else word == sign


def find_itself(cmdline: Cmdline, kernel: str, path: str, uuid: str) -> Cmdline:
    """Return the command line by which the system finds its image: the file `path` on the
    filesystem `uuid`. Keys that are there already are replaced.

    Raises `FormatFailure` where the system cannot, or nothing is known of it.
    """
    found = framework(cmdline, kernel)
    if found is None:
        names = ", ".join(one.name for one in FRAMEWORKS if one.keys)
        raise FormatFailure(
            f"nothing on the command line shows how this system finds its image {path}",
            hint=f"known are {names}; for another, give its own key with --set",
        )
    if found.wrong:
        raise FormatFailure(
            f"{found.name} {found.wrong}", hint="write the image to a whole disk instead"
        )
    if any(character.isspace() or character == '"' for character in path):
        raise FormatFailure(
            f"{found.name} cannot be told a path with blanks or quotes: {path}",
            hint="rename the image or its folder",
        )
    if any("{uuid}" in key for key in found.keys) and not uuid:
        raise FormatFailure(f"the filesystem with {path} has no UUID, which {found.name} needs")
    return cmdline.drop(_SEPARATOR).set(*(key.format(path=path, uuid=uuid) for key in found.keys))
