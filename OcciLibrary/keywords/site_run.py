"""One run against one site: the client, the VM, what was found, and why nothing more can be run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from robot.api import logger

from OcciLibrary.keywords.findings import Finding
from OcciLibrary.keywords.harmless import cut
from OcciLibrary.keywords.left_as_found import Found, Note, look, still_created
from OcciLibrary.keywords.level_guard import LevelGuard
from OcciLibrary.keywords.site_client import client_of, log_answer, with_sandbox
from OcciLibrary.keywords.site_file import SiteFileError, SiteSettings, read_settings, unknown_site
from OcciLibrary.keywords.state_words import state_of
from OcciLibrary.keywords.unexpected_changes import LastSeen
from OcciLibrary.keywords.vm_lock import VmLock
from OcciLibrary.occi.identity import below, path_of

if TYPE_CHECKING:
    from robot.errors import ExecutionFailed

    from OcciLibrary.occi.client import OcciClient
    from OcciLibrary.occi.model import AttributeValue, Resource
    from OcciLibrary.occi.transport import Answer
    from OcciLibrary.sandbox.embedded import EmbeddedSandbox
    from OcciLibrary.watch import Timeline, Watch


class CannotTell(Exception):
    """Says in one sentence why the site cannot be judged: something on the tester's side (design §5)."""

    ROBOT_SUPPRESS_NAME = True


class StepFailed(AssertionError):
    """Says in a tester's words which condition of the wiki a site broke."""

    ROBOT_SUPPRESS_NAME = True


class NotOffered(StepFailed):
    """Says in a tester's words what a site does not have at all."""


@dataclass
class TestCase:
    """Holds what the steps of one suite file know of each other."""

    __test__ = False

    listed: tuple[str, ...] | None = None
    before: Resource | None = None
    now: Resource | None = None
    asked: dict[str, AttributeValue] = field(default_factory=dict)
    watch: Watch | None = None
    acted_at: float = 0.0
    action: str = ""
    timeline: Timeline | None = None
    noticed: str = ""


@dataclass(frozen=True)
class Picture:
    """Holds what is drawn under a test: a timeline, what it shows in words, and a fragment of HTML beside it.

    `action` is the action that was watched, '' where the timeline is not that of one.
    """

    timeline: Timeline
    words: str
    beside: str = ""
    action: str = ""


