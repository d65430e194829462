"""Menus."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = (
    Code(
        "KX701",
        "warning",
        "menu without a time in an unattended script",
        """
`on-failure reboot` or `poweroff` says that nobody watches this machine, and the menu waits
for a key for ever. A power cut at night, and the machine stands there until somebody comes.

With `--timeout` the default starts by itself; without `--default` that is the first entry
that can be started.
""",
        (
            'kxs 1\non-failure reboot 30s\nmenu "Which one?" {\n'
            "  entry a { boot LABEL=A:/vmlinuz --set panic=30 }\n"
            "  entry b { boot LABEL=B:/vmlinuz --set panic=30 }\n}\n"
        ),
        (
            'kxs 1\non-failure reboot 30s\nmenu "Which one?" --timeout 10s --default a {\n'
            "  entry a { boot LABEL=A:/vmlinuz --set panic=30 }\n"
            "  entry b { boot LABEL=B:/vmlinuz --set panic=30 }\n}\n"
        ),
    ),
    Code(
        "KX702",
        "error",
        "duplicate entry",
        """
Two entries of one menu have the same id, or the same hot key. An id names one entry for
`--default`, `--fallback` and whoever reads the log, and a key can start one only.
""",
        (
            'kxs 1\nmenu "m" --timeout 5s {\n  entry a "Old" { boot LABEL=A:/old }\n'
            '  entry a "New" { boot LABEL=A:/new }\n}\n'
        ),
        (
            'kxs 1\nmenu "m" --timeout 5s {\n  entry old "Old" { boot LABEL=A:/old }\n'
            '  entry new "New" { boot LABEL=A:/new }\n}\n'
        ),
    ),
    Code(
        "KX703",
        "error",
        "default or fallback names no entry",
        """
`--default` and `--fallback` take the id of an entry of this menu, which is its first word
and not its title. One that is not there is an error when the menu is shown.
""",
        (
            'kxs 1\nmenu "m" --timeout 5s --default rescue {\n'
            "  entry normal { boot LABEL=A:/vmlinuz }\n}\n"
        ),
        (
            'kxs 1\nmenu "m" --timeout 5s --default normal {\n'
            "  entry normal { boot LABEL=A:/vmlinuz }\n}\n"
        ),
    ),
    Code(
        "KX704",
        "error",
        "entry outside a menu",
        """
`entry` adds a line to the menu in whose block it stands; there is none here. A function may
add entries too, when it is called from a menu's block.
""",
        'kxs 1\nentry a "The only one" { boot LABEL=A:/vmlinuz }\n',
        ('kxs 1\nmenu "m" --timeout 5s {\n  entry a "The only one" { boot LABEL=A:/vmlinuz }\n}\n'),
    ),
    Code(
        "KX705",
        "warning",
        "question without a time in an unattended script",
        """
`on-failure reboot` or `poweroff` says that nobody watches this machine, and this command
asks for a passphrase. It waits for 2 minutes, fails, and the script goes on with its `else` or
its policy. Give it a key file, or say by `--timeout` how long it is to wait.
""",
        (
            "kxs 1\non-failure reboot 30s\nlet disk = luks-open PARTLABEL=crypt\n"
            "boot $disk:/vmlinuz --set panic=30\n"
        ),
        (
            "kxs 1\non-failure reboot 30s\nlet disk = luks-open PARTLABEL=crypt --timeout 1m\n"
            "boot $disk:/vmlinuz --set panic=30\n"
        ),
    ),
    Code(
        "KX706",
        "error",
        "time without a unit, as other loaders write it",
        """
ISOLINUX's `timeout 150` is 150 tenths of a second, GRUB's `timeout=15` is 15 seconds. A
number alone does not say which, so a time has a unit: `15s`, `500ms`, `2m`.
""",
        'kxs 1\nmenu "m" --timeout 150 {\n  entry a { boot LABEL=A:/vmlinuz }\n}\n',
        'kxs 1\nmenu "m" --timeout 15s {\n  entry a { boot LABEL=A:/vmlinuz }\n}\n',
    ),
    Code(
        "KX707",
        "warning",
        "fallback that asks first",
        """
What has `--confirm` starts when a person says so once more. A fallback starts because another
entry has failed, with nobody asked, so such an entry is left out there: the failure stands.
""",
        (
            'kxs 1\nmenu "m" --timeout 5s --default a --fallback b {\n'
            "  entry a { boot LABEL=A:/vmlinuz }\n"
            "  entry b --confirm { boot LABEL=B:/vmlinuz }\n}\n"
        ),
        (
            'kxs 1\nmenu "m" --timeout 5s --default a --fallback b {\n'
            "  entry a { boot LABEL=A:/vmlinuz }\n"
            "  entry b { boot LABEL=B:/vmlinuz }\n}\n"
        ),
    ),
)
