"""Runs in which the site cannot be judged: said once in one plain sentence, and nothing else runs."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from OcciLibrary.probes import Ping
from tests.runs.conftest import AGREED, ROOT, SUITES, Finished, Robot, Site

SITES = sorted(path.stem for path in (ROOT / "resources" / "sites").glob("*.resource"))


def assert_plain(finished: Finished) -> None:
    assert "Traceback" not in finished.out + finished.err
    assert "[ ERROR ]" not in finished.err
    assert finished.code != 0


def test_unknown_site_is_one_sentence_with_the_sites_there_are(robot: Robot) -> None:
    began = time.monotonic()
    finished = robot("--variable", "SITE:nosuch", SUITES)
    assert time.monotonic() - began < 10  # the two seconds that are promised are measured in benchmarks/
    assert_plain(finished)
    assert finished.err == ""
    (test,) = finished.tests.values()
    assert test.message.startswith("Cannot tell: There is no site 'nosuch' in resources/sites")
    assert all(name in test.message for name in SITES)
    assert "tester-side" in test.tags
    assert finished.out.count("There is no site") == 1


def test_unknown_site_of_the_environment_is_told_for_a_single_file_too(robot: Robot) -> None:
    robot.environment["OCCI_SITE"] = "nosuch"
    finished = robot(AGREED / "03__start_the_vm.robot")
    assert_plain(finished)
    assert len(finished.tests) == 1
    assert finished.out.count("There is no site 'nosuch'") == 1


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        (
            "OCCI_ENDPOINT:occi.example.org",
            "${OCCI_ENDPOINT} is 'occi.example.org': it must be a URL such as https://",
        ),
        ("OCCI_ENDPOINT:sandbox:speed=9", "The sandbox has no option 'speed'"),
        (
            "OCCI_AUTH:kerberos",
            "${OCCI_AUTH} is 'kerberos': it must be one of none, basic, digest, x509, keystone, keystone-voms, keystone-oidc, bearer",
        ),
        ("OCCI_AUTH:basic -v OCCI_ENDPOINT:http://127.0.0.1:1/", "${VM_ID} is missing"),
        ("ECHO_PORT:seventy", "${ECHO_PORT} is 'seventy': it must be a port number from 1 to 65535"),
        ("TRANSITION_TIMEOUT:soon", "${TRANSITION_TIMEOUT} is 'soon': it must be a time"),
        ("MAY_CREATE:perhaps", "${MAY_CREATE} is 'perhaps': it must be True or False"),
        (
            "OCCI_MEDIA_TYPE:text/html",
            "${OCCI_MEDIA_TYPE} is 'text/html': it must be one of auto, text/plain",
        ),
        ("OCCI_CA:/no/such/ca.pem", "${OCCI_CA} is '/no/such/ca.pem', but there is no such file or folder"),
    ],
)
def test_nonsense_in_a_site_file_is_one_sentence_that_names_file_and_choices(
    variable: str, words: str, robot: Robot
) -> None:
    finished = robot("--variable", *variable.replace(" -v ", " --variable ").split(), AGREED)
    assert_plain(finished)
    (test,) = finished.tests.values()
    assert words in test.message
    assert "resources/sites/sandbox.resource" in test.message
    assert finished.out.count(test.message) == 1


def test_password_in_the_address_is_refused_and_not_shown(robot: Robot) -> None:
    finished = robot(
        "--variable",
        "OCCI_ENDPOINT:https://alice:hunter2secret@occi.example.org/",
        AGREED / "01__identify_and_query_the_vm.robot",
    )
    assert_plain(finished)
    (test,) = finished.tests.values()
    assert "must not hold a name or password" in test.message
    assert "hunter2secret" not in finished.out + finished.err


def _login(robot: Robot, password: str) -> list[str]:
    """A basic login; its password stands in an argument file, for a command line can be read by everybody."""
    file = robot.folder / "login.args"
    lines = ["OCCI_AUTH:basic", "OCCI_USERNAME:alice", f"OCCI_PASSWORD: Secret:{password}"]
    file.write_text("".join(f"--variable {line}\n" for line in lines), "utf-8")
    return ["--argumentfile", str(file)]


def test_wrong_password_is_told_once_and_the_rest_is_not_run(
    robot: Robot, site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_PASSWORD", "the-right-one")
    running = site("seconds=0.2,username=alice")
    finished = robot(*running.variables, *_login(robot, "canary-wrong-one"), "--loglevel", "TRACE", AGREED)
    assert_plain(finished)
    tests = finished.tests
    assert len(tests) == 29
    assert tests["1.1"].status == "FAIL"
    assert "tester-side" in tests["1.1"].tags
    assert tests["1.1"].metadata["Verdict"] == "cannot tell"
    assert "401" in tests["1.1"].message
    assert "resources/sites/sandbox.resource" in tests["1.1"].message
    assert {test.status for number, test in tests.items() if number != "1.1"} == {"SKIP"}
    assert finished.out.count("does not accept the credentials") == 1
    for file in ("output.xml", "log.html", "report.html"):
        assert "canary-wrong-one" not in (finished.folder / file).read_text("utf-8")


def test_right_password_passes(
    robot: Robot, site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_PASSWORD", "the-right-one")
    running = site("seconds=0.2,username=alice")
    finished = robot(
        *running.variables,
        *_login(robot, "the-right-one"),
        AGREED / "01__identify_and_query_the_vm.robot",
    )
    assert set(finished.statuses().values()) == {"PASS"}, finished.out


def test_site_that_was_never_there_is_told_once(robot: Robot, site: Callable[..., Site]) -> None:
    running = site()
    running.process.stop()
    finished = robot(*running.variables, AGREED)
    assert_plain(finished)
    tests = finished.tests
    assert "the connection was refused (nothing listens there)" in tests["1.1"].message
    assert "tester-side" in tests["1.1"].tags
    assert {test.status for number, test in tests.items() if number != "1.1"} == {"SKIP"}


def test_site_that_goes_away_in_the_middle_is_told_once(robot: Robot, site: Callable[..., Site]) -> None:
    running = site("seconds=30")
    process = robot.start(*running.variables, AGREED)
    wait_for_state_of_run(process, "3.3 ")
    running.process.stop()
    finished = robot.finish(process)
    assert_plain(finished)
    tests = finished.tests
    assert len(tests) == 29
    assert tests["3.3"].status == "FAIL"
    assert "tester-side" in tests["3.3"].tags
    assert "no answer" in tests["3.3"].message or "cannot be reached" in tests["3.3"].message
    assert {test.status for number, test in tests.items() if number > "3.3"} == {"SKIP"}
    assert [number for number, test in tests.items() if "tester-side" in test.tags] == ["3.3"]


def wait_for_state_of_run(process: object, words: str) -> None:
    """Reads the run's console until it says something."""
    out = process.stdout  # type: ignore[attr-defined]
    seen = ""
    while words not in seen:
        piece = out.read(1)
        assert piece, f"The run ended before it said {words!r}: {seen}"
        seen += piece


