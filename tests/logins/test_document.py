"""The page on logins names each login of a site file, each line that one may need, and what the messages say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from OcciLibrary.keywords.site_logins import LOGINS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "logins.md").read_text("utf-8")
WORDED = ("client_certificate.py", "tls.py", "tls_words.py", "logins/keystone_token.py", "logins/keystone.py")


@pytest.mark.parametrize("login", LOGINS)
def test_every_login_is_there(login: str) -> None:
    assert f"| `{login}`" in PAGE or f"`{login}`, " in PAGE or f", `{login}` |" in PAGE


def test_every_line_of_the_template_that_is_for_logins_is_there() -> None:
    template = (ROOT / "resources" / "sites" / "TEMPLATE.resource").read_text("utf-8")
    part = template[template.index("# How to log in") : template.index("# auto, text/plain")]
    names = re.findall(r"^\$\{(\w+)", part, re.MULTILINE)
    assert len(names) > 10
    assert [name for name in names if name not in PAGE] == []


@pytest.mark.parametrize(
    "words",
    [
        "does not belong to the certificate",
        "is too weak for this computer's TLS",
        "holds a certificate but no private key",
        "is valid only from",
        "of an unknown CA",
        "is for another host name",
        "its certificate has expired",
        "its certificate is not valid yet",
        "wants a client certificate and did not take yours",
        "does not know the CA of your certificate",
        "it refuses the TLS handshake",
        "it speaks only an old TLS",
        "that port does not speak https",
        "does not accept",
        "the user name and password",
        "the proxy certificate",
        "the access token",
        "you have several projects",
        "knows no identity provider",
        "offers no version that knows this kind of login",
        "There is no Keystone at",
        "where a password would be sent unencrypted",
        "is at an address that is no URL",
    ],
)
def test_what_the_page_explains_is_what_the_kit_says(words: str) -> None:
    said = " ".join((ROOT / "OcciLibrary" / "occi" / name).read_text("utf-8") for name in WORDED)
    assert words in said
    assert words in PAGE
