"""One machine of the sandbox that runs under QEMU, as a process: ``python -m OcciLibrary.sandbox.qemu_machine``."""

from __future__ import annotations

import sys

from OcciLibrary.sandbox.qemu_process import QemuProcess
from OcciLibrary.sandbox.real_machine import run

if __name__ == "__main__":
    sys.exit(run(QemuProcess.started))
