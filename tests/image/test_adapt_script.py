"""The boot.kxs that `kximage adapt` puts in: one to suit the image, or the user's."""

from __future__ import annotations

import os
from pathlib import Path

import adapt_images as images
import pytest

from kxsh.checker import check_source
from kxsh.errors import KxshError
from kxsh.image import boot_script, layout
from kxsh.image.boot_script import FaultyScript, Script
from kxsh.source import Source

ONE = "default linux\nlabel linux\n  kernel linux\n  append initrd=initrd.gz  quiet\n"
CLOSING = '  entry recovery-prompt "Recovery prompt" { recovery "chosen in the menu" }\n}\n'
EVERY = (
    "  for e in $all {\n"
    "    entry ${e.id} ${e.full_title} --boots $e --unless ${e.reason} { load $e; exec }\n"
    "  }\n"
)


def suited(image: Path) -> Script:
    fd = os.open(image, os.O_RDONLY)
    try:
        return boot_script.suit(layout.read_layout(str(image), fd))
    finally:
        os.close(fd)


def statements(script: Script) -> str:
    """The script without its comments; the checker has nothing to say of it."""
    assert check_source(Source("boot.kxs", script.data.decode())) == []
    lines = script.data.decode().splitlines(keepends=True)
    return "".join(line for line in lines if line.strip() and not line.startswith("#"))


def of_config(folder: Path, config: str, *more: str | Path) -> str:
    image = images.make_iso(folder / "an.iso", images.make_tree(folder / "tree", config), *more)
    return statements(suited(image))


def test_one_entry(tmp_path: Path) -> None:
    assert of_config(tmp_path, ONE) == (
        "kxs 1\n"
        "let image = mount (part ${esp.disk} 1)\n"
        "load (isolinux-entry $image/isolinux/isolinux.cfg)\n"
        "exec\n"
    )


def test_a_menu_with_a_timeout(tmp_path: Path) -> None:
    config = "ui vesamenu.c32\nmenu title Live 1.0\n" + images.CONFIG
    assert of_config(tmp_path, config) == (
        "kxs 1\n"
        "let image = mount (part ${esp.disk} 1)\n"
        "let all = isolinux-entries $image/isolinux/isolinux.cfg\n"
        'menu "Live 1.0" --default ${all.default} --timeout 5s {\n' + EVERY + CLOSING
    )


def test_a_menu_that_waits_for_ever(tmp_path: Path) -> None:
    config = "ui vesamenu.c32\n" + images.CONFIG.replace("timeout 50\n", "")
    text = of_config(tmp_path, config)
    assert 'menu "Boot menu" --default ${all.default} {\n' in text


def test_a_default_that_starts_at_once(tmp_path: Path) -> None:
    text = of_config(tmp_path, images.CONFIG)
    assert text.endswith("load (isolinux-entry $image/isolinux/isolinux.cfg)\nexec\n")


def test_a_default_that_kexec_cannot_start(tmp_path: Path) -> None:
    config = "ui vesamenu.c32\n" + images.CONFIG.replace("default linux", "default local")
    text = of_config(tmp_path, config + "label local\n  localboot 0\n")
    assert 'menu "Boot menu" {\n' in text, "no countdown to something that must fail"


def test_a_menu_of_grub(tmp_path: Path) -> None:
    tree = images.make_tree(tmp_path / "tree", ONE)
    (tree / "isolinux/isolinux.cfg").unlink()
    grub = tree / "boot/grub"
    grub.mkdir(parents=True)
    image = tmp_path / "an.iso"
    entries = "menuentry One --id 1 { linux /boot/k; }\nmenuentry Two { linux /boot/k; }\n"
    (grub / "grub.cfg").write_text(f"set timeout=5\nset default=Two\n{entries}")
    images.make_iso(image, tree)
    assert statements(suited(image)) == (
        "kxs 1\n"
        "let image = mount (part ${esp.disk} 1)\n"
        "let all = grub-entries $image/boot/grub/grub.cfg\n"
        'menu "Boot menu" --default ${all.default} --timeout 5s {\n' + EVERY + CLOSING
    )


GUARD = 'set superusers="root"\npassword root secret\nset timeout=5\n'


@pytest.mark.parametrize(
    "entries", ["menuentry A { linux /k }\n", "menuentry A { linux /k }\n" * 2]
)
def test_superusers_of_grub_are_asked_for(tmp_path: Path, entries: str) -> None:
    tree = images.make_tree(tmp_path / "tree", ONE)
    (tree / "isolinux/isolinux.cfg").unlink()
    grub = tree / "boot/grub"
    grub.mkdir(parents=True)
    (grub / "grub.cfg").write_text(GUARD + entries)
    images.make_iso(tmp_path / "an.iso", tree)
    text = suited(tmp_path / "an.iso").data.decode()
    lines = text.splitlines()
    assert "let all = grub-entries $image/boot/grub/grub.cfg" in lines
    after = lines[lines.index("let all = grub-entries $image/boot/grub/grub.cfg") + 1]
    assert after.startswith("lock password --menu $all")
    assert "secret" not in text


def test_a_title_is_no_code(tmp_path: Path) -> None:
    config = 'ui vesamenu.c32\nmenu title A "b" $c \\d\n' + images.CONFIG
    assert 'menu "A \\"b\\" \\$c \\\\d" ' in of_config(tmp_path, config)


def test_words_with_odd_characters() -> None:
    assert boot_script._word("/boot/syslinux.cfg") == "$image/boot/syslinux.cfg"
    assert boot_script._word("/my disk/a$b") == '"$image/my disk/a\\$b"'


