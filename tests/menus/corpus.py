"""The cases of two other projects' tests and of real configurations, each with the menu
that is expected of it (shared/corpus, shared/wild; their README has the keys).

A case is read as `entries` reads a disk: by the reader that the search has for its format,
or, where it comes from a server, by the one that a network boot starts with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trees import files_of, folder

from kxsh.boot.entry import Entry, Menu, elsewhere
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Device
from kxsh.menus import grub2
from kxsh.menus.bls.folder import read_file
from kxsh.menus.disks import MachineDisks
from kxsh.menus.search import read_machine_menus, reader_of
from kxsh.menus.syslinux.pxe import Client, read_client, read_url

Expected = dict[str, Any]

NETWORK = ("pxelinux", "ipxe")
SYSLINUX = ("isolinux", "syslinux", "extlinux", "pxelinux")
# What the expectations leave open: LILO's order is ro, root=, append; yaboot's likewise.
UNORDERED = ("lilo", "yaboot")


@dataclass(frozen=True)
class Case:
    """One folder with an expect.json; `name` is its path in the collection."""

    name: str
    path: Path
    expected: Expected

    @property
    def form(self) -> str:
        return str(self.expected["format"])

    @property
    def own(self) -> str:
        return str(self.expected.get("config_device", "."))


def cases(shared: Path) -> Iterator[Case]:
    for top in ("corpus", "wild"):
        for path in sorted((shared / top).glob("**/expect.json")):
            name = str(path.parent.relative_to(shared))
            yield Case(name, path.parent, json.loads(path.read_text()))


# -- reading


def machine(case: Case) -> FakeMachine:
    """Return a machine with the devices of a case, each a folder of it."""
    devices, trees = [], {}
    for facts in case.expected.get("devices") or [{"name": case.own}]:
        name = facts["name"]
        path = f"/dev/{name}"
        devices.append(Device(path, facts.get("label", ""), facts.get("uuid", ""), fstype="ext4"))
        made = [one["path"] for one in case.expected.get("dirs", ()) if one["device"] == name]
        trees[path] = files_of(case.path / name, directories=made)
    return FakeMachine(devices, trees)


def read_case(case: Case) -> Menu:
    """Return the menu as its loader would get it: from a disk, or from a server."""
    if case.form in NETWORK and ("config_url" in case.expected or "dhcp" in case.expected):
        return _from_network(case)
    if case.form == "pxelinux":
        return Menu("pxelinux", "")  # a disk is nothing that PXELINUX looks at
    found = machine(case)
    config = case.expected.get("config_read_by_uroot", case.expected["config"])
    if "env" not in case.expected:
        for device, menu in read_machine_menus(found):
            if (device.path, menu.source) == (f"/dev/{case.own}", config):
                return menu
    # An unusual name, a second menu of the same entries, or one for a loopback device.
    device = next(one for one in found.devices() if one.path == f"/dev/{case.own}")
    disks = MachineDisks(found)
    root = disks.root(device)
    assert root is not None
    if "env" in case.expected:
        variables = case.expected["env"]
        return grub2.read(root, config, disks=disks.seen_from(device), variables=variables)
    reader = reader_of(case.form)
    assert reader is not None, case.form
    return reader.read(root, config, disks.seen_from(device))


def _from_network(case: Case) -> Menu:
    expected = case.expected
    if case.form == "ipxe":
        scheme, _, rest = expected["config_url"].partition("://")
        server, _, path = rest.partition("/")
        reader = reader_of("ipxe")
        assert reader is not None
        return reader.read(folder(case.path / "net" / scheme / server), "/" + path)
    web = {url: case.path / path for url, path in expected.get("urls", {}).items()}

    def fetch(url: str) -> bytes | None:
        return web[url].read_bytes() if url in web and web[url].is_file() else None

    dhcp = expected.get("dhcp", {})
    client = Client(
        server=dhcp.get("tftp") or dhcp.get("siaddr", ""),
        bootfile=dhcp.get("bootfile", ""),
        config=dhcp.get("pxeconffile", ""),
        prefix=dhcp.get("pxepathprefix", ""),
        mac=dhcp.get("mac", expected.get("interface", {}).get("mac", "")),
        ip=dhcp.get("ip", ""),
    )
    if "pxeconffile-local" in dhcp:
        return read_url(dhcp["pxeconffile-local"], fetch, client)
    return read_client(client, fetch) if dhcp else read_url(expected["config_url"], fetch)


# -- comparing


def differences(case: Case) -> list[str]:
    """Return how what is read differs from what is expected, one line for each key."""
    menu = read_case(case)
    expected = case.expected
    if "keys" in expected:
        return _key_differences(case)
    left_out = {item["name"] for item in expected.get("excluded", ())}
    got = [e for e in menu.entries if _listed(e, case.form) and e.title not in left_out]
    if sum(entry.default for entry in menu.entries) > 1:
        return ["more than one default"]
    wanted = sorted(
        expected.get("entries", ()), key=lambda one: one.get("config_index", one.get("index", 0))
    )
    if "count_is" in expected:  # u-root leaves some out, and has an order of its own
        if not got:
            return ["no entries"]
        closest = [min((_differences(case, e, want) for e in got), key=len) for want in wanted]
        return [found[0] for found in closest if found]
    whole = "count" in expected or "excluded" in expected
    count = expected.get("count", len(wanted))
    if whole and len(got) != count:
        return [f"{len(got)} entries instead of {count}: {[entry.title for entry in got]}"]
    found = _file_differences(case, menu)
    for number, want in enumerate(wanted):
        index = want.get("config_index", want.get("index", number))
        if index >= len(got):
            return [*found, f"there is no entry {index}"]
        found += [f"{got[index].title}: {said}" for said in _differences(case, got[index], want)]
    return found


def _listed(entry: Entry, form: str) -> bool:
    """Return whether the expectation counts an entry: ESXi's, though kexec cannot start it."""
    return not entry.not_bootable or form == "esxi-boot.cfg" or "network" in entry.not_bootable


