"""TLS on real sockets: certificates, proxies and CA folders that work, and each thing wrong told apart in words."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from OcciLibrary.occi import known_secrets
from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.client_certificate import ClientCertificate
from OcciLibrary.occi.logins import CertificateLogin
from OcciLibrary.occi.request_errors import LoginRefused, RequestError, TlsFailed
from OcciLibrary.occi.tls import Tls
from tests.logins import certificates
from tests.occi.scripted_site import ScriptedSite, answer, scripted, vm

HOUR = timedelta(hours=1)
GRID = certificates.authority()
STRANGER = certificates.authority("Another CA")
ALICE = certificates.user(GRID)
HOST = certificates.host(GRID)

Maker = Callable[[Path], ClientCertificate]


@pytest.fixture
def ca(tmp_path: Path) -> str:
    file = tmp_path / "ca.pem"
    file.write_bytes(GRID.certificate_pem())
    return str(file)


def asked(site: ScriptedSite, tls: Tls) -> OcciClient:
    """Asks a site for its VM."""
    site.on("/vm", vm(cores=1))
    client = OcciClient(site.url, None, tls=tls, timeout=5.0, patience=0.0)
    try:
        assert client.get("/vm").attributes["occi.compute.cores"] == 1
    finally:
        client.close()
    return client


def refusal(site: ScriptedSite, tls: Tls) -> RequestError:
    with pytest.raises(RequestError) as caught:
        asked(site, tls)
    assert str(caught.value).isprintable()
    return caught.value


# ---- what works


def in_two_files(folder: Path) -> ClientCertificate:
    (folder / "usercert.pem").write_bytes(ALICE.certificate_pem())
    (folder / "userkey.pem").write_bytes(ALICE.key_pem())
    return ClientCertificate(str(folder / "usercert.pem"), str(folder / "userkey.pem"))


def with_encrypted_key(folder: Path) -> ClientCertificate:
    (folder / "usercert.pem").write_bytes(ALICE.certificate_pem())
    (folder / "userkey.pem").write_bytes(ALICE.key_pem("open sesame"))
    return ClientCertificate(str(folder / "usercert.pem"), str(folder / "userkey.pem"), "open sesame")


def in_one_file(folder: Path) -> ClientCertificate:
    return ClientCertificate(ALICE.write(folder / "user.pem"))


def as_proxy(folder: Path) -> ClientCertificate:
    return ClientCertificate(certificates.proxy(ALICE).write(folder / "x509up_u1000"))


def as_proxy_of_a_proxy(folder: Path) -> ClientCertificate:
    twice = certificates.proxy(certificates.proxy(ALICE))
    return ClientCertificate(twice.write(folder / "x509up_u1000"))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("maker", "names"),
    [
        (in_two_files, ["alice"]),
        (with_encrypted_key, ["alice"]),
        (in_one_file, ["alice"]),
        (as_proxy, ["alice", "1234567890"]),
        (as_proxy_of_a_proxy, ["alice", "1234567890", "1234567890"]),
    ],
)
def test_certificate_is_shown_with_its_chain(
    tmp_path: Path, ca: str, maker: Maker, names: list[str], version: ssl.TLSVersion
) -> None:
    context = certificates.server_context(HOST, tmp_path, GRID)
    context.maximum_version = version
    with scripted(context) as site:
        asked(site, Tls(ca, maker(tmp_path)))
        subject = [pair for part in site.shown["subject"] for pair in part]
        assert [value for key, value in subject if key == "commonName"] == names


def test_front_end_that_asks_for_a_certificate_after_the_request(tmp_path: Path, ca: str) -> None:
    # As Apache does where only a part of its paths wants one.
    context = certificates.server_context(HOST, tmp_path, GRID)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.post_handshake_auth = True
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    shown: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with context.wrap_socket(connection, server_side=True) as plain:
                plain.recv(65536)
                plain.verify_client_post_handshake()
                plain.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")  # the wish goes out with what is written next
                plain.settimeout(0.5)
                with contextlib.suppress(TimeoutError):
                    plain.recv(1)  # the certificate comes in with what is read next
                shown.append(plain.getpeercert())
                plain.sendall(vm(cores=1))

        thread = threading.Thread(target=serve)
        thread.start()
        port = listening.getsockname()[1]
        client = OcciClient(f"https://127.0.0.1:{port}/", tls=Tls(ca, as_proxy(tmp_path)))
        assert client.get("/vm").attributes["occi.compute.cores"] == 1
        thread.join(5)
        client.close()
    assert "1234567890" in str(shown)


def test_client_and_its_clones_share_one_context(tmp_path: Path, ca: str) -> None:
    tls = Tls(ca, in_one_file(tmp_path))
    with scripted(certificates.server_context(HOST, tmp_path, GRID)) as site:
        site.on("/vm", vm(cores=1))
        client = OcciClient(site.url, None, tls=tls)
        client.get("/vm")
        (tmp_path / "user.pem").unlink()  # a clone does not read the files again
        twin = client.clone()
        twin.get("/vm")
        assert site.connections == 2
        twin.close()
        client.close()


def test_folder_of_grid_cas_is_read_whatever_its_hashes(tmp_path: Path) -> None:
    folder = certificates.grid_folder(tmp_path / "certificates", STRANGER, GRID)
    with scripted(certificates.server_context(HOST, tmp_path)) as site:
        asked(site, Tls(folder))
    without = certificates.grid_folder(tmp_path / "others", STRANGER)
    with scripted(certificates.server_context(HOST, tmp_path)) as site:
        assert "of an unknown CA" in str(refusal(site, Tls(without)))


def test_certificate_that_is_named_is_trusted_though_it_is_no_ca(tmp_path: Path) -> None:
    (tmp_path / "host.pem").write_bytes(HOST.certificate_pem())
    with scripted(certificates.server_context(HOST, tmp_path)) as site:
        asked(site, Tls(str(tmp_path / "host.pem")))


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
def test_anybody_is_trusted_only_where_that_was_said(tmp_path: Path) -> None:
    context = certificates.server_context(certificates.host(STRANGER, "cloud.example.org"), tmp_path)
    with scripted(context) as site:
        assert "of an unknown CA" in str(refusal(site, Tls()))
        asked(site, Tls(verify=False))


# ---- what does not, in words: the site's certificate


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (certificates.host(STRANGER), r"of an unknown CA \(.*\): name that CA in \$\{OCCI_CA\}"),
        (certificates.host(GRID, end=-0.5 * HOUR), r"its certificate has expired: ask the site's admin"),
        (certificates.host(GRID, begin=0.5 * HOUR), r"is not valid yet: is this computer's clock wrong"),
        (certificates.host(GRID, "127.0.0.9"), r"for another host name \(.*127.0.0.1.*\): use the name"),
        (certificates.host(GRID, "cloud.example.org"), r"for another host name \(.*127.0.0.1.*\): use"),
    ],
)
def test_site_that_cannot_be_trusted(
    tmp_path: Path, ca: str, server: certificates.Identity, words: str
) -> None:
    with scripted(certificates.server_context(server, tmp_path)) as site:
        problem = refusal(site, Tls(ca))
        assert isinstance(problem, TlsFailed)
        assert re.search(words, str(problem))
        assert site.requests == []


@pytest.mark.parametrize("what", ["folder without CAs", "file without", "no such file"])
def test_cas_that_cannot_be_read(tmp_path: Path, what: str) -> None:
    (tmp_path / "folder without CAs").mkdir()
    (tmp_path / "folder without CAs" / "0badcafe.r0").write_text("no certificate")
    (tmp_path / "file without").write_text("no certificate")
    with scripted(certificates.server_context(HOST, tmp_path)) as site:
        problem = refusal(site, Tls(str(tmp_path / what)))
    assert isinstance(problem, TlsFailed)
    assert f"${{OCCI_CA}} is '{tmp_path / what}', but there is no" in str(problem)


def test_ca_bundle_of_the_environment_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/bundle.pem")
    with scripted(certificates.server_context(HOST, tmp_path)) as site:
        assert "REQUESTS_CA_BUNDLE is '/no/such/bundle.pem', but there is no" in str(refusal(site, Tls()))


# ---- the client's own certificate, before anything is sent


def expired_proxy(folder: Path) -> ClientCertificate:
    return ClientCertificate(certificates.proxy(ALICE, end=-0.5 * HOUR).write(folder / "x509up"))


def expired_old_proxy(folder: Path) -> ClientCertificate:
    return ClientCertificate(certificates.proxy(ALICE, end=-0.5 * HOUR, old=True).write(folder / "x509up"))


def proxy_of_an_expired_user(folder: Path) -> ClientCertificate:
    expired = certificates.user(GRID, begin=-72 * HOUR, end=-49 * HOUR)
    return ClientCertificate(certificates.proxy(expired).write(folder / "x509up"))


def expired_user(folder: Path) -> ClientCertificate:
    expired = certificates.user(GRID, begin=-72 * HOUR, end=-49 * HOUR)
    return ClientCertificate(expired.write(folder / "user.pem"))


def future_user(folder: Path) -> ClientCertificate:
    return ClientCertificate(certificates.user(GRID, begin=3.5 * HOUR).write(folder / "user.pem"))


def foreign_key(folder: Path) -> ClientCertificate:
    (folder / "key.pem").write_bytes(certificates.user(GRID).key_pem())
    return ClientCertificate(ALICE.write(folder / "user.pem"), str(folder / "key.pem"))


def no_key(folder: Path) -> ClientCertificate:
    (folder / "cert.pem").write_bytes(ALICE.certificate_pem())
    return ClientCertificate(str(folder / "cert.pem"))


def key_alone(folder: Path) -> ClientCertificate:
    (folder / "key.pem").write_bytes(ALICE.key_pem())
    return ClientCertificate(str(folder / "key.pem"))


def certificate_as_key(folder: Path) -> ClientCertificate:
    (folder / "cert.pem").write_bytes(ALICE.certificate_pem())
    return ClientCertificate(str(folder / "cert.pem"), str(folder / "cert.pem"))


def locked_key(folder: Path) -> ClientCertificate:
    return ClientCertificate(ALICE.write(folder / "user.pem", "open sesame"))


def wrong_pass_phrase(folder: Path) -> ClientCertificate:
    return ClientCertificate(ALICE.write(folder / "user.pem", "open sesame"), password="open barley")


def pkcs12(folder: Path) -> ClientCertificate:
    (folder / "user.p12").write_bytes(b"\x30\x82\x01\x00...")
    return ClientCertificate(str(folder / "user.p12"))


def short_key(folder: Path) -> ClientCertificate:
    return ClientCertificate(certificates.user(GRID, bits=1024).write(folder / "user.pem"))


def damaged(folder: Path) -> ClientCertificate:
    text = ALICE.certificate_pem() + ALICE.key_pem()
    (folder / "user.pem").write_bytes(text.replace(b"M", b"N"))
    return ClientCertificate(str(folder / "user.pem"))


def a_folder(folder: Path) -> ClientCertificate:
    return ClientCertificate(str(folder))


@pytest.mark.parametrize(
    ("maker", "words"),
    [
        (
            expired_proxy,
            r"The proxy certificate in .*x509up expired on .* UTC, 30 minutes ago: .*voms-proxy-init",
        ),
        (expired_old_proxy, r"The proxy certificate in .*x509up expired on"),
        (
            proxy_of_an_expired_user,
            r"A certificate of the chain in .*x509up expired on .*, 2 days ago: ask your CA",
        ),
        (expired_user, r"The certificate in .*user.pem expired on .*, 2 days ago: ask your CA for a new one"),
        (
            future_user,
            r"The certificate in .* is valid only from .*, in 3 hours: check this computer's clock",
        ),
        (foreign_key, r"The private key in .*key.pem does not belong to the certificate in .*user.pem"),
        (no_key, r"cert.pem holds a certificate but no private key: name the key's file in \$\{OCCI_KEY\}"),
        (key_alone, r"\$\{OCCI_CERTIFICATE\} is '.*key.pem', which holds no certificate in PEM form"),
        (certificate_as_key, r"\$\{OCCI_KEY\} is '.*cert.pem', which holds no private key in PEM form"),
        (locked_key, r"is encrypted: put its pass phrase into the environment variable OCCI_KEY_PASSWORD"),
        (wrong_pass_phrase, r"OCCI_KEY_PASSWORD does not open the private key in .*user.pem"),
        (pkcs12, r"no PEM file but a .p12 or DER one: convert it"),
        (short_key, r"is too weak for this computer's TLS \(ee key too small\): .*-bits 2048"),
        (
            damaged,
            r"The certificate in .*user.pem with the private key in .* cannot be used: is a file damaged",
        ),
        (a_folder, r"\$\{OCCI_CERTIFICATE\} is '.*', which cannot be read"),
    ],
)
def test_certificate_that_cannot_be_used_is_told_before_anything_is_sent(
    tmp_path: Path, ca: str, maker: Maker, words: str
) -> None:
    with scripted(certificates.server_context(HOST, tmp_path, GRID)) as site:
        problem = refusal(site, Tls(ca, maker(tmp_path)))
        assert isinstance(problem, LoginRefused)
        assert re.search(words, str(problem))
        assert site.connections == 0
    assert "sesame" not in str(problem)
    assert "barley" not in str(problem)


# ---- the client's own certificate, as the site sees it


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_site_that_does_not_know_the_ca_of_the_client(
    tmp_path: Path, ca: str, version: ssl.TLSVersion
) -> None:
    context = certificates.server_context(HOST, tmp_path, STRANGER)
    context.maximum_version = version
    with scripted(context) as site:
        for _ in range(5):  # the refusal may come while the request is being sent
            problem = refusal(site, Tls(ca, in_one_file(tmp_path)))
            assert isinstance(problem, LoginRefused)
            assert "does not know the CA of your certificate (or takes no proxy certificates)" in str(problem)


def test_site_that_takes_no_proxies(tmp_path: Path, ca: str) -> None:
    with scripted(certificates.server_context(HOST, tmp_path, GRID, proxies=False)) as site:
        problem = refusal(site, Tls(ca, as_proxy(tmp_path)))
    assert isinstance(problem, LoginRefused)
    assert "certificate" in str(problem)


def test_site_that_wants_a_certificate_and_gets_none(tmp_path: Path, ca: str) -> None:
    with scripted(certificates.server_context(HOST, tmp_path, GRID)) as site:
        for _ in range(10):
            problem = refusal(site, Tls(ca))
            assert isinstance(problem, LoginRefused)
            assert "wants a client certificate: write x509 into ${OCCI_AUTH}" in str(problem)
    context = certificates.server_context(HOST, tmp_path, GRID)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with scripted(context) as site:  # TLS 1.2 has no alert that says it so plainly
        problem = refusal(site, Tls(ca))
        assert isinstance(problem, TlsFailed)
        assert "it refuses the TLS handshake: it wants a client certificate (${OCCI_AUTH} x509)" in str(
            problem
        )


def test_proxy_that_expires_in_mid_run_is_told_by_its_own_date(tmp_path: Path, ca: str) -> None:
    certificate = as_proxy(tmp_path)
    with scripted(certificates.server_context(HOST, tmp_path, GRID)) as site:
        site.on("/vm", vm(cores=1), answer(401))
        client = OcciClient(site.url, CertificateLogin(certificate), tls=Tls(ca, certificate), patience=0.0)
        client.get("/vm")
        with pytest.raises(LoginRefused, match="the site does not accept the credentials"):
            client.get("/vm")
        expired_proxy(tmp_path)
        Path(certificate.file).write_bytes((tmp_path / "x509up").read_bytes())
        with pytest.raises(LoginRefused, match=r"The proxy certificate in .*x509up_u1000 expired on"):
            client.get("/vm")
        client.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1")
def test_old_tls_is_told(tmp_path: Path, ca: str) -> None:
    context = certificates.server_context(HOST, tmp_path)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with scripted(context) as site:
        problem = refusal(site, Tls(ca))
    assert isinstance(problem, TlsFailed)
    assert "it speaks only an old TLS that is no longer safe (older than 1.2)" in str(problem)


def test_pass_phrase_is_shown_to_nobody(tmp_path: Path) -> None:
    certificate = with_encrypted_key(tmp_path)
    assert "sesame" not in repr(Tls("", certificate))
    assert known_secrets.knows("open sesame")
