"""iPXE's commands, each on a `State`: True is success, an `Outcome` ends the run."""

from __future__ import annotations

from collections.abc import Callable

from kxsh.menus import limits, paths
from kxsh.menus.ipxe import settings
from kxsh.menus.ipxe.script import Script, arguments
from kxsh.menus.ipxe.state import Frame, Image, Item, Screen, State
from kxsh.menus.reading import number
from kxsh.record import record

_IMAGES = 64


@record
class Outcome:
    """How a run ended: a kernel was started, or `obstacle` says what happened instead."""

    kernel: str = ""
    initrds: tuple[str, ...] = ()
    cmdline: str = ""
    obstacle: str = ""
    silent: bool = False


@record
class Choice:
    """A menu waits: `name` is the setting that the chosen label goes to."""

    screen: Screen
    name: str
    default: str
    timeout: float | None


# Loads a script: (path, from where, line) to the script, None: it is none or not there.
Loader = Callable[[str, State], "Script | None"]
Result = bool | Outcome | Choice

_FETCH = "name= timeout= autofree replace"
# They change nothing that a menu could show.
_NOTHING = frozenset(
    "echo sleep console colour color cpair dhcp ifopen ifclose ifconf iflinkwait ifstat route "
    "config login show imgstat imgmem imgtrust imgverify imgdecrypt imgextract md5sum sha1sum "
    "sha256sum sync time ntp nslookup ping vcreate vdestroy sanhook sanunhook params param "
    "cpuid read prompt nstat neighbour profstat lotest pciscan usbscan set-default autoboot "
    "certstat certstore certfree gdbstub ipstat fdt cert".split()
)
_ENDS = {
    "reboot": "restarts the machine",
    "poweroff": "switches the machine off",
    "shell": "leads to iPXE's own shell",
    "sanboot": "boots a disk through the firmware (sanboot)",
    "autoboot": "boots from the network",
}
_OBSTACLES = {"wimboot": "wimboot: starts Windows PE"}


def run(state: State, words: list[str], load: Loader) -> Result:
    """Run one command, its settings already expanded."""
    name, rest = words[0], words[1:]
    known = _COMMANDS.get(name)
    if known is not None:
        return known(state, rest, load)
    if name == "prompt":  # fails where a certain key was not pressed
        return not arguments(rest, "key= timeout=").has("key")
    if name in _ENDS:
        return Outcome(obstacle=_ENDS[name])
    return name in _NOTHING


def known_command(name: str) -> bool:
    return name in _COMMANDS or name in _NOTHING or name in _ENDS


def _set(state: State, words: list[str], _: Loader) -> Result:
    return bool(words) and settings.store(state.settings, words[0], " ".join(words[1:]))


def _clear(state: State, words: list[str], _: Loader) -> Result:
    return bool(words) and settings.store(state.settings, words[0], "")


def _inc(state: State, words: list[str], _: Loader) -> Result:
    if not words:
        return False
    name = words[0].partition(":")[0]
    old = number(settings.value(name, state.settings)) or 0
    step = number(words[1]) if len(words) > 1 else 1
    return settings.store(state.settings, name, str(old + (step or 0)))


def _isset(state: State, words: list[str], _: Loader) -> Result:
    return bool(words) and bool(words[0])


def _iseq(state: State, words: list[str], _: Loader) -> Result:
    return len(words) == 2 and words[0] == words[1]


def _goto(state: State, words: list[str], _: Loader) -> Result:
    frame = state.frames[-1]
    index = frame.script.labels.get(words[0]) if words else None
    if index is None:
        return False
    state.frames[-1] = Frame(frame.script, index)
    state.resumed = -1  # the rest of the line is not run
    return True


def _exit(state: State, words: list[str], _: Loader) -> Result:
    state.frames.pop()
    state.resumed = -1
    if state.frames:
        return True
    return Outcome(obstacle="leaves iPXE: the firmware boots the next device", silent=True)


def _menu(state: State, words: list[str], _: Loader) -> Result:
    given = arguments(words, "name= delete")
    name = given.options.get("name", "")
    if given.has("delete"):
        state.screens.pop(name, None)
    elif len(state.screens) < 64 or name in state.screens:
        state.screens[name] = Screen(given.text())
    return True


def _item(state: State, words: list[str], _: Loader) -> Result:
    given = arguments(words, "menu= key= default gap")
    screen = state.screens.get(given.options.get("menu", ""))
    if screen is None:
        return False
    label = "" if given.has("gap") or not given.rest else given.rest[0]
    text = given.text() if given.has("gap") else given.text(1)
    if given.has("default"):
        screen.default = label
    if len(screen.items) < limits.ENTRIES:
        screen.items.append(Item(label, text))
    return True


