"""Site files: typed values, defaults in one place, and words for what makes no sense."""

from __future__ import annotations

from pathlib import Path

import pytest
from robot.api.types import Secret

from OcciLibrary.keywords.site_file import SiteFileError, read_settings, site_names, unknown_site
from OcciLibrary.keywords.site_logins import login_of
from OcciLibrary.occi.logins import KeystoneLogin

GOOD = {
    "${OCCI_ENDPOINT}": "https://occi.example.org:8787/",
    "${VM_ID}": "42",
    "${ECHO_HOST}": "vm.example.org",
}


def test_only_what_is_needed_is_asked_for_and_the_rest_has_defaults() -> None:
    settings = read_settings(GOOD, "a file")
    assert (settings.echo_port, settings.ssh_port, settings.transition_timeout) == (7777, 22, 300.0)
    assert (settings.occi_auth, settings.occi_media_type, settings.may_create) == ("none", "auto", False)
    assert settings.occi_password is None


def test_values_become_what_they_mean() -> None:
    given = {
        "${ECHO_PORT}": "2000",
        "${TRANSITION_TIMEOUT}": "2 min 3 s",
        "${MAY_CREATE}": "Yes",
        "${OCCI_AUTH}": "Basic",
    }
    login = {"${OCCI_USERNAME}": "alice", "${OCCI_PASSWORD}": Secret("x")}
    settings = read_settings({**GOOD, **given, **login}, "a file")
    assert (settings.echo_port, settings.transition_timeout, settings.may_create, settings.occi_auth) == (
        2000,
        123.0,
        True,
        "basic",
    )


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(SiteFileError) as caught:
        read_settings({**GOOD, "${ECHO_PORT}": "0", "${OCCI_AUTH}": "magic"}, "resources/sites/x.resource")
    said = str(caught.value)
    assert said.startswith("The site file resources/sites/x.resource cannot be used: ")
    assert "${ECHO_PORT} is '0'" in said
    assert "${OCCI_AUTH} is 'magic'" in said


@pytest.mark.parametrize(
    ("login", "missing"),
    [
        ("basic", ["OCCI_USERNAME", "OCCI_PASSWORD"]),
        ("digest", ["OCCI_USERNAME", "OCCI_PASSWORD"]),
        ("x509", ["OCCI_CERTIFICATE"]),
        ("bearer", ["OCCI_TOKEN"]),
        ("keystone", ["OCCI_USERNAME", "OCCI_PASSWORD"]),
        ("keystone-voms", ["OCCI_CERTIFICATE"]),
        ("keystone-oidc", ["OCCI_TOKEN"]),
    ],
)
def test_each_login_says_what_it_needs(login: str, missing: list[str]) -> None:
    empty = {"${OCCI_PASSWORD}": Secret(""), "${OCCI_TOKEN}": Secret("")}
    with pytest.raises(SiteFileError) as caught:
        read_settings({**GOOD, **empty, "${OCCI_AUTH}": login}, "a file")
    assert all(f"${{{name}}} is missing: ${{OCCI_AUTH}} is {login}" in str(caught.value) for name in missing)


def test_keystone_with_a_token_needs_no_password() -> None:
    assert (
        read_settings({**GOOD, "${OCCI_AUTH}": "keystone", "${OCCI_TOKEN}": Secret("t")}, "a file").occi_auth
        == "keystone"
    )


def test_login_that_cannot_be_used_so_is_told() -> None:
    colon = {"${OCCI_AUTH}": "basic", "${OCCI_USERNAME}": "a:b", "${OCCI_PASSWORD}": Secret("x")}
    with pytest.raises(SiteFileError, match=r"\$\{OCCI_USERNAME\} holds a colon"):
        read_settings({**GOOD, **colon}, "a file")
    plain = {
        "${OCCI_AUTH}": "x509",
        "${OCCI_CERTIFICATE}": __file__,
        "${OCCI_ENDPOINT}": "http://a.example.org/",
    }
    with pytest.raises(SiteFileError, match=r"\$\{OCCI_ENDPOINT\} begins with http://, but a certificate"):
        read_settings({**GOOD, **plain}, "a file")


def test_login_of_a_site_file_is_made_with_all_that_it_says(tmp_path: Path) -> None:
    given = {
        "${OCCI_AUTH}": "keystone",
        "${OCCI_USERNAME}": "alice",
        "${OCCI_PASSWORD}": Secret("w0nderland"),
        "${OCCI_PROJECT}": "fedcloud",
        "${OCCI_DOMAIN}": "physics",
        "${OCCI_IDENTITY_URL}": "https://keystone.example.org:5000/v3",
    }
    settings = read_settings({**GOOD, **given}, "a file")
    login = login_of(settings, lambda said: None)
    assert isinstance(login, KeystoneLogin)
    assert "w0nderland" not in repr(vars(login))
    assert "physics" in repr(vars(login))


