"""Plans: what would be booted, and why not."""

from __future__ import annotations

from typing import Any

import pytest
from kernels import bzimage, uki

from kxsh.boot import plan
from kxsh.boot.load import load
from kxsh.boot.plan import Plan, make_plan
from kxsh.errors import Denied, FormatFailure, IoFailure, NotFound
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Device, KernelImage
from kxsh.text import MIB

CPIO = b"070701" + b"0" * 5000
FILES: dict[str, bytes | str] = {
    "/mnt/vmlinuz": bzimage(),
    "/mnt/old": bzimage(protocol=0x0202),
    "/mnt/initrd.img": CPIO,
    "/mnt/more.img": CPIO,
    "/mnt/odd.img": bytes(range(1, 250)),
    "/mnt/notes.txt": "hello\n",
    "/mnt/board.dtb": b"\xd0\x0d\xfe\xed" + bytes(99),
    "/mnt/cut": bzimage()[:9000],
    "/mnt/x.efi": uki((".cmdline", b"built in"), (".linux", bzimage()), (".initrd", CPIO)),
    "/mnt/ucode.efi": uki((".initrd", CPIO), (".linux", bzimage()), (".ucode", CPIO)),
    "/mnt/arm.efi": uki((".linux", b"MZ".ljust(0x38, b"\0") + b"ARM\x64" + bytes(64))),
    "/mnt/short.efi": uki((".linux", bzimage()))[:9000],
}


def machine(**more: Any) -> FakeMachine:
    return FakeMachine(files={"/": FILES}, **more)


def planned(kernel: str = "/mnt/vmlinuz", *initrds: str, **more: Any) -> Plan:
    return make_plan(machine(), kernel, initrds, **more)


def test_a_plan_is_what_the_machine_loads() -> None:
    made = planned("/mnt/vmlinuz", "/mnt/initrd.img", "/mnt/more.img", cmdline="a  b")
    initrds = ("/mnt/initrd.img", "/mnt/more.img")
    assert made.image == KernelImage(
        "/mnt/vmlinuz", initrds, "a  b", "file", True, tool_type="bzImage64"
    )
    world = machine()
    assert load(world, made) == "file"
    assert world.loaded == made.image


def test_a_unified_kernel_image_is_taken_apart() -> None:
    made = planned("/mnt/x.efi", "/mnt/more.img", cmdline="x")
    assert made.kernel == "/mnt/x.efi:.linux"
    assert made.facts.version == "6.1.0-test" and made.method == "file"
    assert [path for path, _ in made.initrds] == ["/mnt/x.efi:.initrd", "/mnt/more.img"]
    assert [facts.kind for _, facts in made.initrds] == ["cpio", "cpio"]
    world = machine()
    load(world, made)
    assert world.loaded is not None
    kernel, initrd = world.loaded.piece("/mnt/x.efi:.linux"), world.loaded.piece(made.initrds[0][0])
    data = FILES["/mnt/x.efi"]
    assert kernel and initrd and isinstance(data, bytes)
    assert data[kernel.offset : kernel.offset + kernel.size] == bzimage()
    assert data[initrd.offset : initrd.offset + initrd.size] == CPIO
    ucode = planned("/mnt/ucode.efi")
    assert [path[-7:] for path, _ in ucode.initrds] == [":.ucode", ".initrd"]


@pytest.mark.parametrize(
    ("path", "said"),
    [("/mnt/arm.efi", "ARM64"), ("/mnt/short.efi", "section .linux ends beyond the file")],
)
def test_unified_kernel_images_that_cannot_work(path: str, said: str) -> None:
    with pytest.raises(FormatFailure, match=said):
        planned(path)


def test_describe_shows_everything() -> None:
    made = planned("/mnt/vmlinuz", "/mnt/initrd.img", cmdline="root=x  quiet", dtb="/mnt/board.dtb")
    text = made.describe()
    for part in (
        "kernel   /mnt/vmlinuz  (bzImage, protocol 2.15, 6.1.0-test, 66.5 KiB)",
        "initrd   /mnt/initrd.img  (cpio, 4.9 KiB)",
        "cmdline  root=x  quiet\n         (13 of 2047 bytes)",
        "needed, 2.0 GiB available",
        "load     kexec_file_load\n",
        "--type=bzImage64 --load /mnt/vmlinuz --initrd=/mnt/initrd.img --dtb=/mnt/board.dtb",
        "'--command-line=root=x  quiet'",
    ):
        assert part in text
    assert "\x1b" not in text


def test_json() -> None:
    made = planned("/mnt/vmlinuz", "/mnt/initrd.img", cmdline="quiet")
    got = made.as_json(lambda path: f"sum of {path}")
    assert got["kernel"] == {
        "path": "/mnt/vmlinuz",
        "sha256": "sum of /mnt/vmlinuz",
        "kind": "bzImage",
        "version": "6.1.0-test",
    }
    assert got["initrds"] == [
        {"path": "/mnt/initrd.img", "sha256": "sum of /mnt/initrd.img", "kind": "cpio"}
    ]
    assert (got["cmdline"], got["load"]) == ("quiet", "file")


