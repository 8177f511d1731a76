"""The CI definitions in ci/: their structure, and the very commands of their jobs, run one after the other as the engine would."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from OcciLibrary.sandbox.embedded import EmbeddedSandbox, parse_options
from tests.matrix.conftest import Matrix
from tests.runs.conftest import ROOT, Site

CI = ROOT / "ci"
INSTALL = re.compile(r"^\s*(?:python3 -m venv \.venv|(?:\.venv/bin/)?pip install .*)$", re.MULTILINE)
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="the definitions are for Linux runners")


@pytest.fixture(scope="module")
def cloud() -> Iterator[Site]:
    sandbox = EmbeddedSandbox()
    yield Site(sandbox, sandbox.start(parse_options("sandbox:seconds=0.1,machines=1")))
    sandbox.stop()


@pytest.fixture
def engine(matrix: Matrix, cloud: Site, tmp_path: Path) -> Callable[..., str]:
    """Runs a script of a definition in the kit, as an engine's runner would after the installation."""
    shutil.copytree(CI, matrix.root / "ci")
    matrix.add_site("lab-a", cloud)
    matrix.add("rehearsal", OCCI_ENDPOINT="sandbox")
    for place in (tmp_path / "bin", matrix.root / ".venv" / "bin"):
        place.mkdir(parents=True)
        command = place / "occi-matrix"
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -m OcciLibrary.results "$@"\n')
        command.chmod(command.stat().st_mode | stat.S_IEXEC)

    def run(script: str, **environment: str) -> str:
        done = subprocess.run(
            ["bash", "-ec", INSTALL.sub("", script)],
            cwd=matrix.root,
            env={
                **os.environ,
                "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
                "OCCI_NOTES": str(matrix.root / "notes"),
                "PYTHONPATH": str(ROOT),
                "ROBOT_OPTIONS": "--include tc1",
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def parsed(name: str) -> dict[str, Any]:
    content = yaml.safe_load((CI / name).read_text("utf-8"))
    assert isinstance(content, dict)
    return content


def matrix_shows_the_site(root: Path) -> None:
    assert list(root.glob("results/**/lab-a/log.html"))
    assert "lab-a" in (root / "results" / "index.html").read_text("utf-8")


def step(job: Mapping[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in job["steps"] if one.get("name") == name)


@posix_only
def test_github_actions(engine: Callable[..., str], matrix: Matrix) -> None:
    jobs = parsed("github-actions.yml")["jobs"]
    assert list(jobs) == ["list", "cell", "matrix"]
    cell, last = jobs["cell"], jobs["matrix"]
    assert cell["needs"] == "list"
    assert cell["strategy"] == {
        "fail-fast": False,
        "matrix": {"site": "${{ fromJSON(needs.list.outputs.sites) }}"},
    }
    assert cell["environment"] == "${{ matrix.site }}"
    assert step(cell, "Keep the results")["if"] == "${{ always() }}"
    assert (last["needs"], last["if"]) == ("cell", "${{ always() }}")
    for job in jobs.values():
        for one in job["steps"]:
            assert "${{" not in one.get("run", ""), "what an engine puts into a script may be anything"
            assert set(one) <= {"name", "id", "uses", "with", "env", "run", "if"}

    output = matrix.root.parent / "output"
    engine(step(jobs["list"], "List the sites")["run"], GITHUB_OUTPUT=str(output))
    name, _, sites = output.read_text().partition("=")
    assert jobs["list"]["outputs"] == {
        "sites": f"${{{{ steps.{step(jobs['list'], 'List the sites')['id']}.outputs.{name} }}}}"
    }
    assert json.loads(sites) == ["lab-a"], "sandboxes and examples get no cell"
    for site in json.loads(sites):
        engine(step(cell, "Run")["run"], SITE=site)
        kept = matrix.root / "results"
        (matrix.root / "artifact").mkdir()
        shutil.move(str(kept), str(matrix.root / "artifact" / f"results-{site}"))
    (matrix.root / "artifact").rename(matrix.root / "results")  # as download-artifact lays them out
    engine(step(last, "Build the matrix")["run"])
    matrix_shows_the_site(matrix.root)


@posix_only
def test_gitlab_ci(engine: Callable[..., str], matrix: Matrix) -> None:
    parent = parsed("gitlab-ci.yml")
    assert parent["sites"]["trigger"] == {
        "include": [{"artifact": "cells.yml", "job": "list"}],
        "strategy": "depend",
    }
    assert parent["list"]["artifacts"]["paths"] == ["cells.yml"]
    engine("\n".join(parent["list"]["script"]))

    child = yaml.safe_load((matrix.root / "cells.yml").read_text("utf-8"))
    cells = {name: job for name, job in child.items() if name.startswith("run ")}
    assert cells == {
        "run lab-a": {
            "extends": ".cell",
            "environment": {"name": "lab-a"},
            "resource_group": "lab-a",
            "variables": {"SITE": "lab-a"},
        }
    }
    assert child[".cell"]["artifacts"] == {"when": "always", "paths": ["results/"]}
    assert child["matrix"]["when"] == "always"
    assert child["stages"].index(child[".cell"]["stage"]) < child["stages"].index(child["matrix"]["stage"])
    for cell in cells.values():
        engine("\n".join(child[".cell"]["script"]), **cell["variables"])
    engine("\n".join(child["matrix"]["script"]))
    matrix_shows_the_site(matrix.root)


@posix_only
def test_jenkins(engine: Callable[..., str], matrix: Matrix) -> None:
    text = (CI / "Jenkinsfile").read_text("utf-8")
    code = re.sub(r"//[^\n]*|'''.*?'''|'[^'\n]*'|\"[^\"\n]*\"", "", text, flags=re.DOTALL)
    for opening, closing in ("{}", "()", "[]"):
        assert code.count(opening) == code.count(closing)
    assert re.search(r"pipeline \{\s+agent none\s+options \{", code)
    assert "withCredentials(" in text
    assert "disableConcurrentBuilds()" in text
    assert re.search(r"post \{\s+always \{.*build results", text, re.DOTALL)
    scripts = re.findall(r"sh(?:\(script:)? '([^']+)'", text)
    listing, build, cell = scripts[0], scripts[1], scripts[2]
    sites = engine(listing).split()
    assert sites == ["lab-a"]
    for site in sites:
        engine(cell, SITE=site)
    engine(build)
    matrix_shows_the_site(matrix.root)


@posix_only
def test_kubernetes(engine: Callable[..., str], matrix: Matrix, tmp_path: Path) -> None:
    job, last = parsed("kubernetes-job.yaml"), parsed("kubernetes-matrix-job.yaml")
    for one in (job, last):
        assert (one["apiVersion"], one["kind"]) == ("batch/v1", "Job")
        pod = one["spec"]["template"]["spec"]
        assert pod["restartPolicy"] == "Never"
        assert pod["containers"][0]["image"] == "occilibrary:latest"
        mounts = {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
        assert mounts == {volume["name"] for volume in pod["volumes"]}
    spec = job["spec"]
    assert (spec["completionMode"], spec["backoffLimitPerIndex"]) == ("Indexed", 0)
    cell = spec["template"]["spec"]["containers"][0]
    assert cell["envFrom"] == [{"secretRef": {"name": "occi-secrets"}}]
    assert not any("PASSWORD" in entry["name"] or "TOKEN" in entry["name"] for entry in cell["env"])
    results = str(matrix.root / "results")
    for number in range(len(engine("occi-matrix sites").split())):
        engine(cell["args"][0].replace("/results", results), JOB_COMPLETION_INDEX=str(number))
    engine(last["spec"]["template"]["spec"]["containers"][0]["args"][0].replace("/results", results))
    matrix_shows_the_site(matrix.root)


def test_no_definition_names_a_registry_or_holds_a_secret() -> None:
    for path in CI.iterdir():
        text = path.read_text("utf-8")
        assert "://" not in text, path
        assert not re.search(r"index-url|extra-index|ghcr\.io|docker\.io|quay\.io", text), path
