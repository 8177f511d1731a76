"""`occi-matrix sites`: the sites that there are files of, for people and for the lists of CI engines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from OcciLibrary.results.site_list import NoSuchSite, all_sites, find_kit, own_sites, queues


def add_to(app: typer.Typer) -> None:
    """Puts the command into the application."""
    app.command()(sites)


def sites(
    as_json: Annotated[bool, typer.Option("--json", help="As a JSON list of names.")] = False,
    every: Annotated[
        bool, typer.Option("--every", help="Examples, sandboxes and unfinished files, too.")
    ] = False,
) -> None:
    """Lists the sites of resources/sites/, a name a line; examples, sandboxes and unfinished files are left out."""
    try:
        kit = find_kit(Path.cwd())
        found = all_sites(kit) if every else own_sites(kit)
    except NoSuchSite as problem:
        sys.exit(str(problem))
    for queue in queues(found):
        if len(queue) > 1:
            same = " and ".join(site.name for site in queue)
            typer.echo(f"{same} name the same VM: never run them on two computers at a time.", err=True)
    names = [site.name for site in found]
    typer.echo(json.dumps(names, ensure_ascii=False) if as_json else "\n".join(names))