def test_an_old_kernel_goes_to_kexec_tools() -> None:
    made = planned("/mnt/old")
    assert (made.method, made.image.tool_type) == ("tools", "bzImage")
    assert "2.02 is older than 2.12" in made.describe()
    with pytest.raises(FormatFailure, match="2\\.02 is older than 2\\.12"):
        planned("/mnt/old", method="file")


def test_the_way_can_be_forced() -> None:
    made = planned(method="tools")
    assert (made.method, made.image.fallback) == ("tools", False)


@pytest.mark.parametrize(
    ("kernel", "initrd", "said"),
    [
        ("/mnt/notes.txt", "", "/mnt/notes.txt: this is a text file"),
        ("/mnt/cut", "", "/mnt/cut: the file is cut off"),
        ("/mnt", "", "not a regular file: /mnt"),
        ("/mnt/initrd.img", "/mnt/vmlinuz", "swapped"),
        ("/mnt/vmlinuz", "/mnt/notes.txt", "/mnt/notes.txt: this is a text file, not an initrd"),
    ],
)
def test_files_that_cannot_work(kernel: str, initrd: str, said: str) -> None:
    with pytest.raises(FormatFailure, match=said):
        planned(kernel, *filter(None, [initrd]))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"kernel": "/mnt/vmlinux"}, "kernel not found: /mnt/vmlinux"),
        ({"initrds": ["/mnt/initrd"]}, "initrd not found: /mnt/initrd"),
        ({"dtb": "/mnt/x.dtb"}, "device tree not found: /mnt/x.dtb"),
        ({"modules": ["/nowhere/x"]}, "module not found: /nowhere/x"),
    ],
)
def test_a_missing_file_is_named(more: dict[str, Any], said: str) -> None:
    with pytest.raises(NotFound, match=said):
        make_plan(machine(), **{"kernel": "/mnt/vmlinuz", **more})


def test_a_near_name_is_offered() -> None:
    with pytest.raises(NotFound) as caught:
        planned("/mnt/vmlinux")
    assert caught.value.hint == "did you mean /mnt/vmlinuz?"


def test_a_strange_initrd_is_only_noted() -> None:
    made = planned("/mnt/vmlinuz", "/mnt/odd.img")
    assert "not a known archive" in made.notes[0]


def test_too_little_memory_says_how_much_is_missing() -> None:
    needed = planned("/mnt/vmlinuz", "/mnt/initrd.img").memory_needed
    with pytest.raises(IoFailure, match="3 MiB short"):
        make_plan(machine(memory=needed - 3 * MIB), "/mnt/vmlinuz", ["/mnt/initrd.img"])
    made = make_plan(machine(memory=needed), "/mnt/vmlinuz", ["/mnt/initrd.img"])
    assert made.memory_available == needed


def test_memory_counts_what_the_kernel_unpacks_to() -> None:
    assert planned().memory_needed == (1 << 20) + plan.MARGIN


def test_a_command_line_that_is_too_long() -> None:
    limit = 2047
    assert planned(cmdline="x" * (limit - 31)).method == "file"
    # kexec_file_load keeps room for elfcorehdr=, the other way does not.
    longer = planned(cmdline="x" * limit)
    assert longer.method == "tools"
    assert "2016 bytes of command line" in longer.describe()
    with pytest.raises(FormatFailure, match=f"{limit + 1} bytes, /mnt/vmlinuz takes {limit}"):
        planned(cmdline="x" * (limit + 1))
    with pytest.raises(FormatFailure) as caught:
        planned(cmdline="root=a root=b " + "x" * limit)
    assert caught.value.hint == "given more than once: root"


def test_two_lines_are_no_command_line() -> None:
    with pytest.raises(FormatFailure, match="one line"):
        planned(cmdline="a\nb")


def test_a_refusal_keeps_its_class_and_says_what_was_not_tried() -> None:
    world = machine(fail={"load": Denied("not signed")})
    with pytest.raises(Denied) as caught:
        load(world, make_plan(world, "/mnt/old"))
    assert "boot protocol 2.02 is older than 2.12" in caught.value.tried[0]


def test_a_module_may_have_arguments() -> None:
    assert planned("/mnt/vmlinuz", modules=("/mnt/odd.img a b",)).image.modules == (
        "/mnt/odd.img a b",
    )
    with pytest.raises(NotFound, match="module not found: /mnt/gone"):
        planned("/mnt/vmlinuz", modules=("/mnt/gone a b",))


def test_a_missing_file_comes_with_what_is_there_and_on_which_disk() -> None:
    disk = Device("/dev/sda1", label="GENTOO", fstype="iso9660")
    held = FakeMachine([disk], {"/dev/sda1": {"/k": bzimage(), "/gentoo.igz": b"\x1f\x8b"}})
    mount = held.mount(disk)
    with pytest.raises(NotFound) as caught:
        make_plan(held, kernel=f"{mount.path}/k", initrds=[f"{mount.path}/initrd.igz"])
    assert caught.value.hint == (
        f"in that folder: gentoo.igz\n{mount.path} is LABEL=GENTOO (/dev/sda1)"
    )
