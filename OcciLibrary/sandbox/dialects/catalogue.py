"""The catalogue of dialects: the known OCCI servers as which a sandbox can answer, by name.

``python -m OcciLibrary.sandbox --list-dialects`` prints it. The verdict of every step on each of them is in
docs/dialects.md.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from OcciLibrary.sandbox.dialects.dialect import OWN, Dialect
from OcciLibrary.sandbox.dialects.erocci import EROCCI
from OcciLibrary.sandbox.dialects.mart import MART
from OcciLibrary.sandbox.dialects.occi4java import OCCI4JAVA
from OcciLibrary.sandbox.dialects.occi_py import OCCI_PY
from OcciLibrary.sandbox.dialects.openstack import OOI, OOI_PYTHON3, SNF
from OcciLibrary.sandbox.dialects.pyssf import OCCI_OS, PYSSF, SNF_PYSSF
from OcciLibrary.sandbox.dialects.rocci import ROCCI1, ROCCI1_EC2, ROCCI1_ONE, ROCCI2, ROCCI2_ONE
from OcciLibrary.sandbox.dialects.specification import SPEC11, SPEC12

__all__ = ["DIALECTS", "dialect_of"]

DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        ROCCI1,
        ROCCI1_ONE,
        ROCCI1_EC2,
        ROCCI2,
        ROCCI2_ONE,
        OOI,
        OOI_PYTHON3,
        SNF,
        SNF_PYSSF,
        OCCI_OS,
        PYSSF,
        OCCI_PY,
        EROCCI,
        OCCI4JAVA,
        MART,
        SPEC11,
        SPEC12,
    )
}


def dialect_of(name: str) -> Dialect:
    """Returns the dialect of this name; '' is the sandbox's own.

    Raises ValueError, written to follow "cannot be 'NAME': ", for an unknown name.
    """
    if not name:
        return OWN
    if name not in DIALECTS:
        close = difflib.get_close_matches(name, DIALECTS, 3, 0.4)
        meant = f" ({name[:60]!r} comes close to {', '.join(close)})" if close else ""
        raise ValueError(f"the name of a dialect is expected{meant}: {', '.join(DIALECTS)}")
    return DIALECTS[name]
