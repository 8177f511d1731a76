"""One machine of the sandbox that runs under libvirt, as a process: ``python -m OcciLibrary.sandbox.libvirt_machine``."""

from __future__ import annotations

import sys

from OcciLibrary.sandbox.libvirt_domain import LibvirtDomain
from OcciLibrary.sandbox.real_machine import run

if __name__ == "__main__":
    sys.exit(run(LibvirtDomain.started))