def test_password_that_is_plain_text_is_refused_without_showing_it() -> None:
    given = {**GOOD, "${OCCI_AUTH}": "basic", "${OCCI_USERNAME}": "a", "${OCCI_PASSWORD}": "hunter2"}
    with pytest.raises(SiteFileError, match=r"a secret comes from the environment") as caught:
        read_settings(given, "a file")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("host", ["vm.example.org:7777", "http://vm.example.org", "vm example", "[::1]"])
def test_host_is_a_host_alone(host: str) -> None:
    with pytest.raises(SiteFileError, match=r"\$\{ECHO_HOST\} is .* a host name or an address alone"):
        read_settings({**GOOD, "${ECHO_HOST}": host}, "a file")


def test_ipv6_address_is_a_host() -> None:
    assert read_settings({**GOOD, "${ECHO_HOST}": "2001:db8::7"}, "a file").echo_host == "2001:db8::7"


def text_problem(tmp_path: Path, text: bytes) -> str:
    file = tmp_path / "x.resource"
    file.write_bytes(b"*** Variables ***\n" + text)
    with pytest.raises(SiteFileError) as caught:
        read_settings(GOOD, "x.resource", path=file)
    return str(caught.value)


def test_misspelt_name_is_told_with_its_line(tmp_path: Path) -> None:
    said = text_problem(tmp_path, b"${OCCI_ENPOINT}    sandbox\n")
    assert "line 2 sets ${OCCI_ENPOINT}, which nothing reads: probably ${OCCI_ENDPOINT} is meant" in said


def test_secret_in_plain_text_is_told_without_showing_it(tmp_path: Path) -> None:
    for line in (b"${OCCI_PASSWORD: Secret}    hunter2\n", b"${OCCI_PASSWORD}    hunter2\n"):
        said = text_problem(tmp_path, line)
        assert "line 2 holds a secret in plain text" in said
        assert "export OCCI_PASSWORD=" in said
        assert "hunter2" not in said


def test_one_space_before_a_value_is_told(tmp_path: Path) -> None:
    assert "line 2 needs two spaces or more between ${ECHO_HOST} and its value" in text_problem(
        tmp_path, b"${ECHO_HOST} vm.example.org\n"
    )
    for gap in ("  ", "\t", " =  ", "=    "):
        file = tmp_path / "x.resource"
        file.write_text(f"*** Variables ***\n${{ECHO_HOST}}{gap}vm.example.org\n", "utf-8")
        assert read_settings(GOOD, "x.resource", path=file).echo_host


def test_secret_without_its_type_is_told(tmp_path: Path) -> None:
    assert "line 2 must read ${SSH_PASSWORD: Secret}" in text_problem(
        tmp_path, b"${SSH_PASSWORD}    %{SSH_PASSWORD=}\n"
    )


def test_file_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    said = text_problem(tmp_path, "${SITE_NAME}    Universit\u00e4t\n".encode("latin-1"))
    assert "line 2 is not UTF-8 text" in said


def test_variables_of_the_testers_own_are_welcome(tmp_path: Path) -> None:
    file = tmp_path / "x.resource"
    file.write_text("*** Variables ***\n${MY_NUMBER}    1\n${echo host}    vm.example.org\n", "utf-8")
    assert read_settings(GOOD, "x.resource", path=file).vm_id == "42"


def test_dry_run_checks_what_is_given_and_misses_nothing() -> None:
    assert read_settings({}, "a file", check_required=False).occi_endpoint == ""
    with pytest.raises(SiteFileError):
        read_settings({"${SSH_PORT}": "x"}, "a file", check_required=False)


def test_settings_show_no_secret() -> None:
    settings = read_settings({**GOOD, "${SSH_PASSWORD}": Secret("canary")}, "a file")
    assert "canary" not in repr(settings)
    assert "ssh_password" not in repr(settings)


def test_sites_are_told_by_name(tmp_path: Path) -> None:
    for name in ("b", "a", "TEMPLATE"):
        (tmp_path / f"{name}.resource").touch()
    assert site_names(tmp_path) == ["TEMPLATE", "a", "b"]
    assert unknown_site("a", tmp_path) == ""
    assert "choose one of a, b with --variable SITE:NAME" in unknown_site("c", tmp_path)


def test_folder_without_sites_says_so(tmp_path: Path) -> None:
    assert "There is no site file in" in unknown_site("a", tmp_path)
