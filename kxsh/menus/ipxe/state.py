"""Where one run of a script stands: its place, settings, images and open menu."""

from __future__ import annotations

from kxsh.menus.ipxe.script import Script
from kxsh.record import fresh, mutable, record


@record
class Image:
    """A file that was fetched: `name` is what other commands call it, `path` how an entry
    names it."""

    name: str
    path: str
    arguments: str = ""


@record
class Item:
    """A line of a menu; without a label it cannot be chosen (a heading)."""

    label: str
    text: str


@mutable
class Screen:
    """A menu that is being filled."""

    title: str = ""
    items: list[Item] = fresh(default_factory=list)
    default: str = ""


@record
class Frame:
    """A script that is running, and the index of its next line."""

    script: Script
    index: int = 0


@mutable
class State:
    """One run. `resumed` is the place in a line behind a choice, `ok` how the last
    command ended, `chosen` are the items that were taken, `steps` the lines that ran."""

    frames: list[Frame]
    settings: dict[str, str] = fresh(default_factory=dict)
    images: list[Image] = fresh(default_factory=list)
    selected: str = ""
    screens: dict[str, Screen] = fresh(default_factory=dict)
    chosen: tuple[Item, ...] = ()
    places: frozenset[tuple[str, int, str]] = frozenset()
    resumed: int = 0
    ok: bool = True
    steps: int = 0
    timeout: float | None = None

    def copy(self) -> State:
        """Return a run that goes its own way from here."""
        return State(
            list(self.frames),
            dict(self.settings),
            list(self.images),
            self.selected,
            {name: Screen(s.title, list(s.items), s.default) for name, s in self.screens.items()},
            self.chosen,
            self.places,
            self.resumed,
            self.ok,
            self.steps,
            self.timeout,
        )

    def image(self, name: str) -> Image | None:
        """Return the image of this name, or the selected one for an empty name."""
        wanted = name or self.selected
        return next((image for image in self.images if image.name == wanted), None)
