"""Loading what was planned, for the jump."""

from __future__ import annotations

from kxsh.boot.plan import Plan
from kxsh.errors import Failure
from kxsh.machine.protocol import LoadMethod, Machine


def load(machine: Machine, plan: Plan) -> LoadMethod:
    """Load a plan's kernel; return the way that worked.

    The machine explains its errno (FIELD K22); what the plan knows is added: why the
    first choice was no choice.
    """
    try:
        return machine.load_kernel(plan.image)
    except Failure as failure:
        failure.tried += [f"not tried: kexec_file_load ({reason})" for reason in plan.reasons]
        raise
