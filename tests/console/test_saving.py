"""What worked is saved as a script, and what failed as a report."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest
from machines import KERNEL
from scripted import Scripted

from kxsh.checker import check_source
from kxsh.errors import Denied, IoFailure
from kxsh.machine.protocol import Device, Ended
from kxsh.source import Source

SCRIPT = """\
kxs 1
let image = mount LABEL=GENTO0
load $image/boot/kernel --initrd $image/boot/initrd --cmdline "root=/dev/ram0"
"""


def test_the_lines_that_worked_are_a_script_that_passes() -> None:
    at = Scripted(SCRIPT)
    at("disks")
    at("1 + 2")
    at("let unused = 3")
    at("mount LABEL=NOSUCH")
    at("lsblk -f")
    at("let image = mount LABEL=GENTOO")
    at("retry --skip")
    assert at("save-script new.kxs") == "wrote /new.kxs on /dev/sda2: 5 lines\n"
    text = at.file("/new.kxs")
    assert text == (
        "kxs 1\n"
        "run lsblk -f\n"
        "let image = mount LABEL=GENTOO\n"
        'load $image/boot/kernel --initrd $image/boot/initrd --cmdline "root=/dev/ram0"\n'
        "exec\n"
    )
    assert check_source(Source("new.kxs", text)) == []


def test_the_rest_of_the_script_completes_it() -> None:
    at = Scripted(SCRIPT + 'say "on it"\nexec\n')
    at("let image = mount LABEL=GENTOO")
    assert "wrote /EFI/BOOT/boot.kxs on /dev/sda2" in at("save-script --rest /EFI/BOOT/boot.kxs")
    text = at.file("/EFI/BOOT/boot.kxs")
    assert text == SCRIPT.replace("GENTO0", "GENTOO") + 'say "on it"\nexec\n'
    assert check_source(Source("boot.kxs", text)) == []


def test_a_path_is_on_the_loaders_partition_or_below_a_mount() -> None:
    at = Scripted()
    at("load LABEL=GENTOO:/boot/kernel")
    assert "wrote /deep/new.kxs on /dev/sda2" in at("save-script /deep/new.kxs")
    at("let m = mount --rw UUID=aaaa-bbbb /mnt/x")
    assert "wrote /new.kxs on /dev/sdb1" in at("save-script /mnt/x/new.kxs")
    assert "wrote /other.kxs on /dev/sdb1" in at("save-script UUID=aaaa-bbbb:/other.kxs")


def test_what_is_there_is_replaced_only_after_a_question() -> None:
    at = Scripted()
    at("load LABEL=GENTOO:/boot/kernel")
    assert "wrote /new.kxs" in at("save-script new.kxs")
    assert "replace it? [y/N] not written: " in at("save-script new.kxs", "n\n")
    assert "wrote /new.kxs" in at("save-script new.kxs", "y\n")


def test_there_has_to_be_something_and_a_place() -> None:
    at = Scripted()
    assert "nothing to save yet" in at("save-script new.kxs")
    at("load LABEL=GENTOO:/boot/kernel")
    at.interpreter.esp = None
    shown = at("save-script new.kxs")
    assert "no partition for new.kxs" in shown
    assert "give a whole path" in shown


def test_a_medium_that_cannot_be_written_is_told() -> None:
    at = Scripted(fail={"write /mnt/1/new.kxs": IoFailure("read-only", errno=errno.EROFS)})
    at("mount $esp")
    at("load LABEL=GENTOO:/boot/kernel")
    shown = at("save-script new.kxs")
    assert "/new.kxs on /dev/sda2 could not be written: its medium is" in shown
    assert "name another disk: `save-script LABEL=DATA:/new.kxs`" in shown


def refused(path: str, data: bytes) -> None:
    raise Denied("making /dev/sda2 writable: read-only", errno=errno.EROFS)


def test_a_report_that_cannot_be_written_goes_to_another_disk() -> None:
    at = Scripted("kxs 1\nfail here\n")
    at.machine.replace_file = refused  # type: ignore[method-assign]
    shown = " ".join(at("why --save").split())
    assert "could not be written: its medium is write-protected" in shown
    assert "help: `why --to LABEL=DATA:/report.txt` writes it to another disk" in shown


def test_before_the_loaders_partition_is_found_a_report_names_its_whole_path() -> None:
    at = Scripted()
    at.interpreter.esp = None
    at.session.retry = lambda: None
    shown = " ".join(at("why --save").split())
    assert re.search(r" /kxsh/reports/report-[-0-9]+\.txt would be in memory only", shown)
    assert "`why --to LABEL=DATA:/report.txt`" in shown
    assert "`retry` looks for the loader's partition again" in shown
    at.interpreter.set_esp(None)  # type: ignore[arg-type]
    shown = at("say $esp")
    assert "KX105" in shown
    assert "the loader's disk was not found yet: `retry` looks for it" in shown
    assert "no loader started this" not in shown


def test_an_edited_entry_becomes_a_line(monkeypatch: object) -> None:
    at = Scripted()
    at("let m = mount LABEL=GENTOO")
    at("load $m/boot/kernel --initrd $m/boot/initrd --cmdline 'a=1 quiet'")
    shown = at("edit", '-4\n+ b="x y"\nload\n')
    assert "loaded; `exec` starts it" in shown
    assert at.machine.loaded is not None
    assert at.machine.loaded.cmdline == 'quiet b="x y"'
    assert at("say ${edited.kernel}") == "/mnt/1/boot/kernel\n"
    at("save-script new.kxs")
    assert (
        "load LABEL=GENTOO:/boot/kernel --initrd LABEL=GENTOO:/boot/initrd"
        " --cmdline 'quiet b=\"x y\"'\n" in at.file("/new.kxs")
    )
    assert "not changed" in at("edit", "q\n")


def test_an_edited_entry_is_booted_at_once() -> None:
    at = Scripted()
    with pytest.raises(Ended, match="jump"):
        at("edit --boot LABEL=GENTOO:/boot/kernel", "+ quiet\nboot\n")
    assert at.machine.loaded is not None
    assert at.machine.loaded.cmdline == "quiet"


def test_edit_needs_something_to_edit() -> None:
    assert "nothing is loaded yet" in Scripted()("edit")


def test_a_report_has_all_and_never_replaces_another() -> None:
    at = Scripted(SCRIPT)
    at.session.fail(at.error) if at.error else None
    at("mount LABEL=\x1b[2J")
    first, second = at("why --save"), at("why --save")
    assert first.startswith("wrote /kxsh/reports/report-")
    assert first != second
    text = at.file(first.split()[1])
    assert "no device LABEL=GENTO0" in text
    assert "boot.kxs:2:13" in text
    assert "/dev/sda1" in text
    assert "failed boot.kxs:2: let image = mount LABEL=GENTO0" in text
    assert all(line.isprintable() for line in text.splitlines())


def test_a_report_without_a_loader_is_where_one_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    at = Scripted()
    at.interpreter.esp = None
    assert at("why --save").split()[1].startswith(f"{tmp_path}/report-")
    assert "only a loader's partition keeps a history" in at("history on")


def test_only_the_last_load_and_no_dry_run_is_saved() -> None:
    at = Scripted()
    at("load LABEL=GENTOO:/boot/kernel --cmdline 'a=1'")
    at("exec --dry-run")
    at("edit", "+ quiet\nload\n")
    assert at("save-script new.kxs") == "wrote /new.kxs on /dev/sda2: 3 lines\n"
    assert at.file("/new.kxs") == (
        "kxs 1\nload LABEL=GENTOO:/boot/kernel --cmdline 'a=1 quiet'\nexec\n"
    )
    at("if true { load LABEL=GENTOO:/boot/kernel; say 'kept' }")
    at("load LABEL=GENTOO:/boot/kernel --cmdline b=1")
    assert "wrote" in at("save-script other.kxs")
    assert "if true {" in at.file("/other.kxs")


def test_a_scripts_own_lines_stay_with_their_comments() -> None:
    at = Scripted(
        "# The stick of the lab.\nkxs 1 # since 2026\n\n# Where it is\nlet name = 'unused'\n"
        "let data = mount UUID=aaaa-bbbb /mnt/data # kxs: allow KX102 a service reads it\n"
        "# gone\nlet image = mount LABEL=GENTO0 # a typo\n\n## Say it.\nfn tell() { say ready }\n"
        "# At last\nload $image/boot/kernel\nif true { tell }; exec # go\n"
    )
    at("let image = mount LABEL=GENTOO")
    at("save-script --rest new.kxs")
    assert at.file("/new.kxs") == (
        "kxs 1\n# The stick of the lab.\n# since 2026\n\n# Where it is\nlet name = 'unused'\n"
        "let data = mount UUID=aaaa-bbbb /mnt/data # kxs: allow KX102 a service reads it\n"
        "let image = mount LABEL=GENTOO\n\n## Say it.\nfn tell() { say ready }\n"
        "# At last\nload $image/boot/kernel\nif true { tell }\nexec # go\n"
    )


def test_a_lock_that_failed_is_not_saved() -> None:
    """What was no hash may be the password itself."""
    at = Scripted()
    at("modprobe ext4")
    assert "no hash" in at("lock password hunter2")
    shown = at("save-script new.kxs", "y\n")
    assert "not in it: the `lock` of a line that failed" in shown
    assert "hunter2" not in shown
    assert "modprobe ext4" in at.file("/new.kxs") and "lock" not in at.file("/new.kxs")


@pytest.mark.parametrize(
    "line",
    [
        "fn shut() { lock password hunter2 }; if false { shut }",
        "if false { lock password 'hunter2' }",
    ],
)
def test_a_lock_that_would_fail_is_not_saved(line: str) -> None:
    at = Scripted()
    at("modprobe ext4")
    at(line)
    shown = at("save-script new.kxs", "y\n")
    assert "not in it: a line whose `lock` is wrong" in shown
    assert "hunter2" not in shown
    assert at.file("/new.kxs") == "kxs 1\nmodprobe ext4\n"


@pytest.mark.parametrize(
    ("lines", "saved"),
    [
        ("let a = 1 | set a = 2 | set a = 3", ""),
        ("let a = 1; set a = 2", ""),
        ("let a = [x: 1] | set a.x = 2", ""),
        ("let a = 1 | let b = 2 | set a = 3 | set b = $a", ""),
        (
            "let a = mount LABEL=GENTOO | set a = mount LABEL=bad else mount /dev/sda2",
            "mount LABEL=GENTOO\nmount LABEL=bad else mount /dev/sda2\n",
        ),
        ("let a = 1 | set a = $a + 1", "let a = 1\nset a = $a + 1\n"),
        ("let a = 1 | if true { set a = 3 }", "let a = 1\nif true { set a = 3 }\n"),
        ("let a = 'x' | set a = 'y' | modprobe $a", "let a = 'x'\nset a = 'y'\nmodprobe $a\n"),
    ],
)
def test_a_value_that_is_set_and_never_read_is_not_saved(lines: str, saved: str) -> None:
    at = Scripted()
    for line in lines.split(" | "):
        at(line)
    at("modprobe ext4")
    at("save-script new.kxs", "y\n")
    assert at.file("/new.kxs") == f"kxs 1\n{saved}modprobe ext4\n"


def test_what_has_no_words_in_a_script_is_told() -> None:
    at = Scripted()
    at("let s = state z --default [n: 1]")
    at("let found = findfs LABEL=GENTOO")
    at("if true { save $s; set found = findfs UUID=aaaa-bbbb; modprobe ext4; fail 'x' }")
    shown = at("save-script new.kxs")
    assert "not in it: write /mnt/1/kxsh/state/z.json, of if true { save" in shown
    assert "not in it: $found, of if true { save" in shown
    assert "modprobe ext4\n" in at.file("/new.kxs")


def test_a_load_of_the_script_stays_but_for_one_by_hand() -> None:
    script = "kxs 1\nload LABEL=GENTOO:/boot/kernel\nfail 'x'\nload LABEL=GENTOO:/boot/kernel\n"
    at = Scripted(script)
    at("save-script --rest new.kxs")
    assert at.file("/new.kxs") == script.replace("fail 'x'\n", "") + "exec\n"
    at("load LABEL=GENTOO:/boot/kernel --cmdline b")
    at("save-script new.kxs", "y\n")
    assert at.file("/new.kxs") == "kxs 1\nload LABEL=GENTOO:/boot/kernel --cmdline b\nexec\n"


def test_what_an_earlier_run_left_is_in_it_until_the_script_does_it_again() -> None:
    script = "kxs 1\nlet d = findfs UUID=aaaa-bbbb\nmount LABEL=GENTOO /mnt/g --keep\nfail 'x'\n"
    at = Scripted(script)
    data = at.machine.devices()[4]
    at.machine.remove(data.path)
    assert "a disk is gone" in at("retry --whole")
    at("load /mnt/g/boot/kernel")
    at("save-script new.kxs")
    load = "load /mnt/g/boot/kernel\nexec\n"
    assert at.file("/new.kxs") == f"kxs 1\nmount LABEL=GENTOO /mnt/g --keep\n{load}"
    at.machine.add(data)
    at("retry --whole")
    at("load /mnt/g/boot/kernel")
    at("save-script new.kxs", "y\n")
    assert at.file("/new.kxs") == script.replace("fail 'x'\n", load)


def test_a_password_that_has_to_be_in_it_is_told() -> None:
    at = Scripted()
    at("lsblk --password=hunter2")
    at("luks-open /dev/sdb1 --passphrase hunter2 else { modprobe ext4 }")
    assert "\nline 2 shows a password to whoever reads the file\n" in at("save-script new.kxs")
    assert at.file("/new.kxs") == (
        "kxs 1\nrun lsblk --password=hunter2\nluks-open /dev/sdb1 else { modprobe ext4 }\n"
    )


def test_a_name_that_is_made_twice_is_set() -> None:
    at = Scripted()
    for line in ("let a = 1", "let a = 2", "load LABEL=GENTOO:/boot/kernel --cmdline a=$a"):
        at(line)
    assert "KX" not in at("save-script new.kxs")
    assert "let a = 1\nset a = 2\nload " in at.file("/new.kxs")


def test_a_device_is_named_by_what_no_other_has() -> None:
    at = Scripted()
    twin = Device("/dev/sdc1", label="GENTOO", uuid="1234-0001", fstype="vfat", disk="/dev/sdc")
    at.machine.add(twin, {"/kernel": bytes(KERNEL), "/module": b"m"})
    at("let m = mount /dev/sdc1")
    at("edit $m/kernel", "+ quiet\nload\n")
    at("save-script new.kxs")
    assert "load UUID=1234-0001:/kernel --cmdline quiet\n" in at.file("/new.kxs")


def test_a_session_that_began_anew_has_no_lines_of_before() -> None:
    at = Scripted(SCRIPT)
    at("let other = mount UUID=aaaa-bbbb /mnt/other")
    at("let y = 7; modprobe ext4")
    at("retry --whole")
    at("let image = mount LABEL=GENTOO")
    at("load $image/boot/kernel")
    at("save-script new.kxs")
    assert at.file("/new.kxs") == (
        "kxs 1\nmodprobe ext4\nlet image = mount LABEL=GENTOO\nload $image/boot/kernel\nexec\n"
    )
