"""`occi-matrix run`: runs the suites against many sites side by side."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from OcciLibrary.keywords.secret_variables import secret_in_command_line
from OcciLibrary.results.run_progress import show_end, shown_on
from OcciLibrary.results.running import (
    ALL_PASSED,
    AT_ONCE,
    RUN_SECONDS,
    SOME_FAILED,
    Finished,
    Orders,
    run_sites,
)
from OcciLibrary.results.site_list import Kit, ListedSite, NoSuchSite, find_kit, listed_site, own_sites

_USAGE = 2


def add_to(app: typer.Typer) -> None:
    """Puts the command into the application."""
    app.command()(run)


def run(
    sites: Annotated[
        list[str] | None, typer.Argument(help="Names of site files in resources/sites/.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All site files but examples, sandboxes and unfinished ones.")
    ] = False,
    suites: Annotated[
        list[str] | None,
        typer.Option(help="A file or folder of suites, instead of all in suites/; may be repeated."),
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option("--include", "-i", help="Only tests with this tag, such as agreed or tc3."),
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", "-e", help="No tests with this tag.")
    ] = None,
    variable: Annotated[
        list[str] | None, typer.Option("--variable", "-v", help="NAME:value for every site; never a secret.")
    ] = None,
    results: Annotated[Path, typer.Option(help="Where the runs' folder goes.")] = Path("results"),
    at_once: Annotated[int, typer.Option(min=1, max=500, help="How many sites run side by side.")] = AT_ONCE,
    minutes: Annotated[
        float, typer.Option(min=0.01, max=10_080, help="How long one site may take; then its run is ended.")
    ] = RUN_SECONDS / 60,
    nostatusrc: Annotated[
        bool,
        typer.Option("--nostatusrc", help="Return 0 instead of 1 when steps failed: the sites were judged."),
    ] = False,
) -> None:
    """Runs the suites against many sites side by side: a folder and a log for each, and one log of all.

    Returns 0: all steps passed or were not run; 1: a step failed; 2: nothing was run; 3: some site was not judged (no login,
    no network, a run that was cut off or crashed); 130: interrupted. Ctrl-C, once, ends all runs and puts the VMs back.
    """
    given = variable or []
    options = [part for value in given for part in ("--variable", value)]
    if refusal := secret_in_command_line(options):
        _refuse(refusal)
    options += [part for tag in include or [] for part in ("--include", tag)]
    options += [part for tag in exclude or [] for part in ("--exclude", tag)]
    try:
        kit = find_kit(Path.cwd())
        chosen = _chosen(kit, sites or [], every, given)
        orders = Orders(tuple(options), _paths(suites or [str(kit.suites)]), at_once, minutes * 60)
        with shown_on(sys.stdout) as show:
            finished = run_sites(kit, chosen, results, orders, show)
    except NoSuchSite as problem:
        _refuse(str(problem))
    except OSError as problem:
        _refuse(f"Nothing can be kept in {results}: {problem.strerror or problem}.")
    _tell(finished)
    raise typer.Exit(ALL_PASSED if nostatusrc and finished.code == SOME_FAILED else finished.code)


def _refuse(why: str) -> None:
    typer.echo(why, err=True)
    raise typer.Exit(_USAGE)


def _chosen(kit: Kit, names: list[str], every: bool, given: list[str]) -> list[ListedSite]:
    if every and names:
        raise NoSuchSite("Give names of sites or --all, not both.")
    if every:
        return own_sites(kit, given)
    if not names:
        raise NoSuchSite("Name the sites to run, or --all; `occi-matrix sites` lists them.")
    return [listed_site(kit, name, given) for name in dict.fromkeys(names)]


def _paths(suites: list[str]) -> tuple[str, ...]:
    if missing := [suite for suite in suites if not Path(suite).exists()]:
        raise NoSuchSite(f"There are no suites {missing[0]}.")
    return tuple(str(Path(suite).resolve()) for suite in suites)


def _tell(finished: Finished) -> None:
    show_end(finished.sites)
    typer.echo(str(finished.log) if finished.log else f"{finished.problem} See {finished.folder}.")
