"""What can be told of a script before it runs: `check_source` and `check_script`."""

from kxsh.checker.check import check_script, check_source

__all__ = ["check_script", "check_source"]
