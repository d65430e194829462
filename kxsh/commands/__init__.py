"""The built-in commands, by family; importing this package declares them all."""

from kxsh.commands import (
    boot,
    choices,
    control,
    devices,
    files,
    help,
    kernels,
    layers,
    loaders,
    menus,
    mounts,
    network,
    old_loaders,
    programs,
    states,
)
from kxsh.commands.registry import COMMANDS, Command

__all__ = [
    "COMMANDS",
    "Command",
    "boot",
    "choices",
    "control",
    "devices",
    "files",
    "help",
    "kernels",
    "layers",
    "loaders",
    "menus",
    "mounts",
    "network",
    "old_loaders",
    "programs",
    "states",
]
