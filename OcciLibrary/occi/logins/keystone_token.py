"""How a token is got from Keystone: which version, which way in, which project, and words for what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

import requests
from keystoneauth1 import discover, exceptions, session
from keystoneauth1.identity import v3

from OcciLibrary.occi.known_secrets import learn, masked
from OcciLibrary.occi.logins.keystone import KeystoneOidc, KeystonePassword, KeystoneVoms, Scope
from OcciLibrary.occi.logins.keystone_exchanges import KeystoneExchanges
from OcciLibrary.occi.logins.keystone_plugins import Door, Method, doors
from OcciLibrary.occi.logins.token_expiry import expired
from OcciLibrary.occi.request_errors import LoginRefused
from OcciLibrary.occi.tls import Tls
from OcciLibrary.occi.transport import printable, shown_url

_SAID = 160
_MOST_PROJECTS_SHOWN = 8
_ORDINARY_401 = "The request you have made requires authentication"
_SWITCHED_OFF = "unsupported method"


@dataclass(frozen=True)
class Issued:
    """Holds a token, the name of the project that it is for ('' for none), and for how many seconds it is good.

    The seconds are 0 where Keystone does not say when it was issued and when it expires: its clock may be another one.
    """

    token: str
    project: str
    seconds: float = 0.0


def issue(identity_url: str, method: Method, scope: Scope, tls: Tls) -> Issued:
    """Returns a token from the Keystone at a URL. Raises `LoginRefused` saying why there is none and what to do."""
    exchanges = KeystoneExchanges(identity_url, tls)
    try:
        issued = _issued(
            session.Session(session=cast("requests.Session", exchanges), redirect=False),
            identity_url,
            method,
            scope,
        )
    except LoginRefused:
        raise
    except Exception as problem:  # a hostile answer breaks keystoneauth1 in many ways
        raise LoginRefused(masked(_words(identity_url, method, problem))) from None
    finally:
        exchanges.close()
    learn(issued.token)
    return issued


def _issued(keystone: session.Session, identity_url: str, method: Method, scope: Scope) -> Issued:
    """Tries one door after the other; a password is shown at one only, for wrong ones are counted."""
    refusal: Exception | None = None
    for door in _doors(keystone, identity_url, method):
        try:
            return _for_project(keystone, door, scope)
        except exceptions.ClientException as problem:
            if isinstance(method, KeystonePassword) and not _is_no_door(problem):
                raise
            if refusal is None or _is_no_door(
                refusal
            ):  # the refusal at a door says more than that there is none
                refusal = problem
    raise refusal or LoginRefused(
        f"Keystone at {shown_url(identity_url)} offers no version that knows this kind of login"
    )


def _is_no_door(problem: Exception) -> bool:
    """Tells whether Keystone has no such way in: it says so by 404, and by 401 for a protocol that is switched off."""
    return isinstance(problem, exceptions.NotFound) or _SWITCHED_OFF in str(problem)


def _doors(keystone: session.Session, identity_url: str, method: Method) -> Iterator[Door]:
    """Yields the ways in: for VOMS the old version first, which alone has it without a mapping (reference §6)."""
    newest_first = not isinstance(method, KeystoneVoms)
    versions = sorted(_listed_versions(keystone, identity_url), reverse=newest_first)
    for version, url in versions or _usual_versions(identity_url):
        yield from doors(method, version, url)


def _listed_versions(keystone: session.Session, identity_url: str) -> list[tuple[int, str]]:
    """Returns the versions (2 or 3) and their URLs as Keystone lists them, none where it does not."""
    try:
        found = discover.get_discovery(keystone, identity_url, authenticated=False)
        return [(int(one["version"][0]), str(one["url"])) for one in found.version_data()]
    except (exceptions.ClientException, TypeError):
        return []


def _usual_versions(identity_url: str) -> list[tuple[int, str]]:
    """Returns the versions and where they usually are, first the one that the address names.

    Sites still hand out addresses of version 2 whose Keystone has only version 3.
    """
    address = identity_url.rstrip("/")
    root, _, last = address.rpartition("/")
    if last not in ("v2.0", "v3"):
        return [(3, f"{address}/v3"), (2, f"{address}/v2.0")]
    return [(int(last[1]), address), (2, f"{root}/v2.0") if last == "v3" else (3, f"{root}/v3")]


# ---- the project


def _for_project(keystone: session.Session, door: Door, scope: Scope) -> Issued:
    """Returns a token for the project that was named, or for the only one that the user has."""
    if scope.project and not door.protocol:
        return _named_project(keystone, door, scope)
    unscoped = door.plugin().get_auth_ref(keystone)
    if unscoped.project_id and not scope.project:
        return _from(unscoped)
    try:
        projects = _projects(keystone, door, unscoped.auth_token)
    except exceptions.HttpError:  # not offered
        return _from(door.plugin(scope).get_auth_ref(keystone)) if scope.project else _from(unscoped)
    chosen = _chosen(projects, scope)
    if door.version == 2:
        return _from(door.plugin(Scope(chosen["name"])).get_auth_ref(keystone))
    scoped = v3.Token(door.url, unscoped.auth_token, project_id=chosen["id"])
    return _from(scoped.get_auth_ref(keystone))


def _named_project(keystone: session.Session, door: Door, scope: Scope) -> Issued:
    try:
        return _from(door.plugin(scope).get_auth_ref(keystone))
    except exceptions.Unauthorized:
        # Keystone says the same of a wrong password and of a wrong project: without the project it says which.
        unscoped = door.plugin().get_auth_ref(keystone)
        try:
            projects = _projects(keystone, door, unscoped.auth_token)
        except exceptions.HttpError:
            projects = []
        raise LoginRefused(_not_yours(scope, projects)) from None


def _from(found: Any) -> Issued:
    return Issued(str(found.auth_token or ""), printable(str(found.project_name or ""), 80), _seconds(found))


def _seconds(found: Any) -> float:
    try:
        return max(0.0, float((found.expires - found.issued).total_seconds()))
    except (TypeError, ValueError, KeyError, OverflowError, AttributeError):
        return 0.0


def _projects(keystone: session.Session, door: Door, token: str) -> list[dict[str, str]]:
    """Returns id, name and domain of the projects that are open to the user of an unscoped token."""
    learn(token)
    path, member = ("auth/projects", "projects") if door.version == 3 else ("tenants", "tenants")
    answer = keystone.get(
        f"{door.url.rstrip('/')}/{quote(path)}",
        headers={"X-Auth-Token": token, "Accept": "application/json"},
        authenticated=False,
        log=False,
    )
    return [
        {"id": str(one["id"]), "name": str(one["name"]), "domain": str(one.get("domain_id") or "default")}
        for one in answer.json()[member]
        if one.get("enabled", True)
    ]


def _chosen(projects: list[dict[str, str]], scope: Scope) -> dict[str, str]:
    """Returns the project to use. Raises `LoginRefused` where that is not plain: on the wrong one no VM is found."""
    if scope.project:
        fitting = [one for one in projects if scope.project in (one["id"], one["name"])]
        if len(fitting) > 1:  # one name in several domains
            fitting = [one for one in fitting if one["domain"].lower() == scope.domain.lower()]
        if not fitting:
            raise LoginRefused(_not_yours(scope, projects))
        return fitting[0]
    if len(projects) == 1:
        return projects[0]
    if not projects:
        raise LoginRefused("Keystone knows you, but you have no project there: ask the site's admin for one")
    raise LoginRefused(
        f"Keystone knows you, and you have several projects: write yours into ${{OCCI_PROJECT}} ({_names(projects)})"
    )


def _not_yours(scope: Scope, projects: list[dict[str, str]]) -> str:
    said = f"Keystone knows you, but you have no project '{scope.project}' there (${{OCCI_PROJECT}}, domain '{scope.domain}')"
    return f"{said}; yours: {_names(projects)}" if projects else f"{said}: ask the site's admin for one"


def _names(projects: list[dict[str, str]]) -> str:
    shown = [
        printable(one["name"], 60)
        + ("" if one["domain"] == "default" else f" in domain {printable(one['domain'], 40)}")
        for one in projects[:_MOST_PROJECTS_SHOWN]
    ]
    return ", ".join([*shown, "…"] if len(projects) > len(shown) else shown)


# ---- words


def _words(identity_url: str, method: Method, problem: Exception) -> str:
    keystone = f"Keystone at {shown_url(identity_url)}"
    said = printable(str(problem), _SAID)
    if _is_no_door(problem) and not isinstance(method, KeystonePassword):
        return (
            f"{keystone} knows no identity provider '{method.identity_provider}' with the protocol "
            f"'{method.protocol or 'oidc or openid'}': ask the site's admin for ${{OCCI_IDENTITY_PROVIDER}} and "
            "${OCCI_FEDERATION_PROTOCOL}"
        )
    if isinstance(problem, exceptions.NotFound):
        return f"There is no Keystone at {shown_url(identity_url)} (404): check ${{OCCI_IDENTITY_URL}}, or ask the site's admin"
    if isinstance(problem, exceptions.Unauthorized):
        own_words = "" if _ORDINARY_401 in said else f" ({said})"
        return f"{keystone} does not accept {_proof(method)}{own_words}"
    if isinstance(problem, exceptions.ClientException):
        return f"{keystone} gave no token: {said}"
    return f"The answer of {keystone} cannot be read"


def _proof(method: Method) -> str:
    if isinstance(method, KeystonePassword):
        return f"the user name and password (in the domain '{method.domain}', ${{OCCI_DOMAIN}})"
    if isinstance(method, KeystoneOidc):
        lapsed = expired(method.token)
        return (
            f"the access token: {lapsed}"
            if lapsed
            else "the access token (is it of the right provider, and new enough?)"
        )
    return "the proxy certificate: is your VO supported there, and does the proxy hold it (voms-proxy-info --all)?"
