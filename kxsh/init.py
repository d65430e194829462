"""What the loader's PID 1 runs on the target: find the disk, run its script, else help.

It ends only by starting a kernel, restarting or switching off; when it dies all the
same, PID 1 starts it again with ``KXSH_RESTART`` set, and it goes to the prompt at once.
"""

from __future__ import annotations

import _signal  # `signal` without its enums, which are slow to make
import gc
import os
import sys
import time
from collections.abc import Callable

from kxsh.commands import COMMANDS
from kxsh.console.access import Access
from kxsh.console.interrupts import abandonable, ignore_from_now, postponed
from kxsh.console.kept import Kept
from kxsh.console.log import Log
from kxsh.console.script.journal import keep_journal
from kxsh.console.terminal import Terminal, Voice
from kxsh.errors import (
    Failure,
    InternalFault,
    Interrupted,
    KxshError,
    NotFound,
    RecoveryRequest,
    UsageError,
    internal_fault,
)
from kxsh.interpreter.context import CallContext
from kxsh.interpreter.imports import importer, library_source
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.esp import find_script
from kxsh.machine.gone import PLUG_IN, gone_text
from kxsh.machine.linux import LinuxMachine
from kxsh.machine.origin import find_origin
from kxsh.machine.protocol import Device, Mount, Root
from kxsh.machine.supervisor import ABANDONED
from kxsh.options import LoaderOptions, written_locks, written_policy
from kxsh.source import Source
from kxsh.syntax import ast, saved
from kxsh.syntax.decode import decode_source
from kxsh.text import display
from kxsh.usage import ends_unstarted

# What keeps a lock, and the tries at its password, while kxsh is started again; PID 1
# gives no shell where it is.
LOCK_STORE = "/run/kxsh.lock"
LOG = "/run/kxsh.log"
# What else it needs to know when it is started again.
STATE = "/run/kxsh.state"
# A screen with more columns than this gets letters of twice the size.
_WIDEST = 160
# So many columns that no line is broken.
_UNBROKEN = 10_000
# How long the disk that we came from may take to appear, in seconds.
PATIENCE = 30.0


def main(board: int = -1) -> int:
    """Boot; return only if everything here failed. `board` is the supervisor's."""
    # Nothing made on the way to the jump is garbage worth looking for.
    gc.disable()
    # A shell starts what it does not wait for with SIGINT ignored; here it is Ctrl-C.
    ignore_from_now(board)
    # Nobody could wake or restart what Ctrl-Z or Ctrl-\\ stops.
    _signal.signal(_signal.SIGTSTP, _signal.SIG_IGN)
    _signal.signal(_signal.SIGQUIT, _signal.SIG_IGN)
    options = LoaderOptions(_kernel_cmdline())
    terminal = Terminal(
        sys.stdin, sys.stdout, color=True, serial=bool(os.environ.get("KXSH_SERIAL"))
    )
    terminal.log = Log(LOG, options.debug_consoles)
    lock = options.lock
    terminal.access = Access(terminal, LOCK_STORE)
    terminal.access.restore()  # before anything is saved over it
    terminal.access.restrict(lock.mode, lock.hashes, lock.delay, fixed=True)
    target = Target(options, terminal)
    target.prepare_screen()
    restarts = os.environ.get("KXSH_RESTART", "0")
    error: KxshError
    if restarts in ("", "0"):
        error = target.attempt()
    else:
        target.recall()
        error = _death()
    gc.enable()
    target.after(error)
    return 1


def _death() -> KxshError:
    """Return what is known of the kxsh before this one."""
    if os.environ.get("KXSH_ENDED") == str(ABANDONED):
        return Interrupted("stopped by two Ctrl-C, and kxsh was started again")
    return InternalFault("kxsh ended unexpectedly and was started again")


