"""A page of a MediaWiki, read and saved through its API; what goes wrong is told in a sentence that says what to do."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.known_secrets import learn, masked
from OcciLibrary.occi.transport import printable, shown_url
from OcciLibrary.results.wiki_refusals import worded

if TYPE_CHECKING:
    from mwclient import Site

_SAID = 300
_API_ADDRESS = (
    "give --wiki the address of its api.php, which the wiki's page Special:Version names (for instance "
    "https://wiki.example.org/w/api.php)"
)


class WikiError(Exception):
    """Says in a sentence why the wiki did not do what was asked, and what to do."""


class EditConflict(WikiError):
    """Says that somebody saved the page in between."""


@dataclass(frozen=True)
class Login:
    """Holds a wiki's account: a bot password's name and secret, or '' twice for nobody."""

    username: str = ""
    password: str = ""


@dataclass(frozen=True)
class Page:
    """Holds a page as it was read: its text, the number of its revision (0: there is none), and the wiki's times."""

    title: str
    text: str
    revision: int
    saved: str
    read: str


class Wiki:
    """Speaks with one wiki as one account. All methods raise `WikiError`."""

    def __init__(self, address: str, login: Login, seconds: float = 60.0) -> None:
        from mwclient import Site  # noqa: PLC0415
        from mwclient.errors import APIError  # noqa: PLC0415

        from OcciLibrary.results.wiki_connection import WikiConnection  # noqa: PLC0415

        scheme, host, path = api_of(address, bool(login.password))
        logging.getLogger("mwclient").setLevel(
            logging.CRITICAL
        )  # it would write the wiki's answers to the console
        learn(login.password)
        self._known = bool(login.username)
        self._site: Site = Site(
            host,
            path,
            scheme=scheme,
            pool=WikiConnection(f"{scheme}://{host}{path}", seconds),
            max_retries=0,
            retry_timeout=0,
            do_init=False,
            force_login=self._known,
        )
        with _told(login):
            if self._known:
                self._site.login(login.username, login.password)
            else:
                try:
                    self._site.site_init()
                except APIError as problem:  # a private wiki says more when the page is asked for
                    if problem.code != "readapidenied":
                        raise

    def close(self) -> None:
        """Closes the connection."""
        self._site.connection.close()

    def page(self, title: str) -> Page:
        """Returns a page, or one of revision 0 where the wiki has none of this title."""
        return self._page({"titles": title})

    def text_of(self, revision: int) -> str:
        """Returns the text of an older revision."""
        return self._page({"revids": revision}).text

    def save(self, page: Page, text: str, summary: str) -> tuple[int, int]:
        """Saves a text in the place of a page as it was read; gives the numbers of the new revision and of the one before it.

        The numbers are 0 where the wiki has found nothing to change. Raises `EditConflict` when the page was saved in between
        and the wiki cannot tell how both go together.
        """
        base = {"baserevid": page.revision, "basetimestamp": page.saved, "nocreate": 1}
        with _told():
            told = self._site.post(
                "edit",
                title=page.title,
                text=text,
                summary=summary,
                starttimestamp=page.read,
                token=self._site.get_token("edit"),
                **(base if page.revision else {"createonly": 1}),
                **({"assert": "user"} if self._known else {}),
            )["edit"]
            if told.get("result") != "Success":
                raise WikiError(worded(_failure(told), ""))
            return int(told.get("newrevid", 0)), int(told.get("oldrevid", 0))

    def address_of(self, page: Page) -> str:
        """Returns the address at which people read a page."""
        with _told():
            told = self._site.get("query", prop="info", inprop="url", titles=page.title)
            return printable(str(next(iter(told["query"]["pages"].values()))["fullurl"]), _SAID)

    def _page(self, which: dict[str, Any]) -> Page:
        with _told():
            told = self._site.get(
                "query",
                prop="info|revisions",
                rvprop="ids|timestamp|content",
                rvslots="main",
                curtimestamp=1,
                **which,
            )
            return _page_in(told)


