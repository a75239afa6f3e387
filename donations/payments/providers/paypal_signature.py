"""The signature of PayPal's notifications: RSA over the CRC32 of the raw body, by a certificate PayPal serves."""

import base64
import re
import zlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

import requests
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from donations.payments.contract import WEBHOOK_TOLERANCE, ProviderUnavailable, Settings, WebhookRefused

# The host tells the mode: each has its own, and its own certificates.
LIVE_ORIGINS = ("https://api.paypal.com", "https://api-m.paypal.com")
TEST_ORIGINS = ("https://api.sandbox.paypal.com", "https://api-m.sandbox.paypal.com")
_CERTIFICATE_PATH = re.compile(r"/v1/notifications/certs/[A-Za-z0-9_-]+", re.ASCII)
_SIGNER = re.compile(r"messageverificationcerts(\.sandbox)?\.paypal\.com")


def check(*, body: bytes, headers: Mapping[str, str], settings: Settings, now: datetime) -> None:
    """Raise WebhookRefused unless PayPal signed exactly these bytes, for our webhook, a moment ago."""
    values = {name.lower(): value for name, value in headers.items()}
    try:
        transmission, sent_at = values["paypal-transmission-id"], values["paypal-transmission-time"]
        signature = base64.b64decode(values["paypal-transmission-sig"], validate=True)
        address, algorithm = values["paypal-cert-url"], values["paypal-auth-algo"]
        age = now - datetime.fromisoformat(sent_at)
    except (KeyError, ValueError, TypeError) as error:
        raise WebhookRefused("This is no notification of PayPal.") from error
    if algorithm != "SHA256withRSA":
        raise WebhookRefused("The signature is of another kind.")
    if not settings.webhook_secret:
        raise WebhookRefused("The key of our webhook is not known.")
    if abs(age) > WEBHOOK_TOLERANCE:
        raise WebhookRefused("The notification is too old, or from the future.")
    certificate = _certificate(_allowed(address, settings), settings.timeout)
    _check_signer(certificate, now)
    message = f"{transmission}|{sent_at}|{settings.webhook_secret}|{zlib.crc32(body)}"
    _check_signature(certificate, signature, message.encode())


def _allowed(address: str, settings: Settings) -> str:
    """A certificate proves something only when it comes from where PayPal keeps those of our mode."""
    origins = TEST_ORIGINS if settings.is_test_mode else LIVE_ORIGINS
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise WebhookRefused("The certificate is nowhere.") from error
    if f"{parts.scheme}://{parts.netloc}" not in (*origins, settings.api_endpoint or None):
        raise WebhookRefused("The certificate is not from PayPal, or of the other mode.")
    if not _CERTIFICATE_PATH.fullmatch(parts.path) or parts.query or parts.fragment:
        raise WebhookRefused("The certificate is from another place.")
    return address


@lru_cache(maxsize=8)
def _certificate(address: str, timeout: float) -> x509.Certificate:
    try:
        answer = requests.get(address, timeout=timeout, allow_redirects=False)
        answer.raise_for_status()
        return x509.load_pem_x509_certificate(answer.content)
    except requests.HTTPError as error:
        if answer.status_code < 500 and answer.status_code != 429:
            raise WebhookRefused("There is no such certificate.") from error
        raise ProviderUnavailable("PayPal does not give its certificate.") from error
    except (requests.RequestException, ValueError) as error:
        raise ProviderUnavailable("PayPal does not give its certificate.") from error


def _check_signer(certificate: x509.Certificate, now: datetime) -> None:
    names = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if not any(_SIGNER.fullmatch(name) for name in names):
        raise WebhookRefused("The certificate is not that of PayPal's messages.")
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise WebhookRefused("The certificate is out of date.")


def _check_signature(certificate: x509.Certificate, signature: bytes, message: bytes) -> None:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise WebhookRefused("The signature is of another kind.")
    try:
        key.verify(signature, message, PKCS1v15(), SHA256())
    except InvalidSignature as error:
        raise WebhookRefused("The signature is not PayPal's.") from error
