"""Bringing a network card up: which is taken, what is said when none is.

The cards, the cable and the DHCP client are made up; tests/boot has a real one.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kxsh.errors import Failure, IoFailure, NotFound, TimedOut
from kxsh.machine.linux import LinuxMachine, network
from kxsh.machine.linux.kmsg import KernelLog
from kxsh.machine.linux.modules import Modules
from kxsh.machine.linux.network import Network
from kxsh.machine.protocol import Opened


class Cards:
    """`cables` are the cards with one, `served` those on which a DHCP server answers."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names = ["eth0", "eth1"]
        self.cables: list[str] = []
        self.served: list[str] = []
        self.up: set[str] = set()
        self.route = ""
        self.looks = 0
        self._log = folder / "log"
        self._client = folder / "busybox"
        self._client.write_text(
            f'#!/bin/sh\necho "$@" >>{self._log}\ncase "$3" in {{}}) exit 0; esac; exit 1\n'
        )
        self._client.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        monkeypatch.setattr(network, "_cards", self._cards)
        monkeypatch.setattr(network, "_has_cable", lambda name: name in self.cables)
        monkeypatch.setattr(network, "_default_route", lambda: self.route)
        monkeypatch.setattr(network, "_set_up", self._set)
        monkeypatch.setattr(network, "_address", self._address)
        modules = Modules(KernelLog(), base=str(folder))
        self.network = Network(modules, str(folder / "run"), LinuxMachine().sleep)

    def _cards(self) -> list[str]:
        self.looks += 1
        return self.names if self.looks > 2 else []  # their drivers take a moment

    def _set(self, name: str, up: bool) -> None:
        (self.up.add if up else self.up.discard)(name)

    def _address(self, name: str) -> str:
        return "192.0.2.9" if name in self.served or name == self.route else ""

    def serve(self, *names: str) -> None:
        self.served = list(names)
        text = self._client.read_text()
        self._client.write_text(text.replace("{}", "|".join(names) or "none"))


@pytest.fixture
def cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cards:
    return Cards(tmp_path, monkeypatch)


def test_the_first_that_gets_an_address(cards: Cards) -> None:
    cards.cables = ["eth0", "eth1"]
    cards.serve("eth1")
    opened = cards.network.up("", 30)
    assert opened == Opened("network", "eth1", address="192.0.2.9")
    assert cards.up == {"eth1"}, "the other one was left on"
    cards.network.down(opened)
    assert cards.up == set()


def test_the_one_that_is_named(cards: Cards) -> None:
    cards.cables = ["eth0", "eth1"]
    cards.serve("eth0", "eth1")
    assert cards.network.up("eth1", 30).name == "eth1"


def test_a_network_that_is_up_is_left_alone(cards: Cards) -> None:
    cards.route = "eth0"
    opened = cards.network.up("", 1)
    assert (opened.kind, opened.name, opened.address) == ("borrowed", "eth0", "192.0.2.9")
    assert cards.up == set()


def test_no_cable_and_no_answer(cards: Cards) -> None:
    cards.cables = ["eth1"]
    cards.serve()
    with pytest.raises(TimedOut) as caught:
        cards.network.up("", 1.5)
    assert "eth0: no cable; eth1: no DHCP server answered" in caught.value.message
    assert cards.up == set()


def test_no_card(cards: Cards) -> None:
    cards.names = []
    with pytest.raises(NotFound, match=r"no network card \(waited 500ms\)") as caught:
        cards.network.up("", 0.5)
    assert "kximage loader --with net" in caught.value.hint


def test_a_card_of_another_name(cards: Cards) -> None:
    with pytest.raises(NotFound, match="no network card eth9") as caught:
        cards.network.up("eth9", 0.5)
    assert caught.value.hint.startswith(("did you mean eth", "there are: eth0, eth1"))


def test_no_client(cards: Cards, monkeypatch: pytest.MonkeyPatch) -> None:
    cards.cables = ["eth0"]
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(IoFailure, match="no program 'busybox'"):
        cards.network.up("", 5)
    assert cards.up == set()


def test_this_machine_whatever_it_has() -> None:
    """The real files and calls: cards, routes, an address."""
    assert all(isinstance(name, str) for name in network._cards())
    assert network._address("lo") in ("127.0.0.1", "")
    assert network._address("no-such") == ""
    assert isinstance(network._default_route(), str)
    network._set_up("no-such", False)
    with pytest.raises(Failure, match="switching no-such on"):
        network._set_up("no-such", True)