def api_of(address: str, with_password: bool = False) -> tuple[str, str, str]:
    """Returns scheme, host and folder of a wiki's api.php. Raises `WikiError` for an address that cannot be one."""
    unusable = WikiError(f"'{shown_url(address)}' is no address of a wiki: {_API_ADDRESS}")
    try:
        parts = urlsplit(address.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise unusable from None
    if not host or parts.scheme not in ("http", "https") or "@" in parts.netloc:
        raise unusable
    if parts.scheme == "http" and with_password and not _is_this_computer(host):
        raise WikiError("The password would go to the wiki in the clear: give --wiki its https address")
    folder, _, script = parts.path.rpartition("/")
    if script not in ("", "api.php"):
        raise WikiError(f"{printable(address, 200)} is no address of an api.php: {_API_ADDRESS}")
    return parts.scheme, parts.netloc, f"{folder}/"


def _is_this_computer(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _page_in(told: dict[str, Any]) -> Page:
    if "pages" not in told["query"]:
        raise WikiError(
            "The wiki has no page of this title: names with a prefix of another wiki, and Special: pages, are none"
        )
    page = next(iter(told["query"]["pages"].values()))
    title = printable(str(page.get("title", "")), _SAID)
    if "invalid" in page or "special" in page:
        why = printable(str(page.get("invalidreason", "it is a special page")), _SAID)
        raise WikiError(f"The wiki cannot have a page '{title}': {why}")
    read = str(told.get("curtimestamp", ""))
    if "missing" in page:
        return Page(title, "", 0, "", read)
    if "redirect" in page:
        raise WikiError(f"The page '{title}' leads on to another; give --page the name of that one")
    if page.get("contentmodel", "wikitext") != "wikitext":
        raise WikiError(f"The page '{title}' is no wikitext; choose another page")
    revision = page["revisions"][0]
    slot = revision.get("slots", {}).get("main", revision)
    return Page(title, str(slot["*"]), int(revision["revid"]), str(revision["timestamp"]), read)


def _failure(told: dict[str, Any]) -> str:
    """Returns a code for an edit that failed without one: extensions say it in fields of their own."""
    return str(
        told.get("code") or next((key for key in ("captcha", "spamblacklist") if key in told), "hookaborted")
    )


@contextmanager
def _told(login: Login | None = None) -> Iterator[None]:
    """Turns whatever goes wrong with a wiki into a `WikiError`."""
    import requests  # noqa: PLC0415
    from mwclient import errors  # noqa: PLC0415

    try:
        yield
    except OcciError as problem:
        raise WikiError(
            f"{_line(problem)}. Nothing is known to be written; try again when that is put right"
        ) from None
    except errors.LoginError as problem:
        raise WikiError(_login_refused(login, problem)) from None
    except errors.MaximumRetriesExceeded:
        raise WikiError(
            "The wiki is too busy or has had too many logins; wait some minutes and publish again"
        ) from None
    except errors.APIError as problem:
        kind = EditConflict if problem.code in ("editconflict", "articleexists") else WikiError
        raise kind(worded(str(problem.code), _line(problem.info))) from None
    except errors.MediaWikiVersionError:
        raise WikiError(
            "The wiki is older than MediaWiki 1.16, or no MediaWiki; its API cannot be used"
        ) from None
    except requests.HTTPError as problem:
        raise WikiError(_status(problem)) from None
    except (
        errors.MwClientError,
        requests.RequestException,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
    ):
        raise WikiError(f"What answered is no API of a MediaWiki: {_API_ADDRESS}") from None


def _line(problem: object) -> str:
    return printable(masked(str(problem)), _SAID).rstrip(".")


def _login_refused(login: Login | None, problem: Any) -> str:
    name = printable(login.username, 100) if login else ""
    kind = "" if "@" in name else " A bot password's name has the form Account@name."
    return (
        f"The wiki does not let '{name}' in: {_line(problem.info)}. Make a bot password at the wiki's page Special:BotPasswords "
        f"with the right to edit pages, and set OCCI_WIKI_USERNAME and OCCI_WIKI_PASSWORD to it.{kind}"
    )


def _status(problem: Any) -> str:
    status = problem.response.status_code
    if status in (401, 403):
        return f"The wiki's web server lets nobody use its API without more rights (HTTP {status}); ask those who run the wiki"
    if status >= 500:
        return f"The wiki has an error of its own (HTTP {status}); try again later, or ask those who run it"
    return f"There is no API of a MediaWiki at this address (HTTP {status}): {_API_ADDRESS}"
