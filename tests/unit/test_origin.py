"""Which disk the loader came from, on machines made up for it."""

from __future__ import annotations

import pytest

from kxsh.errors import FormatFailure, IoFailure, NotFound
from kxsh.machine.fake import FakeMachine
from kxsh.machine.origin import find_origin
from kxsh.machine.protocol import Device

ID, OTHER = "0" * 31 + "1", "0" * 31 + "2"


def stick(name: str, partuuid: str = "") -> Device:
    return Device(f"/dev/{name}1", fstype="vfat", disk=f"/dev/{name}", number=1, partuuid=partuuid)


def esp(identity: str) -> dict[str, bytes | str]:
    return {"/EFI/BOOT/BOOTX64.EFI": "MZ", "/EFI/BOOT/kxsh.id": identity + "\n"}


def machine(**sticks: str) -> FakeMachine:
    return FakeMachine(
        [stick(name, f"uuid-{name}") for name in sticks],
        {f"/dev/{name}1": esp(identity) for name, identity in sticks.items()},
        ignores_case={f"/dev/{name}1": True for name in sticks},
    )


def test_the_identity_tells_two_sticks_apart() -> None:
    assert find_origin(machine(sda=OTHER, sdb=ID), ID, 30).path == "/dev/sdb1"


def test_copies_are_doubt_that_names_both() -> None:
    with pytest.raises(FormatFailure, match="/dev/sda1 and /dev/sdb1"):
        find_origin(machine(sda=ID, sdb=ID), ID, 30)


def test_the_firmware_decides_between_copies() -> None:
    twins = machine(sda=ID, sdb=ID)
    twins.partuuid = "uuid-sdb"
    assert find_origin(twins, ID, 30).path == "/dev/sdb1"


def test_the_firmware_decides_without_an_identity() -> None:
    twins = machine(sda=ID, sdb=OTHER)
    twins.partuuid = "uuid-sdb"
    assert find_origin(twins, "", 30).path == "/dev/sdb1"


def test_the_only_stick_needs_no_proof_and_little_time() -> None:
    alone = machine(sda=ID)
    assert find_origin(alone, "", 30).path == "/dev/sda1"
    assert alone.now() <= 3


def test_without_proof_two_loaders_are_doubt() -> None:
    with pytest.raises(FormatFailure, match="cannot tell"):
        find_origin(machine(sda=ID, sdb=OTHER), "", 30)


def test_a_stick_that_comes_late_is_waited_for() -> None:
    late = FakeMachine([], {"/dev/sda1": esp(ID)}, later=[(12.0, stick("sda"))])
    told: list[str] = []
    assert find_origin(late, ID, 30, told.append).path == "/dev/sda1"
    assert late.now() == 12
    assert told == ["[1.5 s] looking for the disk that we came from (up to 30s)"]


def test_where_nothing_takes_long_nothing_is_said() -> None:
    told: list[str] = []
    soon = FakeMachine([], {"/dev/sda1": esp(ID)}, later=[(1.0, stick("sda"))])
    assert find_origin(soon, ID, 30, told.append).path == "/dev/sda1"
    assert told == []
    alone = machine(sda=ID)
    assert find_origin(alone, "", 30, told.append).path == "/dev/sda1"
    assert len(told) == 1  # a second one is waited for


def test_a_partition_that_cannot_be_read_at_first_is_tried_again() -> None:
    flaky = FakeMachine(
        [stick("sda")], {"/dev/sda1": esp(ID)}, fail={"mount": [IoFailure("bus reset"), None]}
    )
    assert find_origin(flaky, ID, 30).path == "/dev/sda1"


def test_nothing_there_is_said_after_the_wait() -> None:
    empty = FakeMachine()
    with pytest.raises(NotFound, match="did not appear in 30s"):
        find_origin(empty, ID, 30)
    assert empty.now() == 30


def test_a_machine_that_never_rests_does_not_hold_the_boot_up() -> None:
    restless = FakeMachine(
        [stick("sda")],
        {"/dev/sda1": esp(ID)},
        ignores_case={"/dev/sda1": True},
        later=[(float(second), Device(f"/dev/loop{second}")) for second in range(1, 500)],
    )
    assert find_origin(restless, "", 30).path == "/dev/sda1"
    assert restless.now() <= 31
