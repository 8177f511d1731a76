"""A kit of its own for tests and benchmarks of many sites: the agreed suites, and site files for sandboxes that differ."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from robot.api import ExecutionResult

from tests.dialects.dialect_rows import AUTO, read_dialect_rows
from tests.verdicts.site_runs import ROOT, Row, letter_of, read_table

DIALECTS = ("rocci2", "ooi", "snf", "occi-os", "pyssf", "erocci", "spec12", "rocci1")
FAULTS = (
    "",
    "start-ignored",
    "vm-missing",
    "cores-ignored",
    "restart-refused",
    "resume-fresh-boot",
    "stop-machine-lives",
    "list-portal",
)


def sixteen() -> dict[str, Row]:
    """Returns sixteen sites by name, with the verdicts that the tables expect of each: a dialect and a fault by turns."""
    dialects = {
        row.dialect: row for row in reversed(read_dialect_rows()) if row.media_type == AUTO and not row.fault
    }
    faults = {row.fault: row for row in reversed(read_table()) if not row.dialect and not row.variant}
    found: dict[str, Row] = {}
    for dialect, fault in zip(DIALECTS, FAULTS, strict=True):
        found[dialect] = dialects[dialect]
        found[fault or "healthy"] = faults[fault]
    return found


def make_kit(folder: Path) -> Path:
    """Makes a kit with the agreed suites and no sites; returns the folder of the site files."""
    shutil.copytree(ROOT / "suites" / "01__agreed_test_cases", folder / "suites" / "01__agreed_test_cases")
    shutil.copy(ROOT / "suites" / "__init__.robot", folder / "suites")
    sites = folder / "resources" / "sites"
    sites.mkdir(parents=True)
    for resource in (ROOT / "resources").glob("*.resource"):
        shutil.copy(resource, folder / "resources")
    return sites


def write_site(sites: Path, name: str, variables: Mapping[str, object]) -> None:
    """Writes a site file."""
    lines = [f"${{{variable}}}    {value}" for variable, value in {"SITE_NAME": name, **variables}.items()]
    (sites / f"{name}.resource").write_text("*** Variables ***\n" + "\n".join(lines) + "\n", "utf-8")


def sandbox_variables(row: Row, seconds: float = 0.0) -> dict[str, object]:
    """Returns what the site file of a row says; its site is embedded in the run."""
    options = [f"{name}={value}" for name, value in (("dialect", row.dialect), ("fault", row.fault)) if value]
    options += [f"seconds={seconds or row.seconds}", f"machines={row.machines}"]
    return {
        "OCCI_ENDPOINT": f"sandbox:{','.join(options)}",
        "SSH_USERNAME": "tester",
        "SSH_PASSWORD: Secret": "%{SANDBOX_SSH_PASSWORD=sandbox}",
        "TRANSITION_TIMEOUT": f"{row.timeout:g} s",
        **row.variables,
    }


def letters(output: Path) -> dict[str, str]:
    """Returns the letter of each step of a run, as the verdict table has them."""
    tests = ExecutionResult(output).suite.all_tests
    return {test.name.split()[0]: letter_of(test.status, set(test.tags)) for test in tests}


def differences(row: Row, seen: Mapping[str, str]) -> list[str]:
    """Returns the steps whose verdict is not the one that the table expects."""
    return [
        f"{step}: {seen.get(step, '-')} instead of {row.allowed(step)}"
        for step in row.expected
        if seen.get(step, "-") not in row.allowed(step)
    ]


def only(rows: Mapping[str, Row], names: Iterable[str]) -> dict[str, Row]:
    """Returns some of the rows."""
    return {name: rows[name] for name in names}