def _key_differences(case: Case) -> list[str]:
    """Compare the keys of one entry file of the Boot Loader Specification."""
    one = read_file(folder(case.path / case.own), case.expected["config"], lambda *_: None)
    if one is None:
        return ["not read"]
    found = [key for key, text in case.expected["keys"].items() if one.value(key) != text]
    return found + [key for key in case.expected.get("keys_absent", ()) if one.value(key)]


def _file_differences(case: Case, menu: Menu) -> list[str]:
    """Compare what `save_env` would write."""
    found = []
    for after in case.expected.get("files_after", ()):
        written = {write.path: write.data for write in menu.writes}
        path = case.path / after["device"] / after["path"].lstrip("/")
        data = written.get(after["path"], path.read_bytes()).decode()
        if data != after["content"]:
            found.append(f"{after['path']} would hold {data!r}, expected {after['content']!r}")
    return found


def _linux_part(entry: Entry) -> tuple[str, list[str], str]:
    """Return (kernel, initrds, command line); behind tboot and Xen those of the modules."""
    name = entry.kernel.rpartition("/")[2]
    if entry.modules and name.startswith(("tboot", "xen")):
        kernel, _, cmdline = entry.modules[0].partition(" ")
        return kernel, [module.partition(" ")[0] for module in entry.modules[1:]], cmdline
    return entry.kernel, list(entry.initrds), entry.cmdline


def _place(path: str) -> tuple[str, str]:
    """Return (device's name, path on it); the menu's own device is empty."""
    found = elsewhere(path)
    return (found[0].removeprefix("/dev/"), found[1]) if found else ("", path)


def _server(case: Case) -> str:
    """Return what stands before an iPXE script's paths in its expectation."""
    if case.form != "ipxe" or "config_url" not in case.expected:
        return ""
    return "/".join(case.expected["config_url"].split("/", 3)[:3])


def _differences(case: Case, entry: Entry, want: Expected) -> list[str]:
    kernel, initrds, cmdline = _linux_part(entry)
    server = _server(case)
    device, path = _place(kernel)

    def file(name: str) -> str:
        name = _place(name)[1]
        return (server + name if name.startswith("/") else name).replace("/./", "/")

    seen = {
        "name": entry.title,
        "kernel": file(path),
        "kernel_device": device or case.own,
        "initrd": [file(name) for name in initrds],
        "initrd_device": _place(initrds[0])[0] or case.own if initrds else "",
        "cmdline": _line(cmdline, case.form),
        "dtb": file(entry.dtb),
        "modules": list(entry.modules),
        "default": entry.default,
    }
    found = []
    for key, value in seen.items():
        wanted = _wanted(case, key, want)
        if key in want and wanted != value:
            found.append(f"{key} is {value!r}, expected {wanted!r}")
    if "cmdline_unexpanded" in want and not _fits(seen["cmdline"], want["cmdline_unexpanded"]):
        found.append(f"cmdline is {cmdline!r}, expected {want['cmdline_unexpanded']!r}")
    return found


def _wanted(case: Case, key: str, want: Expected) -> object:
    """Return what is expected of a key, in the form in which `_differences` sees it."""
    wanted = want.get(f"{key}_resolved", want.get(key))
    if key == "initrd":
        names = [wanted] if isinstance(wanted, str) else wanted or []
        return [name.replace("/./", "/") for name in names]
    if not isinstance(wanted, str):
        return wanted
    if key == "kernel" and case.form == "loadlin":  # the expectation keeps DOS's spelling
        return "/" + wanted.partition(":\\")[2].replace("\\", "/")
    if key == "cmdline":
        return _line(wanted, case.form)
    if key == "name" and case.form in SYSLINUX:
        return wanted.replace("^", "").strip()
    return wanted.replace("/./", "/")


def _line(text: str, form: str) -> str:
    words = text.split()
    if form in UNORDERED:
        return " ".join(sorted(words))
    return " ".join(words) if form == "grub2" else text.strip()


def _fits(line: object, unexpanded: str) -> bool:
    """Return whether a line is the expected one, whatever its variables stand for."""
    parts = re.split(r"\$\{\w+\}|\$\w+", " ".join(unexpanded.split()))
    pattern = ".*".join(re.escape(part.strip()) for part in parts)
    return re.fullmatch(pattern.replace(r".*\ ", ".*"), str(line)) is not None
