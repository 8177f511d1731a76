"""`occi-matrix note`: puts a note and a bug's address on a cell of the matrix."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from OcciLibrary.results.notes import NAME, Note, NotesError, add_note
from OcciLibrary.results.reading import read_results


def add_to(app: typer.Typer) -> None:
    """Puts the command into the application."""
    app.command()(note)


def note(
    site: Annotated[str, typer.Argument(help="The site's name as the matrix shows it.")],
    step: Annotated[str, typer.Argument(help="The step's number, for instance 4.4.")],
    text: Annotated[str, typer.Argument(help="What readers should know.")],
    bug: Annotated[str, typer.Option(help="The address of the bug report, https://...")] = "",
    results: Annotated[Path, typer.Option(help="The folder of results.")] = Path("results"),
) -> None:
    """Puts a footnote, and a link to a bug, on a step of a site; they are kept in notes.toml in the folder of results."""
    try:
        runs = read_results(results).runs
        sites = sorted({run.site for run in runs})
        if site not in sites:
            sys.exit(
                f"There is no run on a site '{site}' in {results}; there are runs on {', '.join(sites) or 'none'}."
            )
        steps = {one.key for run in runs for one in run.steps}
        if step not in steps:
            sys.exit(f"No run in {results} has a step '{step}'; a step's number is like 4.4.")
        add_note(results / NAME, Note(site, step, text.strip(), bug.strip()))
    except (NotesError, OSError) as problem:
        sys.exit(str(problem))
    typer.echo(f"Noted in {results / NAME}; `occi-matrix build` puts it into the matrix.")
