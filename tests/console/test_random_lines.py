"""Commands of the prompt in any order: no fault, and all can be taken back."""

from __future__ import annotations

import random

import pytest
from scripted import Scripted

from kxsh.machine.protocol import Ended

SCRIPTS = [
    "kxs 1\nlet a = 1\nlet image = mount LABEL=GENTO0\nload $image/boot/kernel\nexec\n",
    'kxs 1\nfn f(x) { fail "no $x" }\nfor i in [1, 2] { let m = mount LABEL=GENTOO\n f $m }\n',
    'kxs 1\nlet m = mount LABEL=GENTOO\ntry { fail "x" } else as e { say "h" }\nrecovery "here"\n'
    'load $m/boot/kernel --cmdline "a=b"\n',
    "",
]
LINES = """\
undo
undo --list
retry
retry --skip
retry --edit
retry --save
retry --edit --save
retry --whole
step
step x.kxs
why
why 2
why --save
mounts
disks
disks --menus
let image = mount LABEL=GENTOO
let m = mount $esp
umount /mnt/1
load LABEL=GENTOO:/boot/kernel
edit
edit LABEL=GENTOO:/boot/kernel
plan
save-script x.kxs
save-script --rest x.kxs
history on
history
history off
sh
lsblk
fn g() { say 1 }
g
let s = state z --default [n: 1]
set s.n = ${s.n + 1}
save $s
set a = 2
let a = [1]
for x in [1] { let q = mount LABEL=GENTOO }
fail 'x'
exit
say $image
recovery
mount --keep LABEL=GENTOO
import 'x.kxs' as x
if true { exec --dry-run }
luks-open /dev/sdb1 --passphrase x
""".splitlines()
ANSWERS = ["", "i", "s", "e", "c", "q", "u", "y", "n", "load", "+ a", "zz"]
EDITS = ["let image = mount LABEL=GENTOO", "say 1\nsay 2", "(", ""]


@pytest.mark.parametrize("seed", range(24))
def test_any_order_is_without_faults_and_is_undone(seed: int) -> None:
    draw = random.Random(seed)
    at = Scripted(draw.choice(SCRIPTS))
    at.session.read_text = lambda text: draw.choice([text, *EDITS])
    typed: list[str] = []
    for _ in range(40):
        line = draw.choice(LINES)
        typed.append(line)
        answers = [*draw.choices(ANSWERS, k=12), "q", "q", "q", ""]
        try:
            shown = at(line, "\n".join(answers))
        except Ended:
            return
        assert "KX999" not in shown, (typed, at("why"))
    for _ in range(200):
        if at("undo") == "nothing is left to undo\n":
            break
    else:
        raise AssertionError(f"undo has no end after {typed}")
    assert at.machine.mounts() == [], typed
    assert at.machine.loaded is None, typed
