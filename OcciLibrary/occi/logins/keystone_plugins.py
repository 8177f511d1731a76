"""The plugins of keystoneauth1 for each way to prove oneself, two of which it lacks: VOMS, and tokens by federation."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

from keystoneauth1 import access
from keystoneauth1.identity import v2, v3

from OcciLibrary.occi.logins.keystone import KeystoneOidc, KeystonePassword, KeystoneVoms, Scope

_OIDC_PROTOCOLS = ("oidc", "openid")
_HEX = frozenset("0123456789abcdef")

Method = KeystonePassword | KeystoneVoms | KeystoneOidc


@dataclass(frozen=True)
class Door:
    """Is one way to a token: a version of Keystone (2 or 3) at its URL, and for federations a protocol."""

    method: Method
    version: int
    url: str
    protocol: str = ""

    def plugin(self, scope: Scope | None = None) -> Any:
        """Returns the plugin of keystoneauth1 that gets a token, unscoped or for a project."""
        if self.protocol:
            return _Federated(self, scope)
        if isinstance(self.method, KeystonePassword):
            maker = self._password_v3 if self.version == 3 else self._password_v2
            return maker(self.method, scope)
        return _VomsV2(self.url, **_tenant(scope))

    def _password_v3(self, method: KeystonePassword, scope: Scope | None) -> v3.Password:
        user = _named("user_domain", method.domain)
        return v3.Password(
            self.url, username=method.username, password=method.password, **user, **_project(scope)
        )

    def _password_v2(self, method: KeystonePassword, scope: Scope | None) -> v2.Password:
        return v2.Password(self.url, method.username, method.password, **_tenant(scope))


def doors(method: Method, version: int, url: str) -> Iterator[Door]:
    """Yields the ways to a token that one version of Keystone has for a method, in the order to try them."""
    if isinstance(method, KeystonePassword):
        if version == 3 or (version == 2 and method.domain.lower() == "default"):
            yield Door(method, version, url)
    elif version == 3:
        usual = ("mapped",) if isinstance(method, KeystoneVoms) else _OIDC_PROTOCOLS
        for protocol in (method.protocol,) if method.protocol else usual:
            yield Door(method, version, url, protocol)
    elif version == 2 and isinstance(method, KeystoneVoms):
        yield Door(method, version, url)


def _named(what: str, value: str) -> dict[str, Any]:
    """Returns a domain or project as keystoneauth1 takes it: by id where it looks like one, else by name."""
    if (what.endswith("domain") and value.lower() == "default") or looks_like_id(value):
        return {f"{what}_id": value.lower()}
    return {f"{what}_name": value}


def looks_like_id(value: str) -> bool:
    """Tells whether a value has the shape of Keystone's ids: 32 digits of a UUID."""
    return len(value) == 32 and set(value.lower()) <= _HEX


def _project(scope: Scope | None) -> dict[str, Any]:
    if scope is None or not scope.project:
        return {}
    if looks_like_id(scope.project):
        return _named("project", scope.project)
    return {**_named("project", scope.project), **_named("project_domain", scope.domain)}


def _tenant(scope: Scope | None) -> dict[str, Any]:
    if scope is None or not scope.project:
        return {}
    return _named("tenant", scope.project)


class _VomsV2(v2.Auth):
    """Asks for a token by the proxy certificate of the TLS connection (keystone-voms)."""

    def get_auth_data(self, headers: MutableMapping[str, str] | None = None) -> dict[str, object]:
        return {"voms": True}

    def get_cache_id_elements(self) -> dict[str, str | None]:
        return {"auth_url": self.auth_url}


class _Federated(v3.FederationBaseAuth):
    """Asks for a token by what the front-end of Keystone knows of the user: a proxy certificate or an access token."""

    def __init__(self, door: Door, scope: Scope | None) -> None:
        method = door.method
        assert not isinstance(method, KeystonePassword)
        super().__init__(door.url, method.identity_provider, door.protocol, **_project(scope))
        self._headers = {"Accept": "application/json"}
        if isinstance(method, KeystoneOidc):
            self._headers["Authorization"] = f"Bearer {method.token.strip()}"

    def get_unscoped_auth_ref(self, session: Any) -> access.AccessInfoV3:
        answer = session.get(self.federated_token_url, headers=self._headers, authenticated=False, log=False)
        found = access.create(resp=answer)
        assert isinstance(found, access.AccessInfoV3)
        return found
