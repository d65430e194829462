"""What PID 1 runs where there are several consoles: `kxsh.init`, on one terminal for all.

``KXSH_CONSOLES`` names them, with a blank between. The process that copies what is shown
and typed is forked here, before it would carry all of kxsh along.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from kxsh.machine.shared_terminal import share


def main() -> int:
    """Share the terminal and boot; a kernel without pseudo-terminals gets the first only."""
    with suppress(OSError):
        share([f"/dev/{name}" for name in os.environ["KXSH_CONSOLES"].split()])
    from kxsh import init

    return init.main()


if __name__ == "__main__":
    sys.exit(main())
