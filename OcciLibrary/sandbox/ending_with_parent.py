"""Becomes another program that the kernel ends together with its parent: ``ending_with_parent.py PARENT COMMAND...``.

A program such as QEMU does not notice that nobody holds it any more. Linux can end it with its parent, even with one that was
killed; elsewhere the program runs without that.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1  # prctl(2), PR_SET_PDEATHSIG; kept over execve


def main() -> None:
    """Asks the kernel, then becomes the command; ends when the parent is gone by then."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
