"""How the loader on a disk is told another default: in its own file, by its own rules.

Sources: GRUB's manual, "Environment block" and "Booting once-only"; loader.conf(5);
SYSLINUX's doc/syslinux.txt (DEFAULT, UI), GRUB legacy's grub-set-default(8). What is to
be written is read again by the loader's reader first: a change that would not work is
not made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kxsh.boot.entry import Entry, Menu
from kxsh.errors import FormatFailure, IoFailure, NotFound, UsageError
from kxsh.machine.protocol import Root
from kxsh.menus import paths
from kxsh.menus.changed import Changed

# Reads the menu of the file from a root.
_Read = Callable[[Root], Menu]
# (path, new content), the likeliest first.
_Candidates = Iterator[tuple[str, bytes]]


def with_default(root: Root, path: str, entry: str, *, once: bool) -> tuple[str, bytes]:
    """Return (path, new content) of the file that makes `entry` the default of a menu.

    Raises `NotFound` for an unknown entry or a missing grubenv, `FormatFailure` where
    the menu would start another entry nevertheless, `UsageError` where there is no way.
    """
    path = _spelled(root, paths.join("/", path))
    name = path.rpartition("/")[2].lower()
    read, candidates = _format(name)
    menu = read(root, path)
    found = _entry(menu, path, entry)
    for target, data in candidates(root, path, found, once):
        after = read(Changed(root, target, data), path)
        if after.default == found.id:
            return target, data
    raise FormatFailure(
        f"{path} would start another entry nevertheless",
        hint="its own settings decide: GRUB_DEFAULT=saved, ONTIMEOUT, and the like",
    )


def entry_of(root: Root, path: str, entry: str) -> Entry:
    """Return the entry with this id or title of a menu; raises `NotFound`."""
    path = _spelled(root, paths.join("/", path))
    read, _ = _format(path.rpartition("/")[2].lower())
    return _entry(read(root, path), path, entry)


def _entry(menu: Menu, path: str, wanted: str) -> Entry:
    found = menu.entry(wanted)
    if found is None:
        hint = menu.named_instead(wanted, "its entries")
        raise NotFound(f"{path} has no entry {wanted}", hint=hint)
    return found


def _format(name: str) -> tuple[Callable[[Root, str], Menu], Callable[..., _Candidates]]:
    from importlib import import_module

    if name == "loader.conf":
        module, candidates = "bls", _loader_conf
    elif name == "grub.cfg":
        module, candidates = "grub2", _grubenv
    elif name.endswith("linux.cfg") or name == "extlinux.conf":
        module, candidates = "syslinux", _syslinux
    elif name in ("menu.lst", "grub.conf"):
        module, candidates = "grub_legacy", _grub_legacy
    else:
        raise UsageError(
            f"no way is known to set the default of {name}",
            code="KX204",
            hint="it works for GRUB (grub.cfg, menu.lst), systemd-boot (loader.conf) and SYSLINUX",
        )
    read: Callable[[Root, str], Menu] = import_module(f"kxsh.menus.{module}").read
    return read, candidates


def _spelled(root: Root, path: str) -> str:
    facts = paths.find(root, path, any_case=True)
    if facts is None or facts.kind != "file":
        raise NotFound(f"{path} is not there")
    return "/" + facts.path.lstrip("/")


# -- systemd-boot


def _loader_conf(root: Root, path: str, entry: Entry, once: bool) -> _Candidates:
    if once:
        raise UsageError(
            "systemd-boot keeps a choice for one start in the firmware, not on the disk",
            code="KX204",
        )
    name = "".join("\\" + c if c in "*?[\\" else c for c in entry.id)
    lines = root.read(path).split(b"\n")
    new = b"default " + name.encode()
    at = [n for n, line in enumerate(lines) if line.split()[:1] == [b"default"]]
    if at:
        lines[at[-1]] = new + (b"\r" if lines[at[-1]].endswith(b"\r") else b"")
    else:
        lines[len(lines) - (not lines[-1]) :] = [new, b""]
    yield path, b"\n".join(lines)


# -- SYSLINUX


def _syslinux(root: Root, path: str, entry: Entry, once: bool) -> _Candidates:
    from kxsh.menus.syslinux import programs

    if once:
        raise UsageError("SYSLINUX knows no choice for one start only", code="KX204")
    lines = root.read(path).split(b"\n")
    new = b"DEFAULT " + entry.id.encode("utf-8", "surrogateescape")
    keywords = [line.split()[:1] for line in lines]
    at = [n for n, words in enumerate(keywords) if words and words[0].lower() == b"default"]
    if not at:
        yield path, b"\n".join([new, *lines])
        return
    old = lines[at[-1]]
    ending = b"\r" if old.endswith(b"\r") else b""
    program = old.split()[1].decode("latin-1") if len(old.split()) > 1 else ""
    shown = programs.MENU_PROGRAMS | programs.GRAPHIC_MENUS
    kept = [b"UI" + old.strip()[len(b"default") :] + ending]
    menu = programs.module_name(program) in shown and [b"ui"] not in [
        [word.lower() for word in words] for words in keywords
    ]
    lines[at[-1] : at[-1] + 1] = [*(kept if menu else []), new + ending]
    yield path, b"\n".join(lines)


# -- GRUB legacy


def _grub_legacy(root: Root, path: str, entry: Entry, once: bool) -> _Candidates:
    if once:
        raise UsageError("GRUB legacy knows no choice for one start only", code="KX204")
    lines = root.read(path).split(b"\n")
    words = [line.replace(b"=", b" ").split()[:2] for line in lines]
    first = next((n for n, word in enumerate(words) if word[:1] == [b"title"]), len(lines))
    at = [n for n in range(first) if words[n][:1] == [b"default"]]
    number = entry.id.encode()
    if at and words[at[-1]][1:] == [b"saved"]:
        beside = paths.join(paths.parent(path), "default")
        facts = paths.find(root, beside, any_case=False)
        # grub-set-default(8): the number, then lines that keep the file's length.
        old = root.read(beside) if facts and facts.kind == "file" else b"\n" + b"#\n" * 10
        yield beside, number + b"\n" + old.partition(b"\n")[2]
    ending = b"\r" if lines[0].endswith(b"\r") else b""
    for n in at:
        lines[n] = b"default " + number + ending
    yield path, b"\n".join(lines if at else [b"default " + number + ending, *lines])


# -- GRUB 2


def _grubenv(root: Root, path: str, entry: Entry, once: bool) -> _Candidates:
    from kxsh.menus.grub2 import envblock

    beside = paths.join(paths.parent(path), "grubenv")
    facts = paths.find(root, beside, any_case=False)
    if facts is None or facts.kind != "file":
        raise NotFound(
            f"{beside} is not there, where GRUB would keep its default",
            hint="the installed system makes it: grub-editenv - create",
        )
    data = root.read(beside)
    if not envblock.is_block(data):
        raise FormatFailure(f"{beside} is not a GRUB environment block")
    if not once:
        data = envblock.without_variable(data, b"next_entry")
    variable = b"next_entry" if once else b"saved_entry"
    for name in (entry.id, ">".join((*entry.parents, entry.title)), entry.title):
        changed = envblock.with_variable(data, variable, name.encode("utf-8", "surrogateescape"))
        if changed is None:
            raise IoFailure(f"{beside} has no room for it, and must not grow")
        yield "/" + facts.path.lstrip("/"), changed
