"""The sites that there are files of: which are real, which name one VM, and what their files say outside of a run."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from robot.api.types import Secret

from OcciLibrary.keywords.site_variables import read_variables
from OcciLibrary.occi.known_secrets import masked
from OcciLibrary.results.site_list import Kit, NoSuchSite, all_sites, find_kit, listed_site, own_sites, queues
from tests.matrix.conftest import Matrix
from tests.matrix.many_sites import write_site
from tests.runs.conftest import ROOT


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    (tmp_path / "resources" / "sites").mkdir(parents=True)
    (tmp_path / "suites").mkdir()
    return find_kit(tmp_path)


def add(kit: Kit, name: str, endpoint: str, vm: str = "", echo: str = "", **more: object) -> None:
    write_site(kit.sites, name, {"OCCI_ENDPOINT": endpoint, "VM_ID": vm, "ECHO_HOST": echo, **more})


def in_queues(kit: Kit) -> list[list[str]]:
    return [[site.name for site in queue] for queue in queues(all_sites(kit))]


def test_sandboxes_examples_and_unfinished_files_are_no_sites_of_ones_own(kit: Kit) -> None:
    add(kit, "lab", "https://occi.lab.eu:8787/")
    add(kit, "try", "sandbox:seconds=0.1")
    add(kit, "copied", "https://occi.openstack.example.org:8787/")
    add(kit, "TEMPLATE", "")
    add(kit, "begun", "${EMPTY}")
    kinds = {site.name: site.kind for site in all_sites(kit)}
    assert kinds == {"lab": "site", "try": "sandbox", "copied": "example", "begun": "unfinished"}
    assert [site.name for site in own_sites(kit)] == ["lab"]


def test_the_kit_itself_has_no_site_of_anybody() -> None:
    others = ["git", "ls-files", "--others", "resources/sites"]
    if subprocess.run(others, cwd=ROOT, capture_output=True, check=False).stdout:
        pytest.skip("a tester works here: resources/sites has files that are not the kit's")
    with pytest.raises(NoSuchSite, match=r"no site of your own in .*copy TEMPLATE.resource"):
        own_sites(Kit(ROOT))


@pytest.mark.parametrize(
    "other",
    [
        ("https://OCCI.lab.eu/occi1.1/", "https://occi.lab.eu:443/compute/7A"),
        ("https://occi.lab.eu:443", "urn:uuid:7a"),
        ("https://occi.lab.eu/", "/compute/7a/"),
    ],
)
def test_files_that_spell_one_vm_in_two_ways_wait_for_each_other(kit: Kit, other: tuple[str, str]) -> None:
    add(kit, "a", "https://occi.lab.eu/", "7a")
    add(kit, "b", *other)
    add(kit, "c", "https://occi.lab.eu/", "7b")
    add(kit, "d", "https://occi.other.eu/", "7a")
    assert in_queues(kit) == [["a", "b"], ["c"], ["d"]]


def test_files_that_share_an_echo_service_or_an_ssh_login_wait_for_each_other_in_a_chain(kit: Kit) -> None:
    add(kit, "a", "https://one.eu/", "1", "vm.eu")
    add(kit, "b", "https://two.eu/", "2", "VM.eu", ECHO_PORT=7777, SSH_HOST="10.0.0.1", SSH_PORT=2222)
    add(kit, "c", "https://three.eu/", "3", "vm.eu", ECHO_PORT=7778, SSH_HOST="10.0.0.1", SSH_PORT=2222)
    add(kit, "d", "https://four.eu/", "4", "vm.eu", ECHO_PORT=7779, SSH_HOST="10.0.0.1")
    assert in_queues(kit) == [["a", "b", "c"], ["d"]]


def test_embedded_sandboxes_never_wait(kit: Kit) -> None:
    for name in "ab":
        add(kit, name, "sandbox", "1", "127.0.0.1")
    assert in_queues(kit) == [["a"], ["b"]]


def test_variables_are_those_of_a_run(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_PASSWORD", "open-sesame-1")
    (kit.sites / "common.resource").write_text(
        "*** Variables ***\n${HOST}    lab.eu\n${VM_ID}    from common\n"
    )
    path = kit.sites / "lab.resource"
    path.write_text(
        "*** Settings ***\nResource    common.resource\n*** Variables ***\n${OCCI_ENDPOINT}    https://${HOST}/\n"
        "${VM_ID}    own\n${OCCI_PASSWORD: Secret}    %{LAB_PASSWORD}\n"
    )
    said = read_variables(path, ["SITE_NAME:given"])
    assert not said.problems
    assert (said.text("OCCI_ENDPOINT"), said.text("VM_ID"), said.text("SITE_NAME")) == (
        "https://lab.eu/",
        "own",
        "given",
    )
    assert isinstance(said.values["${OCCI_PASSWORD}"], Secret)
    assert masked("open-sesame-1") == "<secret>"


def test_what_cannot_be_read_is_told_without_secrets_and_nowhere_else(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAB_TOKEN", "open-sesame-2")
    path = kit.sites / "lab.resource"
    path.write_text(
        "*** Settings ***\nResource    nowhere.resource\n*** Variables ***\n${A: int}    %{LAB_TOKEN}\n${B}    ${NOT_THERE}\n"
    )
    said = read_variables(path)
    assert len(said.problems) == 3
    assert "open-sesame-2" not in repr(said.problems)
    assert any("There is no file" in problem for problem in said.problems)
    assert capfd.readouterr() == ("", "")
    assert listed_site(kit, "lab").kind == "unfinished"


def test_the_command_lists_names_and_warns_of_two_files_for_one_vm(matrix: Matrix) -> None:
    for name in ("lab-b", "lab-a"):
        matrix.add(name, OCCI_ENDPOINT="https://occi.lab.eu/", VM_ID="7")
    code, out = matrix.at_once("sites")
    assert code == 0
    assert [line for line in out.splitlines() if "same" not in line] == ["lab-a", "lab-b"]
    assert "lab-a and lab-b name the same VM" in out


def test_a_secret_in_a_line_that_robot_framework_refuses_is_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "lab.resource"
    path.write_text("*** Variables ***\n${OCCI_PASSWORD: Secret} s1te-file-c4nary-2\n", "utf-8")
    said = read_variables(path)  # one space is too few
    assert "Invalid variable name" in said.problems[0]
    assert "s1te-file-c4nary-2" not in "".join(said.problems)
