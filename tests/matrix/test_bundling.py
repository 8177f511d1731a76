"""`occi-matrix bundle`: what is packed, and that nothing is where a secret stands, in whatever form."""

from __future__ import annotations

import base64
import html
import json
import os
import shutil
import subprocess
import sys
import urllib.parse
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from robot.utils import compress_text

from OcciLibrary.results import bundling
from OcciLibrary.results.bundling import BundleRefused, SecretsFound, find_run, make_bundle
from OcciLibrary.results.site_list import Kit
from tests.logins.certificates import authority
from tests.matrix.conftest import Matrix
from tests.matrix.many_sites import make_kit, write_site

PASSWORD = 'Tr0ub4dor/&3 "quoted"'
JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"RS256"}', b'{"sub":"me"}', b"0123456789ab")
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kit, and in it a run of a sandbox that asks for a login: headers with secrets went to and fro."""
    root = tmp_path_factory.mktemp("bundles") / "kit"
    sites = make_kit(root)
    login = {"OCCI_AUTH": "basic", "OCCI_USERNAME": "tester", "OCCI_PASSWORD: Secret": "%{LAB_PASSWORD=}"}
    write_site(sites, "lab", {"OCCI_ENDPOINT": "sandbox:seconds=0.1,machines=1,username=tester", **login})
    command = [
        sys.executable,
        "-m",
        "OcciLibrary.results",
        "run",
        "lab",
        "--include",
        "tc1",
        "-v",
        "TESTER:me",
    ]
    done = subprocess.run(
        command,
        cwd=root,
        env={
            **os.environ,
            "OCCI_NOTES": str(root / "notes"),
            "LAB_PASSWORD": PASSWORD,
            "SANDBOX_PASSWORD": PASSWORD,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture
def run(real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the run's folder, for a test to do with as it likes; the environment is that of the run."""
    monkeypatch.setenv("LAB_PASSWORD", PASSWORD)
    folder = tmp_path / next((real / "results").iterdir()).name
    shutil.copytree(next((real / "results").iterdir()), folder)
    return folder


def thin(run: Path, keep: str) -> None:
    """Leaves the output of a run and one file more: to look through all of them each time takes its time."""
    for path in run.rglob("*.*"):
        if path.relative_to(run).as_posix() not in (keep, "lab/output.xml"):
            path.unlink()


def test_a_run_is_packed_with_its_site_file_and_versions_the_same_each_time(
    real: Path, run: Path, tmp_path: Path
) -> None:
    packed = make_bundle(run, tmp_path / "a.zip", Kit(real))
    os.utime(run / "lab" / "output.xml", (1, 1))
    make_bundle(run, tmp_path / "b.zip", Kit(real))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert not packed.missing
    with zipfile.ZipFile(tmp_path / "a.zip") as bundle:
        names = {name.partition("/")[2] for name in bundle.namelist()}
        kept = {"log.html", "report.html", "output.xml", "console.txt"}
        assert names == {
            "log.html",
            "report.html",
            "versions.json",
            "sites/lab.resource",
            *(f"lab/{name}" for name in kept),
        }
        versions = json.loads(bundle.read(f"{run.name}/versions.json"))["lab/output.xml"]
        assert (versions["site"], versions["tester"], versions["complete"]) == ("lab", "me", True)
        assert versions["library"]
        assert versions["robot"].startswith("Robot ")
        assert bundle.read(f"{run.name}/lab/output.xml") == (run / "lab" / "output.xml").read_bytes()
        assert b"%{LAB_PASSWORD=}" in bundle.read(f"{run.name}/sites/lab.resource")


@pytest.mark.parametrize(
    "form",
    [
        str,
        html.escape,
        lambda text: html.escape(json.dumps(text)),
        lambda text: urllib.parse.quote(text, safe=""),
        lambda text: base64.b64encode(f"tester:{text}".encode()).decode(),
        lambda text: (
            f'window.output["strings"] = ["*x","{compress_text("so it is: " + text + " and more" * 20)}"];'
        ),
    ],
    ids=["as it is", "html", "json in html", "url", "basic login", "packed by log.html"],
)
@pytest.mark.parametrize("file", ["lab/log.html", "lab/output.xml", "lab/console.txt"])
def test_a_secret_of_the_environment_is_found_in_every_form(
    real: Path, run: Path, tmp_path: Path, form: Callable[[str], str], file: str
) -> None:
    thin(run, file)
    path = run / file
    lines = path.read_text("utf-8").split("\n")
    lines.insert(3, f"<!-- {form(PASSWORD)} -->")
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(SecretsFound) as refusal:
        make_bundle(run, tmp_path / "a.zip", Kit(real))
    assert [(find.file, find.line) for find in refusal.value.finds] == [(file, 4)]
    assert "Tr0ub" not in str(refusal.value) + repr(refusal.value.finds)
    assert not list(tmp_path.glob("a.zip*"))


