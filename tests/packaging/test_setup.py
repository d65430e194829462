"""scripts/setup with a made-up apt: what it installs, when, and how it stops.

The script is the real one; dpkg-query, apt-cache, apt-get and id are fakes that answer
from files and log what they were asked. No Python is given to it, so that it stops after
the packages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_PROGRAMS = "awk bash cat comm cut dirname env grep head rm sha256sum sort".split()
_FAKES = {
    "dpkg-query": 'shift 2; for p in "$@"; do grep -qx "$p" installed && echo "installed $p"; done',
    "apt-cache": 'shift; for p in "$@"; do grep -qx "$p" lists && '
    'printf "%s:\\n  Installed: (none)\\n  Candidate: 1.0\\n" "$p"; done',
    "apt-get": """
        echo "$*" | grep -oE "(update|install .*)$" >>log
        case "$*" in
        *" update") cat mirror >>lists ;;
        *install*) [ ! -e broken ] || { rm broken; exit 100; } ;;
        esac""",
    "id": "cat uid",
}
_PACKAGES_DONE = "setup: PYTHON=/none is not a Python 3.11 or newer\n"


class Host:
    """A machine for the script, in a folder."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder = folder
        self.packages = [
            line.split()[0]
            for line in (root / "scripts" / "packages.txt").read_text().splitlines()
            if line and not line.startswith("#") and " unpacked " not in line
        ]
        shutil.copytree(root / "scripts", folder / "scripts")
        (folder / "bin").mkdir()
        for name in _PROGRAMS:
            (folder / "bin" / name).symlink_to(shutil.which(name) or f"missing-{name}")
        for name, text in _FAKES.items():
            self.program(name, text)
        self.write("uid", "0")
        self.write("log")
        self.write("mirror", *self.packages)
        self.write("lists", *self.packages)
        self.write("installed", *self.packages)

    def program(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/bash\ncd {self.folder}\n{text}\nexit 0\n")
        path.chmod(0o755)

    def write(self, name: str, *lines: str) -> None:
        (self.folder / name).write_text("".join(f"{line}\n" for line in lines))

    def uninstall(self, *names: str) -> None:
        self.write("installed", *(name for name in self.packages if name not in names))

    def asked(self) -> list[str]:
        """What apt-get was asked to do, in order."""
        return (self.folder / "log").read_text().splitlines()

    def setup(self, *words: str, **environment: str) -> tuple[str, str]:
        """Run scripts/setup, which must not succeed without a Python; return out, err."""
        done = subprocess.run(
            ["bash", str(self.folder / "scripts" / "setup"), *words],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env={"PATH": str(self.folder / "bin"), "PYTHON": "/none", **environment},
            timeout=30,
            check=False,
        )
        assert done.returncode == 1
        return done.stdout, done.stderr


@pytest.fixture
def host(tmp_path: Path, root: Path) -> Host:
    return Host(tmp_path, root)


def test_nothing_missing_asks_apt_for_nothing(host: Host) -> None:
    assert host.setup() == ("", _PACKAGES_DONE)
    assert host.asked() == []


def test_only_the_missing_are_installed_and_explained(host: Host) -> None:
    host.uninstall("mtools", "zstd")
    out, err = host.setup()
    assert err == _PACKAGES_DONE
    assert host.asked() == ["install --no-install-recommends mtools zstd"]
    assert "reads and writes FAT inside an image" in out
    assert "compresses the initramfs" in out


def test_what_would_replace_the_boot_loader_is_only_unpacked(host: Host) -> None:
    for name in ("mkdir", "mv"):
        (host.folder / "bin" / name).symlink_to(shutil.which(name) or "")
    packages = host.folder / "build/packages"
    # A download goes into the folder that apt-get was started in.
    host.program("apt-get", f'cd {packages}/$5.new; [ "$4" = download ] && : >package.deb')
    unpack = f"for place in {packages}/*.new; do : >$place/unpacked; done"
    host.program("dpkg-deb", f'[ "$*" = "-x ./package.deb ." ] && {unpack}')
    out, err = host.setup()
    assert "unpacking the Debian package grub-legacy into build/packages: GRUB 0.97" in out
    assert err == _PACKAGES_DONE
    names = {str(path.relative_to(packages)) for path in packages.rglob("*") if path.is_file()}
    assert names == {
        f"{name}/unpacked" for name in ("grub-legacy", "libsystemd-shared", "systemd-boot")
    }
    assert host.setup() == ("", _PACKAGES_DONE)


def test_empty_lists_are_fetched_first(host: Host) -> None:
    host.uninstall("xorriso")
    host.write("lists")
    assert host.setup()[1] == _PACKAGES_DONE
    assert host.asked() == ["update", "install --no-install-recommends xorriso"]


def test_lists_older_than_the_mirror_are_fetched_once(host: Host) -> None:
    host.uninstall("ovmf")
    host.write("broken")
    assert host.setup()[1] == _PACKAGES_DONE
    install = "install --no-install-recommends ovmf"
    assert host.asked() == [install, "update", install]


def test_a_package_that_the_mirror_has_not_is_named(host: Host) -> None:
    host.uninstall("ovmf", "isolinux")
    host.write("lists")
    host.write("mirror", *(name for name in host.packages if name != "isolinux"))
    err = host.setup()[1]
    assert "apt knows no such packages here" in err
    assert "isolinux " in err
    assert "ovmf" not in err
    assert host.asked() == ["update"]


def test_without_root_and_sudo_it_says_what_to_run(host: Host) -> None:
    host.uninstall("ovmf")
    host.write("uid", "1000")
    err = host.setup()[1]
    assert "needs root" in err
    assert "install --no-install-recommends ovmf" in err
    assert host.asked() == []


def test_sudo_is_used_where_it_needs_no_password(host: Host) -> None:
    host.uninstall("ovmf")
    host.write("uid", "1000")
    host.program("sudo", 'if [ "$1" = -n ]; then exit 0; fi; "$@"')
    assert host.setup()[1] == _PACKAGES_DONE
    assert host.asked() == ["install --no-install-recommends ovmf"]


def test_without_apt_the_packages_are_named(host: Host) -> None:
    os.remove(host.folder / "bin" / "apt-get")
    err = host.setup()[1]
    assert "this system has no apt-get" in err
    assert not [name for name in host.packages if name not in err]


def test_the_linters_need_no_apt(host: Host) -> None:
    os.remove(host.folder / "bin" / "apt-get")
    assert host.setup("python") == ("", _PACKAGES_DONE)


def test_packages_can_be_left_to_the_user(host: Host) -> None:
    host.uninstall("ovmf")
    assert host.setup(KXSH_SETUP_PACKAGES="skip") == ("", _PACKAGES_DONE)
    assert host.asked() == []


def test_the_python_group_installs_only_itself(host: Host) -> None:
    host.uninstall("ovmf", "python3-venv")
    host.setup("python")
    assert host.asked() == ["install --no-install-recommends python3-venv"]
