"""`occi-matrix publish`: puts the matrix into a page of a MediaWiki."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from OcciLibrary.results.matrix_of_folder import Rehearsals, ResultsFolder, counted, matrix_of_folder
from OcciLibrary.results.mediawiki import matrix_mediawiki
from OcciLibrary.results.publishing import Order, Outcome, Published, changes
from OcciLibrary.results.publishing import publish as publish_in
from OcciLibrary.results.wiki import Login, Wiki, WikiError
from OcciLibrary.results.wiki_section import SectionUnclear

_MISSING = "occi-matrix publish needs the package {name}: install the kit's extra with  pip install 'robotframework-occilibrary[matrix]'"


def add_to(app: typer.Typer) -> None:
    """Puts the command into the application."""
    app.command()(publish)


def publish(
    wiki: Annotated[str, typer.Option(help="The address of the wiki's api.php.")],
    page: Annotated[str, typer.Option(help="The page's name in the wiki.")],
    results: ResultsFolder = Path("results"),
    section: Annotated[
        str, typer.Option(help="The section for the first time; without it 'OCCI test matrix'.")
    ] = "",
    create: Annotated[bool, typer.Option("--create", help="Make the page where there is none.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; write nothing.")
    ] = False,
    suites: Annotated[
        Path | None, typer.Option(help="The suites that runs should have run, as for build.")
    ] = None,
    rehearsals: Rehearsals = True,
) -> None:
    """Puts the matrix into a page of a MediaWiki, between two marks; the rest of the page stays as it is.

    The account is a bot password in the environment variables OCCI_WIKI_USERNAME and OCCI_WIKI_PASSWORD; without them, nobody's.
    Returns 0: published, or nothing to change; 1: not published, with the reason.
    """
    login = _login()
    matrix = matrix_of_folder(results, suites, rehearsals)
    order = Order(page, matrix_mediawiki(matrix), f"OCCI test matrix: {counted(matrix)}", section, create)
    try:
        with closing(Wiki(wiki, login)) as opened:
            done = publish_in(opened, order, dry_run)
            _tell(done, "" if done.outcome is Outcome.SHOWN else opened.address_of(done.page))
    except ModuleNotFoundError as missing:
        sys.exit(_MISSING.format(name=missing.name))
    except (WikiError, SectionUnclear) as problem:
        sys.exit(f"{problem}.")


def _login() -> Login:
    login = Login(os.environ.get("OCCI_WIKI_USERNAME", ""), os.environ.get("OCCI_WIKI_PASSWORD", ""))
    if bool(login.username) != bool(login.password):
        sys.exit(
            "Set both OCCI_WIKI_USERNAME and OCCI_WIKI_PASSWORD, or none of them to publish without an account."
        )
    return login


def _tell(done: Published, address: str) -> None:
    if done.outcome is Outcome.SHOWN:
        for line in changes(done):
            typer.echo(line)
        typer.echo("Nothing was written (--dry-run).")
    elif done.outcome is Outcome.SAME:
        typer.echo(f"The page has this matrix already; nothing was written: {address}")
    else:
        typer.echo(f"Published as revision {done.revision}: {address}")