class Target:
    """One start of the machine: the attempt, and what follows its failure."""

    def __init__(self, options: LoaderOptions, terminal: Terminal) -> None:
        self._options = options
        self._terminal = terminal
        self._machine = LinuxMachine(Voice(terminal))
        self._interpreter = Interpreter(self._machine, terminal)
        keep_journal(self._interpreter)
        terminal.interpreter = self._interpreter
        self._interpreter.policy.action = options.action
        self._interpreter.policy.delay = options.delay
        self._kept = Kept(STATE, self._interpreter)
        self._interpreter.policy.changed = self._kept.save
        for fault in options.faults:
            self._warn(display(fault))

    def prepare_screen(self) -> None:
        """Make the letters of a very wide screen larger, and load the keyboard's layout."""
        for name in os.environ.get("KXSH_CONSOLES", "").split():
            if name[3:].isdigit() and _columns(f"/dev/{name}") > _WIDEST:
                from kxsh.machine.linux import font

                self._try(font.double, f"/dev/{name}")
        if self._options.keymap:
            self._try(self._machine.set_keymap, self._options.keymap)

    def _try(self, work: Callable[[str], None], what: str) -> None:
        """Do what starting goes on without; say why it failed, and what to try."""
        try:
            work(what)
        except KxshError as error:
            self._warn(display(error.message + (f"; {error.hint}" if error.hint else "")))

    def recall(self) -> None:
        """Take over what the kxsh before this one knew."""
        self._kept.restore()

    def attempt(self) -> KxshError:
        """Run the disk's script; return what stopped it."""
        self._mark("python ready")
        try:
            with abandonable():
                self._run(*self._script())
            return ends_unstarted()
        except KxshError as error:
            return error
        except KeyboardInterrupt:
            return Interrupted("stopped by Ctrl-C")
        except Exception as error:
            return internal_fault(error)

    def after(self, error: KxshError) -> None:
        """Do what the policy says about a failed attempt; end in the prompt."""
        policy = self._interpreter.policy
        self._interpreter.last_error = error
        access = self._terminal.access
        asked = isinstance(error, RecoveryRequest | Interrupted)
        unattended = policy.action != "recovery" and not asked
        if unattended or access.mode != "open":
            from kxsh.console.tables import rendered

            self._show(rendered, error)
        if unattended and self._countdown(policy.action, policy.delay):
            self._leave(policy.action)
        shown: KxshError | None = error
        while True:  # what runs from the prompt may close it
            self._admit()
            self._prompt(shown)
            shown = None

    def _admit(self) -> None:
        """Return where a person may have the prompt; else the machine restarts."""
        access, deadline = self._terminal.access, 0.0
        access.without = "it restarts"
        while not access.allows("prompt"):
            # One time for all: who presses keys and gives no password does not hold it up.
            deadline = deadline or time.monotonic() + access.delay
            if self._countdown("reboot", deadline - time.monotonic()):
                self._leave("reboot")
        access.without = "back"

    # -- the attempt

    def _script(self) -> tuple[Source, ast.Script | None]:
        """Return the script to run, and its tree where the one saved beside it fits;
        the ESP is mounted then, and `$esp` set."""
        esp = find_origin(self._machine, self._options.identity, PATIENCE, self._terminal.tell)
        self._mark(f"esp {esp}")
        root = self._mount(esp)
        path = self._options.script or find_script(root)
        if not path:
            return self._without_script(esp, root), None
        directory = path.rpartition("/")[0]
        self._interpreter.set_importer(importer(root, directory))
        with postponed():
            data = root.read(path)
            self._lock_as_written(data)  # before anything can fail of a damaged script
        source = decode_source(path.lstrip("/"), data)
        return source, _saved_tree(source, root, path)

    def _lock_as_written(self, script: bytes) -> None:
        access = self._terminal.access
        for lock in written_locks(script):
            if lock.awaited:
                access.hold(lock.delay)
            else:
                access.restrict(lock.mode, lock.hashes, lock.delay)

    def _await_locks(self, tree: ast.Script) -> None:
        """Let what locks take from menus be decided once each such line has run, and none has
        only had its failure handled."""
        access = self._terminal.access
        awaited = {id(one) for one in tree.statements if _takes_menu(one)}
        if not awaited:  # what looked like one stands in a block
            access.decide()
            return
        access.hold()
        heard = access.heard

        def ran(statement: ast.Statement) -> None:
            nonlocal heard
            if access.heard > heard:
                awaited.discard(id(statement))
            heard = access.heard
            if not awaited:
                access.decide()

        self._interpreter.ran = ran

    def _without_script(self, esp: Device, root: Root) -> Source:
        """Return what runs where no script is: the menu of a kexec-loader disk, which the
        loader took the place of, else one of all disks."""
        from kxsh.menus.kexec_loader import PLACES
        from kxsh.menus.search import first_of

        old = first_of("/", " ".join(PLACES).replace("/", ""))(root)
        if old:
            self._warn(f"no boot.kxs on {esp}: here is the menu of {old[0]}")
            return library_source("kexec_loader")
        if self._options.lock.mode != "open":
            # Its own script is what a locked loader starts, not the first menu of any disk.
            raise NotFound(
                f"no boot.kxs is on {esp}, and this loader is locked",
                hint="a locked loader starts its own script only: put it into EFI/BOOT there",
            )
        self._lock_as_menu(esp)
        self._warn(f"no boot.kxs beside the loader on {esp}: here is every entry that was found")
        return library_source("default")

    def _lock_as_menu(self, esp: Device) -> None:
        """Demand what the menu in charge of the loader's own disk does, before another disk,
        which may be slow, is looked at."""
        from kxsh.commands.menus import menu_in_charge

        access = self._terminal.access
        with postponed():
            access.hold()
            try:
                menu = menu_in_charge(self._machine, esp)
            except Exception as error:  # who may mend it needs the prompt
                told = internal_fault(error) if not isinstance(error, KxshError) else error
                self._warn(f"the menus of {esp} could not be read: {told.message}")
                menu = None
            same = [(one.path, one.sequence) for one in self._machine.devices()]
            if (esp.path, esp.sequence) not in same:
                raise NotFound(gone_text(esp), hint=PLUG_IN)
            if menu is not None and menu.guarded:
                access.restrict("password", menu=menu)
            access.decide()

    def _mount(self, esp: Device) -> Root:
        """Mount the ESP for as long as we run; `exec` closes it."""
        self._interpreter.set_esp(esp)
        self._kept.save()
        for mount in self._interpreter.globals.resources:
            if isinstance(mount, Mount) and mount.device.path == esp.path:
                return self._machine.locate(mount.path)[0]
        mount = self._machine.mount(esp)
        self._interpreter.globals.resources.append(mount)
        return self._machine.locate(mount.path)[0]

    def _run(self, source: Source, tree: ast.Script | None) -> None:
        """Run the script. One that was not checked when it was put here is checked as a
        whole first: nothing runs of a faulty one."""
        if tree is None:
            self._refuse_faults(source)
        self._mark("script")
        if tree is None:
            from kxsh.syntax.parser import parse_script

            tree = parse_script(source)
        self._await_locks(tree)
        self._interpreter.attempt(tree)

    def _refuse_faults(self, source: Source) -> None:
        from kxsh.checker import check_source
        from kxsh.console.tables import rendered_finding

        findings = check_source(source, find_import=self._interpreter.find_import)
        errors = [item for item in findings if item.severity == "error"]
        for item in errors[1:4]:
            self._show(rendered_finding, item)
        if errors:
            self._interpreter.refused = source
            policy = self._interpreter.policy
            written = written_policy(source.text)
            policy.set(*(written or (policy.action, policy.delay)))
            first = errors[0]
            raise UsageError(first.message, code=first.code, span=first.span, hint=first.help)

    # -- afterwards

    def _countdown(self, action: str, delay: float) -> bool:
        """Return whether the time passed without a key that means something."""
        doing = {"reboot": "restarting in {left}", "poweroff": "switching off in {left}"}[action]
        closed = not self._terminal.access.can_open
        asks = "the password, then " if self._terminal.access.asks("prompt") else ""
        text = doing + ("" if closed else f"; any key: {asks}the recovery prompt")
        deadline = time.monotonic() + delay
        while (left := deadline - time.monotonic()) > 0:
            if self._terminal.key_within(left, text, closed=closed):
                return False
            if time.monotonic() < deadline:  # a key that means nothing, or no more input
                time.sleep(min(1, left))
        return True

    def _leave(self, action: str) -> None:
        """Do as the command does; nobody is here who could do it by hand should that fail."""
        context = CallContext(self._interpreter, self._interpreter.globals, None)
        try:
            COMMANDS[action].function(context, 0)
        except Exception as error:
            self._warn(display(f"while closing: {error}"))
        if action == "reboot":
            self._machine.reboot()
        self._machine.poweroff()

    def _prompt(self, error: KxshError | None) -> None:
        from kxsh.console.prompt import loop as prompt

        self._interpreter.interactive = True
        prompt.run(self._interpreter, self._terminal, error=error, banner="", retry=self._retry)

    def _retry(self) -> KxshError:
        self._interpreter.interactive = False
        try:
            return self.attempt()
        finally:
            self._interpreter.interactive = True

    # -- what is said

    def _warn(self, text: str) -> None:
        self._terminal.tell(text, warning=True)

    def _show(self, made: Callable[..., str], what: object) -> None:
        """Say what `made` gives for a screen of so many columns; the log has it unbroken."""
        columns, color = self._terminal.size()[0] - 1, self._terminal.color
        self._terminal.say(
            made(what, columns, color=color), logged=made(what, _UNBROKEN, color=False)
        )

    def _mark(self, text: str) -> None:
        """Leave a time mark in the kernel's log, for benchmarks (``kxsh.debug``)."""
        if self._options.debug:
            with open("/dev/kmsg", "w") as log:
                log.write(f"kxsh: {text}\n")


def _saved_tree(source: Source, root: Root, path: str) -> ast.Script | None:
    """Return the tree saved beside a script, or None where none fits its text."""
    try:
        data = root.read(path + saved.SUFFIX, saved.SIZE_LIMIT)
    except Failure:
        return None
    return saved.load_tree(source, data)


def _takes_menu(statement: ast.Statement) -> bool:
    """Tell whether a statement is a `lock` that reads a menu for it."""
    call = statement.call if isinstance(statement, ast.CallStatement) else None
    names = [item.name for item in call.arguments] if call and call.name == "lock" else []
    return "menu" in names


def _columns(console: str) -> int:
    try:
        with open(console, "rb", buffering=0) as file:
            return os.get_terminal_size(file.fileno()).columns
    except OSError:
        return 0


def _kernel_cmdline() -> str:
    with open("/proc/cmdline", encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


if __name__ == "__main__":
    sys.exit(main())
