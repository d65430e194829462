"""What lines did is taken back: undo, and mounts knows who did it."""

from __future__ import annotations

from collections.abc import Sequence

from scripted import Scripted

from kxsh.errors import IoFailure
from kxsh.machine.protocol import Completed, FirmwareEntry, Mount

SCRIPT = """\
kxs 1
let image = mount LABEL=GENTOO
let kernel = "$image/boot/kernel"
load $kernel
let gone = mount LABEL=NONE
"""


def test_takes_back_line_by_line_those_of_the_script_too() -> None:
    at = Scripted(SCRIPT)
    at("let esp_copy = mount $esp")
    assert "boot.kxs:2" in at("mounts")
    assert "`let esp_copy = mount $esp`" in at("mounts")
    assert at("undo") == (
        "undo let esp_copy = mount $esp\nunmounted /mnt/2\nas before: $esp_copy\n"
    )
    assert at("undo") == (
        "undo boot.kxs:4: load $kernel\n"
        "unloaded /mnt/1/boot/kernel (`kexec -u`); nothing is loaded now\n"
    )
    assert at.machine.loaded is None
    assert "nothing is loaded" in at("plan")
    assert at("undo") == 'undo boot.kxs:3: let kernel = "$image/boot/kernel"\nas before: $kernel\n'
    assert "unmounted /mnt/1" in at("undo")
    assert at("undo") == "nothing is left to undo\n"
    assert at("mounts") == "nothing is mounted\n"
    assert "no device LABEL=NONE" in at("retry")  # it goes on from the line undone first
    assert at.machine.loaded is not None


def test_variables_are_as_before() -> None:
    at = Scripted()
    at("let a = [1, 2]")
    at("set a[0] = 7")
    at("let b = 2")
    at("say $b")
    assert "as before: $b" in at("undo")
    assert "as before: $a" in at("undo")
    assert at("say ${a[0]}") == "1\n"
    at("fn f() { say 1 }")
    assert "as before: $f" in at("undo")
    assert "KX201" in at("f")


def test_names_what_cannot_be_undone() -> None:
    at = Scripted()
    at("lsblk -f")
    at("modprobe dm-crypt")
    at("keymap de")
    assert "the keyboard layout de stays" in at("undo")
    assert "the module dm-crypt stays loaded" in at("undo")
    assert "cannot be undone: a program ran: lsblk" in at("undo")
    assert at("undo") == "nothing is left to undo\n"


def test_state_files_are_as_before() -> None:
    at = Scripted()
    at("let s = state slots --default [left: 3]")
    at("save $s")
    at("set s.left = 1")
    at("save $s")
    assert '"left": 1' in at.file("/kxsh/state/slots.json")
    assert "slots.json is as it was before" in at("undo")
    assert '"left": 3' in at.file("/kxsh/state/slots.json")
    assert "as before: $s" in at("undo")
    assert at("say ${s.left}") == "3\n"
    assert "was new, and stays" in at("undo")


def test_unmounting_is_undone_by_mounting() -> None:
    at = Scripted()
    at("let m = mount LABEL=GENTOO")
    at("umount $m")
    assert "mounted /dev/sda1 on /mnt/1 again" in at("undo")
    assert "/mnt/1" in at("mounts")


def test_what_a_line_closes_itself_is_no_effect() -> None:
    at = Scripted()
    at("if true { let m = mount LABEL=GENTOO; say $m }")
    assert at("undo") == "nothing is left to undo\n"


def test_a_failure_to_undo_is_told() -> None:
    at = Scripted(
        fail={"unmount /mnt/1": IoFailure("target is busy"), "umount /mnt/1": IoFailure("busy")}
    )
    at("let m = mount LABEL=GENTOO")
    assert "could not be undone: mount /mnt/1: " in at("undo")


def test_list_shows_without_doing() -> None:
    at = Scripted(SCRIPT)
    shown = at("undo --list").splitlines()
    assert shown[0] == "boot.kxs:4: load $kernel  (load /mnt/1/boot/kernel)"
    assert shown[-1] == "boot.kxs:2: let image = mount LABEL=GENTOO  (mount /mnt/1, $image)"
    assert at.machine.loaded is not None


def test_hostile_lines_are_shown_harmless() -> None:
    at = Scripted()
    at("let x = '\x1b]52;c;\x07\u202e'")
    at("let m = mount UUID=aaaa-bbbb")
    for line in ("undo --list", "mounts", "undo", "undo"):
        shown = at(line)
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_what_a_program_mounted_belongs_to_the_prompt() -> None:
    at = Scripted()
    device = at.machine.devices()[4]

    def shell(argv: Sequence[str]) -> Completed:
        at.machine.others.append(Mount(device, "/media/it\x1b[2Js", "ext4", True))
        at.machine.unmounted.append("/mnt/1")
        return Completed(0)

    at.machine._programs["sh"] = shell
    at("let m = mount LABEL=GENTOO")
    shown = at("sh")
    assert "it mounted /media/it\\x1b[2Js, it unmounted /mnt/1" in shown
    assert "/media/it" in at("mounts")
    assert "`sh`" in at("mounts")
    assert "/mnt/1 " not in at("mounts")
    assert "/media/it" in at("undo")
    assert at("mounts") == "nothing is mounted\n"


def test_what_the_firmware_was_told_is_named() -> None:
    at = Scripted()
    at.machine._firmware = [FirmwareEntry(1, "Network"), FirmwareEntry(2, "Disk")]
    at("next-boot 0002")
    assert "cannot be undone: the firmware was told that entry 0002 starts next" in at("undo")
    assert at("undo") == "nothing is left to undo\n"


def test_looking_leaves_nothing_behind() -> None:
    at = Scripted()
    at("let m = mount LABEL=GENTOO")
    assert "data" in at("cat UUID=aaaa-bbbb:/readme")
    assert "readme" in at("ls UUID=aaaa-bbbb:/")
    assert "error" in at("cat UUID=aaaa-bbbb:/none")
    assert "/dev/sdb1" not in at("mounts")
    assert "kernel" in at("ls $m/boot")  # what was open before stays
    assert "/dev/sda1" in at("mounts")
    assert "undo let m = mount LABEL=GENTOO" in at("undo")
    assert at("undo") == "nothing is left to undo\n"
