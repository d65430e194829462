"""GRUB's variables and their contexts (grub-core/kern/env.c, normal/context.c)."""

from __future__ import annotations

# What the normal mode of GRUB 2.06 and later says it can do.
_FEATURES = (
    "chainloader_bpb ntldr platform_search_hint default_font_path all_video_module "
    "menuentry_id menuentry_options 200_final nativedisk_cmd timeout_style"
).split()


class Environment:
    """Variables, and which of them a new context inherits."""

    __slots__ = ("exported", "values")

    def __init__(self, values: dict[str, str], exported: set[str]) -> None:
        self.values = values
        self.exported = exported

    def get(self, name: str) -> str | None:
        return self.values.get(name)

    def set(self, name: str, value: str) -> None:
        if name == "root" and value[:1] == "(" and value[-1:] == ")":
            value = value[1:-1]
        self.values[name] = value

    def export(self, name: str) -> None:
        self.values.setdefault(name, "")
        self.exported.add(name)

    def opened(self) -> Environment:
        """Return the new context that a submenu or `configfile` runs in."""
        values = self.values
        exported = {name for name in self.exported if name in values}
        return Environment({name: values[name] for name in exported}, exported)

    def copy(self) -> Environment:
        return Environment(dict(self.values), set(self.exported))


def initial(root: str, prefix: str, platform: str) -> Environment:
    """Return the variables that GRUB's normal mode starts a configuration with."""
    values = {f"feature_{name}": "y" for name in _FEATURES}
    values |= {
        "root": root,
        "prefix": prefix,
        "cmdpath": prefix,
        "grub_cpu": "i386" if platform == "pc" else "x86_64",
        "grub_platform": platform,
        "lang": "",
    }
    return Environment(values, set(values))
