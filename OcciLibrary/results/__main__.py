"""`python -m OcciLibrary.results` is `occi-matrix`."""

from __future__ import annotations

from OcciLibrary.results.command_line import main

if __name__ == "__main__":
    main()
