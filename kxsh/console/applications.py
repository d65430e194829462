"""What every application of prompt_toolkit keeps to here: it ends once, and a fault in it ends
it, for its caller to go on without."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from kxsh.console.interrupts import ignored

if TYPE_CHECKING:
    from prompt_toolkit.application import Application

Result = TypeVar("Result")


def end_once(application: Application[Any]) -> None:
    """Let `exit` do nothing where the end is decided: of two keys in one go the first counts,
    where prompt_toolkit takes the second for a fault. To be called once for an application."""
    end = application.exit

    def exit(result: Any = None, exception: Any = None, style: str = "") -> None:
        if application.future is None or application.is_done:
            return
        if exception is not None:
            end(exception=exception, style=style)
        else:
            end(result=result, style=style)

    application.exit = exit  # type: ignore[method-assign]


def faults_end(application: Application[Any]) -> Callable[[], None]:
    """Return what is to be called when the application begins to run: a fault in its event
    loop then ends it. Its own handler would print a traceback and wait for Enter."""

    def on_fault(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None:  # else it is gossip about tasks, for those who write such
            application.exit(exception=error)

    return lambda: asyncio.get_running_loop().set_exception_handler(on_fault)


def run(
    application: Application[Result], otherwise: Result, started: Callable[[], None] | None = None
) -> Result:
    """Run an application; return its result, `otherwise` at an end of input. `started` runs
    when the screen is there and takes keys, of which Ctrl-C is one."""
    watch = faults_end(application)

    def begin() -> None:
        watch()
        if started is not None:
            started()

    with ignored():
        try:
            return application.run(begin, set_exception_handler=False, handle_sigint=False)
        except EOFError:
            return otherwise


@contextmanager
def ending(application: Application[Any]) -> Iterator[None]:
    """Let what goes wrong in here end `run`, whose caller can do without the screen."""
    try:
        yield
    except Exception as error:
        if application.future is None or application.is_done:
            raise
        application.exit(exception=error)
