"""Commands that load or start something (grub-core/loader/)."""

from __future__ import annotations

from collections.abc import Callable

from kxsh.menus import limits
from kxsh.menus.grub2.interpreter import Interpreter
from kxsh.menus.grub2.numbers import BAD_ARGUMENT, FILE_NOT_FOUND, NONE
from kxsh.menus.grub2.state import Leave, Loaded, Place
from kxsh.menus.grub2.tree import Block

Builtin = Callable[[Interpreter, list[str], Block | None], int]

# These come before the file's name and are no arguments of the kernel.
_OWN_OPTIONS = ("--nounzip", "--quirk-bad-kludge", "--quirk-modules-after-kernel", "--type=")
_WITHOUT_KERNEL = "a kernel has to be loaded first"


def _kernel(command: str) -> Builtin:
    """Return a command that loads a kernel.

    GRUB fails where Linux is not there, and keeps what was loaded before. Without anything
    else such a kernel is kept all the same: the entry is shown as what it means to start.
    """

    def run(script: Interpreter, words: list[str], _: Block | None) -> int:
        if command.startswith(("multiboot", "xen_")):
            words = _without_options(words)
        if not words:
            return script.fail(BAD_ARGUMENT, f"{command} without a file")
        loaded = Loaded(command, _place(script, words[0]), words)
        lacks = script.world.lacks
        missing = loaded.is_linux and lacks(*loaded.kernel)
        if not missing or script.loaded is None or lacks(*script.loaded.kernel):
            script.loaded = loaded
        return FILE_NOT_FOUND if missing else NONE

    return run


def _place(script: Interpreter, name: str) -> Place:
    return script.world.place(name, script.root, script.complain)


def _without_options(words: list[str]) -> list[str]:
    index = 0
    while index < len(words) and words[index].startswith(_OWN_OPTIONS):
        index += 1
    return words[index:]


def _initrd(script: Interpreter, words: list[str], _: Block | None) -> int:
    """Note the initial RAM disks; a later call takes the place of an earlier one."""
    loaded = script.loaded
    if not words:
        return script.fail(BAD_ARGUMENT, "initrd without a file")
    if loaded is None or not loaded.is_linux:
        return script.fail(BAD_ARGUMENT, f"initrd: {_WITHOUT_KERNEL}")
    if len(words) > limits.INITRDS:
        return script.fail(BAD_ARGUMENT, f"initrd: more than {limits.INITRDS} files")
    found = []
    for word in words:
        if word.startswith("newc:"):
            script.complain("initrd: a file that is to be put into an archive (newc:) is left out")
        else:
            found.append(_place(script, word))
    loaded.initrds = found
    return NONE


def _module(script: Interpreter, words: list[str], _: Block | None) -> int:
    words = _without_options(words)
    loaded = script.loaded
    if not words:
        return script.fail(BAD_ARGUMENT, "module without a file")
    if loaded is None or not loaded.is_multiboot:
        return script.fail(BAD_ARGUMENT, f"module: {_WITHOUT_KERNEL}")
    if len(loaded.modules) >= limits.INITRDS:
        return script.fail(BAD_ARGUMENT, f"module: more than {limits.INITRDS} files")
    loaded.modules.append((_place(script, words[0]), tuple(words[1:])))
    return NONE


def _devicetree(script: Interpreter, words: list[str], _: Block | None) -> int:
    if script.loaded is None:
        return script.fail(BAD_ARGUMENT, f"devicetree: {_WITHOUT_KERNEL}")
    script.loaded.dtb = _place(script, words[0]) if words else None
    return NONE


def _boot(script: Interpreter, _: list[str], __: Block | None) -> int:
    if script.loaded is None:
        return script.fail(BAD_ARGUMENT, f"boot: {_WITHOUT_KERNEL}")
    raise Leave("boot")


def _leaving(why: str) -> Builtin:
    def run(_: Interpreter, __: list[str], ___: Block | None) -> int:
        raise Leave(why)

    return run


BUILTINS: dict[str, Builtin] = {
    **{
        name: _kernel(name)
        for name in (
            "linux linux16 linuxefi multiboot multiboot2 xen_hypervisor chainloader ntldr plan9 "
            "freedos truecrypt pxechain kfreebsd knetbsd kopenbsd xnu_kernel xnu_kernel64"
        ).split()
    },
    **dict.fromkeys(("initrd", "initrd16", "initrdefi"), _initrd),
    **dict.fromkeys(("module", "module2", "xen_module"), _module),
    **dict.fromkeys(("devicetree", "fdt"), _devicetree),
    "boot": _boot,
    "exit": _leaving("it leaves GRUB"),
    "normal_exit": _leaving("it leaves GRUB's menu"),
    "halt": _leaving("it turns the machine off"),
    "reboot": _leaving("it restarts the machine"),
    "fwsetup": _leaving("it opens the firmware's set-up"),
}
