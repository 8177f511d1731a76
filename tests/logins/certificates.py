"""A throw-away grid: a CA, host and user certificates, proxies of RFC 3820 and of old, and folders of CAs as grid sites have."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

# RFC 3820 §3.8: a critical extension with the policy "inherits all rights".
_PROXY_INFO = x509.UnrecognizedExtension(
    x509.ObjectIdentifier("1.3.6.1.5.5.7.1.14"), bytes.fromhex("300c300a06082b06010505071501")
)
# Where VOMS puts its attribute certificates; what is in it concerns servers alone.
_VOMS = x509.UnrecognizedExtension(
    x509.ObjectIdentifier("1.3.6.1.4.1.8005.100.100.5"), b"\x30\x06\x04\x04VOMS"
)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Identity:
    """A key with its certificate, and the certificates between it and the CA."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    def key_pem(self, pass_phrase: str = "") -> bytes:
        lock = (
            serialization.BestAvailableEncryption(pass_phrase.encode())
            if pass_phrase
            else serialization.NoEncryption()
        )
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, lock
        )

    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def write(self, file: Path, pass_phrase: str = "") -> str:
        """Writes one file as proxies are: certificate, key, chain."""
        chain = [one.public_bytes(serialization.Encoding.PEM) for one in self.chain]
        file.write_bytes(b"".join([self.certificate_pem(), self.key_pem(pass_phrase), *chain]))
        return str(file)


def _built(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    issuer: Identity | None,
    extensions: list[tuple[x509.ExtensionType, bool]],
    begin: timedelta,
    end: timedelta,
) -> x509.Certificate:
    now = datetime.now(timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begin)
        .not_valid_after(now + end)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer.key if issuer else key, hashes.SHA256())


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    other = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=signs_certificates, crl_sign=signs_certificates, **other
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Throw-away Grid"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name),
        ]
    )


def authority(name: str = "CA") -> Identity:
    """Makes a CA."""
    key = ec.generate_private_key(ec.SECP256R1())
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (_usage(True), True),
    ]
    return Identity(key, _built(_name(name), key, None, extensions, -24 * _HOUR, 24 * _HOUR))


def host(
    ca: Identity, name: str = "127.0.0.1", begin: timedelta = -_HOUR, end: timedelta = _HOUR
) -> Identity:
    """Makes a server's certificate."""
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    key = ec.generate_private_key(ec.SECP256R1())
    extensions: list[tuple[x509.ExtensionType, bool]] = [(x509.SubjectAlternativeName([alternative]), False)]
    return Identity(key, _built(_name(name), key, ca, extensions, begin, end))


def user(
    ca: Identity, name: str = "alice", begin: timedelta = -_HOUR, end: timedelta = 10 * _HOUR, bits: int = 0
) -> Identity:
    """Makes a user's certificate; with `bits` an RSA key of that length."""
    key = rsa.generate_private_key(65537, bits) if bits else ec.generate_private_key(ec.SECP256R1())
    return Identity(key, _built(_name(name), key, ca, [(_usage(False), True)], begin, end))


def proxy(
    of: Identity, begin: timedelta = -_HOUR, end: timedelta = _HOUR, old: bool = False, voms: bool = True
) -> Identity:
    """Makes a proxy certificate with a key of its own, signed by the user's; `old` as before RFC 3820."""
    key = ec.generate_private_key(ec.SECP256R1())
    last = x509.NameAttribute(x509.NameOID.COMMON_NAME, "proxy" if old else "1234567890")
    subject = x509.Name([*of.certificate.subject, last])
    extensions: list[tuple[x509.ExtensionType, bool]] = [(_usage(False), True)]
    extensions += [] if old else [(_PROXY_INFO, True)]
    extensions += [(_VOMS, False)] if voms else []
    return Identity(key, _built(subject, key, of, extensions, begin, end), (of.certificate, *of.chain))


def server_context(
    identity: Identity, folder: Path, clients: Identity | None = None, proxies: bool = True
) -> ssl.SSLContext:
    """Makes a server's TLS context; with `clients` it wants a certificate of that CA, or a proxy of such a one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.write(folder / f"host-{id(identity)}.pem"))
    if clients is not None:
        context.load_verify_locations(cadata=clients.certificate_pem().decode())
        context.verify_mode = ssl.CERT_REQUIRED
        if proxies:
            context.verify_flags |= ssl.VERIFY_ALLOW_PROXY_CERTS
    return context


def grid_folder(folder: Path, *authorities: Identity) -> str:
    """Makes a folder of CAs like /etc/grid-security/certificates: hashed links, and much beside that is no certificate."""
    folder.mkdir()
    for number, ca in enumerate(authorities):
        plain = folder / f"Grid-CA-{number}.pem"
        plain.write_bytes(ca.certificate_pem())
        for name in (f"0badcaf{number}", f"1badcaf{number}"):
            (folder / f"{name}.0").symlink_to(plain.name)
            (folder / f"{name}.r0").write_text("-----BEGIN X509 CRL-----\nnot read\n-----END X509 CRL-----\n")
            (folder / f"{name}.signing_policy").write_text("access_id_CA X509 '/O=Throw-away Grid/CN=CA'\n")
            (folder / f"{name}.namespaces").write_text("TO Issuer SELF PERMIT Subject .*\n")
    (folder / "damaged.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (folder / "policy-igtf-classic.info").write_text("version = 1.130\n")
    return str(folder)
