"""From what was written to what a parameter wants: `10s`, `LABEL=X`, `LABEL=X:/path`."""

from __future__ import annotations

from collections.abc import Callable

from kxsh.boot.cmdline import Cmdline
from kxsh.machine.protocol import Device, Mount
from kxsh.signature import Bound, Item, Parameter
from kxsh.units import parse_integer, parse_quantity
from kxsh.usage import misfit, word_error
from kxsh.values import (
    File,
    Type,
    accepts,
    as_word,
    split_location,
    type_of,
)


class Converter:
    """Converts bound values; finding and mounting devices is done by the two functions."""

    def __init__(
        self, find_device: Callable[[str], Device], mount_unseen: Callable[[str], Mount]
    ) -> None:
        self._find_device = find_device
        self._mount_unseen = mount_unseen

    def bound(self, bound: Bound) -> object:
        """Return the value of a parameter from all the items given for it."""
        parameter = bound.parameter
        if parameter.kind == "flag":
            return True
        if parameter.many or parameter.kind == "rest":
            return [self.item(item, parameter) for item in bound.items]
        return self.item(bound.items[0], parameter)

    def item(self, item: Item, parameter: Parameter) -> object:
        """Return one item's value as the parameter's type; `UsageError` KX106, KX204."""
        if item.kind == "option" and parameter.raw:  # an option among raw words
            return raw_option(item)
        value = item.value
        if not accepts(parameter.type, type_of(value)):
            raise misfit(parameter, type_of(value), item)
        if isinstance(value, str):
            fault = word_error(parameter, value, item.span)
            if fault:
                raise fault
            return self._word(parameter.type, value)
        return self._value(parameter.type, value)

    def _word(self, kind: Type, word: str) -> object:
        name = kind.name
        if name in ("duration", "size"):
            return parse_quantity(word)
        if name == "int":
            return parse_integer(word)
        if name == "bool":
            return word == "true"
        if name == "device":
            return self._find_device(word)
        if name == "cmdline":
            return Cmdline.parse(word)
        if name in ("path", "kernel"):
            return self._path(word)
        return word

    def _path(self, word: str) -> str:
        location = split_location(word)
        if location is None:
            return word
        device, path = location
        return self._mount_unseen(device).path + path

    @staticmethod
    def _value(kind: Type, value: object) -> object:
        if kind.name in ("path", "kernel") and isinstance(value, File | Mount):
            return value.path
        if kind.name == "device" and isinstance(value, Mount):
            return value.device
        if kind.name == "text":
            return as_word(value)
        if kind.name == "spec":
            return as_word(value.device if isinstance(value, Mount) else value)
        return value


def raw_option(item: Item) -> str:
    """Return an option as the plain word that it was written as."""
    dashes = "--" if item.span.text.startswith("--") else "-"
    value = "" if item.value is None else "=" + as_word(item.value, item.span)
    return dashes + item.name + value