class SiteRun:
    """Holds what one robot process knows of its site; the keyword groups share it."""

    def __init__(self, site: str = "", folder: Path | None = None) -> None:
        self.site = site
        self.folder = folder
        self.problem = unknown_site(site, folder) if folder is not None else ""
        self.settings: SiteSettings | None = None
        self._embedded = False
        self.case = TestCase()
        self.remarks: list[str] = []
        self._said: set[str] = set()
        self.pictures: list[Picture] = []
        self.findings: list[Finding] = []
        self.run_id = new_run_id()
        self.stopped = ""
        self.stopped_at = ""
        self.cannot_tell = ""  # why the running step learned nothing about the site, where the run goes on
        self.login_problem = ""  # why nobody can log in to the VM in this run
        self.interrupted = False
        self.interrupted_at = ""
        self.interruption: ExecutionFailed | None = None
        self.left = False
        self.site_date: tuple[str, float, float] | None = None
        self.waiting = False  # while the same query is repeated, its answers are not logged one by one
        self.vm_left = ""
        self.last_seen = LastSeen()
        self.guard = LevelGuard(self)
        self.last_answer: Answer | None = None
        self._suite: Any = None
        self.found: Found | None = None
        self._client: OcciClient | None = None
        self._vm_url = ""
        self._listed: tuple[str, ...] = ()
        self._sandbox: EmbeddedSandbox | None = None
        self._note: Note | None = None
        self._lock: VmLock | None = None
        self._to_close: list[Callable[[], None]] = []

    # ---- the site

    @property
    def file(self) -> str:
        """Returns how messages name the site file."""
        return f"resources/sites/{self.site}.resource" if self.site else "of this run"

    @property
    def _path(self) -> Path | None:
        return self.folder / f"{self.site}.resource" if self.folder is not None and self.site else None

    def check_site(self, variables: Mapping[str, Any], dry: bool = False) -> str:
        """Reads the site file's values; returns one sentence when they cannot be used, else ''."""
        if self.problem or self.settings is not None:
            return self.problem
        try:
            settings = read_settings(variables, self.file, check_required=not dry, path=self._path)
        except SiteFileError as problem:
            self.problem = str(problem)
            return self.problem
        if not dry:
            self.settings = settings
            self._embedded = settings.is_sandbox
        return ""

    def site_settings(self) -> SiteSettings:
        """Returns the site's settings. Raises `CannotTell` when they cannot be used."""
        if self.settings is None:
            from robot.libraries.BuiltIn import BuiltIn  # noqa: PLC0415

            if problem := self.check_site(BuiltIn().get_variables()):
                raise CannotTell(problem)
        assert self.settings is not None
        return self.settings

    @property
    def client(self) -> OcciClient:
        """Returns the client of the site, made (and the embedded site started) at the first use."""
        if self._client is None:
            self._start_sandbox()
            self._client = client_of(self.site_settings(), self._answered)
            self._client.before_sending = self.guard.check
        return self._client

    def _answered(self, answer: Answer) -> None:
        if not self.waiting:
            log_answer(answer)
        self.last_answer = answer
        now = time.time()
        self.site_date = (
            answer.header("Date"),
            now - answer.seconds,
            now,
        )  # the site's clock, asked and answered when
        self.note_request(answer.method)

    def note_request(self, method: str) -> None:
        """Notes that this run sent a request: what changes after another than GET is of its own making."""
        if method not in ("GET", "HEAD", "OPTIONS"):
            self.last_seen.changing(time.monotonic())

    def at_the_end(self, close: Callable[[], None]) -> None:
        """Has something closed when the run ends."""
        self._to_close.append(close)

    @property
    def server(self) -> str:
        """Returns what the site calls its server (the Server header), '' when it has not said so."""
        return self._client.server if self._client is not None else ""

    @property
    def implementation(self) -> str:
        """Returns which of the known OCCI servers the site runs, '' when that cannot be told."""
        known = self._client.known_server if self._client is not None else None
        return known.name if known is not None else ""

    @property
    def name(self) -> str:
        """Returns the site's name for messages."""
        settings = self.site_settings()
        return settings.site_name or self.site or settings.occi_endpoint

    def _start_sandbox(self) -> None:
        settings = self.site_settings()
        if not settings.is_sandbox:
            return
        from OcciLibrary.sandbox.embedded import EmbeddedSandbox, parse_options  # noqa: PLC0415

        self._sandbox = EmbeddedSandbox()
        try:
            description = self._sandbox.start(parse_options(settings.occi_endpoint))
        except (OSError, RuntimeError, ValueError) as problem:
            raise CannotTell(f"The embedded site did not start: {problem}") from None
        self.settings = with_sandbox(settings, description)

    @property
    def is_embedded(self) -> bool:
        """Tells whether the site is the embedded one, which ends with the run."""
        return self._embedded

    # ---- the VM

    @property
    def vm_url(self) -> str:
        """Returns the URL of the tester's VM, from the listing where it is listed."""
        if not self._vm_url:
            self._listed = self.case.listed if self.case.listed is not None else self._listed_or_nothing()
            found = self.listed_vm(self._listed)
            self._vm_url = self.client.on_site(found) if found else self.unlisted_vm_url()
        return self._vm_url

    def listed_vm(self, listed: tuple[str, ...]) -> str:
        """Returns the URL of the tester's VM in a listing, by its address or else by its id; '' when it is not there."""
        vm_id = self.site_settings().vm_id
        if found := self.client.find(vm_id, listed):
            return found
        if not self._vm_url and "://" not in vm_id:
            return self.client.find_by_id(vm_id, listed)
        wanted = path_of(self._vm_url or vm_id)
        return next((url for url in listed if path_of(self._on_site(url)) == wanted), "")

    def _on_site(self, url: str) -> str:
        from OcciLibrary.occi.request_errors import AnswerUnusable  # noqa: PLC0415

        try:
            return self.client.on_site(url)
        except AnswerUnusable:
            return ""

    @property
    def listed(self) -> tuple[str, ...]:
        """Returns the URLs that the site listed last; empty when it lists nothing."""
        return self._listed if self.case.listed is None else self.case.listed

    def _listed_or_nothing(self) -> tuple[str, ...]:
        """Returns the listing; nothing where the site refuses it, which is for the steps about the listing to tell."""
        from OcciLibrary.occi.errors import RenderingError  # noqa: PLC0415
        from OcciLibrary.occi.request_errors import AnswerUnusable, RequestRefused  # noqa: PLC0415

        try:
            return self.client.list_compute()
        except (RequestRefused, AnswerUnusable, RenderingError):
            return ()

    def unlisted_vm_url(self) -> str:
        """Returns where the VM should be when the site does not list it: a URL or path as given, an id below compute."""
        vm_id = self.site_settings().vm_id
        if "/" in vm_id:
            return self.client.on_site(vm_id)
        return below(self.client.compute_location(), vm_id)

    def query(self) -> Resource:
        """Returns the VM as the site shows it now, and remembers it for the later steps."""
        self.case.now = self.client.get(self.vm_url)
        self._notice(self.case.now)
        return self.case.now

    def _notice(self, resource: Resource) -> None:
        """Remarks once on what changed on the VM though this run did nothing."""
        if self.case.watch is not None or self.found is None:
            return
        self.last_seen.asked(self.case.asked)
        settable = {
            name: value for name, value in resource.attributes.items() if name in self.found.attributes
        }
        words = self.last_seen.look(state_of(resource), settable, time.monotonic(), _clock())
        if words:
            self.case.noticed = words
            self.remark(words)

    def arrived(self) -> None:
        """Notes that the transition that this step watched ended as it should."""
        if self.pictures and (lane := self.pictures[-1].timeline.lane("state")) is not None and lane.spans:
            self.last_seen.arrived(lane.spans[-1].value, time.monotonic(), _clock())

    # ---- what was found

    def take_the_vm(self) -> None:
        """Keeps other runs on this computer away from the VM. Raises `CannotTell` when one is at work on it."""
        if self.is_embedded or self._lock is not None:
            return
        self._note = Note(self.client.endpoint, self.site_settings().vm_id)
        lock = VmLock(self._note.path.with_suffix(".lock"))
        try:
            holder = lock.take()
        except OSError as problem:
            logger.info(
                f"Whether another run is working on this VM cannot be told: {problem.strerror or problem}."
            )
            return
        if holder:
            raise CannotTell(
                f"Another run ({holder}) is working on the VM '{self.site_settings().vm_id}' of this site: "
                "wait until it has ended, then run again; nothing was run."
            )
        self._lock = lock

    def take_up_note(self) -> bool:
        """Takes up what a killed run left to be put back; returns whether there was anything."""
        if self._note is None:
            return False
        self.found, problem = self._note.read()
        if problem:
            logger.warn(problem)
        return self.found is not None

    def write_down(self) -> Found:
        """Writes down what the VM is like, unless something is still owed from before."""
        if self.found is None:
            self.found = look(self.client, self.query())
            self.keep_note()
        return self.found

    def what_is_owed(self) -> str:
        """Returns a sentence that says what the VM was like, for the person who has to put it back by hand."""
        if self.found is None:
            return ""
        attributes = cut(", ".join(f"{name}={value!r}" for name, value in self.found.attributes.items()))
        without = f" and without {', '.join(self.found.added)}" if self.found.added else ""
        later = "" if self.is_embedded else " The next run on this site tries again."
        return f"It was in state '{self.found.state}' with {attributes}{without}.{still_created(self.found)}{later}"

    def keep_note(self) -> None:
        """Writes what is to be put back to the note; an embedded site needs none, for it ends with the run.

        Where the note cannot be written, that is said once and the run goes on: Ctrl-C still puts the VM back.
        """
        if self._note is None or self.found is None:
            return
        try:
            self._note.write(self.found)
        except OSError as problem:
            logger.warn(
                f"What the VM is like cannot be written down in {self._note.path.parent} ({problem.strerror or problem}), so "
                "nothing would put it back if this run were killed: set the environment variable OCCI_NOTES to a folder "
                "that you can write to."
            )
            self._note = None

    def can_note(self) -> bool:
        """Tells whether what is owed outlives a kill: it is noted, or gone with the embedded site."""
        return self.is_embedded or self._note is not None

    def adding(self, attribute: str, now: Resource) -> None:
        """Notes that the site is asked for an attribute that the VM has not: it is to be taken away again."""
        found = self.found
        if found is None or attribute in (*now.attributes, *found.attributes, *found.added):
            return
        found.added.append(attribute)
        self.keep_note()

    def pending(self, action: str, since: float = 0.0) -> None:
        """Notes that an action was sent ('' = its end was seen), so that a restore waits for its end first."""
        if action:
            self.last_seen.moving(time.monotonic())
        if self.found is not None:
            self.found.pending = action
            self.found.pending_since = since
            self.keep_note()

    def all_put_back(self) -> None:
        """Forgets what was found: nothing is left to be put back."""
        if self._note is not None:
            self._note.forget()
        self.found = None

    # ---- verdicts

    def stop(self, why: str) -> None:
        """Notes why nothing more can be said about this site."""
        self.stopped = self.stopped or why

    def remark(self, words: str) -> None:
        """Adds a remark to the running step: held, but deviating."""
        if words not in self.remarks:
            self.remarks.append(words)

    def remark_once(self, about: str, words: str) -> None:
        """Adds a remark to the running step, unless the run has made one about the same; empty words are none."""
        if words and about not in self._said:
            self._said.add(about)
            self.remark(words)

    def new_case(self, suite: Any) -> None:
        """Begins a new suite file."""
        self.end_watch()
        self.last_seen.asked(self.case.asked)
        self.case = TestCase()
        self._suite = suite

    def is_last_suite(self) -> bool:
        """Tells whether the run ends with this suite: it is the outermost one, or the last file below it."""
        suite = self._suite
        while suite is not None and suite.parent is not None:
            if suite.parent.suites[-1] is not suite:
                return False
            suite = suite.parent
        return True

    def end_watch(self) -> None:
        """Ends the watch that may still be running, and keeps its timeline."""
        if self.case.watch is not None:
            self.case.timeline = self.case.watch.stop()
            self.case.watch = None

    def close(self) -> None:
        """Ends everything that the run started."""
        self.end_watch()
        while self._to_close:
            self._to_close.pop()()
        if self._client is not None:
            self._client.close()
            self._client = None
        if self._sandbox is not None:
            self._sandbox.stop()
            self._sandbox = None
        if self._lock is not None:
            self._lock.give_back()
            self._lock = None


def new_run_id() -> str:
    """Returns an id that no other run has: when the run began (UTC), and eight random digits."""
    return f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-{token_hex(4)}"


def _clock() -> str:
    return datetime.now().astimezone().strftime("%H:%M:%S")
