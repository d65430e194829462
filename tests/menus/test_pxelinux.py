"""PXELINUX over the network: which names are asked for, and how file names become URLs."""

from __future__ import annotations

import pytest

from kxsh.boot.entry import Menu
from kxsh.machine.fake import MemoryRoot
from kxsh.menus.search import find_menus
from kxsh.menus.syslinux.pxe import (
    Client,
    config_names,
    config_urls,
    is_probed,
    read_client,
    read_url,
)

MENU = "LABEL x\nKERNEL k\nINITRD a,/b,::c,http://other/d,10.0.0.9::e\nAPPEND quiet\n"
UUID = "B8945908-D6A6-41A9-611D-74A6AB80B83D"


def test_the_names_are_asked_for_in_their_order() -> None:
    client = Client(mac="88:99:AA:BB:CC:DD", ip="192.0.2.91", uuid=UUID)
    assert config_names(client) == [
        UUID.lower(),
        "01-88-99-aa-bb-cc-dd",
        *("C000025B", "C000025", "C00002", "C0000", "C000", "C00", "C0", "C"),
        "default",
    ]
    assert config_names(Client(ip="not.an.ad.dress")) == ["default"]
    assert all(is_probed(name) for name in config_names(client))
    for name in ("graphics.conf", "c0a8", "C0A80001F", "01-88-99-aa", "menu", "", "-"):
        assert not is_probed(name), name


@pytest.mark.parametrize(
    ("client", "url"),
    [
        (Client("h", "pxelinux.0"), "tftp://h/pxelinux.cfg/default"),
        (Client("h", "dir/pxelinux.0"), "tftp://h/dir/pxelinux.cfg/default"),
        (Client("h", "http://w/p/lpxelinux.0"), "http://w/p/pxelinux.cfg/default"),
        (Client("h", "d/p.0", prefix="other/"), "tftp://h/other/pxelinux.cfg/default"),
        (Client("h", "d/p.0", prefix="http://w/x/"), "http://w/x/pxelinux.cfg/default"),
        (Client("h", "d/p.0", config="my.cfg"), "tftp://h/d/my.cfg"),
        (Client("h", "d/p.0", config="::my.cfg"), "tftp://h/my.cfg"),
        (Client("h", config="p/my.cfg"), "tftp://h/p/my.cfg"),
        (Client(config="http://w/my.cfg"), "http://w/my.cfg"),
    ],
)
def test_where_the_configuration_is(client: Client, url: str) -> None:
    assert config_urls(client)[0] == url


def served(text: str, url: str = "http://h/d/pxelinux.cfg/default") -> Menu:
    web = {url: text.encode(), "http://h/d/more.cfg": b"LABEL more\nKERNEL m\n"}
    return read_url(url, web.get)


def test_file_names_become_urls() -> None:
    (entry,) = served(MENU).entries
    assert entry.kernel == "http://h/d/k"
    assert entry.initrds == (
        "http://h/d/a",
        "http://h/d/b",
        "http://h/c",
        "http://other/d",
        "tftp://10.0.0.9/e",
    )
    assert entry.not_bootable == ""
    assert served("INCLUDE more.cfg\n").entries[0].kernel == "http://h/d/m"
    assert served("LABEL x\nCONFIG more.cfg\n").entries[0].id == "more"


def test_what_is_not_there() -> None:
    found = served("INCLUDE gone.cfg\nDEFAULT nothing\n" + MENU)
    assert [p.message for p in found.problems] == [
        "http://h/d/gone.cfg: no such file",
        "DEFAULT nothing: neither a label nor a file",
    ]
    none = read_client(Client("h", "p.0", mac="00:11:22:33:44:55"), lambda url: None)
    assert none.entries == () and "nor at the other 1 names" in none.problems[0].message


@pytest.mark.parametrize(
    ("line", "added"),
    [
        ("IPAPPEND 1", "ip=10.0.0.2:10.0.0.1:10.0.0.254:255.0.0.0"),
        ("SYSAPPEND 2", "BOOTIF=01-00-11-22-33-44-55"),
        ("IPAPPEND 6", f"BOOTIF=01-00-11-22-33-44-55 SYSUUID={UUID.lower()}"),
        ("IPAPPEND 8", ""),
    ],
)
def test_what_ipappend_adds(line: str, added: str) -> None:
    client = Client(
        "10.0.0.1", "p.0", mac="00:11:22:33:44:55", ip="10.0.0.2", uuid=UUID,
        gateway="10.0.0.254", netmask="255.0.0.0",
    )  # fmt: skip
    for text in (
        f"{line}\nLABEL x\nKERNEL k\nAPPEND q\n",
        f"LABEL x\nKERNEL k\nAPPEND q\n{line}\n",
    ):
        (entry,) = read_client(client, lambda url, text=text: text.encode()).entries  # type: ignore[misc]
        assert entry.cmdline == f"q {added}".strip()
        assert entry.handover == f"BOOT_IMAGE=k q {added}".strip()


def test_what_is_appended_to_nothing_has_one_blank_before_it() -> None:
    text = b"LABEL x\nKERNEL k\nSYSAPPEND 2\n"
    (entry,) = read_client(Client("h", "p.0", mac="00:11:22:33:44:55"), lambda url: text).entries
    assert entry.handover == "BOOT_IMAGE=k BOOTIF=01-00-11-22-33-44-55"


def test_a_servers_tree_on_a_disk() -> None:
    tree = {f"/pxelinux.cfg/{name}": MENU for name in ("C0A8", "default", "graphics.cfg", "menu")}
    found = [menu.source for menu in find_menus(MemoryRoot(tree))]
    assert found == ["/pxelinux.cfg/default", "/pxelinux.cfg/C0A8"]
    assert [m.source for m in find_menus(MemoryRoot({"/pxelinux.cfg/menu": MENU}))] == [
        "/pxelinux.cfg/menu"
    ]


def test_hostile_servers() -> None:
    endless = read_url("http://h/a", lambda url: b"INCLUDE " + url.encode() + b"x\n" + b"A" * 5000)
    assert endless.entries == () and len(endless.problems) < 1001
    assert served("LABEL \x1b[2J\nKERNEL ../../../k\n").entries[0].kernel == "http://h/d/../../../k"
