"""Kernel parameters: the list made from the kernel's documentation, and whose a word is."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from kxsh.boot import parameters
from kxsh.boot.cmdline import Cmdline
from kxsh.boot.parameters import classify, classify_line, parameter


@pytest.fixture(scope="module")
def script(root: Path) -> ModuleType:
    path = root / "scripts" / "kernel_parameters.py"
    spec = importlib.util.spec_from_file_location("kernel_parameters", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_about_a_thousand_are_known_with_their_version(root: Path) -> None:
    text = (root / "data" / "kernel-parameters.txt").read_text(encoding="utf-8")
    assert "linux-doc-6.1 6.1." in text.partition("# name")[0]
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(lines) > 900
    assert lines == sorted(lines)
    assert max(map(len, lines)) < 400


@pytest.mark.parametrize(
    ("name", "forms", "kind"),
    [
        ("quiet", ("flag",), ""),
        ("root", ("value",), ""),
        ("acpi", ("value",), "choice"),
        ("isolcpus", ("value",), "list"),
        ("log_buf_len", ("value",), "size"),
        ("log-buf-len", ("value",), "size"),
        ("acpi_apic_instance", ("value",), "int"),
        ("usbcore.nousb", ("flag",), ""),
    ],
)
def test_what_the_list_says(name: str, forms: tuple[str, ...], kind: str) -> None:
    found = parameter(name)
    assert found is not None
    assert (found.forms, found.kind) == (forms, kind)


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("quiet", "kernel"),
        ("root=/dev/sda1", "kernel"),
        ("rootdelay=5", "kernel"),
        ("print-fatal-signals=1", "kernel"),
        ("ether=9,0x300", "kernel"),
        ("aha152x=0x140,12", "kernel"),
        ("usb-storage.delay_use=0", "kernel"),
        ("initrd=initrd.img", "loader"),
        ("vga=791", "loader"),
        ("e1000e.InterruptThrottleRate=0", "module"),
        ("i915.modeset=0", "module"),
        ("rd.luks.uuid=x", "module"),
        ("TERM=vt100", "environment"),
        ("BOOT_IMAGE=vmlinuz.bak", "environment"),
        ("boot=live", "environment"),
        ("single", "argument"),
        ("nofb", "argument"),
        ("5", "argument"),
        ('"a b"', "argument"),
        ("", "argument"),
        ("=", "environment"),
    ],
)
def test_whose_a_word_is(token: str, kind: str) -> None:
    origin = classify(token)
    assert origin.kind == kind
    assert origin.meaning and "\n" not in origin.meaning


def test_meanings() -> None:
    assert classify("panic=30").meaning.startswith("seconds until a restart")
    assert classify("rd.luks.uuid=x").meaning == "read by dracut"
    assert classify("cdroot").meaning.endswith("read by the Gentoo live system")
    assert classify("acpi_rev_override").meaning == "a kernel parameter (ACPI)"
    assert classify("foo.bar=1").meaning == "the parameter bar of the module foo"


def test_after_two_dashes_all_is_init_s() -> None:
    kinds = [origin.kind for _, origin in classify_line(Cmdline("quiet x -- quiet root=1"))]
    assert kinds == ["kernel", "argument", "separator", "argument", "argument"]


def test_without_the_list_the_common_ones_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kxsh.resources.parameters_path", lambda: "/none")
    monkeypatch.setattr(parameters, "_loaded", [])
    assert classify("quiet").kind == "kernel"
    assert parameter("zswap.enabled") is None


def test_the_script_reads_names_forms_and_kinds(script: ModuleType) -> None:
    text = (
        "\tfoo=\t\t[HW,ACPI]\n\t\t\tFormat: { on | off }\n\t\t\ton -- a\n\n"
        "\tbar\t\t[KNL] words\n\tbar=\t\t<int>\n"
        '\tmem=nn[KMG]\t[KNL]\n\t<module>.dyndbg[="val"]\n'
    )
    lines = [item.line() for item in script.read(text).values()]
    assert lines == [
        "foo\tvalue\tchoice\tHW,ACPI\ton|off",
        "bar\tflag+value\tint\tKNL",
        "mem\tvalue\tsize\tKNL",
    ]


def test_the_list_is_what_the_documentation_gives(script: ModuleType, root: Path) -> None:
    """Where Debian's linux-doc is installed, in the version that the list names."""
    listed = (root / "data" / "kernel-parameters.txt").read_text(encoding="utf-8")
    if not script.SOURCE.exists():
        assert f"of {script.PACKAGE} " in listed
        return
    found = script.read(gzip.decompress(script.SOURCE.read_bytes()).decode())
    names = {line.split("\t")[0] for line in listed.splitlines() if not line.startswith("#")}
    # Another version of the documentation differs in a few names.
    assert len(names ^ set(found)) < 40