def test_dry_run_tells_an_unknown_site_too(robot: Robot) -> None:
    finished = robot("--dryrun", "--variable", "SITE:nosuch", SUITES)
    assert finished.code == 1
    assert finished.out.count("There is no site 'nosuch'") == 1


def test_echo_host_that_nobody_knows_is_told_before_anything_is_sent(
    robot: Robot, site: Callable[..., Site]
) -> None:
    nobody = "x" * 70  # too long for a label: refused without asking any name server
    finished = robot(*site().variables, "--variable", f"ECHO_HOST:{nobody}", AGREED)
    assert_plain(finished)
    tests = finished.tests
    assert f"'{nobody}', is not known to DNS: check ${{ECHO_HOST}}" in tests["1.1"].message
    assert "tester-side" in tests["1.1"].tags
    assert {test.status for number, test in tests.items() if number != "1.1"} == {"SKIP"}


def test_step_that_judges_an_action_alone_is_skipped_with_the_reason(
    robot: Robot, site: Callable[..., Site]
) -> None:
    finished = robot(*site().variables, "--test", "3.3*", AGREED)
    assert finished.tests["3.3"].status == "SKIP"
    assert "needs the step with the action in the same run" in finished.tests["3.3"].message


def test_ping_that_answers_for_a_stopped_vm_is_left_out(robot: Robot, site: Callable[..., Site]) -> None:
    finished = robot(*site().variables, "--variable", "PING_HOST:127.0.0.1", AGREED)
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    if Ping("127.0.0.1").available:
        assert "answers ping although the VM is inactive" in finished.err
