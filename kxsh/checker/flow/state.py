"""The state on one way through a script, and how states come together.

A `Path` is one way: what is loaded, what variables hold, what is open. Paths whose states
are equal are one; those that differ stay apart, up to `LIMIT`, so that two tests of one
variable agree. Beyond that they are put together: such a path is `blurred`, and only
what holds on all paths is told of it. Dictionaries here are never changed in place: a
copy of a path shares them.
"""

from __future__ import annotations

from kxsh.record import record
from kxsh.source import Span
from kxsh.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    _Key = TypeVar("_Key")
    _Held = TypeVar("_Held")

# Paths with states of their own that are followed at a time.
LIMIT = 8


class Slot:
    """A variable: one `let`, parameter or loop name; `depth` is that of its block.

    `given`: a parameter or a loop gives it its value, another one each time.
    """

    __slots__ = ("depth", "given", "name", "span")

    def __init__(self, name: str, span: Span, depth: int, *, given: bool = False) -> None:
        self.given = given
        self.name = name
        self.span = span
        self.depth = depth


class Resource:
    """A mount by the call that makes it. `directory` is where it is, None for a fresh
    place; `made` by which call; a `kept` one belongs to no block; a `lent` one stands for
    what a function's caller has in that variable."""

    __slots__ = ("directory", "kept", "lent", "made", "writable")

    def __init__(
        self, made: ast.Call, directory: str | None, *, writable: bool, kept: bool
    ) -> None:
        self.made = made
        self.directory = directory
        self.writable = writable
        self.kept = kept
        self.lent: Slot | None = None


@record
class Frame:
    """A block that is being run; `depth` counts those around it in its function."""

    depth: int
    span: Span | None


@record
class Closing:
    """What closed a resource: ``umount``, ``block``, ``function`` or ``jump``, and where;
    `sure`: had it been closed already, that would have failed, and nobody handles it."""

    how: str
    span: Span | None
    sure: bool = True


@record
class Value:
    """What is known of a value: nothing, unless told.

    `known` is a constant with its type's name; `("items", None)` is a list or map that is
    not empty, `("some", None)` anything but null. `nullable`: a `?` gave it. `mounts` are
    the mounts that it is or holds, `places` those that it names a file of. `state`: it
    comes from a state file.
    """

    known: tuple[str, object] | None = None
    nullable: bool = False
    mounts: frozenset[Resource] = frozenset()
    places: frozenset[Resource] = frozenset()
    state: bool = False

    @property
    def outline(self) -> Value:
        """What a function may know of a value of its caller's: no mounts."""
        known = self.known or (("some", None) if self.touches and not self.nullable else None)
        return Value(known, self.nullable, state=self.state)

    @property
    def touches(self) -> frozenset[Resource]:
        """The mounts without which the value leads nowhere."""
        return self.mounts | self.places


ANYTHING = Value()
NULL = Value(("null", None))
# What is known of values that are no constants.
VAGUE = (("items", None), ("some", None))


def constant(value: object) -> Value:
    """Return what is known of a literal's value."""
    if value is None:
        return NULL
    if isinstance(value, bool | int | str):
        return Value((type(value).__name__, value))
    return ANYTHING


def either(left: Value, right: Value) -> Value:
    """Return what is known of a value that is one or the other."""
    if left == right:
        return left
    null = ("null", None)
    return Value(
        left.known if left.known == right.known else None,
        left.nullable or right.nullable or null in (left.known, right.known),
        left.mounts | right.mounts,
        left.places | right.places,
        left.state or right.state,
    )


@record
class Loaded:
    """What is loaded: `kind` nothing, unknown (whoever called may know), caller (something,
    by the caller) or kernel (by the call `at`)."""

    kind: str
    at: ast.Call | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loaded) and self.kind == other.kind and self.at is other.at

    __hash__ = None  # type: ignore[assignment]


NOTHING, UNKNOWN, CALLERS = Loaded("nothing"), Loaded("unknown"), Loaded("caller")


