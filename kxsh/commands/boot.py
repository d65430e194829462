"""The hand-over: load, plan, exec, boot."""

from __future__ import annotations

from kxsh.boot.cmdline import Cmdline
from kxsh.boot.entry import Entry, elsewhere
from kxsh.boot.load import load as load_plan
from kxsh.boot.plan import Plan, make_plan
from kxsh.commands.context import Context
from kxsh.commands.leaving import close_everything
from kxsh.commands.loaders import edit
from kxsh.commands.network import fetch_file
from kxsh.commands.registry import command
from kxsh.errors import Failure, FormatFailure, IoFailure, UsageError
from kxsh.machine.protocol import LoadMethod
from kxsh.menus.disks import holds_files
from kxsh.record import replace
from kxsh.signature import Parameter, argument, flag, option
from kxsh.text import MIB, display, size, stamped
from kxsh.usage import nothing_loaded
from kxsh.values import CMDLINE, KERNEL, NEVER, PATH, PLAN, STR

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import NoReturn

_OPTIONS: tuple[Parameter, ...] = (
    option("initrd", PATH, "an initial RAM disk; may repeat, in order", many=True),
    option("cmdline", CMDLINE, "the kernel's command line; left out: the entry's own"),
    option("set", STR, "replace or add key=value in the command line; may repeat", many=True),
    option("drop", STR, "remove keys from the command line, with commas; may repeat", many=True),
    option("iso", PATH, "the image file that it comes from: tells the live system where it is", ""),
    option("module", PATH, "a Multiboot module with its arguments, in quotes", many=True),
    option("dtb", PATH, "a device tree", ""),
    option("method", STR, "force the way to load it", choices=("file", "tools")),
)
# From so many bytes on, a slow stick needs seconds to give them.
_LARGE = 32 * MIB
_FAILURES = ("not-found", "timeout", "io", "format", "denied", "verify")
_EXAMPLE = (
    "let image = mount LABEL=GENTOO\n"
    "load $image/isolinux/gentoo --initrd $image/isolinux/gentoo.igz --cmdline 'root=/dev/ram0'"
)


def plan_of(context: Context, kernel: object, options: dict[str, object] | None = None) -> Plan:
    """Work out what would be loaded, from an entry, a plan or a kernel's path; `options` are
    those of `load`, by their names."""
    options = options or {parameter.key: parameter.default for parameter in _OPTIONS}
    if isinstance(kernel, Plan):
        if not any(options.values()):
            return kernel
        kernel = kernel.entry
    initrds = [str(path) for path in _list(options["initrd"])]
    given = options["cmdline"]
    dtb = str(options["dtb"] or "")
    modules = _words(options["module"])
    if isinstance(kernel, Entry):
        if kernel.not_bootable:
            raise FormatFailure(
                f"`{kernel.title}` cannot be started by kexec: {kernel.not_bootable}"
            )
        if kernel.image:
            kernel = _with_image(context, kernel)
        kernel = kernel.on(lambda path: _on_its_device(context, path))
        initrds = initrds or list(kernel.initrds)
        given = Cmdline.parse(kernel.handover or kernel.cmdline) if given is None else given
        dtb = dtb or kernel.dtb
        modules = modules or list(kernel.modules)
        kernel = kernel.kernel
    cmdline = given if isinstance(given, Cmdline) else _embedded(context, str(kernel))
    if options["iso"]:
        cmdline = _find_itself(context, cmdline, str(kernel), str(options["iso"]))
    cmdline = edit(cmdline, _words(options["set"]), _words(options["drop"]))
    cmdline = cmdline.append(" ".join(context.words))
    return make_plan(
        context.machine,
        str(kernel),
        initrds,
        str(cmdline),
        dtb=dtb,
        modules=modules,
        method=_method(options["method"]),
    )


def _find_itself(context: Context, cmdline: Cmdline, kernel: str, image: str) -> Cmdline:
    """Return the command line with the keys by which a live system finds its image file."""
    from kxsh.boot.live import find_itself

    root, inner = context.machine.locate(image)
    if root.stat(inner) is None:
        root.open(inner).close()  # says what is missing, and the nearest name
    base = image.removesuffix("/" + inner.strip("/"))
    mount = next((one for one in context.machine.mounts() if one.path == base), None)
    if mount is None:
        raise FormatFailure(
            f"{image} is not on a disk, where the started system could find it",
            hint="mount the filesystem that has the file, and name it there",
        )
    return find_itself(cmdline, kernel, "/" + inner.lstrip("/"), mount.device.uuid)


def _embedded(context: Context, kernel: str) -> Cmdline:
    """Return the command line that is built into a unified kernel image; else none."""
    from kxsh.boot.uki import built_in_cmdline

    try:
        return Cmdline.parse(built_in_cmdline(context.machine, kernel) or "")
    except Failure:  # planning says it better
        return Cmdline.parse("")


def _on_its_device(context: Context, path: str) -> str:
    """Return where the file of an entry is, when it is on another filesystem than its menu
    (which is mounted) or on a server (it is fetched)."""
    if "://" in path:
        return fetch_file(context, path)
    location = elsewhere(path)
    return context.mount_unseen(location[0]).path + location[1] if location else path


