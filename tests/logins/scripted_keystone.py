"""A small Keystone of both versions on a scripted site: for what the real one of today no longer has, or has not at hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.occi.scripted_site import Reply, Request, ScriptedSite, answer

UNAUTHORIZED = {
    "error": {
        "code": 401,
        "message": "The request you have made requires authentication.",
        "title": "Unauthorized",
    }
}


def as_json(status: int, content: object, *headers: str) -> bytes:
    request_id = "X-Openstack-Request-Id: req-0a1b2c3d"  # as every Keystone sends it
    return answer(status, json.dumps(content), "application/json", request_id, *headers)


@dataclass(frozen=True)
class Project:
    """A project of the user."""

    id: str
    name: str
    domain: str = "default"
    enabled: bool = True


@dataclass
class ScriptedKeystone:
    """Gives the tokens `u1`, `u2`, … without a project and `p1`, `p2`, … for one, to whom `knows` lets in.

    `knows` is asked with the request; `protocols` are the federations that version 3 has.
    """

    site: ScriptedSite
    knows: Callable[[Request], bool]
    projects: tuple[Project, ...] = ()
    versions: tuple[str, ...] = ("v3", "v2.0")
    protocols: tuple[str, ...] = ()
    lists: bool = True
    base: str = ""
    seconds: int = 86400 * 365
    given: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        base = self.base or self.site.url
        values = [
            {
                "id": "v3.14" if name == "v3" else name,
                "status": "stable",
                "links": [{"rel": "self", "href": base + name}],
            }
            for name in self.versions
        ]
        self.site.on("/", as_json(300, {"versions": {"values": values}}))
        for name in self.versions:
            self.site.on(f"GET /{name}", as_json(200, {"version": values[self.versions.index(name)]}))
        if "v2.0" in self.versions:
            self.site.on("POST /v2.0/tokens", self._token_v2)
            self.site.on("GET /v2.0/tenants", lambda request: self._listed(request, "tenants"))
        if "v3" in self.versions:
            self.site.on("POST /v3/auth/tokens", self._token_v3)
            self.site.on("GET /v3/auth/projects", lambda request: self._listed(request, "projects"))
        for protocol in self.protocols:
            path = f"GET /v3/OS-FEDERATION/identity_providers/egi.eu/protocols/{protocol}/auth"
            self.site.on(path, self._federated)

    def asked_for_tokens(self) -> list[dict[str, Any]]:
        """The bodies of the requests for tokens, in their order."""
        return [json.loads(r.body)["auth"] for r in self.site.requests if r.method == "POST"]

    def _listed(self, request: Request, member: str) -> Reply:
        if not self.lists:
            return answer(404)
        if request["x-auth-token"] not in self.given:
            return as_json(401, UNAUTHORIZED)
        shown = [
            {"id": p.id, "name": p.name, "enabled": p.enabled, "domain_id": p.domain} for p in self.projects
        ]
        return as_json(200, {member: shown})

    def _new(self, project: Project | None) -> str:
        prefix = "p" if project else "u"
        self.given.append(f"{prefix}{1 + sum(token[0] == prefix for token in self.given)}-token-of-keystone")
        return self.given[-1]

    def _times(self, expires: str) -> dict[str, str]:
        # By a clock that is far behind: what counts is the time between the two.
        issued = datetime(2013, 1, 1, tzinfo=timezone.utc)
        end = issued + timedelta(seconds=self.seconds)
        return {"issued_at": f"{issued:%Y-%m-%dT%H:%M:%SZ}", expires: f"{end:%Y-%m-%dT%H:%M:%SZ}"}

    def _find(self, *wanted: object) -> Project | None:
        return next((p for p in self.projects if p.id in wanted or p.name in wanted), None)

    def _token_v2(self, request: Request) -> Reply:
        auth = json.loads(request.body)["auth"]
        wanted = auth.get("tenantName") or auth.get("tenantId")
        project = self._find(wanted)
        if not self.knows(request) or (wanted and project is None):
            return as_json(401, UNAUTHORIZED)
        token: dict[str, Any] = {"id": self._new(project), **self._times("expires")}
        if project:
            token["tenant"] = {"id": project.id, "name": project.name}
        return as_json(200, {"access": {"token": token, "user": {"id": "u", "name": "me"}}})

    def _token_v3(self, request: Request) -> Reply:
        auth = json.loads(request.body)["auth"]
        wanted = auth.get("scope", {}).get("project", {})
        project = self._find(wanted.get("id"), wanted.get("name")) if wanted else None
        token = auth["identity"].get("token", {}).get("id")
        known = token in self.given if token else self.knows(request)
        if not known or (wanted and project is None):
            return as_json(401, UNAUTHORIZED)
        return self._issued(project)

    def _federated(self, request: Request) -> Reply:
        return self._issued(None) if self.knows(request) else as_json(401, UNAUTHORIZED)

    def _issued(self, project: Project | None) -> Reply:
        user = {"id": "u", "name": "me", "domain": {"id": "default", "name": "Default"}}
        token: dict[str, Any] = {
            "methods": ["password"],
            **self._times("expires_at"),
            "user": user,
        }
        if project:
            token["project"] = {"id": project.id, "name": project.name, "domain": {"id": project.domain}}
        return as_json(201, {"token": token}, f"X-Subject-Token: {self._new(project)}")
