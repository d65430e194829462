"""What happens on the ways through a script: a small abstract interpretation.

`leaving` tells by the text alone whether the end of a block can be reached; `check_flow`
follows the states of loaded kernel, mounts and values along every way through the script.
"""

from kxsh.checker.flow.leaving import call_leaves, handler_leaves, leaves

__all__ = ["call_leaves", "handler_leaves", "leaves"]