def _with_image(context: Context, entry: Entry) -> Entry:
    """Return the entry with its files below the mount of its image file, which stays open
    until the block ends."""
    opened = context.machine.open_loop(_on_its_device(context, entry.image))
    context.own(opened)
    device = next((one for one in opened.devices if holds_files(one)), None)
    if device is None:
        raise FormatFailure(f"{entry.image} has no filesystem in it")
    mount = context.machine.mount(device)
    context.own(mount)

    def put(path: str) -> str:
        found = elsewhere(path)
        return mount.path + found[1] if found and found[0] == "image" else path

    return replace(entry.on(put), image="")


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _words(value: object) -> list[str]:
    return [str(word) for word in _list(value)]


def _method(value: object) -> LoadMethod | None:
    return "tools" if value == "tools" else "file" if value == "file" else None


@command(
    "load",
    argument("kernel", KERNEL, "a kernel file, an entry, or a plan"),
    *_OPTIONS,
    returns=PLAN,
    raises=_FAILURES,
    effects=("loads", "reads"),
    examples=(
        _EXAMPLE,
        "load (isolinux-entry LABEL=GENTOO:/isolinux/isolinux.cfg) --set console=ttyS0\n"
        "  --drop quiet,splash",
        "let data = mount LABEL=DATA\n"
        "let image = mount (loop-open $data/images/rescue.iso)\n"
        "load $image/isolinux/gentoo --iso $data/images/rescue.iso --cmdline 'boot=live quiet'",
    ),
)
def load(context: Context, kernel: object, **options: object) -> Plan:
    """Read a kernel and its initrds into memory, ready for `exec`.

    The files are inspected first, and a kernel that cannot work is refused with the
    reason. An entry brings its initrds and the command line its own loader would pass. A
    unified kernel image is taken apart. A live system that was started from an image in a
    file gets the keys by which its framework finds that file with `--iso`: casper,
    live-boot, dracut and kiwi, archiso, NixOS. The filesystem may be unmounted afterwards.
    """
    plan = plan_of(context, kernel, options)
    total = plan.facts.size + sum(facts.size for _, facts in plan.initrds)
    if total >= _LARGE:
        text = f"loading {display(plan.kernel.rpartition('/')[2])} and its initrds, {size(total)}"
        context.console.say(stamped(context.machine.now(), text))
    load_plan(context.machine, plan)
    context.set_loaded(plan)
    return plan


@command(
    "plan",
    Parameter(
        "positional", "kernel", KERNEL, "a kernel file or an entry; left out: what is loaded"
    ),
    *_OPTIONS,
    returns=PLAN,
    raises=_FAILURES,
    effects=("reads",),
    examples=("plan (isolinux-entry LABEL=GENTOO:/isolinux/isolinux.cfg)",),
)
def plan(context: Context, kernel: object, **options: object) -> Plan:
    """Show what `load` would do: kernel, initrds, command line, memory. Loads nothing."""
    if kernel is None:
        if context.loaded is None:
            hint = "name an entry or a kernel: `plan FILE`"
            raise UsageError("nothing is loaded yet", code="KX203", hint=hint)
        found = context.loaded
    else:
        found = plan_of(context, kernel, options)
    if not context.interactive:  # the prompt shows results itself
        context.console.say(found.describe())
    return found


@command(
    "exec",
    flag("dry-run", "show what would start, and stay"),
    returns=NEVER,
    raises=("io", "denied"),
    effects=("needs-loaded", "never-returns"),
    examples=(_EXAMPLE + "\nexec --dry-run",),
)
def exec_(context: Context, *, dry_run: bool) -> None:
    """Close everything and jump to the loaded kernel. It returns only by failing.

    Where a disk takes nothing for ten seconds, nothing starts: that is a failure of class io,
    which names it.
    """
    loaded = context.loaded
    if loaded is None or not context.machine.kernel_loaded():
        raise nothing_loaded()
    if dry_run:
        context.console.say(display(f"exec would start {loaded.image.kernel}", 4000))
        return
    jump(context, loaded)


def jump(context: Context, loaded: Plan) -> NoReturn:
    """Close everything, say what starts, and start it."""
    name = display(loaded.image.kernel.rpartition("/")[2])
    hung = close_everything(context)
    if hung:
        # The disk may still write into memory that the kernel to come takes for its own.
        raise IoFailure(
            f"{hung} does not end, so {name} was not started",
            hint="is a disk dying? `log` shows what the kernel said; `reboot` goes on without it",
        )
    context.console.say(f"kxsh: starting {name}; the screen may stay dark for some seconds")
    context.machine.jump()


@command(
    "boot",
    argument("kernel", KERNEL, "an entry, a plan or a kernel file"),
    *_OPTIONS,
    returns=NEVER,
    raises=_FAILURES,
    effects=("loads", "reads", "never-returns"),
    examples=("if false { boot (isolinux-entry LABEL=GENTOO:/isolinux/isolinux.cfg) }",),
)
def boot(context: Context, kernel: object, **options: object) -> NoReturn:
    """Load an entry (or a kernel) and start it: `load` and `exec` in one."""
    plan = load(context, kernel, **options)
    jump(context, plan)
