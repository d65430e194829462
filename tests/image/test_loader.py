"""`kximage loader`: what is in the loader, that it is the same twice, what it asks for."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kxsh.errors import KxshError
from kxsh.image import initramfs, kernel_modules, libraries, loader, tools, uki
from kxsh.image import kernel as kernels
from kxsh.image.cli import main
from kxsh.image.cpio import Member

sys.path.insert(0, str(Path(__file__).parent))
import newc

LEVEL = "1"
PROGRAMS = {"PATH": "/usr/sbin:/usr/bin"}
PYTHON = "usr/lib/python3.11"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A loader from the command line, with its manifest beside it."""
    path = tmp_path_factory.mktemp("loader") / "bootx64.efi"
    assert main(["loader", "-o", str(path), "--compression", LEVEL, "--quiet"]) == 0
    return path


@pytest.fixture(scope="module")
def sections(built: Path) -> dict[str, bytes]:
    return uki.read_sections(built.read_bytes())


@pytest.fixture(scope="module")
def members(sections: dict[str, bytes]) -> dict[str, Member]:
    archive = tools.run(["zstd", "-dc"], input=sections[".initrd"])
    return {member.name: member for member in newc.unpack(archive)}


@pytest.fixture(scope="module")
def tree(members: dict[str, Member], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The initramfs as a folder."""
    root = tmp_path_factory.mktemp("tree")
    for name, member in sorted(members.items()):
        path = root / name
        if stat.S_ISDIR(member.mode):
            path.mkdir(exist_ok=True)
        elif stat.S_ISLNK(member.mode):
            path.symlink_to(member.data.decode())
        elif stat.S_ISREG(member.mode):
            path.write_bytes(member.data)
            path.chmod(stat.S_IMODE(member.mode))
    return root


def inside(tree: Path, *argv: str) -> str:
    """Run a program of the initramfs with the initramfs as its root."""
    enter = ["chroot"] if os.geteuid() == 0 else ["unshare", "-r", "chroot"]
    done = subprocess.run(
        [*enter, str(tree), *argv], capture_output=True, text=True, env=PROGRAMS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_a_loader(built: Path, sections: dict[str, bytes]) -> None:
    uki.check_loader(built.read_bytes())
    assert uki.read_cmdline(built.read_bytes()) == loader.CMDLINE
    assert sections[".linux"] == kernels.find().path.read_bytes()
    assert sections[".uname"].decode() == kernels.find().version


def test_two_builds_are_the_same(built: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.efi"
    environment = {**os.environ, "PYTHONHASHSEED": "17", "TZ": "Asia/Tokyo"}
    argv = [sys.executable, "-m", "kxsh.image", "loader", "-o", str(again)]
    argv += ["--compression", LEVEL, "--quiet"]
    subprocess.run(argv, env=environment, cwd=tmp_path, check=True)
    assert again.read_bytes() == built.read_bytes()
    first = built.with_name("bootx64.efi.manifest.json").read_text()
    assert again.with_name("again.efi.manifest.json").read_text() == first


def test_every_file_is_in_the_manifest(built: Path, members: dict[str, Member]) -> None:
    record = json.loads(built.with_name("bootx64.efi.manifest.json").read_text())
    listed = {item["path"]: item["sha256"] for item in record["files"]}
    shipped = {
        name: hashlib.sha256(member.data).hexdigest()
        for name, member in members.items()
        if stat.S_ISREG(member.mode) and name != "manifest"
    }
    assert listed == shipped
    assert record["sha256"] == hashlib.sha256(built.read_bytes()).hexdigest()


def test_short_manifest_inside(members: dict[str, Member]) -> None:
    lines = members["manifest"].data.decode().splitlines()
    seen = {line.split("  ")[1]: line.split("  ")[0] for line in lines}
    files = {n for n, m in members.items() if stat.S_ISREG(m.mode) and n != "manifest"}
    assert set(seen) == files
    assert seen["init"] == hashlib.sha256(members["init"].data).hexdigest()


def test_what_shows_a_fault_is_there(members: dict[str, Member]) -> None:
    """prompt_toolkit's way of showing a fault needs it, in a function, two modules away."""
    assert f"{PYTHON}/prompt_toolkit/patch_stdout.pyc" in members


def test_origins_are_named(built: Path) -> None:
    record = json.loads(built.with_name("bootx64.efi.manifest.json").read_text())
    package = {item["path"]: item["package"] for item in record["files"]}
    assert package["usr/bin/kexec"].startswith("kexec-tools ")
    assert package["usr/bin/busybox"].startswith("busybox-static ")
    assert package["usr/lib/x86_64-linux-gnu/libblkid.so.1"].startswith("libblkid1 ")
    assert package[f"{PYTHON}/elftools/elf/elffile.pyc"].startswith("pyelftools ")
    unknown = [item for item in record["files"] if not item["package"] and item["source"]]
    # depmod's tables are made when the kernel is installed: no package owns them.
    assert [i["path"] for i in unknown if not re.search(r"/modules\.\w+$", i["path"])] == []
    stub = next(item for item in record["sections"] if item["path"] == "stub")
    assert stub["package"].startswith("systemd-boot-efi ")


def test_the_kernel_finds_what_it_calls(tree: Path, members: dict[str, Member]) -> None:
    assert members["init"].mode & 0o111
    assert members["dev/console"].device == (5, 1)
    for program in ("sbin/modprobe", "bin/sh", "usr/bin/python3", "usr/sbin/kexec"):
        assert "root" in inside(tree, "/bin/ls", "-l", "-L", f"/{program}")


def test_every_applet_is_one_of_busybox() -> None:
    known = tools.run(["busybox", "--list"]).decode().split()
    assert [applet for applet in initramfs.APPLETS if applet not in known] == []


def test_scripts_use_only_applets_that_are_there(members: dict[str, Member]) -> None:
    text = members["init"].data.decode()
    used = set(re.findall(r"^\s*(?:exec )?([a-z]+)(?= [-$/\w<])", text, re.MULTILINE))
    builtins = set("read echo export trap wait kill printf case for while exec set".split())
    functions = set(re.findall(r"^(\w+)\(\) \{", text, re.MULTILINE))
    unknown = used - builtins - functions - set(initramfs.APPLETS) - {"done", "umask", "return"}
    assert unknown <= {"esac", "then", "else", "if", "do", "local"}, unknown


def test_shell_scripts_parse(tree: Path) -> None:
    for script in ("/init", "/usr/bin/hotplug"):
        inside(tree, "/bin/sh", "-n", script)


def test_kexec_starts(tree: Path) -> None:
    assert inside(tree, "/usr/sbin/kexec", "--version").startswith("kexec-tools")


def test_python_imports_everything_shipped(tree: Path, members: dict[str, Member]) -> None:
    names = [
        name.removeprefix(f"{PYTHON}/").removesuffix(".pyc").removesuffix("/__init__")
        for name in members
        if name.startswith(f"{PYTHON}/") and name.endswith(".pyc")
    ]
    modules = sorted(name.replace("/", ".") for name in names)
    assert "kxsh.init" in modules
    assert not [name for name in modules if name.startswith(("kxsh.image", "pycdlib"))]
    code = f"import importlib\nfor name in {modules!r}: importlib.import_module(name)\n"
    ours = "import sys; print(sorted(n for n in sys.modules if n.split('.')[0] == 'kxsh'))"
    shown = inside(tree, "/usr/bin/python3", "-S", "-E", "-I", "-c", code + ours)
    assert "'kxsh.init'" in shown


def test_python_uses_what_kxsh_uses(tree: Path) -> None:
    code = """
import sys, ctypes, hashlib, asyncio, subprocess, traceback, pyudev
from prompt_toolkit import PromptSession
from elftools.elf.elffile import ELFFile
ctypes.CDLL("libblkid.so.1").blkid_new_probe
ctypes.CDLL("libudev.so.1").udev_new
print(hashlib.sha256(b"x").hexdigest()[:8], ELFFile(open(sys.executable, "rb")).elfclass)
from kxsh import resources
from kxsh.source import Source
from kxsh.syntax import parser, tables
assert tables.load_saved() is not None, "the saved tables are stale"
parser.parse_script(Source("t", "kxs 1\\nsay hello\\n"))
from kxsh.signature import *
assert subprocess.run(["true"]).returncode == 0
print(sys.getfilesystemencoding())
"""
    shown = inside(tree, "/usr/bin/python3", "-S", "-E", "-I", "-X", "utf8", "-c", code)
    assert shown.split() == ["2d711642", "64", "utf-8"]


def test_kxsh_keeps_its_docstrings_and_others_do_not(tree: Path) -> None:
    code = (
        "import kxsh.text, pyudev.core; print(bool(kxsh.text.display.__doc__), pyudev.core.__doc__)"
    )
    assert inside(tree, "/usr/bin/python3", "-S", "-E", "-I", "-c", code).split()[0] == "True"


def test_openssl_stays_out(members: dict[str, Member]) -> None:
    assert [
        name for name in members if re.search(r"libcrypto|libssl|_ssl\.|_hashlib\.", name)
    ] == []


def test_what_editors_need_stays_out(members: dict[str, Member]) -> None:
    """The language server and the highlighting, though their libraries are installed here."""
    unwanted = r"/(pygls|lsprotocol|cattrs?|attrs?|pygments)/|/kxsh/(lsp|highlight)/"
    assert [name for name in members if re.search(unwanted, name)] == []


def test_sizes(sections: dict[str, bytes], members: dict[str, Member]) -> None:
    """Level 1 is about a third larger than the release's level 19."""
    python = [m.data for n, m in members.items() if n.startswith(("usr/lib/python", "usr/bin/py"))]
    assert sum(map(len, python)) < 20_000_000
    assert len(sections[".initrd"]) < 17_000_000


def test_modules_have_their_dependencies(tree: Path, members: dict[str, Member]) -> None:
    version = kernels.find().version
    folder = f"usr/lib/modules/{version}"
    table = members[f"{folder}/modules.dep"].data.decode()
    for line in table.splitlines():
        for path in line.replace(":", "").split():
            assert f"{folder}/{path}" in members, path
    for name in ("usb-storage", "ahci", "nvme", "virtio_blk", "sr_mod", "vfat", "isofs", "ext4"):
        assert re.search(rf"/{name}\.ko:", table), name
    aliases = members[f"{folder}/modules.alias"].data.decode()
    shipped = {kernel_modules.module_name(line.split(":")[0]) for line in table.splitlines()}
    assert {line.split()[2] for line in aliases.splitlines()} <= shipped


def test_soft_dependencies_are_followed() -> None:
    kernel = kernels.find()
    chosen = kernel_modules.choose(kernel_modules.read_tree(kernel.modules), ("fs/ext4/ext4",))
    assert {"ext4", "jbd2", "mbcache", "crc32c_generic"} <= set(chosen)


@pytest.mark.parametrize("suffix", [".ko", ".ko.xz", ".ko.gz", ".ko.zst"])
def test_compressed_modules_are_shipped_plain(tmp_path: Path, suffix: str) -> None:
    import gzip
    import lzma

    packers = {
        ".ko": bytes,
        ".ko.xz": lzma.compress,
        ".ko.gz": gzip.compress,
        ".ko.zst": lambda data: tools.run(["zstd", "-c"], input=data),
    }
    (tmp_path / "kernel/fs/fat").mkdir(parents=True)
    (tmp_path / f"kernel/fs/fat/vfat{suffix}").write_bytes(packers[suffix](b"module"))
    (tmp_path / "modules.dep").write_text(f"kernel/fs/fat/vfat{suffix}:\n")
    tree = kernel_modules.read_tree(tmp_path)
    assert kernel_modules.choose(tree) == ["vfat"]
    files = {c.path: c.data for c in kernel_modules.contents(tree, ["vfat"], "6.0")}
    assert files["usr/lib/modules/6.0/kernel/fs/fat/vfat.ko"] == b"module"
    assert files["usr/lib/modules/6.0/modules.dep"] == b"kernel/fs/fat/vfat.ko:\n"


def test_libraries_are_those_that_the_dynamic_linker_finds() -> None:
    program = Path(tools.require("kexec"))
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    wanted = {name.rpartition("/")[2] for name in re.findall(r"\S+\.so\S*", listed)}
    found = {path.rpartition("/")[2] for path in libraries.closure([program])}
    assert found == wanted - {"linux-vdso.so.1"}


@pytest.mark.parametrize(
    ("remove", "package"),
    [
        ("stub", "systemd-boot-efi"),
        ("kernel", "linux-image-amd64"),
        ("zstd", "zstd"),
        ("kexec", "kexec-tools"),
        ("busybox", "busybox-static"),
    ],
)
def test_what_is_missing_is_named(
    remove: str, package: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = tools.which
    monkeypatch.setattr(tools, "which", lambda name: None if name == remove else real(name))
    if remove == "stub":
        monkeypatch.setattr(loader, "STUB", loader.STUB.with_name("absent.stub"))
    if remove == "kernel":
        monkeypatch.setattr(kernels, "BOOT", tmp_path)
    with pytest.raises(KxshError) as caught:
        loader.build(level=1)
    assert f"apt install {package}" in caught.value.hint


def test_given_kernel_is_checked(tmp_path: Path) -> None:
    text = tmp_path / "vmlinuz"
    text.write_text("not a kernel, though long enough to look for a header in it\n" * 50)
    with pytest.raises(KxshError, match="cannot be the loader's kernel"):
        kernels.given(text, tmp_path)
    newest = kernels.find()
    assert kernels.given(newest.path, newest.modules) == newest


def test_newest_kernel_is_chosen_by_number(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kernels, "BOOT", tmp_path)
    monkeypatch.setattr(kernels, "MODULES", tmp_path)
    for version in ("6.1.0-9-amd64", "6.1.0-10-amd64", "6.1.0-10-rc1", "6.2.0-1-amd64"):
        (tmp_path / f"vmlinuz-{version}").touch()
        (tmp_path / version).mkdir()
        if version != "6.2.0-1-amd64":  # installed without its modules
            (tmp_path / version / "modules.dep").touch()
    assert kernels.find().version == "6.1.0-10-amd64"


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["loader", "--kernel", "/boot/x"]) == 1
    assert "--kernel and --modules" in capsys.readouterr().err


def test_default_loader_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(loader, "RELEASE_LEVEL", 1)
    builds = []
    real = loader.build
    monkeypatch.setattr(loader, "build", lambda *a, **k: builds.append(1) or real(*a, **k, level=1))
    first = loader.default_loader()
    assert first.parent == tmp_path / "kxsh"
    assert loader.default_loader() == first
    assert len(builds) == 1
    monkeypatch.setattr(loader, "CMDLINE", "quiet")
    assert loader.default_loader() != first
    assert sorted(p.suffix for p in first.parent.iterdir()) == [".efi", ".efi", ".json", ".json"]


def test_a_full_disk_leaves_nothing(
    built: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object) -> None:
        raise tools.ImageError("no room")

    monkeypatch.setattr(loader, "check_space", full)
    made = loader.Loader(b"x", "{}")
    with pytest.raises(KxshError):
        loader.write(made, tmp_path / "bootx64.efi")
    assert list(tmp_path.iterdir()) == []
