"""One run against one site: the client, the VM, what was found, and why nothing more can be run."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from robot.api import logger
from robot.api.types import Secret

from OcciLibrary.keywords.left_as_found import Found, Note, look
from OcciLibrary.keywords.site_file import SiteFileError, SiteSettings, read_settings, unknown_site

if TYPE_CHECKING:
    from OcciLibrary.occi.client import OcciClient
    from OcciLibrary.occi.model import AttributeValue, Resource
    from OcciLibrary.occi.transport import Answer
    from OcciLibrary.sandbox.embedded import EmbeddedSandbox
    from OcciLibrary.watch import Timeline, Watch

_BODY_SHOWN = 4000
# What an answer may carry that must not be mailed around (reference §6).
_PRIVATE_HEADERS = frozenset(
    {"set-cookie", "x-subject-token", "x-auth-token", "authorization", "www-authenticate"}
)


class CannotTell(Exception):
    """Says in one sentence why the site cannot be judged: something on the tester's side (design §5)."""

    ROBOT_SUPPRESS_NAME = True


class StepFailed(AssertionError):
    """Says in a tester's words which condition of the wiki a site broke."""

    ROBOT_SUPPRESS_NAME = True


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
        self.pictures: list[tuple[Timeline, str]] = []
        self.stopped = ""
        self.stopped_at = ""
        self.interrupted = False
        self._suite: Any = None
        self.found: Found | None = None
        self._client: OcciClient | None = None
        self._vm_url = ""
        self._sandbox: EmbeddedSandbox | None = None
        self._note: Note | None = None

    # ---- the site

    @property
    def file(self) -> str:
        """Returns how messages name the site file."""
        return f"resources/sites/{self.site}.resource" if self.site else "of this run"

    def check_site(self, variables: Mapping[str, Any], dry: bool = False) -> str:
        """Reads the site file's values; returns one sentence when they cannot be used, else ''."""
        if self.problem or self.settings is not None:
            return self.problem
        try:
            settings = read_settings(variables, self.file, check_required=not dry)
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
            self._client = _client(self.site_settings(), log_answer)
        return self._client

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
        self.settings = _with_sandbox(settings, description)

    @property
    def is_embedded(self) -> bool:
        """Tells whether the site is the embedded one, which ends with the run."""
        return self._embedded

    # ---- the VM

    @property
    def vm_url(self) -> str:
        """Returns the URL of the tester's VM, from the listing where it is listed."""
        if not self._vm_url:
            listed = self.case.listed if self.case.listed is not None else self.client.list_compute()
            self._vm_url = self.client.find(self.site_settings().vm_id, listed) or self.unlisted_vm_url()
        return self._vm_url

    def unlisted_vm_url(self) -> str:
        """Returns where the VM should be when the site does not list it: a URL or path as given, an id below compute."""
        vm_id = self.site_settings().vm_id
        if "/" in vm_id:
            return self.client.on_site(vm_id)
        return urljoin(self.client.compute_location(), vm_id)

    def query(self) -> Resource:
        """Returns the VM as the site shows it now, and remembers it for the later steps."""
        self.case.now = self.client.get(self.vm_url)
        return self.case.now

    # ---- what was found

    def take_up_note(self) -> bool:
        """Takes up what a killed run left to be put back; returns whether there was anything."""
        if self.is_embedded:
            return False
        self._note = Note(self.client.endpoint, self.site_settings().vm_id)
        self.found = self._note.read()
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
        attributes = ", ".join(f"{name}={value!r}" for name, value in self.found.attributes.items())
        later = "" if self.is_embedded else " The next run on this site tries again."
        return f"It was in state '{self.found.state}' with {attributes}.{later}"

    def keep_note(self) -> None:
        """Writes what is to be put back to the note; an embedded site needs none, for it ends with the run."""
        if self._note is not None and self.found is not None:
            self._note.write(self.found)

    def pending(self, action: str, since: float = 0.0) -> None:
        """Notes that an action was sent ('' = its end was seen), so that a restore waits for its end first."""
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

    def new_case(self, suite: Any) -> None:
        """Begins a new suite file."""
        self.end_watch()
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
        if self._client is not None:
            self._client.close()
            self._client = None
        if self._sandbox is not None:
            self._sandbox.stop()
            self._sandbox = None


def _with_sandbox(settings: SiteSettings, description: Mapping[str, Any]) -> SiteSettings:
    vm = description["machines"][0]
    return replace(
        settings,
        occi_endpoint=description["endpoint"],
        vm_id=settings.vm_id or vm["id"],
        echo_host=settings.echo_host or vm["echo_host"],
        echo_port=vm["echo_port"],
        ssh_host=settings.ssh_host or vm["ssh_host"],
        ssh_port=vm["ssh_port"],
    )


def _client(settings: SiteSettings, on_answer: Any) -> OcciClient:
    from OcciLibrary.occi.client import OcciClient  # noqa: PLC0415

    certificate: Any = settings.occi_certificate or None
    if certificate and settings.occi_key:
        certificate = (settings.occi_certificate, settings.occi_key)
    return OcciClient(
        settings.occi_endpoint,
        _login(settings),
        settings.occi_media_type,
        verify=settings.occi_ca or True,
        certificate=certificate if settings.occi_auth == "x509" else None,
        on_answer=on_answer,
    )


def _login(settings: SiteSettings) -> Any:
    from OcciLibrary.occi import logins  # noqa: PLC0415

    name, password, token = (
        settings.occi_username,
        _value(settings.occi_password),
        _value(settings.occi_token),
    )
    if settings.occi_auth == "basic":
        return logins.BasicLogin(name, password)
    if settings.occi_auth == "digest":
        return logins.DigestLogin(name, password)
    if settings.occi_auth == "bearer":
        return logins.TokenLogin(token)
    if settings.occi_auth == "keystone" and token:
        return logins.TokenLogin(token, "X-Auth-Token")
    if settings.occi_auth == "keystone":
        ca = settings.occi_ca or True
        return logins.KeystoneLogin(name, password, settings.occi_project, settings.occi_identity_url, ca)
    return None


def _value(secret: Secret | None) -> str:
    return str(secret.value) if secret is not None else ""


def log_answer(answer: Answer) -> None:
    """Logs one exchange, folded: the line a tester reads, and inside it what the site answered."""
    first = f"{answer.method} {answer.url} → {answer.status} {answer.reason}"
    headers = "\n".join(
        f"{name}: {'<secret>' if name.lower() in _PRIVATE_HEADERS else value}"
        for name, value in answer.headers
    )
    body = answer.body[: _BODY_SHOWN + 1].decode("utf-8", "replace")
    cut = f"\n… ({len(answer.body)} bytes in all)" if len(answer.body) > _BODY_SHOWN else ""
    shown = "".join(c if c.isprintable() or c in "\r\n\t" else "\ufffd" for c in body[:_BODY_SHOWN])
    logger.info(
        f"<details><summary>{html.escape(first)} ({answer.seconds:.3f} s)</summary>"
        f"<pre>{html.escape(headers[:_BODY_SHOWN])}\n\n{html.escape(shown + cut)}</pre></details>",
        html=True,
    )