def quoted(span: Span) -> str:
    """Return the text of a place for a message: its first line, not too long."""
    line, _, more = span.text.strip().partition("\n")
    short = line[:37].rstrip() + "..." if len(line) > 40 or more else line
    return f"`{short}`"


class Choice:
    """A fork and which way was taken there: `words` are those to go after "when", with
    `@` for what stands at the place."""

    __slots__ = ("span", "words")

    def __init__(self, span: Span, words: str) -> None:
        self.span = span
        self.words = words

    @property
    def outcome(self) -> str:
        return self.words.replace("@", quoted(self.span), 1)


class Trail:
    """The forks that a path came by: a list that grows at its end and shares its front."""

    __slots__ = ("before", "choice", "length")

    def __init__(self, before: Trail | None, choice: Choice) -> None:
        self.before = before
        self.choice = choice
        self.length: int = before.length + 1 if before else 1


def shared(left: Trail | None, right: Trail | None) -> Trail | None:
    """Return the front that two trails have in common."""
    while left is not right:
        if right is None or (left is not None and left.length >= right.length):
            assert left is not None
            left = left.before
        else:
            right = right.before
    return left


def parting(trail: Trail | None, other: Trail | None) -> Choice | None:
    """Return the first fork at which `trail` left the way of `other`."""
    front = shared(trail, other)
    first = None
    while trail is not front and trail is not None:
        first, trail = trail.choice, trail.before
    return first


class Path:
    """One way through the script, up to here.

    `needed` are the kernel modules that a command needed, if on all paths that came
    together here; it tells no states apart. `deepest` is a bound on the depth of the
    variables that are known.
    """

    __slots__ = (
        "assumed",
        "blurred",
        "closed",
        "deepest",
        "loaded",
        "needed",
        "owned",
        "trail",
        "unsaved",
        "values",
    )

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.values: dict[Slot, Value] = {}
        self.owned: tuple[tuple[Frame, Resource], ...] = ()
        self.closed: dict[Resource, Closing] = {}
        self.unsaved: dict[Slot, Span] = {}
        self.needed: dict[str, ast.Call] = {}
        self.assumed: dict[str, bool] = {}
        self.trail: Trail | None = None
        self.blurred = False
        self.deepest = 0

    def copy(self) -> Path:
        made = Path(self.loaded)
        made.values = self.values
        made.owned = self.owned
        made.closed = self.closed
        made.unsaved = self.unsaved
        made.needed = self.needed
        made.assumed = self.assumed
        made.trail = self.trail
        made.blurred = self.blurred
        made.deepest = self.deepest
        return made

    def chose(self, span: Span, words: str) -> Path:
        """Note a fork that this path took; return the path."""
        self.trail = Trail(self.trail, Choice(span, words))
        return self

    def same(self, other: Path) -> bool:
        """Tell whether nothing tells the states apart, however they came about."""
        return (
            self.loaded == other.loaded
            and _equal(self.values, other.values)
            and _equal(self.owned, other.owned)
            and _equal(self.closed, other.closed)
            and _equal(self.assumed, other.assumed)
            and _equal(self.unsaved, other.unsaved)
        )

    # -- variables

    def value(self, slot: Slot | None) -> Value:
        return ANYTHING if slot is None else self.values.get(slot, ANYTHING)

    def put(self, slot: Slot, value: Value) -> None:
        """Give a variable a value; what was assumed by its name ends."""
        self.learn(slot, value)
        if slot in self.unsaved and not value.state:
            self.unsaved = {key: at for key, at in self.unsaved.items() if key is not slot}
        self.forget(slot.name)

    def learn(self, slot: Slot, value: Value) -> None:
        """Know more of a variable's value than before."""
        if value != ANYTHING:
            self.values = {**self.values, slot: value}
            self.deepest = max(self.deepest, slot.depth)
        elif slot in self.values:
            self.values = {key: held for key, held in self.values.items() if key is not slot}

    def forget(self, name: str) -> None:
        """Drop what was assumed of conditions that mention a variable."""
        if any(name in text for text in self.assumed):
            self.assumed = {text: is_ for text, is_ in self.assumed.items() if name not in text}

    # -- what is open

    def own(self, frame: Frame, resource: Resource) -> None:
        """Take a resource that was opened now."""
        others = tuple(pair for pair in self.owned if pair[1] is not resource)
        if resource.kept:
            self.owned = ((Frame(0, None), resource), *others)
        else:
            self.owned = (*others, (frame, resource))
        reopened = [
            other
            for other in self.closed
            if other is resource
            or (resource.directory is not None and other.directory == resource.directory)
        ]
        if reopened:
            self.closed = {key: how for key, how in self.closed.items() if key not in reopened}

    def close(self, resource: Resource, closing: Closing) -> None:
        self.owned = tuple(pair for pair in self.owned if pair[1] is not resource)
        self.closed = {**self.closed, resource: closing}

    def leave(self, depth: int, result: Value = ANYTHING) -> Path:
        """Come out of all blocks deeper than `depth`: close what they own, forget their
        variables; return the path. `result` is what is taken along."""
        while self.owned and self.owned[-1][0].depth > depth:
            frame, resource = self.owned[-1]
            self.close(resource, Closing("block", frame.span))
        if self.deepest > depth:
            self.deepest = depth
            self.values = {key: held for key, held in self.values.items() if key.depth <= depth}
        if any(slot.depth > depth for slot in self.unsaved):
            self.unsaved = {key: at for key, at in self.unsaved.items() if key.depth <= depth}
        if self.closed:
            self._drop_unnamed(result)
        return self

    def close_all(self, span: Span) -> None:
        """Close what any block owns, as a jump does."""
        for _, resource in self.owned:
            if not resource.kept:
                self.closed = {**self.closed, resource: Closing("jump", span)}
        self.owned = tuple(pair for pair in self.owned if pair[1].kept)

    def _drop_unnamed(self, result: Value) -> None:
        """Forget closed resources that no variable and no path can name any more."""
        named = {item for held in self.values.values() for item in held.touches}
        named |= result.touches
        if any(item not in named and item.directory is None for item in self.closed):
            self.closed = {
                item: how
                for item, how in self.closed.items()
                if item in named or item.directory is not None
            }


