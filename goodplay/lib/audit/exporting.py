"""The audit trail as one signed file for auditors outside, and its proof.

Lines of JSON: a head, the entries in order with their hashes, checkpoints where entries were purged, and a seal: the
SHA-256 of all lines before it, signed with Ed25519. Whoever has the public key proves the file without this machine.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goodplay.lib.audit import trail
from goodplay.lib.audit.models import AuditCheckpoint, AuditEntry
from goodplay.lib.errors import DomainError
from goodplay.lib.time import day_start

FORMAT = "goodplay-audit-trail-1"
ACTION = "audit_export"


class NothingToExport(DomainError):
    code = "NOTHING_TO_EXPORT"
    message = _("There is no entry in these days.")


class ExportBroken(Exception):
    """What is wrong with a file of the audit trail, in one sentence."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What a file turned out to hold."""

    first: int
    last: int
    count: int
    made_at: str
    public_key: str


def signing_key() -> Ed25519PrivateKey:
    """Return the key of this installation: AUDIT_SIGNING_KEY, or one that follows from the secret key."""
    if settings.AUDIT_SIGNING_KEY:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(settings.AUDIT_SIGNING_KEY))
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"goodplay audit trail")
    return Ed25519PrivateKey.from_private_bytes(derive.derive(settings.SECRET_KEY.encode()))


def public_key() -> str:
    return base64.b64encode(signing_key().public_key().public_bytes_raw()).decode()


@transaction.atomic
def begin(
    *, first: date, last: date, actor: Any, reason: str, now: datetime, address: str = ""
) -> Iterator[bytes]:
    """Write down that the days are handed out, and return the file, line by line. Raises NothingToExport.

    The entry about the export itself is written first and is not in it.
    """
    entries = AuditEntry.objects.filter(
        recorded_at__gte=day_start(first), recorded_at__lt=day_start(last + timedelta(days=1))
    )
    ends = entries.order_by("sequence").first(), entries.order_by("-sequence").first()
    if ends[0] is None or ends[1] is None:
        raise NothingToExport
    span = (ends[0].sequence, ends[1].sequence)
    trail.record(
        actor=actor,
        action=ACTION,
        target=ends[1],
        after={"first_day": first, "last_day": last, "entries": list(span)},
        reason=reason,
        address=address,
        now=now,
    )
    head = {
        "format": FORMAT,
        "platform": settings.PLATFORM_NAME,
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "first_sequence": span[0],
        "last_sequence": span[1],
        "made_at": now.astimezone(UTC).isoformat(),
        "public_key": public_key(),
    }
    return _sealed(_lines(head, span))


def prove(lines: Iterable[bytes], *, key: str) -> Proven:
    """Check the seal with this public key, each entry's hash and each link. Raises ExportBroken at the first fault."""
    body, head, count, previous, expected = hashlib.sha256(), None, 0, "", 0
    for line in lines:
        row = _read(line)
        if head is None:
            head = _head(row)
            expected = head["first_sequence"]
        elif "seal" in row:
            _check_seal(row["seal"], body.digest(), key)
            if expected != head["last_sequence"] + 1:
                raise ExportBroken(f"Entries from {expected} on are missing.")
            return Proven(head["first_sequence"], head["last_sequence"], count, head["made_at"], key)
        elif "checkpoint" in row:
            previous, expected = _over_the_gap(row["checkpoint"], previous, expected)
        else:
            previous, expected, count = _check_entry(row, previous, expected), expected + 1, count + 1
        body.update(line)
    raise ExportBroken("The file ends without its seal.")


def _lines(head: dict[str, Any], span: tuple[int, int]) -> Iterator[dict[str, Any]]:
    yield head
    gaps = list(
        AuditCheckpoint.objects.filter(first_sequence__gt=span[0], last_sequence__lt=span[1]).order_by(
            "first_sequence"
        )
    )
    entries = AuditEntry.objects.filter(sequence__range=span).order_by("sequence")
    for entry in entries.iterator(chunk_size=2000):
        while gaps and gaps[0].last_sequence < entry.sequence:
            yield {"checkpoint": _gap(gaps.pop(0))}
        yield trail.facts_of(entry) | {"hash": entry.hash}


def _gap(gap: AuditCheckpoint) -> dict[str, Any]:
    names = ("first_sequence", "last_sequence", "previous_hash", "last_hash")
    return {name: getattr(gap, name) for name in names}


def _sealed(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    body = hashlib.sha256()
    for row in rows:
        line = _written(row)
        body.update(line)
        yield line
    signature = base64.b64encode(signing_key().sign(body.digest())).decode()
    yield _written({"seal": {"sha256": body.hexdigest(), "signature": signature}})


def _written(row: dict[str, Any]) -> bytes:
    return json.dumps(row, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _read(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ExportBroken("A line is no JSON.") from error
    if not isinstance(row, dict):
        raise ExportBroken("A line is no object.")
    return row


def _head(row: dict[str, Any]) -> dict[str, Any]:
    numbers = [row.get(name) for name in ("first_sequence", "last_sequence")]
    if row.get("format") != FORMAT or not all(type(number) is int for number in numbers):
        raise ExportBroken("This is no file of the audit trail.")
    return row


def _check_seal(seal: Any, body: bytes, key: str) -> None:
    try:
        if seal["sha256"] != body.hex():
            raise ExportBroken("The lines are not those that were sealed.")
        signature = base64.b64decode(seal["signature"], validate=True)
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True)).verify(signature, body)
    except (InvalidSignature, KeyError, TypeError, ValueError) as error:
        raise ExportBroken("The seal was not made with this key.") from error


def _over_the_gap(gap: Any, previous: str, expected: int) -> tuple[str, int]:
    try:
        if gap["first_sequence"] != expected or (previous and gap["previous_hash"] != previous):
            raise ExportBroken(f"The checkpoint before {gap['last_sequence'] + 1} does not fit.")
        return gap["last_hash"], gap["last_sequence"] + 1
    except (KeyError, TypeError) as error:
        raise ExportBroken("A checkpoint cannot be read.") from error


def _check_entry(row: dict[str, Any], previous: str, expected: int) -> str:
    facts = {name: value for name, value in row.items() if name != "hash"}
    if row.get("sequence") != expected:
        raise ExportBroken(f"Entry {expected} is missing.")
    if previous and row.get("previous_hash") != previous:
        raise ExportBroken(f"Entry {expected} does not follow the one before.")
    if row.get("hash") != trail.digest_of(facts):
        raise ExportBroken(f"Entry {expected} was changed.")
    return str(row["hash"])
