"""The loader's own start on a made-up machine, as a program to be run on a pty."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

import machines

from kxsh import init
from kxsh.commands import layers
from kxsh.console import access
from kxsh.errors import IoFailure
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Ended, FirmwareEntry, Mount
from kxsh.machine.supervisor import supervise
from kxsh.menus import search

MENU = """\
kxs 1
menu "Kiosk" --timeout 30s --default a {
  for e in entries LABEL=GENTOO:/ {
    if ${e.id} == "gentoo" {
      entry a "The default" --boots $e { say "DEFAULT STARTED"; reboot }
      entry b "Another" --boots $e { say "ANOTHER STARTED"; reboot }
    }
  }
  entry c "For all" --key c --unrestricted { say "FREE STARTED"; reboot }
}
"""
SURE = """\
kxs 1
menu "Kiosk" --timeout 30s --default a {
  entry a "The default" { say "DEFAULT STARTED"; reboot }
  entry d "Wipe" --key d --confirm { say "WIPE STARTED"; reboot }
}
"""
SCRIPTS = {
    "sure": SURE,
    "menu": MENU,
    "default": MENU.replace("30s", "300ms"),
    "fails": "kxs 1\nlet x = mount LABEL=NOWHERE\n",
    "refused": "kxs 1\nexec\n",
    "reboots": "kxs 1\non-failure reboot 1s\nfail broken\n",
    "sleeps": 'kxs 1\nsay "SLEEPING"\nrun sleeper\n',
    "recovery": 'kxs 1\nrecovery "asked for"\n',
    "dies": "kxs 1\non-failure reboot 3s\nrun killer\n",
    "umlaut": 'kxs 1\nsay "\xe9"\n',
    "typos": 'kxs 1\nlod LABEL=GENTOO:/isolinux/vmlinuz # one\nif true {\n  sy "now"\n}\nexec\n',
    "block": """kxs 1
# The stick.
if true {
  let image = mount LABEL=GENTOO
  let folder = "$image/isolinux"
  # Its kernel.
  load $folder/vmlinuz --initrd $folder/none # as it is
  exec
}
""",
    "both fail": """kxs 1
on-failure reboot 2s
menu "M" --timeout 1s --default a --fallback b {
  entry a "A" { fail "a is broken" }
  entry b "B" { fail "b is broken" }
}
""",
    "encrypted": "kxs 1\non-failure reboot 1s\nluks-open /dev/sda\n",
    "asks": "kxs 1\nluks-open /dev/sda\n",
    "guarded": """kxs 1
on-failure reboot 1s
let all = grub-entries LABEL=GENTOO:/boot/grub/grub.cfg
lock password --menu $all
menu "M" --timeout 1s --default root {
  for e in $all {
    if ${e.title} == "For root" { entry root ${e.title} --boots $e { say "STARTED"; reboot } }
  }
}
""",
    "found": """kxs 1
menu "Kiosk" --timeout 300ms {
  for e in entries { entry ${e.id} ${e.title} --boots $e { say "STARTED ${e.title}"; reboot } }
}
""",
    "superusers": """kxs 1
let image = mount LABEL=GENTOO
say "MOUNTED"
let all = grub-entries $image/boot/grub/grub.cfg
lock password --menu $all  # the superusers of this menu
menu "GRUB" --timeout 60s {
  for e in $all { entry ${e.id} ${e.full_title} --boots $e { load $e; exec } }
}
""",
    "steps": """kxs 1
fail "first"
menu "M" --timeout 60s --default a {
  entry a "Two lines" --key x {
    say "one"
    say "two"
  }
  entry b "Broken" --key y { fail "y is broken" }
  entry d "Cable" --key z --unrestricted { recovery "CHECK THE CABLE" }
}
""",
    "late": """kxs 1
fail "first"
if true { lock off --delay 1s }
fail "second"
""",
    "nul": 'kxs 1\nsay "\0"\n',
}
SCRIPTS["superusers, handled"] = """kxs 1
lock password --menu (grub-entries LABEL=GENTOO:/boot/grub/grub.cfg) else { say "no menu" }
fail "later"
"""
_BOOTS = """let a = mount LABEL=GENTOO
  let b = mount LABEL="KXSH ESP"
  load $a/isolinux/vmlinuz
  exec
