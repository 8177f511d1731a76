"""What all conformance keywords do alike: exchange with the site within the test's level, and tell what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from robot.api import SkipExecution, logger

from OcciLibrary.conformance.discovery import offered
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import (
    MOST_TOLD,
    CannotBeShownError,
    Finding,
    Findings,
    NotOfferedError,
    failures,
    remarks,
    told,
)
from OcciLibrary.conformance.profile import Profile, profile_of
from OcciLibrary.keywords.guarding import judged
from OcciLibrary.keywords.harmless import cut, harmless
from OcciLibrary.keywords.site_client import log_request
from OcciLibrary.keywords.site_run import SiteRun, StepFailed
from OcciLibrary.occi.answering import raise_for_status
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.identity import path_of
from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_PLAIN
from OcciLibrary.occi.request_errors import AnswerUnusable, RequestRefused

if TYPE_CHECKING:
    from OcciLibrary.occi.client import OcciClient
    from OcciLibrary.occi.model import Category

ANOTHER_JSON = (
    "the site claims OCCI 1.1 alone, which has no JSON, and the JSON that it renders is not that of OCCI 1.2"
)
WELL_KNOWN = "/.well-known/org/ogf/occi/-/"
_EXCHANGES_TOLD = 3
_REASON_SHOWN = 1500
_OTHERS = (OCCI_JSON, TEXT_PLAIN)  # to compare text/plain with, and any other


class ConformanceSite:
    """Is the site of a run as the conformance keywords see it; the groups of keywords share one."""

    def __init__(self, run: SiteRun) -> None:
        self.run = run
        self._last: Exchange | None = None
        self._test = 0

    @property
    def client(self) -> OcciClient:
        """Returns the client of the site."""
        return self.run.client

    @property
    def profile(self) -> Profile:
        """Returns what the site claims. It contacts the site where only its Server header can tell."""
        settings = self.run.site_settings()
        if not settings.occi_versions and not self.client.server:
            self.categories()
        return profile_of(settings.occi_versions, settings.occi_features, self.client.server)

    @property
    def spoken(self) -> str:
        """Returns the media type in which the site's discovery could be read. Raises `StepFailed` where it cannot be."""
        self.categories()
        return self.client.spoken

    def other_type(self, media_type: str) -> str:
        """Returns a media type that the site speaks and that is not this one, text/plain where it speaks no other by itself."""
        return self.spoken if self.spoken not in ("", media_type) else _OTHERS[media_type != TEXT_PLAIN]

    def path_of_vm(self) -> str:
        """Returns the path of the tester's VM, as listings are compared by it."""
        return path_of(self.place("VM"))

    @property
    def last(self) -> Exchange:
        """Returns the last exchange of this test. Raises `StepFailed` when there was none."""
        if self._last is None or self._test != self.run.guard.tests:
            raise StepFailed(
                "Nothing was asked of the site in this test yet: 'Exchange With The Site' comes first."
            )
        return self._last

    # ---- exchanges

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Exchange:
        """Returns a request as it was written and the answer to it, whatever its status; 401 ends the run.

        Both are in the log. Raises `BeyondLevel` for what the test's level does not allow; then nothing was sent.
        """
        given = dict(headers or {})
        with judged(self.run, f"an answer to {method} {url}"):
            log_request(method, url, given, body)
            answer = self.client.exchange(method, url, given, body)
            if answer.status == 401:
                raise_for_status(answer)
        self._last = Exchange(tuple(given.items()), body, answer)
        self._test = self.run.guard.tests
        return self._last

    def get(self, url: str, accept: str = "", **fields: str) -> Exchange:
        """Returns a GET: `fields` are further header fields, with ``_`` for ``-`` in their names."""
        headers = {"Accept": accept} if accept else {}
        return self.exchange(
            "GET", url, {**headers, **{name.replace("_", "-"): value for name, value in fields.items()}}
        )

    def asked(self, ask: Callable[[], object]) -> Exchange:
        """Returns the last exchange of what the client itself does, whatever the site said to it.

        Raises what keeps an answer from coming, as the client does.
        """
        run = self.run
        run.last_answer = None
        try:
            ask()
        except RequestRefused as refusal:
            logger.info(f"The site refused: {refusal}")
        if run.last_answer is None:
            raise StepFailed("Nothing was sent to the site.")
        self._last = Exchange((), b"", run.last_answer)
        self._test = run.guard.tests
        return self._last

    def listing(self, url: str) -> Exchange:
        """Returns a GET of a collection in what the site speaks; in text, where its JSON tells no addresses (GFD.226 §11 has none)."""
        got = self.get(url, self.spoken)
        if _tells_addresses(got):
            return got
        as_text = self.get(url, TEXT_PLAIN)
        return as_text if as_text.status == 200 and as_text.media_type == TEXT_PLAIN else got

    def categories(self) -> tuple[Category, ...]:
        """Returns what the site's discovery shows, in whatever media type it is read best. Raises `StepFailed`."""
        with judged(self.run, "a discovery that shows what the site offers"):
            return self.client.discover().categories

    def place(self, name: str) -> str:
        """Returns the URL that a tester's word names: discovery, well-known, VM, a kind's term or id, a path below the root, a URL."""
        client = self.client
        if name == "discovery":
            return client.discovery_location()
        if name == "well-known":
            return urljoin(client.endpoint, WELL_KNOWN)
        with judged(self.run, f"to find {name}"):
            if name == "VM":
                return self.run.vm_url
            if "://" in name and "#" not in name:
                return name
            if "/" in name and "#" not in name:
                return urljoin(client.endpoint, name.lstrip("/"))
            category = offered(name, self.categories())
            if category is not None and category.location:
                return client.on_site(category.location)
        raise StepFailed(
            f"Expected {name} in discovery with a location, but it is not there (GFD.185 §3.4.1)."
        )

    # ---- verdicts

    def settle(self, findings: Sequence[Finding], *exchanges: Exchange) -> None:
        """Makes remarks of the harmless findings, five at most, and one failure of the others. Raises `StepFailed`."""
        mild = remarks(findings)
        for remark in mild[:MOST_TOLD]:
            self.run.remark(harmless(remark.told()))
        if len(mild) > MOST_TOLD:
            self.run.remark(f"And {len(mild) - MOST_TOLD} more of the kind.")
        failed = failures(findings)
        if not failed:
            return
        own = self._last is not None and self._test == self.run.guard.tests
        shown = exchanges or ((self._last,) if own and self._last is not None else ())
        lines = [f"Exchange: {exchange.told()}" for exchange in shown[-_EXCHANGES_TOLD:]]
        raise StepFailed(harmless("\n".join([told(failed), *lines, self._whom_to_tell()])))

    @property
    def claims_json(self) -> bool:
        """Tells whether the documents of the versions that the site speaks, or its file, promise the JSON of GFD.226: 1.1 has none."""
        profile = self.profile
        return profile.speaks("1.2") or "json" in profile.features

    def settle_rendering(self, media_type: str, findings: Sequence[Finding], *exchanges: Exchange) -> None:
        """Settles what was found of a rendering. Raises as `settle`, and `SkipExecution` for a JSON that nobody promised to be OCCI's."""
        failed = failures(findings)
        if failed and media_type == OCCI_JSON and not self.claims_json:
            raise SkipExecution(f"Not offered: {ANOTHER_JSON}. {_bounded(failed[0].told())}")
        self.settle(findings, *exchanges)

    def _whom_to_tell(self) -> str:
        makers = (
            f", or the makers of its server ({self.run.implementation})" if self.run.implementation else ""
        )
        return f"Tell the site's admin{makers}; the whole exchange is in log.html."

    @contextmanager
    def checking(self, what: str) -> Iterator[None]:
        """Turns what a check says of its own limits into SKIP, or into FAIL where the site file claims otherwise.

        `what` says what the site should have given, for what keeps it from being learned.
        """
        try:
            with judged(self.run, what):
                yield
        except CannotBeShownError as why:
            raise SkipExecution(f"Cannot be shown here: {_bounded(why)}.") from None
        except NotOfferedError as why:
            if why.feature and why.feature in self.profile.features:
                raise StepFailed(
                    harmless(
                        f"{self.run.file} claims {why.feature} in ${{OCCI_FEATURES}}, but {_bounded(why)}. {self._whom_to_tell()}"
                    )
                ) from None
            raise SkipExecution(f"Not offered: {_bounded(why)}.") from None

    def check(self, what: str, check: Callable[[], Findings]) -> None:
        """Runs a check and settles what it found."""
        with self.checking(what):
            findings = check()
        self.settle(findings)


def _bounded(why: Exception | str) -> str:
    """Returns why something cannot be shown; what a site says in it has no end of its own."""
    return cut(harmless(str(why)), _REASON_SHOWN)


def _tells_addresses(listing: Exchange) -> bool:
    """Tells whether a listing says where its entities are; what is none, or says nothing, is left to the checks."""
    if not listing.succeeded or not listing.media_type.endswith("json"):
        return True
    try:
        return all(one.location for one in listing.message().resources)
    except (RenderingError, AnswerUnusable):
        return True


def read_fields(lines: Sequence[str]) -> dict[str, str]:
    """Returns header fields from lines such as ``Accept: text/plain``. Raises `StepFailed` for what is none."""
    fields: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise StepFailed(
                f"'{line[:80]}' is no header field: write NAME: VALUE, for instance Accept: text/plain."
            )
        key = name.strip()
        fields[key] = f"{fields[key]}, {value.strip()}" if key in fields else value.strip()
    return fields


def as_field(category: Category) -> str:
    """Returns a category as a header field names it."""
    form = category.category_class.value if category.category_class else "kind"
    return f'{category.term}; scheme="{category.scheme}"; class="{form}"'
