"""The command `occi-matrix`. Each module in `commands` is a command of its own: its `add_to(app)` puts it there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typer import Typer

_MISSING = (
    "occi-matrix needs the package {name}: install the kit's extra with  pip install 'robotframework-occilibrary[matrix]'  "
    "(in a checkout of the kit:  pip install -e '.[matrix]')."
)


def main() -> None:
    """Runs the command line; where the extra is not installed, says so in one sentence."""
    try:
        app = application(sys.argv[1:2])
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("OcciLibrary"):
            raise
        sys.exit(_MISSING.format(name=missing.name))
    app()


def application(asked_for: Sequence[str] = ()) -> Typer:
    """Returns the application with every command that there is a module for.

    Where the command that is asked for has the name of its module, the others are not loaded: some take their time.
    """
    import typer  # noqa: PLC0415

    from OcciLibrary.results import commands  # noqa: PLC0415

    app = typer.Typer(
        help="From runs to the task force's matrix.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_together)
    modules = sorted(module.name for module in iter_modules(commands.__path__))
    for module in [name for name in modules if name in asked_for] or modules:
        import_module(f"{commands.__name__}.{module}").add_to(app)
    return app


def _together() -> None:
    """From runs to the task force's matrix: who passes what, since when, and why not."""
