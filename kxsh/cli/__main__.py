"""`python -m kxsh.cli`."""

import sys

from kxsh.cli import main

# The loader's builder imports every module to see what it needs.
if __name__ == "__main__":
    sys.exit(main())
