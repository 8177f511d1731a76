"""A site that gives away whatever it knows: cookies and tokens in every answer, a VM's private attributes, echoes of requests."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from tests.logins.front import Answered, Asked, Change


@dataclass(frozen=True)
class Chatter:
    """What the site hands out; each is a canary."""

    cookie: str = "c00kie-c4nary-8842"
    subject_token: str = "subj3ct-t0ken-c4nary-5519"
    console: str = "vnc-c4nary-7731-pw"
    user_data: str = "user-d4ta-c4nary-2266"
    public_key: str = "AAAAB3NzaC1yc2EAAAADAQABAAAAgQc4narykey99"

    @property
    def canaries(self) -> dict[str, str]:
        """Their names and values, as they stand in answers."""
        return {
            "cookie": self.cookie,
            "subject token": self.subject_token,
            "console password": self.console,
            "user data": base64.b64encode(self.user_data.encode()).decode(),
            "public key": self.public_key,
        }

    def change(self) -> Change:
        """Gives what the front-end does to each answer."""

        def chat(asked: Asked, answered: Answered) -> Answered:
            status, headers, body = answered
            headers = [*headers, *self._headers()]
            if status >= 400:
                echo = ", ".join(f"{name}: {value}" for name, value in asked.headers.items())
                return status, headers, f"{body.decode()} I do not like {echo}".encode()
            if b"occi.compute.state" in body and not body.startswith(b"{"):
                body += self._attributes().encode()
            return status, headers, body

        return chat

    def _headers(self) -> list[tuple[str, str]]:
        return [
            ("Set-Cookie", f"rack.session={self.cookie}; Path=/; HttpOnly"),
            ("X-Subject-Token", self.subject_token),
        ]

    def _attributes(self) -> str:
        canaries = self.canaries
        attributes = {
            "org.openstack.compute.console.vnc": f"http://127.0.0.1/vnc?password={self.console}",
            "org.openstack.compute.user_data": canaries["user data"],
            "org.openstack.credentials.publickey.data": f"ssh-rsa {self.public_key} me@there",
        }
        return "".join(f'X-OCCI-Attribute: {name}="{value}"\n' for name, value in attributes.items())
