"""One call of a command, as `kxsh.commands.context.Context` describes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kxsh.boot.plan import Plan
from kxsh.commands.context import Console, MenuItem
from kxsh.commands.devices import PATIENCE, find
from kxsh.errors import KxshError
from kxsh.interpreter.scope import Scope, close_resource
from kxsh.machine.protocol import Device, Machine, Mount, Resource
from kxsh.syntax import ast
from kxsh.text import duration
from kxsh.usage import duplicate_entry, duplicate_key, entry_outside_menu

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from kxsh.boot.entry import Menu
    from kxsh.commands.leaving import Closing
    from kxsh.interpreter.interpreter import Interpreter


class CallContext:
    """Gives a command the interpreter's machine and the scope that it was called in."""

    def __init__(self, interpreter: Interpreter, scope: Scope, block: ast.Block | None) -> None:
        self._interpreter = interpreter
        self._scope = scope
        self._block = block
        self.machine: Machine = interpreter.machine
        self.console: Console = interpreter.console
        self.interactive = interpreter.interactive

    @property
    def esp(self) -> Device | None:
        return self._interpreter.esp

    @property
    def loaded(self) -> Plan | None:
        return self._interpreter.loaded

    def set_loaded(self, plan: Plan) -> None:
        self._interpreter.loaded = plan

    @property
    def words(self) -> Sequence[str]:
        return self._interpreter.words

    def add_words(self, words: Sequence[str]) -> None:
        self._interpreter.words = tuple(words)

    # -- devices and mounts

    def find_device(self, spec: str, wait: float | None = None) -> Device:
        return find(self.machine, spec, PATIENCE if wait is None else wait)

    def mount_unseen(self, spec: str) -> Mount:
        """Mount what ``SPEC:/path`` names until the block ends; what is mounted serves."""
        device = self.find_device(spec)
        for mount in self.machine.mounts():
            if mount.device.path == device.path:
                return mount
        mount = self.machine.mount(device)
        self.own(mount)
        return mount

    def own(self, resource: Resource) -> None:
        self._scope.resources.append(resource)

    def close(self, resource: Resource) -> None:
        close_resource(self.machine, resource)
        for scope in self._interpreter.open_scopes():
            if resource in scope.resources:
                scope.resources.remove(resource)

    def close_all(self, closing: Callable[[Resource], None]) -> None:
        self._interpreter.close_all(closing)

    @property
    def closing(self) -> Closing | None:
        return self._interpreter.closing

    def set_closing(self, closing: Closing) -> None:
        self._interpreter.closing = closing

    # -- blocks

    def run_block(self) -> None:
        if self._block is not None:
            self._interpreter.run_block(self._block, self._scope)

    def block_runner(self) -> Callable[[], None]:
        """The block runs after the loop around it has ended, so what that loop opened
        stays open until the menu is over."""
        menu_scope, _ = self._current_menu()
        for scope in self._scope.chain():
            if scope is menu_scope:
                break
            menu_scope.resources += scope.resources
            scope.resources.clear()
        return self.run_block

    def add_menu_item(self, item: MenuItem) -> None:
        _, items = self._current_menu()
        if any(other.choice.id == item.choice.id for other in items):
            raise duplicate_entry(item.choice.id)
        if item.choice.key and any(other.choice.key == item.choice.key for other in items):
            raise duplicate_key(item.choice.key)
        items.append(item)

    def collect_menu(self) -> list[MenuItem]:
        items: list[MenuItem] = []
        if self._block is not None:
            menus = self._interpreter.menus
            menus.append((self._scope, items))
            try:
                self._interpreter.run_block(self._block, self._scope)
            finally:
                menus.pop()
        return items

    def _current_menu(self) -> tuple[Scope, list[MenuItem]]:
        if not self._interpreter.menus:
            raise entry_outside_menu()
        return self._interpreter.menus[-1]

    # -- reports

    def report(self, error: KxshError) -> None:
        self._interpreter.report(error)

    @property
    def attended(self) -> bool:
        return self.interactive or self._interpreter.policy.action == "recovery"

    def set_policy(self, action: str, delay: float) -> None:
        policy = self._interpreter.policy
        before = (policy.action, policy.delay)
        policy.set(action, delay)
        self._interpreter.noted("policy", action, before, (action, duration(delay)))

    def restrict(self, mode: str, hashes: Sequence[str], delay: float, menu: Menu | None) -> None:
        self.console.restrict(mode, hashes, delay, menu)
        if mode != "open":
            self._interpreter.noted("lock", mode)
