"""kexec-loader's names of devices: ``sda1``, ``ext2:/dev/hda1``, ``LABEL=x``, ``(hd0,0)``."""

from __future__ import annotations

from collections.abc import Mapping

from kxsh.machine.protocol import Device, Root
from kxsh.menus import disks as known
from kxsh.menus import paths
from kxsh.menus.disks import Disks
from kxsh.menus.grub_legacy.devices import Devices as GrubDevices
from kxsh.menus.grub_legacy.devices import Place
from kxsh.menus.reading import Reading

_SPECIAL = ("rootfs", "debug")


class Devices:
    """Resolves device names for one configuration."""

    def __init__(self, reading: Reading, disks: Disks, grub_map: Mapping[str, str]) -> None:
        self._reading = reading
        self._disks = disks
        self._grub = GrubDevices(reading, disks, grub_map)

    def place(self, text: str, file: str = "") -> Place:
        """Return what a name means; `file` should be there, which tells disks apart whose
        letters have changed since the file was written."""
        name = text.removeprefix("nojail,").strip()
        prefix, colon, rest = name.partition(":")
        if colon and rest and "/" not in prefix and "=" not in prefix:  # fstype:device
            name = rest
        if name.startswith("(") and name.endswith(")"):
            name = name[1:-1]
        if name in _SPECIAL:
            return Place(wrong=f"{name} is a place inside of kexec-loader")
        if not self._disks.devices():
            return Place()
        tag, equals, value = name.partition("=")
        if equals and tag in ("LABEL", "UUID"):
            return self._tagged(tag, value, name)
        if name.startswith(("hd", "fd")) and name[2:3].isdigit():
            return self._grub.place(name, file)
        return self._node(name.removeprefix("/dev/"), file)

    def holding(self, names: tuple[str, ...]) -> tuple[Place, str] | None:
        """Return the first place that holds one of the folders, and which."""
        candidates = [Place()]
        candidates += [self._of(device) for device in self._disks.devices()]
        for place in candidates:
            for name in names:
                root = place.root or (self._reading.root if place.device is None else None)
                facts = self._reading.find(name, self._reading.source, 0, root) if root else None
                if facts is not None and facts.kind == "directory":
                    return place, name
        return None

    def spell(self, place: Place, path: str) -> str:
        """Return how an entry names `path` in a place."""
        return known.spell(self._disks, place.device, path)

    def file(self, text: str, root: Place) -> tuple[Place, str]:
        """Return (place, path there) of ``(device)/path``, or ``/path`` below `root`."""
        if text.startswith("(") and ")" in text:
            device, _, path = text[1:].partition(")")
            path = paths.join("/", path)
            return self.place(device, path), path
        return root, paths.join("/", text)

    def _tagged(self, tag: str, value: str, name: str) -> Place:
        """Return the filesystem with a label or UUID; case does not count."""
        wanted = value.strip("\"'").lower()
        for device in self._disks.devices():
            if wanted and (device.label if tag == "LABEL" else device.uuid).lower() == wanted:
                return self._of(device)
        return Place(wrong=f"no filesystem has {name}")

    def _node(self, name: str, file: str) -> Place:
        device = known.by_node(self._disks, name)
        if device is None and name[:2] == "hd":  # IDE disks are called sd now
            device = known.by_node(self._disks, f"sd{name[2:]}")
        if device is None and name[:3] in ("scd", "cdr"):
            device = known.by_node(self._disks, "sr0")
        found = self._of(device) if device else None
        if found is not None and (not file or self._holds(found, file)):
            return found
        # Letters change from machine to machine: the same partition with the file counts.
        digits = name[len(name.rstrip("0123456789")) :]
        for other in self._disks.devices():
            place = self._of(other)
            if (
                file
                and str(known.partition_of(other)[1] or "") == digits
                and self._holds(place, file)
            ):
                message = f"{name} is taken to be {other.path}, which has {file}"
                self._reading.complain(self._reading.source, 0, message)
                return place
        return found or Place(wrong=f"{name[:60]} is not there")

    def _holds(self, place: Place, file: str) -> bool:
        return place.root is not None and self._reading.holds(file, place.root)

    def _of(self, device: Device) -> Place:
        here = self._disks.here
        own = here is not None and device.path == here.path
        root: Root | None = self._reading.root if own else self._disks.root(device)
        return Place(device, root)
