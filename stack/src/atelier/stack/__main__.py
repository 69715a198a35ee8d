"""`python -m atelier.stack`."""

import sys

from atelier.stack.cli import main

sys.exit(main())
