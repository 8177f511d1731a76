"""`python -m OcciLibrary.lint`."""

from __future__ import annotations

import sys

from OcciLibrary.lint.command_line import main

if __name__ == "__main__":
    sys.exit(main())
