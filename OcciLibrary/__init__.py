"""OcciLibrary: the Robot Framework test kit for OCCI cloud sites.

`from OcciLibrary.occi import ...` gives the protocol to plain Python, with no Robot Framework in the process:
the keyword library is therefore loaded only when somebody asks for the class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["OcciLibrary", "__version__"]

if TYPE_CHECKING:
    from OcciLibrary.keywords.library import OcciLibrary


def __getattr__(name: str) -> Any:
    if name == "OcciLibrary":
        from OcciLibrary.keywords.library import OcciLibrary  # noqa: PLC0415

        return OcciLibrary
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
