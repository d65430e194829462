"""The prompt's own commands: they look at what happened, so scripts do not have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kxsh.commands.context import Context
from kxsh.commands.registry import COMMANDS, Command
from kxsh.console import tables
from kxsh.console.log import in_lines
from kxsh.console.prompt import looking
from kxsh.console.prompt.disk_list import DiskWatch, disk_list, menus_of
from kxsh.console.prompt.history import PATH as HISTORY_FILE
from kxsh.console.script import again, saving, why
from kxsh.console.script.resume import Resume
from kxsh.console.script.scripting import Scripting
from kxsh.console.script.undoing import Undo
from kxsh.console.words.places import Places
from kxsh.errors import NotFound, UsageError
from kxsh.signature import Parameter, Signature, argument, flag, option, optional
from kxsh.text import display
from kxsh.values import ANY, INT, KERNEL, PATH, STR

if TYPE_CHECKING:
    from kxsh.console.prompt.session import Session

_EDITED = "edited"
# What to type where a file cannot be written.
_REPORT_TO = "`why --to LABEL=DATA:/report.txt` writes it to another disk; `disks` lists them"
_SCRIPT_TO = "name another disk: `save-script LABEL=DATA:/new.kxs`; `disks` lists them"
_SEARCH = "] kxsh> log --find"
_WHY = (
    optional("number", INT, "1 is the last failure, 2 the one before it", 1),
    flag("save", "write a report file to the loader's partition"),
    option("to", STR, "the report's file instead, as SPEC:/path"),
)
_RETRY = (
    flag("edit", "edit the failed line first; in a script that was refused, each faulty one"),
    flag("save", "write what was changed here to the script's own file first"),
    flag("skip", "go on after the failed statement"),
    flag("whole", "run the whole script again, from its first line"),
)
_STEP = (optional("script", STR, "the script's file; left out: the one that stopped"),)
_EDIT = (
    optional("entry", KERNEL, "an entry, a plan or a kernel; left out: what is loaded"),
    flag("boot", "start the result at once"),
)
_UNDO = (flag("list", "show what would be undone, newest first"),)
_SAVE = (
    argument("file", STR, "the new script: a path on the loader's partition, or SPEC:/path"),
    flag("rest", "and what the stopped script has still to do after its failed statement"),
)
_DISKS = (
    flag("menus", "look for boot menus on each"),
    flag("watch", "show changes as they happen, until a key is pressed"),
)
_HISTORY = (
    Parameter(
        "positional", "what", STR, "whether to write it to the loader's partition",
        choices=("on", "off"),
    ),
    option("lines", INT, "how many to show", 20),
)  # fmt: skip
_LOG = (
    option("lines", INT, "show this many of the newest, without the pager"),
    option("find", STR, "show the lines with this text, without the pager"),
)
_HELP = (optional("topic", ANY, "a command, topic, code, kernel parameter or $variable"),)
_LS = (optional("path", PATH, "a directory or device, mounted or not; left out: the disks"),)
_CAT = (argument("file", PATH, "a text file, on a mounted filesystem or not"),)
# In the order in which `help` lists them.
_DECLARED: tuple[tuple[str, tuple[Parameter, ...], tuple[str, ...]], ...] = (
    ("why", _WHY, ("why", "why 2", "why --save", "why --to LABEL=DATA:/report.txt")),
    ("retry", _RETRY, ("retry", "retry --edit --save", "retry --skip", "retry --whole")),
    ("step", _STEP, ("step boot.kxs", "step")),
    ("undo", _UNDO, ("undo", "undo --list")),
    ("edit", _EDIT, ("edit", "edit --boot (isolinux-entry LABEL=GENTOO:/isolinux/isolinux.cfg)")),
    ("save-script", _SAVE, ("save-script new.kxs", "save-script --rest EFI/BOOT/boot.kxs")),
    ("disks", _DISKS, ("disks", "disks --menus", "disks --watch")),
    ("ls", _LS, ("ls LABEL=GENTOO:/isolinux", "ls")),
    ("cat", _CAT, ("cat LABEL=GENTOO:/isolinux/isolinux.cfg",)),
    ("mounts", (), ("mounts",)),
    ("log", _LOG, ("log", "log --lines 20", "log --find usb")),
    ("history", _HISTORY, ("history", "history on", "history --lines 100")),
    ("sh", (), ("sh",)),
    ("exit", (), ("exit",)),
    ("help", _HELP, ("help mount", "help keys", "help KX405", "help $image")),
)


class PromptCommands:
    """The commands of one session, as methods; `table` declares them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _in_memory(self) -> bool:
        """Whether what is on no disk is lost with the next start: we are in a loader."""
        return self._session.retry is not None

    def table(self) -> dict[str, Command]:
        """Return the declarations by name, in the order `help` lists them."""
        return {
            name: Command(
                getattr(self, name.replace("-", "_")), Signature(name, parameters), (), (), examples
            )
            for name, parameters, examples in _DECLARED
        }

    # -- looking

    def why(self, context: Context, number: int, *, save: bool, to: str | None) -> str:
        """Show all that is known about the last failure, and what to try next.

        That is: the place, the class, the kernel's error and messages, what was tried.
        `--save` writes that of all failures into a text file on the loader's partition,
        with the disks, the mounts, what was typed and the kernel's messages; with `--to`
        into another file, where the loader's partition is gone or read-only.
        """
        if save or to is not None:
            from kxsh.console.script.report import report

            in_memory = self._in_memory
            if to is None:
                path = saving.new_report(context, in_memory=in_memory, instead=_REPORT_TO)
            else:
                path = saving.place(context, to, in_memory=in_memory)
            saving.write(context, path, report(self._session), instead=_REPORT_TO)
            return f"wrote {saving.shown(context, path)}"
        error = self._session.failure(number)
        if error is None:
            if number == 1:
                return "nothing has failed so far; `log` has all that was said"
            known = sum(1 for _ in self._session.failures())
            return f"there is no failure {number}, only {known} so far: `why` tells the last"
        return why.explain(
            error,
            self._columns(),
            color=self._session.terminal.color,
            again=self._resume().advice(),
        )

    def disks(self, context: Context, *, menus: bool, watch: bool) -> str | None:
        """Show every disk and partition: size, type, label, uuid, model, where it is mounted.

        `--menus` looks for boot menus on each, and says which would have come up by itself.
        `--watch` keeps the list on the screen and shows what is plugged in or pulled out,
        until a key is pressed.
        """
        machine = context.machine
        if watch and self._session.terminal.stream_in.isatty():
            DiskWatch(self._session.terminal, machine).run()
            return None
        found = menus_of(machine) if menus else {}
        shown = self._session.terminal.shown
        return disk_list(machine.devices(), self._columns(), machine.mounts(), found, shown)

    def ls(self, context: Context, path: str | None) -> str | None:
        """Show what is in a directory, or on a device; it need not be mounted.

        With options (`ls -l`) it is the program of that name.
        """
        if path is None:
            return self.disks(context, menus=False, watch=False)
        if looking.is_device(context.machine, path):
            path = context.mount_unseen(path).path
        path = looking.on_device(context, path)
        with self._loader_named("ls", path):
            shown = self._session.terminal.shown
            return looking.listing(context.machine, path, self._columns(), shown)

    def cat(self, context: Context, file: str) -> str:
        """Show a text file. What a terminal would obey in it is shown as an escape."""
        file = looking.on_device(context, file)
        with self._loader_named("cat", file):
            return looking.contents(context.machine, file)

    @contextmanager
    def _loader_named(self, command: str, path: str) -> Iterator[None]:
        """Let a path like `EFI/BOOT/boot.kxs`, which messages name so, be found."""
        try:
            yield
        except NotFound as error:
            if self._session.interpreter.esp is not None and not path.startswith("/"):
                error.hint = f"on the loader's partition: {command} $esp/{display(path)}"
            raise

    def mounts(self, context: Context) -> str:
        """Show what is mounted, from which device, and by which line."""
        shown = self._session.terminal.shown
        return tables.mounts(list(self._session.mounts()), self._columns(), shown)

    # -- the script again

    def retry(self, context: Context, *, edit: bool, save: bool, skip: bool, whole: bool) -> None:
        """Go on with the script from the statement that failed.

        Its variables and mounts are as they were, with what was changed here since: the
        prompt works in the script's own variables. `--skip` goes on after that statement,
        when its work was done by hand; `--edit` lets the line that failed be changed first,
        also one in a block or a function, which then runs again as a whole; `--whole` starts
        again with the first line. Of a script that was refused, `--edit` opens each faulty
        statement in turn, and then runs it from its first line. `--save` writes the script as
        it is now to its own file, before it goes on: the next boot has the change, too.
        """
        if edit + skip + whole > 1:
            raise UsageError("only one of --edit, --skip, --whole at a time", code="KX205")
        resume = self._resume()
        if edit and not resume.change(for_good=save):
            return
        if save:
            from kxsh.console.script import mending

            context.console.say(mending.save(self._session, context))
        if whole:
            resume.whole()
        else:
            resume.go_on(skip=skip)

    def step(self, context: Context, script: str | None) -> None:
        """Run a script statement by statement.

        Each is shown with its line's number before it runs, and a key says what to do:
        Enter runs it, i goes into its block, s skips it, e edits it, c runs the rest, q
        comes back here, where `step` and `retry` go on. When it fails, it can be edited
        and run again there. Without a script it goes on with the one that stopped.
        """
        if script is None and self._resume().failed is None:
            raise UsageError(
                "there is no script to go on with", code="KX203", hint="name one: step boot.kxs"
            )
        find = self._session.interpreter.find_import
        self._resume().step(None if script is None else saving.parsed(context, script, find))

    def undo(self, context: Context, *, list: bool) -> str:
        """Take back the last line that changed something, of the script too.

        Mounts are unmounted, what was opened is closed, a loaded kernel is unloaded,
        files that `save` wrote and variables are as before. What cannot be taken back, such
        as a program that ran, is named.
        """
        undo = Undo(self._session.interpreter, self._session.journal, self._session.lines)
        running = self._session.lines.all.pop()  # this very line
        running.of_others = True
        try:
            if list:
                return "\n".join(undo.preview()) or "nothing has been changed"
            line = undo.last()
            if line is None:
                return "nothing is left to undo"
            head = f"{line.place}: " if line.place else ""
            self._session.journal.paused = True
            return "\n".join([display(f"undo {head}{line.shown}"), *undo.take_back(line)])
        finally:
            self._session.lines.all.append(running)

    # -- making something of it

    def edit(self, context: Context, entry: object, *, boot: bool) -> str:
        """Edit an entry word by word, then load it: kernel, initrds, command line.

        Each word stands with whose it is (the kernel's, a module's, the first program's)
        and what it means; what the checker finds wrong is shown while it is typed. F10 or
        Ctrl-X loads the result, which is in `$edited` from then on, and with `--boot` starts
        it; Esc leaves everything as it was. On a terminal that cannot move its cursor it is
        done line by line.
        """
        from kxsh.console.edit.editor import edit_entry

        before = again.entry_of(context.loaded if entry is None else entry)
        if before is None:
            raise UsageError(
                "nothing is loaded yet",
                code="KX203",
                hint="name an entry or a kernel: edit FILE; `entries` lists what the disks have",
            )
        doing = "boot" if boot else "load"
        places = Places(self._session.journal.machine)
        try:
            edited = edit_entry(self._session.terminal, before, doing=doing, places=places)
        finally:
            places.release()
        if edited is None:
            return "not changed: nothing new was loaded"
        line = again.load_line(context.machine, edited, context.machine.mounts())
        self._session.interpreter.session.variables[_EDITED] = edited
        load = COMMANDS["load"]
        load.function(context, edited, **_absent(load.signature))
        if line is not None:
            self._session.lines.worked(self._session.lines.all[-1], f"let {_EDITED} = {line}")
        if boot:
            COMMANDS["exec"].function(context, dry_run=False)
        return "loaded; `exec` starts it, `plan` shows it; it is in $edited"

    def save_script(self, context: Context, file: str, *, rest: bool) -> str:
        """Write the lines that worked, the script's and those typed here, as a new script.

        Typed lines that only looked at something are left out; of a line that failed there is
        what it did. With `--rest` follows what the script has still to do: once the failed
        statement was done by hand, that is the script as it should have been. It is checked
        before it is written; a file that is there is replaced only after a question. The
        loader's partition is writable for that moment only.
        """
        session = self._session
        lines = session.lines.all[:-1]  # the last one is this very line
        if rest:
            still = session.lines.rest()
            again = {id(line.owner) for line in still}
            lines = [line for line in lines if id(line.owner) not in again] + still
        script = Scripting(session.journal, session.interpreter.session, context.loaded)
        text, findings = script.text(lines)
        path = saving.place(context, file, in_memory=self._in_memory, instead=_SCRIPT_TO)
        shown = saving.shown(context, path)
        asked = saving.exists(context, path)
        if asked and not self._session.terminal.ask(f"{shown} is there: replace it?"):
            return f"not written: {shown} is as it was; another name would do"
        saving.write(context, path, text, instead=_SCRIPT_TO)
        told = [f"wrote {shown}: {text.count(chr(10))} lines", *script.notes]
        told += [saving.kept(path)] if asked else []
        told += [f"  {item.code}: {display(item.message)}" for item in findings[:5]]
        return "\n".join(told)

    # -- elsewhere

    def log(self, context: Context, *, lines: int | None, find: str | None) -> str | None:
        """Show all that was said, with times, and the kernel's messages among it.

        On a terminal that can it is a pager: arrows, PgUp and PgDn scroll, `/` searches,
        `n` and `N` go on, `q` leaves. It is kept in memory only; `why --save` writes it.
        """
        terminal = self._session.terminal
        if lines is not None:
            _check_count(lines)
        found = terminal.log.lines(context.machine.timed_log())
        if lines is None and find is None and terminal.stream_in.isatty() and terminal.moves_cursor:
            from kxsh.console.pager import Pager

            Pager(terminal, in_lines(found, self._columns())).run()
            return None
        if find is not None:
            wanted = find.lower()  # not where it was asked for
            found = [line for line in found if wanted in line.lower() and _SEARCH not in line]
            if not found:
                terminal.write(f"no line of the log has {display(find)}\n")
        for line in found[-lines:] if lines else found:
            terminal.write(line + "\n")  # not said: it would be in the log again
        return None

    def history(self, context: Context, what: str | None, *, lines: int) -> str | None:
        """Show the lines that were typed, or say whether they are written down.

        They are in memory only. After `history on` they are written to kxsh/history on the
        loader's partition, and those that are there come first; `history off` ends that. A
        line that begins with a blank is not kept, and none with a passphrase.
        """
        history = self._session.history
        _check_count(lines)
        if what == "off":
            history.stop()
            return "the history is not written from now on; what was written stays"
        if what == "on":
            if context.esp is None:
                raise NotFound(
                    "only a loader's partition keeps a history, and no loader started this",
                    hint="it is kept in memory; Up, Ctrl-R and `history` show it until kxsh ends",
                )
            path = saving.place(context, HISTORY_FILE)
            root, inside = context.machine.locate(path)
            old = root.read(inside) if root.stat(inside) is not None else b""
            machine, esp = self._session.journal.machine, context.esp
            history.keep(
                old.decode("utf-8", "replace"),
                lambda text: saving.write_beside_loader(machine, esp, HISTORY_FILE, text),
            )
            return f"the history is in {HISTORY_FILE} on {esp} from now on"
        first = max(0, len(history.lines) - lines)
        shown = history.lines[first:]
        text = "\n".join(f"{n:>4} {display(line, 1000)}" for n, line in enumerate(shown, first + 1))
        self._session.page(text, newest=True)
        return None

    def sh(self, context: Context) -> None:
        """Open a plain shell; its end comes back here.

        What it has mounted and unmounted is known here then: `mounts` shows it.
        """
        context.console.say("a plain shell; `exit` or Ctrl-D comes back to kxsh")
        before = context.machine.mounts()
        done = context.machine.run(["sh"])
        after = context.machine.mounts()
        told = [f"it mounted {mount.path}" for mount in after if mount not in before]
        told += [f"it unmounted {mount.path}" for mount in before if mount not in after]
        count = len(context.machine.devices())
        there = "1 device there" if count == 1 else f"{count} devices there"
        told = [f"status {done.status}", there, *told]
        context.console.say(display(f"back in kxsh ({', '.join(told)})", 1000))

    def exit(self, context: Context) -> None:
        """Leave the prompt: resume booting, after a question."""
        self._session.leave()

    def help(self, context: Context, topic: object) -> str | None:
        """Show all commands, or what a command, topic, code or kernel parameter is.

        `help $x` tells what a variable holds, `help keys` what the keys do.
        """
        from kxsh.console.help import helping

        if topic is None:
            return helping.overview(self._session, self._columns())
        if isinstance(topic, str):
            self._session.help(topic)
            return None
        return helping.value(topic, self._columns())

    def _resume(self) -> Resume:
        return Resume(self._session)

    def _columns(self) -> int:
        return self._session.terminal.size()[0] - 1


def _check_count(lines: int) -> None:
    if lines < 1:
        raise UsageError("--lines is at least 1: so many of the newest are shown", code="KX204")


def _absent(signature: Signature) -> dict[str, object]:
    """Return the values of options that were not given."""
    return {
        item.key: [] if item.many else item.default
        for item in signature.parameters
        if item.kind in ("option", "flag")
    }
