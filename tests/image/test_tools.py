"""Running helper programs, and naming the package of what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from kxsh.errors import TimedOut
from kxsh.image import tools
from kxsh.image.tools import ImageError


def test_output_input_and_folder(tmp_path: Path) -> None:
    assert tools.run(["cat"], input=b"a\0b") == b"a\0b"
    assert tools.run(["pwd"], cwd=tmp_path).decode().strip() == str(tmp_path)


def test_without_input_nothing_waits_for_a_terminal() -> None:
    assert tools.run(["cat"], timeout=5) == b""


def test_failure_shows_the_last_lines_made_harmless() -> None:
    script = "printf 'first\\nwhy \\033[31mred\\n' >&2; exit 3"
    with pytest.raises(ImageError) as caught:
        tools.run(["sh", "-c", script])
    assert caught.value.message == "sh failed (exit code 3): first; why \\x1b[31mred"


def test_other_exit_codes_may_be_right() -> None:
    assert tools.run(["sh", "-c", "echo yes; exit 1"], ok=(0, 1)) == b"yes\n"


def test_a_signal_is_named() -> None:
    with pytest.raises(ImageError, match="killed by signal 9"):
        tools.run(["sh", "-c", "kill -9 $$"])


def test_time_limit() -> None:
    with pytest.raises(TimedOut, match="did not end within 100ms"):
        tools.run(["sleep", "20"], timeout=0.1)


def test_missing_program_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(tools, "_SYSTEM_FOLDERS", ())
    with pytest.raises(ImageError) as caught:
        tools.run(["zstd", "-c"])
    assert "zstd is not installed" in caught.value.message
    assert caught.value.hint.endswith("apt install zstd")


def test_system_folders_are_searched_without_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert tools.require("sh").endswith("/sh")


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("mcopy", "mtools"),
        ("/usr/lib/systemd/boot/efi/linuxx64.efi.stub", "systemd-boot-efi"),
        ("/usr/share/OVMF/OVMF_CODE_4M.fd", "ovmf"),
        ("/lib/modules/6.1.0/modules.dep", "linux-image-amd64"),
        ("/boot/vmlinuz-6.1.0", "linux-image-amd64"),
    ],
)
def test_packages(name: str, package: str) -> None:
    assert tools.package_of(name) == package


def test_unknown_names_promise_nothing() -> None:
    assert tools.package_of("/nowhere") is None
    assert tools.install_hint("/nowhere") == ""


def test_missing_file_says_what_it_is_for(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=f"the UEFI stub {tmp_path}/stub is not there"):
        tools.require_file(tmp_path / "stub", "the UEFI stub")
