"""`occi-matrix bundle`: packs a run into one zip to share."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from OcciLibrary.results.bundling import BundleRefused, SecretsFound, bundle_name, find_run, make_bundle
from OcciLibrary.results.site_list import Kit, NoSuchSite, find_kit

_REFUSED, _USAGE = 1, 2
_SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Puts the command into the application."""
    app.command()(bundle)


def bundle(
    run: Annotated[str, typer.Argument(help="The folder of a run, or its name below the folder of results.")],
    output: Annotated[Path | None, typer.Option(help="The zip; without it NAME.zip in this folder.")] = None,
    site: Annotated[str, typer.Option(help="The name of the site file, where it cannot be found out.")] = "",
    results: Annotated[Path, typer.Option(help="The folder of results.")] = Path("results"),
) -> None:
    """Packs log, report, output, the site file without secrets and the versions of a run into one zip.

    Packs nothing where a secret stands in one of them, and says in which file and line. Set the same environment as for the run:
    its passwords and tokens are what is looked for. Returns 0: packed; 1: refused; 2: there is no such run or site.
    """
    try:
        folder = find_run(run, results)
        path = output or Path(f"{bundle_name(folder)}.zip")
        packed = make_bundle(folder, path, _kit(), site)
    except SecretsFound as found:
        typer.echo(str(found), err=True)
        for find in found.finds[:_SHOWN]:
            typer.echo(f"  {find}", err=True)
        raise typer.Exit(_REFUSED) from None
    except (BundleRefused, NoSuchSite) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(_USAGE) from None
    except OSError as problem:
        typer.echo(f"Nothing was packed: {problem.filename}: {problem.strerror}.", err=True)
        raise typer.Exit(_USAGE) from None
    for missing in packed.missing:
        typer.echo(f"Left out: {missing}.", err=True)
    typer.echo(f"{packed.path}: {', '.join(packed.files)}")


def _kit() -> Kit | None:
    with suppress(NoSuchSite):
        return find_kit(Path.cwd())
    return None