def _equal(left: object, right: object) -> bool:
    return left is right or left == right


def merged(paths: list[Path]) -> list[Path]:
    """Return the paths with equal states as one, and not more than `LIMIT`."""
    if len(paths) < 2:
        return paths
    kept: list[Path] = []
    for path in paths:
        twin = next((other for other in kept if other.same(path)), None)
        if twin is None:
            kept.append(path)
        else:
            twin.trail = shared(twin.trail, path.trail)
            twin.needed = _common(twin.needed, path.needed)
            twin.blurred = twin.blurred and path.blurred
    return kept if len(kept) <= LIMIT else _blurred(kept)


def _blurred(paths: list[Path]) -> list[Path]:
    """Return one path for each kind of what is loaded, knowing what all of them knew."""
    kept: dict[str, Path] = {}
    for path in paths:
        other = kept.get(path.loaded.kind)
        if other is None:
            kept[path.loaded.kind] = path
            continue
        other.values = _common(other.values, path.values)
        other.deepest = max(other.deepest, path.deepest)
        other.closed = _common(other.closed, path.closed)
        other.assumed = _common(other.assumed, path.assumed)
        other.unsaved = _common(other.unsaved, path.unsaved)
        other.needed = _common(other.needed, path.needed)
        mine = set(path.owned)
        other.owned = tuple(pair for pair in other.owned if pair in mine)
        other.trail = shared(other.trail, path.trail)
        other.blurred = True
    return list(kept.values())


def _common(left: dict[_Key, _Held], right: dict[_Key, _Held]) -> dict[_Key, _Held]:
    return {
        key: held
        for key, held in left.items()
        if key in right and (right[key] is held or right[key] == held)
    }


class Collector:
    """Paths that leave a block early, as they are when they are out at `depth`."""

    __slots__ = ("depth", "paths")

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.paths: list[Path] = []

    def add(self, path: Path) -> None:
        """Take a path, which is the collector's from now on."""
        self.paths.append(path.leave(self.depth))
        self.paths = merged(self.paths)