"""
SCRIPTS["boots in a block"] = f"kxs 1\non-failure reboot 1s\nif true {{\n  {_BOOTS}}}\n"
SCRIPTS["boots by a menu"] = f"""kxs 1
on-failure reboot 1s
menu "M" --timeout 1s --default a --fallback b {{
  entry a "A" {{ {_BOOTS} }}
  entry b "B" {{ say "THE FALLBACK"; load LABEL=GENTOO:/isolinux/vmlinuz; exec }}
}}
"""
SCRIPTS["superusers, refused"] = SCRIPTS["superusers"] + "frobnicate\n"
SCRIPTS["superusers, unreadable"] = SCRIPTS["superusers"] + "if {\n"
SCRIPTS["cable"] = SCRIPTS["steps"].replace('fail "first"\n', "")
SCRIPTS["one chosen"] = SCRIPTS["both fail"].replace("1s --default", "60s --default")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cmdline", default="")
    parser.add_argument("--store", required=True)
    parser.add_argument("--script", default="menu")
    parser.add_argument("--lock", default="", help="a line at the script's start")
    parser.add_argument("--grub", default="", help="the hash of root's password in GRUB's menu")
    parser.add_argument("--patience", type=float, help="with what is typed unseen, in seconds")
    parser.add_argument("--grub-cfg", help="a file: the whole of GRUB's menu")
    parser.add_argument("--plugged", action="store_true", help="a disk with a menu of its own")
    parser.add_argument("--bare", action="store_true", help="no menu is on the loader's own disk")
    parser.add_argument("--slow", help="a disk that hangs, or is slow: PATH=SECONDS")
    parser.add_argument("--pulled", action="store_true", help="the loader's disk, meanwhile")
    parser.add_argument("--fault", choices=["reader", "unmount"], help="in reading menus")
    parser.add_argument("--kexec-loader", help="its configuration, on the loader's own disk")
    parser.add_argument("--fast", action="store_true", help="pauses are a hundredth")
    parser.add_argument("--restarted", action="store_true", help="as PID 1 does after a death")
    parser.add_argument("--hung-disk", action="store_true", help="writing it out never ends")
    parser.add_argument("--hung-mounts", help="disks that are not let go of: PATH,PATH")
    parser.add_argument("--encoding", default="utf-8", help="the script's")
    parser.add_argument("--ended", default="137", help="the status that it died with")
    parser.add_argument("--no-libcrypt", action="store_true")
    parser.add_argument("--break-dialog", action="store_true")
    arguments = parser.parse_args()
    text = SCRIPTS.get(arguments.script, "").replace("kxs 1\n", f"kxs 1\n{arguments.lock}\n", 1)
    script = text.encode(arguments.encoding)
    made = machines.machine(
        script, arguments.grub, (FirmwareEntry(0, "UiApp"),),
        sleeper=machines.sleeper, killer=machines.killer,
    )  # fmt: skip
    if arguments.patience:
        layers._PATIENCE = access._QUESTION_TIME = arguments.patience
    if arguments.grub_cfg:
        machines.put_grub(made, Path(arguments.grub_cfg).read_text())
    if arguments.fault:
        break_menus(made, arguments.fault)
    if arguments.bare:
        made.remove("/dev/sda1")
    if arguments.kexec_loader is not None:
        machines.put_kexec_loader(made, arguments.kexec_loader)
    if arguments.plugged:
        machines.plug(made)
    if arguments.slow:
        machines.slow_down(made, arguments.slow, pulled=arguments.pulled)
    init.LOCK_STORE, init.LOG = arguments.store, f"{arguments.store}.log"
    init.STATE = f"{arguments.store}.state"
    init.LinuxMachine = lambda out: made  # type: ignore[assignment, misc]
    init._kernel_cmdline = lambda: arguments.cmdline
    if arguments.fast:
        pause = time.sleep
        time.sleep = lambda seconds: pause(seconds / 100)
    if arguments.hung_disk:
        pause = time.sleep
        made.sync = lambda: pause(600)  # type: ignore[method-assign]
    if arguments.hung_mounts:
        machines.hang_mounts(made, arguments.hung_mounts.split(","))
    if arguments.no_libcrypt:
        from kxsh.machine import passwords

        def missing() -> NoReturn:
            raise IoFailure("libcrypt.so.1 is missing")

        passwords._library = missing
    if arguments.break_dialog:
        from kxsh.console import secret

        def broken(*_: object) -> str:
            raise RuntimeError("the dialog is broken")

        secret.read_password = broken
    os.environ["KXSH_RESTART"] = "1" if arguments.restarted else "0"
    os.environ["KXSH_ENDED"] = arguments.ended
    return supervise(boot)


def break_menus(made: FakeMachine, what: str) -> None:
    """Let reading a disk's menus fail, or closing the disk after that."""

    def faulty(*_: object) -> NoReturn:
        raise RuntimeError("a fault in a reader")

    def busy(mount: Mount, **_: object) -> NoReturn:
        raise IoFailure(f"{mount.path} is busy")

    if what == "reader":
        search.find_menus = faulty
    else:
        made.unmount = busy  # type: ignore[method-assign]


def boot(board: int) -> int:
    try:
        return init.main(board)
    except Ended as end:
        # A machine that is off takes no Ctrl-C; Python, on its way out, would.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print(f"machine: {end}", flush=True)
        return 0


if __name__ == "__main__":
    sys.exit(main())
