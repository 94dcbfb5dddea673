"""RFC 3161 time stamps: an authority signs that a head existed at a moment.

What is stamped is the canonical JSON of the newest entry, whose sha256 is the head. So
anybody can check a token without this software:

    openssl ts -verify -digest HEAD -in TOKEN -CAfile CA.pem
"""

import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from tunewise.domain.errors import EnvironmentProblem, TunewiseError

_SECONDS = 30
_LARGEST = 1_000_000  # bytes of a response; one with its certificates has some 6,000


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a token says: when the authority stamped which digest."""

    at: str
    digest: str
    verified: bool  # by the certificates that were given; False without any


def available() -> bool:
    """Return whether the extra [timestamp] is installed."""
    from importlib.util import find_spec

    return find_spec("rfc3161_client") is not None


def request(url: str, content: bytes) -> bytes:
    """Return the response of a time-stamp authority on the sha256 of some content."""
    client = _client()
    if not url.startswith(("https://", "http://")):
        raise TunewiseError(
            f"{url!r} is not the address of a time-stamp authority\n"
            "  It begins with https:// or http://."
        )
    query = (
        client.TimestampRequestBuilder()
        .data(content)
        .hash_algorithm(client.HashAlgorithm.SHA256)
        .cert_request(cert_request=True)
        .build()
    )
    asked = urllib.request.Request(
        url,
        data=query.as_bytes(),
        headers={"content-type": "application/timestamp-query"},
    )
    try:
        with urllib.request.urlopen(asked, timeout=_SECONDS) as answer:
            response: bytes = answer.read(_LARGEST)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise EnvironmentProblem(
            f"{url}: the time-stamp authority cannot be reached ({reason})\n"
            "  Check the address and the network, or anchor with --git or --file."
        ) from error
    if _decoded(response).tst_info.nonce != query.nonce:
        raise EnvironmentProblem(
            f"{url}: the answer is to another request\n  Ask again, or another one."
        )
    return response


def examine(response: bytes, certificates: bytes = b"") -> Stamp:
    """Return what a token says; with certificates (PEM), verify its signature.

    The certificates need to have been valid when it was made, not today.

    Raises
    ------
    TunewiseError
        It is no token, or it is not signed under one of the certificates.
    """
    client = _client()
    token = _decoded(response)
    digest = token.tst_info.message_imprint.message
    if certificates:
        builder = client.VerifierBuilder()
        for certificate in certificates_of(certificates):
            builder = builder.add_root_certificate(certificate)
        try:
            builder.build().verify(token, digest)
        except client.VerificationError as error:
            raise TunewiseError(
                f"the time stamp is not signed under the given certificates ({error})\n"
                "  Name the authority's own certificates with --ca."
            ) from error
    return Stamp(
        at=token.tst_info.gen_time.isoformat(),
        digest=f"sha256:{digest.hex()}",
        verified=bool(certificates),
    )


def _decoded(response: bytes) -> Any:  # noqa: ANN401
    client = _client()
    try:
        token = client.decode_timestamp_response(response)
        if token.status not in (0, 1):  # RFC 3161, 2.4.2: granted, with modifications
            words = "; ".join(token.status_string) or f"status {token.status}"
            raise TunewiseError(
                f"the time-stamp authority refused ({words})\n  Ask another one."
            )
        _ = token.tst_info
    except ValueError as error:
        raise TunewiseError(
            f"what was answered is not a time stamp that can be read ({error})\n"
            "  Check the address, or ask another authority."
        ) from error
    return token


def certificates_of(pem: bytes) -> list[object]:
    """Return the certificates in a PEM file's content; none in nothing."""
    if not pem:
        return []
    _client()
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return list(dict.fromkeys(load_pem_x509_certificates(pem)))
    except ValueError as error:
        raise TunewiseError(
            f"the certificates of the authority cannot be read ({error})\n"
            "  Give a file in PEM form: -----BEGIN CERTIFICATE-----."
        ) from error


def _client() -> Any:  # noqa: ANN401
    try:
        import rfc3161_client
    except ImportError as error:
        raise EnvironmentProblem(
            "time stamps need rfc3161-client, not installed here\n"
            "  Install the extra: pip install 'tunewise[timestamp]'."
        ) from error
    return rfc3161_client
