"""The recovery prompt over the serial line: completion, mistakes, and a boot by hand."""

from __future__ import annotations

import legacy_images
from lab import PATIENCE, PROMPT, TARGET_LINE, Lab

from kxsh.image.qemu import Disk, VirtualMachine

SCRIPT = 'kxs 1\nrecovery "to be booted by hand"\n'


def test_an_image_is_booted_by_hand(lab: Lab) -> None:
    image = lab.scripted(lab.legacy("small-isohybrid"), SCRIPT)
    with lab.boot(VirtualMachine((Disk(image),)), "by-hand") as guest:
        guest.expect(r"to be booted by hand", PATIENCE)
        guest.expect(PROMPT, PATIENCE)

        # Tab completes the one command that begins so.
        guest.send("findf\t")
        guest.expect(r"findfs", PATIENCE)
        guest.send("\x15")

        # A mistake says what is wrong, and the prompt goes on.
        guest.send("mount LABEL=LEGACY_ISOO\r")
        guest.expect(r"error\[KX\d+\].*LEGACY_ISOO", PATIENCE)
        guest.expect(PROMPT, PATIENCE)
        guest.send("why\r")
        guest.expect(r"what: +not-found", PATIENCE)
        guest.expect(r"next: ", PATIENCE)
        guest.expect(PROMPT, PATIENCE)

        # What this loader was made without says how to get one with it.
        guest.send("md-assemble\r")
        guest.expect(r"there is no program 'mdadm' here", PATIENCE)
        guest.expect(r"kximage loader --with md", PATIENCE)
        guest.expect(PROMPT, PATIENCE)

        guest.send("let stick = findfs LABEL=LEGACY_ISO\r")
        guest.expect(PROMPT, PATIENCE)
        guest.send("let image = mount $stick\r")
        guest.expect(PROMPT, PATIENCE)
        guest.send("mounts\r")
        guest.expect(r"/dev/sd\w+.*iso9660", PATIENCE)
        guest.expect(PROMPT, PATIENCE)
        guest.send(
            "load $image/isolinux/gentoo --initrd $image/isolinux/gentoo.igz"
            ' --cmdline "console=ttyS0 typed=by-hand"\r'
        )
        guest.expect(PROMPT, PATIENCE)
        guest.send("exec\r")
        assert guest.expect(TARGET_LINE, PATIENCE)[1].startswith("console=ttyS0 typed=by-hand")
        guest.expect(f"^{legacy_images.TARGET_LINE}: console=ttyS0 typed=by-hand", PATIENCE)
