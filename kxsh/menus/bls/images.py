"""Unified kernel images as entries: Type #2, and what a Type #1 entry names.

Sources: UAPI.1 Boot Loader Specification, "Type #2 EFI Unified Kernel Images", UAPI.5
Unified Kernel Image; which fields of os-release become title, version and sort key, and
how profiles are named, as systemd-boot does it.
"""

from __future__ import annotations

from collections.abc import Mapping

from kxsh.boot.entry import Entry
from kxsh.boot.uki import Uki, addon_cmdline, read_uki
from kxsh.errors import Failure
from kxsh.machine.protocol import Root
from kxsh.menus import limits
from kxsh.menus.bls import snippet
from kxsh.menus.bls.folder import Complain, names
from kxsh.menus.bls.order import Found
from kxsh.record import record

_PROFILES = 64
_TITLES = ("PRETTY_NAME", "IMAGE_ID", "NAME", "ID")
_VERSIONS = ("IMAGE_VERSION", "VERSION", "VERSION_ID", "BUILD_ID")
_SORT_KEYS = ("IMAGE_ID", "ID")


@record
class Profile:
    """One way to start an image: `obstacle` says why kexec cannot (empty: it can)."""

    name: str
    title: str
    cmdline: str
    obstacle: str = ""


@record
class Image:
    """An image: what its os-release says (empty: there is none), its profiles, and what
    addons beside it add to every command line."""

    release: Mapping[str, str]
    profiles: tuple[Profile, ...]
    added: str = ""

    def cmdline(self, number: int, options: str = "") -> str:
        """Return the command line of a profile, with `options` in place of its own."""
        return " ".join(filter(None, (options or self.profiles[number].cmdline, self.added)))

    def first(self, keys: tuple[str, ...]) -> str:
        """Return the first of some fields of os-release that has a value."""
        return next((value for key in keys if (value := self.release.get(key))), "")


def read_image(root: Root, path: str, complain: Complain) -> Image | None:
    """Return what an image says, None for another file; never raises."""
    try:
        with root.open(path) as stream:
            uki = read_uki(stream)
            if uki is None:
                return None
            release = {key: text for _, key, text in _fields(uki.text(stream, ".osrel"))}
            count = min(max(1, len(uki.profiles)), _PROFILES)
            profiles = tuple(
                _profile(uki, number, uki.text(stream, ".profile", number))
                for number in range(count)
            )
            lines = [uki.cmdline(stream, number) for number in range(count)]
            version = uki.text(stream, ".uname")
    except Failure as failure:
        complain(path, 0, failure.message)
        return None
    found = (
        Profile(one.name, one.title, line, one.obstacle)
        for one, line in zip(profiles, lines, strict=True)
    )
    folder, _, name = path.rpartition("/")
    added = addon_cmdline(root, f"{folder}/{snippet.split_tries(name)[0]}", version)
    return Image(release, tuple(found), added)


def _fields(text: str) -> list[tuple[int, str, str]]:
    return snippet.pairs(text, "=")


def _profile(uki: Uki, number: int, text: str) -> Profile:
    fields = {key: value for _, key, value in _fields(text)}
    names = {section.name for section in uki.profiles[number]} if number else set()
    own = sorted(names & {".linux", ".initrd", ".ucode"})
    obstacle = f"this profile has its own {own[0]} in the image" if own else ""
    return Profile(fields.get("ID", ""), fields.get("TITLE", ""), "", obstacle)


def image_entries(root: Root, folder: str, complain: Complain) -> list[Found]:
    """Return an entry for each profile of each image in a folder; never raises."""
    found: list[Found] = []
    files = names(root, folder, ".efi", complain)
    if len(files) > limits.FILES:
        complain(folder, 0, f"more than {limits.FILES} images: the rest is left out")
    for name in files[: limits.FILES]:
        path = f"{folder.rstrip('/')}/{name}"
        image = read_image(root, path, complain)
        if image is not None and not image.first(_TITLES):
            complain(path, 0, "left out: no .osrel section names its system")
        elif image is not None:
            found += [_found(image, number, path, name) for number in range(len(image.profiles))]
    return found


def _found(image: Image, number: int, path: str, name: str) -> Found:
    profile = image.profiles[number]
    name, tries = snippet.split_tries(name)
    title, label = image.first(_TITLES), profile.title
    if number:
        label = label or profile.name or f"Profile #{number + 1}"
    entry = Entry(
        f"{name}@{profile.name or number}" if number else name,
        f"{title} ({label})" if label else title,
        path,
        cmdline=image.cmdline(number),
        handover="" if profile.obstacle else image.cmdline(number),
        not_bootable=profile.obstacle,
        source=path,
    )
    key = (image.first(_SORT_KEYS), "", image.first(_VERSIONS))
    return Found(entry, key, tries, name, number)
