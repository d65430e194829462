"""`python -m kxsh.cli`."""

import sys

from kxsh.cli import main

sys.exit(main())
