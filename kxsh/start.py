"""What PID 1 runs: `kxsh.init`, watched over, and on one terminal where there are several
consoles.

``KXSH_CONSOLES`` names them, with a blank between. The processes that copy what is shown
and typed, and that watch, are forked here, before they would carry all of kxsh along.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from kxsh.machine.supervisor import supervise

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from kxsh.machine.shared_terminal import Sharing


def main() -> int:
    """Boot; a kernel without pseudo-terminals gets the first console only."""
    consoles = [f"/dev/{name}" for name in os.environ.get("KXSH_CONSOLES", "").split()]
    sharing: Sharing | None = None
    if len(consoles) > 1:
        from kxsh.machine.shared_terminal import share

        with suppress(OSError):
            sharing = share(consoles)
    here = os.getpid()

    def boot(board: int) -> int:
        if sharing is not None and os.getpid() != here:
            sharing.leave()
        from kxsh import init

        return init.main(board)

    status = supervise(boot)
    if sharing is not None and os.getpid() == here:
        sharing.end()
    return status


if __name__ == "__main__":
    sys.exit(main())
