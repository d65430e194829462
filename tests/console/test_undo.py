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


def test_what_a_scripts_statement_set_is_as_before() -> None:
    at = Scripted(
        "kxs 1\nlet a = 1\nlet seen = []\nset a = 2\nfor i in [1, 2] { set seen[$i - 1] = $i }\n"
        'fn f() { say "f" }\nfail "x"\n'.replace("seen[$i - 1] = $i", "a = $a + $i")
    )
    assert at("undo --list").splitlines()[0].endswith("($a)")
    assert "undo boot.kxs:5: for i in" in at("undo")
    assert at("say $a") == "2\n"
    assert at("undo") == "undo boot.kxs:4: set a = 2\nas before: $a\n"
    assert at("say $a") == "1\n"
    at("undo")
    assert at("undo") == "undo boot.kxs:2: let a = 1\nas before: $a\n"
    assert at("undo") == "nothing is left to undo\n"
    at("retry")
    assert at("say $a") == "5\n"


def test_a_statement_that_failed_halfway_is_taken_back_too() -> None:
    at = Scripted("kxs 1\nlet a = 1\nif true { set a = 2; fail 'x' }\n")
    assert "undo boot.kxs:3: if true" in at("undo")
    assert at("say $a") == "1\n"
    at("retry --skip")
    assert at("undo --list") == "boot.kxs:2: let a = 1  ($a)\n"


def test_a_state_is_the_state_again() -> None:
    at = Scripted("kxs 1\nlet s = state z --default [n: 1]\nset s.n = 2\nfail 'x'\n")
    at("set s = 7")
    at("undo")
    assert at("say ${s.n}") == "2\n"
    assert at("undo") == "undo boot.kxs:3: set s.n = 2\nas before: $s\n"
    assert at("save $s") == ""
    assert '"n": 1' in at.file("/kxsh/state/z.json")


def test_what_was_loaded_before_is_loaded_again() -> None:
    at = Scripted()
    at("load LABEL=GENTOO:/boot/kernel --cmdline a")
    at("load LABEL=GENTOO:/boot/kernel --cmdline b")
    assert "/mnt/1/boot/kernel is loaded again, as before" in " ".join(at("undo").split())
    assert at.machine.loaded is not None
    assert at.machine.loaded.cmdline == "a"
    assert "cmdline  a" in at("plan")
    assert "nothing is loaded now" in at("undo")
    assert at("undo") == "nothing is left to undo\n"


def test_a_kernel_that_is_not_there_again_is_told() -> None:
    at = Scripted(fail={"load /mnt/1/boot/kernel": [None, None, IoFailure("it is gone")]})
    at("load LABEL=GENTOO:/boot/kernel --cmdline a")
    at("load LABEL=GENTOO:/boot/kernel --cmdline b")
    told = " ".join(at("undo").split())
    assert "nothing is loaded now: /mnt/1/boot/kernel could not be loaded again: it is gone" in told
    assert "nothing is loaded" in at("plan")
    assert "unmounted /mnt/1" in at("undo")


def test_mounting_again_has_the_same_options() -> None:
    at = Scripted()
    at("mount UUID=aaaa-bbbb /mnt/g --rw --type ext4 --options noatime,data=journal")
    at("umount /mnt/g")
    assert "mounted /dev/sdb1 on /mnt/g again" in at("undo")
    first, _, again = (one for one in at.machine.actions if one.verb in ("mount", "unmount"))
    assert again == first


def test_a_file_that_is_not_known_was_not_new() -> None:
    at = Scripted(fail={"write /mnt/1/new.kxs": [None, None]})
    esp = at.machine.mount(at.machine.devices()[2])
    at.machine.replace_file(f"{esp.path}/big.kxs", b"x" * (5 << 20))
    at.machine.replace_file(f"{esp.path}/middle.kxs", b"x" * (2 << 20))
    at("load LABEL=GENTOO:/boot/kernel")
    at("save-script big.kxs", "y\n")
    at("save-script middle.kxs", "y\n")
    assert "/mnt/1/middle.kxs is as it was before" in at("undo")
    shown = at("undo")
    assert (
        "big.kxs was before is not kept here, since it was too large to be kept (5.0 M"
        in " ".join(shown.split())
    )
    assert "/mnt/1/big.kxs.old beside it has it" in shown


def test_what_systemd_boots_variables_were_is_set_again() -> None:
    at = Scripted()
    tree = at.machine._files["/dev/sda2"]
    entries = {f"/loader/entries/{name}.conf": b"linux /k\n" for name in "ab"}
    at.machine._files["/dev/sda2"] = {**tree, "/loader/loader.conf": b"default a\n", **entries}
    at.machine.variables["LoaderEntryOneShot"] = "a.conf"
    at("let m = mount $esp --rw")
    at("set-default $m/loader/loader.conf b.conf --once")
    assert at.machine.variables["LoaderEntryOneShot"] == "b.conf"
    assert "variable LoaderEntryOneShot is as it was before" in at("undo")
    assert at.machine.variables["LoaderEntryOneShot"] == "a.conf"


def test_two_mounts_on_one_directory_are_both_taken_back() -> None:
    at = Scripted()
    at("for i in [1, 2] { mount LABEL=GENTOO /mnt/g --keep }")
    assert at("undo").count("unmounted /mnt/g") == 2
    assert at("mounts") == "nothing is mounted\n"


def test_what_was_there_before_is_not_closed() -> None:
    at = Scripted()
    at.machine._inside = {"volumes vg0": at.machine.devices()[3:4]}
    at.machine.activate_volumes("vg0")
    at("let v = lvm-activate vg0")
    shown = at("undo").splitlines()
    assert shown[1:] == ["vg0 was open before this line, and stays so", "as before: $v"]
    assert at.machine._opened
