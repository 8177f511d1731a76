"""Writes user data as a disk for machines that no cloud starts: cloud-init's data source NoCloud, an ISO 9660 image named cidata.

Source: cloud-init's documentation, "NoCloud".
"""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path

from OcciLibrary.reference_vm.build_error import BuildError

HOSTNAME = "reference-vm"
_LABEL = "cidata"
_HOSTNAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE)


def meta_data(user_data: str, hostname: str) -> str:
    """Returns the meta-data: the host name, and an id that changes with all that the seed says, so that a change takes effect.

    Raises BuildError where it is no host name.
    """
    if not _HOSTNAME.fullmatch(hostname) or len(hostname) > 64:
        raise BuildError(f"This is no host name: {hostname[:80]!r}. Letters, digits and - are allowed.")
    told = hashlib.sha256(f"{hostname}\n{user_data}".encode()).hexdigest()[:16]
    return f"instance-id: iid-{told}\nlocal-hostname: {hostname}\n"


def write_seed(target: Path, user_data: str, hostname: str = HOSTNAME) -> None:
    """Writes the image. Raises BuildError: where pycdlib is missing, or the file cannot be written."""
    files = {"user-data": user_data, "meta-data": meta_data(user_data, hostname)}
    try:
        from pycdlib import PyCdlib  # noqa: PLC0415 - an extra, and needed here only
    except ImportError:
        raise BuildError(
            "A seed is written by pycdlib, which is not installed: pip install pycdlib (or make the seed of "
            "the user data with cloud-localds, where that is at hand)."
        ) from None
    disk = PyCdlib()
    disk.new(vol_ident=_LABEL, joliet=3, rock_ridge="1.09")
    for name, text in files.items():
        content = text.encode()
        plain = name.replace("-", "").upper()
        disk.add_fp(io.BytesIO(content), len(content), f"/{plain}.;1", rr_name=name, joliet_path=f"/{name}")
    try:
        with target.open("wb") as file:
            disk.write_fp(file)
    except OSError as error:
        raise BuildError(f"The seed cannot be written to {target}: {error.strerror or error}.") from None
    finally:
        disk.close()
