"""What systemd-boot keeps in the firmware: it is read, set, and used up where that is asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from standard_machine import LineConsole

from kxsh.boot.entry import Menu
from kxsh.image.cli import main
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine
from kxsh.machine.linux import power
from kxsh.machine.protocol import Device
from kxsh.menus.search import read_machine_menus
from kxsh.source import Source

ESP = Device("/dev/sda1", fstype="vfat", disk="/dev/sda", number=1)
GRUB = Device("/dev/sdb1", fstype="ext4", disk="/dev/sdb", number=1)
ENTRIES = {f"/loader/entries/{name}.conf": f"title {name}\nlinux /k\n" for name in "abc"}
FILES = {**ENTRIES, "/k": "k", "/loader/loader.conf": "default a.conf\ntimeout 3\n"}


def machine(**variables: str) -> FakeMachine:
    return FakeMachine([ESP], {"/dev/sda1": FILES}, variables=variables)


def menu(**variables: str) -> Menu:
    ((_, found),) = read_machine_menus(machine(**variables))
    return found


@pytest.mark.parametrize(
    ("variables", "default", "timeout"),
    [
        ({}, "a.conf", 3),
        ({"LoaderEntryDefault": "b.conf"}, "b.conf", 3),
        ({"LoaderEntryDefault": "b*"}, "b.conf", 3),
        ({"LoaderEntryDefault": "gone.conf"}, "a.conf", 3),
        ({"LoaderEntryDefault": "b.conf", "LoaderEntryOneShot": "c.conf"}, "c.conf", 3),
        ({"LoaderEntryOneShot": "gone"}, "a.conf", 3),
        ({"LoaderEntryDefault": "@saved", "LoaderEntryLastBooted": "c.conf"}, "c.conf", 3),
        ({"LoaderConfigTimeout": "7"}, "a.conf", 7),
        ({"LoaderConfigTimeout": "7", "LoaderConfigTimeoutOneShot": "menu-force"}, "a.conf", None),
        ({"LoaderConfigTimeout": "nonsense"}, "a.conf", 3),
    ],
)
def test_what_decides(variables: dict[str, str], default: str, timeout: float | None) -> None:
    found = menu(**variables)
    assert (found.default, found.timeout) == (default, timeout)


def test_without_a_last_start_saved_names_no_entry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "loader/entries"
    folder.mkdir(parents=True)
    (tmp_path / "k").write_text("k")
    (folder / "a.conf").write_text("linux /k\n")
    (folder.parent / "loader.conf").write_text("default @saved\n")
    assert main(["entries", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "(bls; at once)" in out and "* a.conf" in out
    assert "problems" not in out


def test_a_choice_for_one_start_is_named_to_be_deleted() -> None:
    assert menu(LoaderEntryDefault="b.conf").writes == ()
    once = menu(LoaderEntryOneShot="b.conf", LoaderConfigTimeoutOneShot="9")
    assert [write.path for write in once.writes] == [
        "firmware:LoaderEntryOneShot",
        "firmware:LoaderConfigTimeoutOneShot",
    ]


def test_the_variables_files(tmp_path: Path) -> None:
    (tmp_path / "BootOrder").write_text("")  # an empty folder would be mounted
    assert power.loader_variable("LoaderEntryOneShot", str(tmp_path)) == ""
    power.set_loader_variable("LoaderEntryOneShot", "f\u00fcr.conf", str(tmp_path))
    (file,) = tmp_path.glob("Loader*")
    assert file.name == "LoaderEntryOneShot-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
    assert file.read_bytes() == b"\x07\0\0\0" + "f\u00fcr.conf\0".encode("utf-16-le")
    assert power.loader_variable("LoaderEntryOneShot", str(tmp_path)) == "f\u00fcr.conf"
    power.set_loader_variable("LoaderEntryOneShot", "", str(tmp_path))
    power.set_loader_variable("LoaderEntryOneShot", "", str(tmp_path))
    assert os.listdir(tmp_path) == ["BootOrder"]


# -- used up, where a script says so

GRUBENV = "# GRUB Environment Block\nnext_entry=old\n".ljust(1024, "#")
GRUB_CFG = """\
load_env
if [ "$next_entry" ]; then
  set default=$next_entry
  set next_entry=
  save_env next_entry
fi
menuentry new --id new { linux /k; }
menuentry old --id old { set saved_entry=old; save_env saved_entry; linux /k; }
"""


def both() -> FakeMachine:
    files = {"/boot/grub/grub.cfg": GRUB_CFG, "/boot/grub/grubenv": GRUBENV, "/k": "k"}
    return FakeMachine(
        [ESP, GRUB],
        {"/dev/sda1": FILES, "/dev/sdb1": files},
        variables={"LoaderEntryOneShot": "b.conf"},
    )


def run(machine: FakeMachine, script: str) -> list[str]:
    """Run a script; return what it changed."""
    before = len(machine.actions)
    Interpreter(machine, LineConsole(), esp=ESP).run_script(Source("a.kxs", script))
    done = [str(action) for action in machine.actions[before:]]
    return [one for one in done if one.startswith(("write", "firmware"))]


def test_one_shots_stay_until_a_script_uses_them_up() -> None:
    machine = both()
    assert run(machine, "for m in boot-menus { say ${m.default} }\n") == []
    script = "for m in boot-menus { write-back $m ${m.default} }\n"
    done = run(machine, script)
    assert [one.split()[0] for one in done] == ["firmware-variable", "write", "write"]
    assert machine.variables["LoaderEntryOneShot"] == ""
    by_format = {menu.format: menu for _, menu in read_machine_menus(machine)}
    assert (by_format["bls"].default, by_format["grub2"].default) == ("a.conf", "new")
    assert run(machine, "for m in boot-menus { write-back $m }\n") == []
    root = machine.locate(machine.mount(GRUB).path)[0]
    assert b"saved_entry=old\n" in root.read("/boot/grub/grubenv")
    assert len(root.read("/boot/grub/grubenv")) == 1024


def test_what_the_firmware_keeps_is_changed_there() -> None:
    """Its default wins over loader.conf, so a new one has to be set there too."""
    machine = FakeMachine([ESP], {"/dev/sda1": FILES}, variables={"LoaderEntryDefault": "c.conf"})
    change = "let m = mount /dev/sda1 --rw\nset-default $m/loader/loader.conf b"
    assert run(machine, change + " --once\n") == ["firmware-variable LoaderEntryOneShot b.conf"]
    assert len(run(machine, change + "\n")) == 2
    assert machine.variables == {"LoaderEntryDefault": "b.conf", "LoaderEntryOneShot": "b.conf"}