@pytest.mark.parametrize(
    ("planted", "what"),
    [
        ("Authorization: Basic dGVzdGVyOm9wZW4tc2VzYW1l", "header"),
        ("{'X-Auth-Token': 'gAAAAABmZ0123456789'}", "header"),
        ("Set-Cookie: session=0123456789abcdef; Path=/", "header"),
        (authority().key_pem().decode(), "a private key"),
        (authority().key_pem().decode().replace("\n", "\\n"), "a private key"),
        (f"token={JWT}", "a JSON web token"),
        ("http://me:open-sesame@cloud.example.org/", "a password in an address"),
        ("ghp_" + "a1" * 18, "GitHub"),
    ],
)
def test_what_looks_like_a_secret_is_found_though_nobody_knows_it(
    real: Path, run: Path, tmp_path: Path, planted: str, what: str
) -> None:
    thin(run, "lab/console.txt")
    with (run / "lab" / "console.txt").open("a", encoding="utf-8") as console:
        console.write(planted + "\n")
    with pytest.raises(SecretsFound) as refusal:
        make_bundle(run, tmp_path / "a.zip", Kit(real))
    assert {find.file for find in refusal.value.finds} == {"lab/console.txt"}
    assert any(what in find.what for find in refusal.value.finds)
    assert not any(planted[:12] in str(find) for find in refusal.value.finds)


def test_a_site_file_is_packed_without_what_stands_in_it_by_mistake(
    real: Path, run: Path, tmp_path: Path
) -> None:
    kit = Kit(tmp_path / "other")
    sites = make_kit(kit.root)
    text = "*** Variables ***\n${OCCI_ENDPOINT}    https://me:pass-word@cloud.example.org/\n${OCCI_PASSWORD}    hunter2hunter2\n"
    (sites / "lab.resource").write_text(text + "${OCCI_TOKEN: Secret}    %{TOKEN_OF_LAB=fallback-token}\n")
    make_bundle(run, tmp_path / "a.zip", kit)
    with zipfile.ZipFile(tmp_path / "a.zip") as bundle:
        packed = bundle.read(f"{run.name}/sites/lab.resource").decode()
    assert not any(word in packed for word in ("pass-word", "hunter2", "fallback-token"))
    assert "https://<secret>@cloud.example.org/" in packed


def test_links_and_what_is_too_large_stay_out(
    real: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "output.xml").write_text("mine")
    (run / "linked").symlink_to(tmp_path / "elsewhere")
    (run / "lab" / "report.html").unlink()
    (run / "lab" / "report.html").symlink_to("/etc/hostname")
    packed = make_bundle(run, tmp_path / "a.zip", Kit(real))
    assert not any("linked" in name or name == "lab/report.html" for name in packed.files)
    monkeypatch.setattr(bundling, "LARGEST_FILE", 1000)
    with pytest.raises(BundleRefused, match="too large for a bundle"):
        make_bundle(run, tmp_path / "a.zip", Kit(real))


def test_a_run_is_named_by_folder_output_or_name(real: Path) -> None:
    folder = next((real / "results").iterdir()) / "lab"
    name = f"{folder.parent.name}/lab"
    assert (
        find_run(str(folder), Path("results"))
        == find_run(str(folder / "output.xml"), Path("results"))
        == folder
    )
    assert find_run(name, real / "results") == folder
    with pytest.raises(BundleRefused, match="There is no run"):
        find_run("nope", real / "results")


def test_the_command_tells_file_and_line_and_not_the_secret(real: Path, run: Path, matrix: Matrix) -> None:
    matrix.add("lab", OCCI_ENDPOINT="sandbox")
    code, out = matrix.at_once("bundle", run, LAB_PASSWORD=PASSWORD)
    assert code == 0, out
    assert (matrix.root / f"{run.name}.zip").is_file()
    (matrix.root / f"{run.name}.zip").unlink()
    (run / "lab" / "console.txt").write_text(f"well\npassword {PASSWORD}\n")
    code, out = matrix.at_once("bundle", run, LAB_PASSWORD=PASSWORD)
    assert code == 1, out
    assert "lab/console.txt, line 2: a secret that this computer knows" in out
    assert "Tr0ub" not in out
    assert not (matrix.root / f"{run.name}.zip").exists()