@pytest.mark.parametrize("make", [images.make_mbr_disk, images.make_gpt_disk])
def test_extlinux_on_a_partition(tmp_path: Path, make: object) -> None:
    assert callable(make)
    disk = make(tmp_path / "disk.img", images.make_extlinux_tree(tmp_path / "tree"))
    script = suited(disk)
    assert script.origin == "written to suit /boot/extlinux/extlinux.conf on partition 1"
    assert "load (isolinux-entry $image/boot/extlinux/extlinux.conf)\nexec\n" in statements(script)


GRUB = "set timeout=5\nmenuentry A { linux /k }\n"
ENTRIES = ("loader/entries/a.conf", "loader/entries/b.conf")
OTHERS: list[tuple[dict[str, str], list[str]]] = [
    (
        {"boot/grub/grub.cfg": GRUB + GRUB.replace("A", "B")},
        [
            "let all = grub-entries $image/boot/grub/grub.cfg",
            'menu "Boot menu" --default ${all.default} --timeout 5s {',
        ],
    ),
    (
        {"boot/grub/grub.cfg": GRUB},
        ["load (grub-entry $image/boot/grub/grub.cfg)", "exec"],
    ),
    (
        {"loader/loader.conf": "", **dict.fromkeys(ENTRIES, "linux /k")},
        ["load (bls-entry $image/loader/loader.conf)", "exec"],
    ),
    (
        {"etc/lilo.conf": "prompt\ntimeout=50\nimage=/k\n label=a\nimage=/k\n label=b\n"},
        [
            "let all = loader-entries $image/etc/lilo.conf --format lilo",
            'menu "Boot menu" --default ${all.default} --timeout 5s {',
        ],
    ),
    (
        {"boot/grub/menu.lst": "title A\nkernel /k\n"},
        [
            "let all = loader-entries $image/boot/grub/menu.lst --format grub-legacy",
            "load ${all.default}",
        ],
    ),
    (
        {"boot/grub/grub.cfg": "menuentry A { linux /k }\n", "boot/syslinux/syslinux.cfg": ONE},
        ["load (isolinux-entry $image/boot/syslinux/syslinux.cfg)", "exec"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("files", "lines"), OTHERS)
def test_the_menus_of_other_loaders(
    tmp_path: Path, files: dict[str, str], lines: list[str]
) -> None:
    for name, text in {**files, "k": "kernel"}.items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    written = statements(suited(images.make_mbr_disk(tmp_path / "disk.img", tmp_path / "tree")))
    assert written.splitlines()[1] == "let image = mount (part ${esp.disk} 1)"
    assert written.splitlines()[2 : 2 + len(lines)] == lines


def test_no_menu(tmp_path: Path) -> None:
    disk = images.make_disk(tmp_path / "disk.img", 8, "label: dos\nstart=2048, size=2048\n")
    script = suited(disk)
    assert "no boot menu was found" in script.origin
    assert statements(script).startswith("kxs 1\nrecovery ")


def test_the_user_s_script_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "boot.kxs"
    data = b'\xef\xbb\xbfkxs 1\r\nrecovery "edited in Notepad"\r\n'
    path.write_bytes(data)
    assert boot_script.read_script(path).data == data


def test_a_script_with_errors(tmp_path: Path) -> None:
    path = tmp_path / "boot.kxs"
    path.write_text("kxs 1\nlet image = mout LABEL=X\n")
    with pytest.raises(FaultyScript) as caught:
        boot_script.read_script(path)
    assert "mout" in caught.value.findings
    assert "boot.kxs:2" in caught.value.findings
    assert "has errors; nothing was written" in caught.value.message


def test_what_is_no_script(tmp_path: Path) -> None:
    path = tmp_path / "boot.kxs"
    path.write_bytes(b'kxs 1\nsay "\xff"\n')
    with pytest.raises(FaultyScript) as caught:
        boot_script.read_script(path)
    assert "UTF-8" in caught.value.findings
    path.write_bytes(b"# " * (1 << 20))
    with pytest.raises(KxshError, match="too large"):
        boot_script.read_script(path)
    with pytest.raises(KxshError, match="cannot read"):
        boot_script.read_script(tmp_path / "absent.kxs")


def test_imports_come_along(tmp_path: Path) -> None:
    (tmp_path / "boot.kxs").write_text(
        'kxs 1\nimport "a.kxs" as a\nimport "lib/b.kxs" as b\na.hello\nb.hello\nrecovery "done"\n'
    )
    (tmp_path / "a.kxs").write_text('kxs 1\nfn hello() { say "a" }\n')
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "b.kxs").write_bytes(b'kxs 1\r\nfn hello() { say "b" }\r\n')
    script = boot_script.read_script(tmp_path / "boot.kxs")
    assert list(script.imports) == ["a.kxs", "lib/b.kxs"]
    assert script.imports["lib/b.kxs"] == (tmp_path / "lib" / "b.kxs").read_bytes()
    (tmp_path / "a.kxs").write_text("kxs 1\nfn hello( {\n")
    with pytest.raises(FaultyScript) as caught:
        boot_script.read_script(tmp_path / "boot.kxs")
    assert "a.kxs:2" in caught.value.findings


def test_an_import_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "boot.kxs").write_text('kxs 1\nimport "../a.kxs" as a\na.hello\nrecovery "x"\n')
    (tmp_path / "a.kxs").write_text('kxs 1\nfn hello() { say "a" }\n')
    with pytest.raises(KxshError, match="cannot be put beside"):
        boot_script.read_script(tmp_path / "boot.kxs")
