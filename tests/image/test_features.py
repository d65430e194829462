"""`kximage loader --with`: what such a loader has besides, and that it starts there."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from kxsh.image import features, initramfs, tools
from kxsh.image import kernel as kernels
from kxsh.image.cli import main
from kxsh.image.manifest import Content
from kxsh.image.progress import Progress
from kxsh.image.tools import ImageError
from kxsh.machine.linux import programs

Files = dict[str, Content]


def files_with(*wanted: str) -> Files:
    kernel = kernels.find()
    made = initramfs.contents(kernel.version, kernel.modules, Progress(quiet=True), wanted)
    return {item.path: item for item in made}


@pytest.fixture(scope="module")
def plain() -> Files:
    return files_with()


@pytest.fixture(scope="module")
def full() -> Files:
    return files_with(*features.FEATURES)


@pytest.fixture(scope="module")
def tree(full: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for folder in ("usr/bin", "usr/lib", "usr/lib64"):
        (root / folder).mkdir(parents=True)
    for link, target in initramfs.LINKS.items():
        (root / link).symlink_to(target)
    for name, item in full.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(item.data)
        if item.executable:
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return root


def inside(tree: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the initramfs with the initramfs as its root."""
    enter = ["chroot"] if os.geteuid() == 0 else ["unshare", "-r", "chroot"]
    environment = {"PATH": "/usr/sbin:/usr/bin"}
    return subprocess.run(
        [*enter, str(tree), *argv], capture_output=True, text=True, env=environment, check=False
    )


def test_nothing_of_it_is_in_the_usual_loader(plain: Files) -> None:
    names = " ".join(plain)
    for word in ("cryptsetup", "mdadm", "dm-crypt", "e1000", "_ssl", "libcrypto", "download.pyc"):
        assert word not in names
    assert "usr/bin/lvm" not in plain


def test_everything_of_it_is_there(plain: Files, full: Files) -> None:
    assert set(plain) <= set(full)
    names = " ".join(full)
    for word in ("usr/bin/cryptsetup", "usr/bin/lvm", "usr/bin/mdadm", "libgcc_s.so.1", "_ssl"):
        assert word in names
    for module in ("dm-crypt", "xts", "dm-mod", "raid456", "e1000e", "r8169"):
        assert any(name.endswith(f"/{module}.ko") for name in full), module
    assert "etc/ssl/certs/ca-certificates.crt" in full
    assert "usr/lib/python3.11/kxsh/machine/linux/download.pyc" in full
    assert "lvm2" in full["usr/bin/lvm"].package


@pytest.mark.parametrize(
    "argv", [["cryptsetup", "--version"], ["lvm", "version"], ["mdadm", "--version"]]
)
def test_the_programs_start(tree: Path, argv: list[str]) -> None:
    done = inside(tree, *argv)
    assert "rror while loading" not in done.stderr
    assert done.returncode == 0 or "control" in done.stderr, done.stderr


def test_python_fetches_there(tree: Path) -> None:
    code = "from kxsh.machine.linux import download; import ssl; ssl.create_default_context()"
    done = inside(tree, "python3", "-S", "-E", "-I", "-c", code)
    assert done.returncode == 0, done.stderr


def test_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert features.parse("net,luks net") == ("luks", "net")
    assert features.parse("") == ()
    with pytest.raises(ImageError, match="no feature luka") as caught:
        features.parse("luka")
    assert "did you mean luks?" in caught.value.hint
    assert main(["adapt", "x.img", "-o", "y.img", "--loader", "l.efi", "--with", "md"]) == 1
    assert "cannot go with --loader" in capsys.readouterr().err


def test_the_target_names_the_same_features_and_packages() -> None:
    assert set(programs.FEATURES) == set(features.FEATURES)
    for name, feature in features.FEATURES.items():
        for program in feature.programs:
            assert programs.FEATURES[name][program] == tools.PACKAGES[program]


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "which", lambda program: None)
    with pytest.raises(ImageError, match="the program cryptsetup") as caught:
        features.paths(["luks"])
    assert "apt install cryptsetup-bin" in caught.value.hint


def test_the_german_layout_has_umlauts() -> None:
    """Debian's `de` is the one of seven bits; what a person means is de-latin1."""
    (table,) = features.keymaps({"de": features.common_layouts()["de"]})
    assert table.path == "usr/share/keymaps/de.bmap"
    plain = table.data[7 + 256 :]  # the table of keys without a modifier, after the flags
    keys = [int.from_bytes(plain[2 * code : 2 * code + 2], "little") for code in (26, 39, 40)]
    assert bytes(key & 0xFF for key in keys).decode("latin-1") == "üöä"


def test_keyboard_layouts(full: Files) -> None:
    layouts = {name: item.data for name, item in full.items() if name.endswith(".bmap")}
    assert len(layouts) > 50
    german, american = (layouts[f"usr/share/keymaps/{name}.bmap"] for name in ("de", "us"))
    assert german.startswith(b"bkeymap") and american.startswith(b"bkeymap")
    assert german != american
