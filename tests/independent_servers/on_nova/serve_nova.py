"""OpenStack Nova in one process on 127.0.0.1, with ooi's OCCI interface in its pipeline and one VM.

Runs in the virtual environment that nova_environment.py makes. Real are: ooi, Nova's API, conductor, scheduler and
compute service, their databases (SQLite), and Placement. Stand-ins are: the hypervisor (timed_driver.py), the message
queue (oslo.messaging's own `fake:`), Keystone, Glance and Neutron (cloud_stand_ins.py).
"""

from __future__ import annotations

import collections
import collections.abc

# ooi 1.2.0 looks for these names where Python had them until 3.9.
MOVED = ("Mapping", "Sequence")


def main() -> None:
    """Serves until standard input ends."""
    for name in MOVED:
        setattr(collections, name, getattr(collections.abc, name))
    import nova.monkey_patch  # noqa: F401, PLC0415  # before anything that it patches
    import nova_services  # noqa: PLC0415

    nova_services.serve()


if __name__ == "__main__":
    main()
