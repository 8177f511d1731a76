"""The suites about the reference VM as a tester runs them: on sites that are as they say, and on sites that are not."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from OcciLibrary.reference_vm.manifest import Manifest
from tests.reference_vm.conftest import image  # noqa: F401 - a fixture
from tests.runs.conftest import AGREED, SUITES, Finished, Robot, Site, robot, site  # noqa: F401 - two are fixtures

GROUP = SUITES / "03__reference_vm"
LOG_IN, INSIDE, CLOCKS, CHANGED, RESTART, SUSPEND = sorted(GROUP.glob("0*.robot"))
STEPS = {"R1": 2, "R2": 5, "R3": 3, "R4": 6, "R5": 3, "R6": 4}
AT_ONCE = ("--variable", "SUSPENDED_FOR:0 s", "--variable", "CLOCK_SETTLES:0 s")


def steps(*files: str) -> list[str]:
    return [f"{file}.{step}" for file in files for step in range(1, STEPS[file] + 1)]


def embedded(options: str, timeout: str = "4 s") -> list[str]:
    endpoint = f"OCCI_ENDPOINT:sandbox:seconds=0.2,{options}".rstrip(",")
    return ["--variable", endpoint, "--variable", f"TRANSITION_TIMEOUT:{timeout}", *AT_ONCE]


def login(running: Site, **changes: str | int) -> list[str]:
    vm = running.vm
    values = {"SSH_HOST": vm["ssh_host"], "SSH_PORT": vm["ssh_port"], "SSH_HOST_KEY": "", **changes}
    return [part for name, value in values.items() for part in ("--variable", f"{name}:{value}")]


def told(finished: Finished) -> str:
    return (finished.folder / "output.xml").read_text("utf-8")


@dataclass(frozen=True)
class Misled:
    """A site that is not as it says: the steps that fail and the words in which, and the steps that are not run."""

    options: str
    files: Sequence[Path]
    fails: Mapping[str, str]
    skips: Mapping[str, str] = field(default_factory=dict)
    tests: Sequence[str] = ("*",)

    @property
    def arguments(self) -> list[str | Path]:
        return [
            *embedded(self.options),
            *(part for name in self.tests for part in ("--test", name)),
            *self.files,
        ]


_SAME_BOOT = r"same boot id [0-9a-f]{8}, its process is still there, the file in RAM is still there"
_FRESH_BOOT = r"new boot id [0-9a-f]{8} instead of [0-9a-f]{8}, its process is gone, the file in RAM is gone"
_ELSEWHERE = r"calls itself 'vm-2', OCCI calls the VM 'reference-vm': first check whether \$\{SSH_HOST\}"
_AS_BEFORE = "That is what it had before: the change was stored, but never reached the machine."
_NOT_RESUMED = r"no step before has resumed the VM with its memory \(hibernate\)"
MISLED = {
    "other inside than OCCI says": Misled(
        "fault=machine-has-another-core+machine-has-half-the-memory+machine-has-another-name+machine-has-32-bits",
        [INSIDE],
        {
            "R2.1": "occi.compute.cores=1, and the machine has 2 for programs",
            "R2.2": r"occi.compute.memory=1.0, and the machine's kernel manages 0.5 GiB .* 0.93 GiB to 1.12 GiB would agree",
            "R2.3": "occi.compute.hostname='reference-vm', and the machine calls itself 'localhost'",
            "R2.4": "occi.compute.architecture='x64', and the machine's kernel is of the architecture i686",
        },
    ),
    "changes stored but never in the machine": Misled(
        "fault=cores-never-in-machine+memory-never-in-machine+hostname-never-in-machine",
        [CHANGED],
        {
            "R4.4": rf"cores=2 \(before the change 1\), and the machine has 1 for .*{_AS_BEFORE}",
            "R4.5": rf"memory=2.0 \(before the change 1.0\), .* manages 1 GiB .*{_AS_BEFORE}",
            "R4.6": rf"'reference-vm-changed' .* calls itself 'reference-vm'.*{_AS_BEFORE}",
        },
    ),
    "changes that the site ignores": Misled(
        "fault=cores-ignored+memory-refused-403",
        [CHANGED],
        {},
        {
            "R4.4": "the site took the change of occi.compute.cores, but OCCI still shows 1; test case 2 judges that",
            "R4.5": "occi.compute.memory was not changed. .*403 Forbidden",
        },
    ),
    "a restart that is faked": Misled(
        "fault=restart-without-reboot",
        [RESTART],
        {
            step: rf"Expected that the machine booted anew with restart \({how}\), as the site says. Seen: {_SAME_BOOT}"
            for step, how in (("R5.1", "warm"), ("R5.3", "cold"))
        },
        tests=("R5.1*", "R5.3*"),
    ),
    "a restart that happens later than the site says": Misled(
        "fault=restart-happens-late", [RESTART], {}, tests=("R5.1*",)
    ),
    "a restart that has no warm method": Misled(
        "fault=restart-refuses-warm",
        [RESTART],
        {},
        {"R5.1": "Not offered: .*restart with method=warm, but the site refused: .*400 Bad Request"},
    ),
    "a hibernate that is faked": Misled(
        "fault=resume-fresh-boot",
        [SUSPEND],
        {
            "R6.1": rf"kept its memory over suspend \(hibernate\) and start, as the site says. Seen: {_FRESH_BOOT}",
            "R6.4": rf"kept its memory over suspend \(suspend\) and start, as the site says. Seen: {_FRESH_BOOT}",
        },
        {"R6.2": _NOT_RESUMED, "R6.3": _NOT_RESUMED},
    ),
    "an echo service with a wrong clock": Misled(
        "fault=echo-other-address",
        [CLOCKS],
        {
            "R3.2": r"echo service's clock \('1999-12-31.*'\) is \d+\.\d s behind the machine's clock .*3\.\d s are allowed",
            "R3.3": r"echo service's clock \('1999-12-31.*'\) is \d+\.\d s behind the clock of the OCCI server",
        },
    ),
    "a host key that changes": Misled(
        "fault=restart-changes-host-key",
        [RESTART],
        {
            "R5.1": r"Expected the host key that this machine showed at the login before, SHA256:\S{43}, which is the pinned "
            r"one. Seen: SHA256:\S{43}. Either the VM was rebuilt .* ask the site's admin which. Nobody was logged in."
        },
        dict.fromkeys(
            ("R5.2", "R5.3"), "it needs a login to the VM. .*another host key than the site file says"
        ),
    ),
    "a login into another VM": Misled(
        "fault=ssh-of-another-vm,machines=2",
        [INSIDE, CHANGED, RESTART],
        {
            "R2.1": f"the machine has 2 for .*{_ELSEWHERE}",
            "R2.2": f"manages 2 GiB .*{_ELSEWHERE}",
            "R2.3": "calls itself 'vm-2'",
            "R4.1": f"nobody can log in to the VM while it is 'inactive'. Seen: .*{_ELSEWHERE}",
            "R5.1": f"{_SAME_BOOT}.*{_ELSEWHERE}",
        },
        dict.fromkeys(steps("R4")[1:], "Not run: step R4.1 failed."),
        tests=("R2.*", "R4.*", "R5.1*"),
    ),
}


@pytest.fixture(scope="module")
def misled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Finished]:
    """Runs the suites on the sites, three side by side, and gives what came of each."""
    folder, waiting = tmp_path_factory.mktemp("misled"), list(MISLED)
    finished: dict[str, Finished] = {}

    def run_more() -> None:
        names = [waiting.pop(0) for _ in range(min(3, len(waiting)))]
        robots = {name: Robot(folder / str(len(waiting)) / name.replace(" ", "_")) for name in names}
        running = {name: robots[name].start(*MISLED[name].arguments) for name in names}
        for name in names:
            finished[name] = robots[name].finish(running[name])

    def result(name: str) -> Finished:
        while name not in finished:
            run_more()
        return finished[name]

    return result


@pytest.mark.parametrize("name", MISLED)
def test_site_that_is_not_as_it_says_gets_the_verdicts_it_deserves(
    name: str, misled: Callable[[str], Finished]
) -> None:
    finished, expected = misled(name), MISLED[name]
    seen = {number: test.status for number, test in finished.tests.items()}
    wanted = dict.fromkeys(seen, "PASS") | dict.fromkeys(expected.fails, "FAIL")
    assert seen == wanted | dict.fromkeys(expected.skips, "SKIP"), finished.out
    for step, words in (expected.fails | dict(expected.skips)).items():
        assert re.search(words, finished.tests[step].message), finished.tests[step].message
    for step in expected.fails:
        message = finished.tests[step].message
        assert "tester-side" not in finished.tests[step].tags
        assert "xpected" in message
        assert "sk the site's admin" in message
    assert finished.err == ""


def test_site_that_is_as_it_says_passes_and_is_left_as_it_was(
    robot: Robot,  # noqa: F811
    site: Callable[..., Site],  # noqa: F811
) -> None:
    running = site("seconds=0.2")
    before = running.attributes()
    pinned = login(running, SSH_HOST_KEY=running.vm["ssh_host_key"])
    finished = robot(*running.variables, *pinned, *AT_ONCE, GROUP)
    assert finished.statuses() == dict.fromkeys(steps(*STEPS), "PASS"), finished.out
    assert {test.metadata["Verdict"] for test in finished.tests.values()} == {"pass"}
    assert finished.err == ""
    assert running.attributes() == before
    shown = told(finished)
    assert "OCCI says occi.compute.memory=2.0 (before the change 1.0)" in shown
    assert re.search("The machine shows: same boot id [0-9a-f]{8}, its process is still there", shown)


def test_host_key_that_is_not_pinned_is_told_and_its_change_is_a_remark(
    robot: Robot,  # noqa: F811
    site: Callable[..., Site],  # noqa: F811
) -> None:
    running = site("seconds=0.2,fault=restart-changes-host-key")
    finished = robot(
        *running.variables, *login(running), *AT_ONCE, "--test", "R1.*", "--test", "R5.1*", GROUP
    )
    tests = finished.tests
    assert {number: test.status for number, test in tests.items()} == {
        "R1.1": "PASS",
        "R1.2": "SKIP",
        "R5.1": "PASS",
    }
    assert re.search(
        r"\$\{SSH_HOST_KEY\} is empty.* showed the host key SHA256:\S{43}: ask", tests["R1.2"].message
    )
    assert tests["R5.1"].metadata["Verdict"] == "pass with remark"
    assert re.search(
        r"another host key than at the login before: (SHA256:\S{43}) instead of (?!\1)SHA256:\S{43}",
        tests["R5.1"].message,
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"SSH_USERNAME": "nobody"}, "refuses the password: check ${SSH_USERNAME} and ${SSH_PASSWORD}"),
        (
            {"SSH_HOST_KEY": "SHA256:" + "A" * 43},
            "or the VM was rebuilt since: ask the site's admin whether it was",
        ),
    ],
    ids=["user", "host key"],
)
def test_login_that_is_refused_from_the_start_cannot_tell_and_skips_this_group_alone(
    changed: dict[str, str],
    words: str,
    robot: Robot,  # noqa: F811
    site: Callable[..., Site],  # noqa: F811
) -> None:
    running = site("seconds=0.2")
    files = [
        AGREED / "01__identify_and_query_the_vm.robot",
        LOG_IN,
        INSIDE,
        AGREED / "03__start_the_vm.robot",
    ]
    finished = robot(*running.variables, *login(running, **changed), *files)
    tests = finished.tests
    assert tests["R1.1"].metadata["Verdict"] == "cannot tell"
    assert words in tests["R1.1"].message
    assert {tests[step].status for step in (*steps("R2"), "R1.2")} == {"SKIP"}
    assert words in tests["R2.1"].message
    assert tests["1.1"].status == "PASS"
    assert finished.out.count("Cannot tell") == 1


def test_machine_that_does_not_answer_to_ssh_fails(
    robot: Robot,  # noqa: F811
    site: Callable[..., Site],  # noqa: F811
) -> None:
    running = site("seconds=0.2,reference-state=active")
    nobody = login(running, SSH_PORT=running.vm["echo_port"])
    finished = robot(*running.variables, *nobody, "--variable", "LOGIN_TIMEOUT:1 s", "--test", "R1.1*", GROUP)
    assert finished.tests["R1.1"].metadata["Verdict"] == "fail"
    assert "does not speak ssh" in finished.tests["R1.1"].message
    assert "First check ${SSH_HOST} and ${SSH_PORT}" in finished.tests["R1.1"].message


def test_real_machine_is_as_occi_says_and_keeps_its_memory_when_it_hibernates(
    robot: Robot,  # noqa: F811
    image: tuple[Path, Manifest],  # noqa: F811
) -> None:
    if shutil.which("qemu-system-x86_64") is None:
        pytest.skip("no qemu-system-x86_64 here (apt-get install qemu-system-x86)")
    pytest.importorskip("qemu.qmp")
    robot.environment["OCCI_IMAGE_CACHE"] = str(image[0])
    chosen = [part for pattern in ("R2.*", "R6.1*", "R6.2*") for part in ("--test", pattern)]
    process = robot.start("--variable", "SITE:sandbox_qemu", *chosen, GROUP)
    finished = robot.finish(process, timeout=240)
    assert set(finished.statuses().values()) == {"PASS"}, finished.out
    shown = told(finished)
    assert re.search(r"manages 1 GiB in blocks of 0.125 GiB and leaves 0.9\d? GiB to programs", shown)
    assert re.search(
        r"same boot id [0-9a-f]{8}, its process is still there, the file in RAM is still there", shown
    )