def _choose(state: State, words: list[str], _: Loader) -> Result:
    given = arguments(words, "menu= default= timeout= retimeout= keep")
    screen = state.screens.get(given.options.get("menu", ""))
    if screen is None or not any(item.label for item in screen.items):
        return False
    default = given.options.get("default", "") or screen.default
    milliseconds = number(given.options.get("timeout", ""))
    if not given.has("keep"):
        state.screens.pop(given.options.get("menu", ""), None)
    name = given.rest[0] if given.rest else ""
    return Choice(screen, name, default, milliseconds / 1000 if milliseconds else None)


def _kernel(state: State, words: list[str], load: Loader) -> Result:
    given = arguments(words, _FETCH)
    if not given.rest or not given.rest[0]:
        return False
    if state.image(given.rest[0]) is None:
        _fetch(state, given.rest[0], given.options.get("name", ""))
    name = given.options.get("name", "") or _basename(given.rest[0])
    _set_arguments(state, name, given.text(1))
    state.selected = name
    return True


def _initrd(state: State, words: list[str], load: Loader) -> Result:
    given = arguments(words, _FETCH)
    if not given.rest or not given.rest[0]:
        return False
    # Several with commas between them: an extension of LinuxBoot.
    for name in given.rest[0].split(",")[: limits.INITRDS]:
        _fetch(state, name, given.options.get("name", ""))
        if len(given.rest) > 1:
            _set_arguments(state, _basename(name), given.text(1))
    return True


def _imgargs(state: State, words: list[str], _: Loader) -> Result:
    return bool(words) and _set_arguments(state, words[0], " ".join(words[1:]))


def _imgfree(state: State, words: list[str], _: Loader) -> Result:
    state.images = [image for image in state.images if words and image.name not in words]
    if not words:
        state.selected = ""
    return True


def _boot(state: State, words: list[str], load: Loader) -> Result:
    given = arguments(words, _FETCH)
    image = state.image(given.rest[0] if given.rest else "")
    if image is None:  # `boot URI` fetches, as `chain` does
        return _chain(state, words, load) if given.rest and given.rest[0] else False
    if len(given.rest) > 1:
        _set_arguments(state, image.name, given.text(1))
    return started(state, image.name)


def _chain(state: State, words: list[str], load: Loader) -> Result:
    given = arguments(words, _FETCH)
    if not given.rest:
        return _boot(state, words, load)
    name = given.rest[0]
    path = resolve(state, name)
    if paths.is_address(path):
        # Only what somebody chose is worth a line; else the script shall go on.
        return Outcome(obstacle=f"goes on from the network: {path}") if state.chosen else False
    if not name:
        return False
    script = load(path, state)
    if script is None:
        if name.lower().endswith((".ipxe", ".cfg", ".php", ".txt")):
            return False
        _fetch(state, name, "")
        _set_arguments(state, _basename(name), given.text(1))
        return started(state, _basename(name))
    if len(state.frames) > limits.DEPTH:
        return False
    if given.has("replace"):
        state.frames.clear()
    state.frames.append(Frame(script))
    state.resumed = -1
    return True


def started(state: State, name: str) -> Outcome:
    """Return the outcome of starting an image, with all others as its initrds."""
    image = state.image(name)
    if image is None:
        return Outcome(obstacle="starts no kernel")
    initrds = tuple(other.path for other in state.images if other.name != image.name)
    obstacle = next(
        (reason for word, reason in _OBSTACLES.items() if image.name.lower().startswith(word)), ""
    )
    return Outcome(image.path, initrds[: limits.INITRDS], image.arguments, obstacle)


def resolve(state: State, name: str) -> str:
    """Return a file's address, or its path on the script's own filesystem."""
    if name.startswith("file:"):
        name = "/" + name.removeprefix("file:").lstrip("/")
    if paths.is_address(name) or name.startswith(("tftp:", "http:", "https:")):
        return name
    return paths.join(paths.parent(state.frames[-1].script.path), name.replace("\\", "/"))


def _fetch(state: State, uri: str, name: str) -> None:
    image = Image(name or _basename(uri), resolve(state, uri))
    state.images = [other for other in state.images if other.path != image.path]
    if len(state.images) < _IMAGES:
        state.images.append(image)


def _set_arguments(state: State, name: str, text: str) -> bool:
    for index, image in enumerate(state.images):
        if image.name == name:
            state.images[index] = Image(image.name, image.path, text)
            return True
    return False


def _basename(uri: str) -> str:
    return uri.partition("?")[0].rstrip("/").rpartition("/")[2] or uri


_COMMANDS: dict[str, Callable[[State, list[str], Loader], Result]] = {
    "set": _set,
    "clear": _clear,
    "inc": _inc,
    "isset": _isset,
    "iseq": _iseq,
    "goto": _goto,
    "exit": _exit,
    "menu": _menu,
    "item": _item,
    "choose": _choose,
    "kernel": _kernel,
    "imgselect": _kernel,
    "imgload": _kernel,
    "initrd": _initrd,
    "module": _initrd,
    "imgfetch": _initrd,
    "imgargs": _imgargs,
    "imgfree": _imgfree,
    "boot": _boot,
    "imgexec": _boot,
    "chain": _chain,
    "chainload": _chain,
}
