"""`occi-matrix check`: looks whether a run against a site could succeed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from OcciLibrary.keywords.secret_variables import secret_in_command_line
from OcciLibrary.results.check_lines import Line, Sign
from OcciLibrary.results.checking import check_site
from OcciLibrary.results.run_progress import can_write
from OcciLibrary.results.site_list import NoSuchSite, find_kit, listed_site

_SOMETHING_WRONG, _USAGE = 1, 2
_PRETTY = {Sign.WELL: "✓", Sign.WRONG: "✗", Sign.NOTE: "!", Sign.LEFT_OUT: "-"}
_COLOURS = {Sign.WELL: "green", Sign.WRONG: "red", Sign.NOTE: "yellow", Sign.LEFT_OUT: None}


def add_to(app: typer.Typer) -> None:
    """Puts the command into the application."""
    app.command()(check)


def check(
    site: Annotated[str, typer.Argument(help="The name of a site file in resources/sites/.")],
    variable: Annotated[
        list[str] | None, typer.Option("--variable", "-v", help="NAME:value as for a run; never a secret.")
    ] = None,
) -> None:
    """Looks whether a run against a site could succeed, and changes nothing there.

    A line each for the site file, the address, TLS, the login, the VM, the clocks, the echo service, ping and ssh, with what to
    do. Returns 0: nothing is wrong; 1: something is; 2: there is no such site.
    """
    given = variable or []
    if refusal := secret_in_command_line([part for value in given for part in ("--variable", value)]):
        typer.echo(refusal, err=True)
        raise typer.Exit(_USAGE)
    try:
        kit = find_kit(Path.cwd())
        listed = listed_site(kit, site, given)
    except NoSuchSite as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(_USAGE) from None
    wrong = 0
    for line in check_site(site, kit.sites, listed.variables):
        _tell(line)
        wrong += line.sign is Sign.WRONG
    if wrong:
        typer.echo(f"{wrong} thing{'s' * (wrong != 1)} to put right before a run.")
        raise typer.Exit(_SOMETHING_WRONG)


def _tell(line: Line) -> None:
    sign = _PRETTY[line.sign] if can_write(sys.stdout, "✓✗-") else line.sign.value
    typer.secho(f"{sign:<2}", nl=False, fg=_COLOURS[line.sign])
    typer.echo(f"{line.about:<12}{line.words}")
