"""The directives of a configuration, one a line: a name, blanks, the rest is its value."""

from __future__ import annotations

from kxsh.menus import limits
from kxsh.menus.reading import Reading, number
from kxsh.record import fresh, mutable

# A line's room in kexec-loader.
_LINE = 1023
_LINES = 40_000
_MODULES = 256
_MOUNTS = 32
_MAPPED = 64
# Directives that only 1.x knew; its names are compared without regard to case.
_OLD = frozenset("rootfs mount grub_root grub_first modprobe chardev blkdev".split())


@mutable
class Target:
    """One entry as written. `mounts` are (device, mount point) of 1.x, `root` is 2.x's."""

    title: str
    line: int
    root: str = ""
    kernel: str = ""
    initrd: str = ""
    cmdline: str = ""
    append: str = ""
    default: bool = False
    reset_vga: bool = False
    modules: list[str] = fresh(default_factory=list)
    mounts: list[tuple[str, str]] = fresh(default_factory=list)


@mutable
class Config:
    """A whole file. `timeout` None is unset, -1 is ``off``; `modules` is {name: arguments}."""

    old: bool = False
    targets: list[Target] = fresh(default_factory=list)
    timeout: int | None = None
    grub_path: str = ""
    grub_root: str = ""
    grub_autodetect: bool | None = None
    grub_map: dict[str, str] = fresh(default_factory=dict)
    modules: dict[str, str] = fresh(default_factory=dict)


def parse(reading: Reading, text: str) -> Config:
    """Return what a configuration says; what is wrong with a line becomes a problem."""
    lines = []
    for number_of, line in enumerate(text.split("\n"), 1):
        name, value = cut(line[:_LINE])
        if name and not name.startswith("#"):
            lines.append((number_of, name, value))
        if len(lines) >= _LINES:
            reading.complain(reading.source, number_of, "the rest of the file is left out")
            break
    config = Config(old=any(name.lower() in _OLD for _, name, _ in lines))
    for at, name, value in lines:
        if len(config.targets) > limits.ENTRIES:
            reading.complain(reading.source, at, "further entries are left out")
            config.targets.pop()
            break
        _take(reading, config, at, name.lower() if config.old else name, value)
    return config


def cut(line: str) -> tuple[str, str]:
    """Return a line's name and value without the blanks around them."""
    words = line.strip(" \t\r").split(None, 1)
    return (words[0], words[1].strip(" \t\r")) if len(words) > 1 else ((words or [""])[0], "")


def _take(reading: Reading, config: Config, line: int, name: str, value: str) -> None:
    def complain(message: str) -> None:
        reading.complain(reading.source, line, message)

    if name in _GENERAL:
        trouble = _GENERAL[name](config, value)
    elif name == "title":
        trouble = "" if value else "needs a text"
        if value:
            config.targets.append(Target(value, line))
    elif name not in _TARGET:
        complain(f"{name[:40]}: no directive of kexec-loader")
        return
    elif not config.targets:
        trouble = "must come after a title"
    elif not value and name not in ("default", "reset-vga"):
        trouble = "needs an argument"
    else:
        trouble = _of_target(config.targets[-1], name, value)
    if trouble:
        complain(f"{name}: {trouble}")


def _of_target(target: Target, name: str, value: str) -> str:
    if name == "default":
        target.default = True
    elif name == "reset-vga":
        target.reset_vga = True
    elif name == "module":
        if len(target.modules) < limits.INITRDS:
            target.modules.append(value)
    elif name == "rootfs":
        target.mounts.append((value, "/"))
    elif name == "mount":
        device, point = cut(value)
        if not point:
            return "needs a device and a mount point"
        if len(target.mounts) < _MOUNTS:
            target.mounts.append((device, point))
    else:
        setattr(target, name, value)
    return ""


def _timeout(config: Config, value: str) -> str:
    seconds = number(value)
    if value == "off" and not config.old:
        config.timeout = -1
    elif seconds is not None:
        # In 1.x no time is no end.
        config.timeout = -1 if config.old and not seconds else seconds
    else:
        return f"{value[:40]} is no number of seconds"
    return ""


def _grub_path(config: Config, value: str) -> str:
    if not value.startswith("(") or ")" not in value:
        return "needs a device in brackets, then a path"
    config.grub_path = value
    return ""


def _grub_root(config: Config, value: str) -> str:
    config.grub_root = value
    return "" if value else "needs a device"


def _grub_autodetect(config: Config, value: str) -> str:
    if value not in ("on", "off"):
        return "is on or off"
    config.grub_autodetect = value == "on"
    return ""


def _grub_map(config: Config, value: str) -> str:
    disk, device = cut(value)
    if not device:
        return "needs a disk of GRUB and a device"
    if len(config.grub_map) < _MAPPED:
        config.grub_map[disk.strip("()")] = device
    return ""


def _grub_first(config: Config, value: str) -> str:
    # It said whether hda or sda is hd0; here the disk of GRUB's menu is.
    return "" if value in ("hdx", "sdx") else "is hdx or sdx"


def _module(config: Config, value: str) -> str:
    name, arguments = cut(value)
    return add_module(config.modules, name, arguments)


def _device(config: Config, value: str) -> str:
    return "device nodes need not be made"


def add_module(modules: dict[str, str], name: str, arguments: str) -> str:
    """Note a kernel module; return what is wrong with it."""
    name = name.rpartition("/")[2].removesuffix(".ko").replace("-", "_")
    if not name:
        return "needs a module"
    if len(modules) < _MODULES or name in modules:
        modules[name] = arguments or modules.get(name, "")
    return ""


_GENERAL = {
    "timeout": _timeout,
    "grub-path": _grub_path,
    "grub_root": _grub_root,
    "grub-autodetect": _grub_autodetect,
    "grub-map": _grub_map,
    "grub_first": _grub_first,
    "kmod": _module,
    "modprobe": _module,
    "chardev": _device,
    "blkdev": _device,
}
_TARGET = frozenset(
    "root kernel initrd cmdline append module default reset-vga rootfs mount".split()
)
