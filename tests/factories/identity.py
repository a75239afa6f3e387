"""Proofs of identity for tests, each step through its operation."""

from datetime import date

from donations.models import IdentityVerification
from donations.operations.identity import applying
from goodplay.lib.private_files.checks import check
from tests.factories.donations import NOW
from tests.factories.private_files import PDF, PNG

PERSON = {
    "given_names": "Alice",
    "family_names": "Rossi",
    "born_on": date(1990, 5, 17),
    "nationality": "IT",
}
VALID = date(2029, 3, 1)


def begin(user, level=2, now=NOW, **details) -> IdentityVerification:
    return applying.begin(user=user, level=level, now=now, **{**PERSON, **details})


def add(verification, kind="passport", now=NOW, **details):
    of_identity = {"number": "YA1234567", "expires_on": VALID} if kind in ("passport", "id_card") else {}
    upload = check(name="scan.png", content=PNG) if of_identity else check(name="bill.pdf", content=PDF)
    return applying.add_document(
        user_id=verification.user_id,
        verification_id=verification.pk,
        kind=kind,
        upload=upload,
        now=now,
        **{**of_identity, **details},
    )


def submitted(user, level=2, now=NOW, **details) -> IdentityVerification:
    verification = begin(user, level, now, **details)
    for kind in ("passport", "proof_of_address", *(["source_of_funds"] if level == 3 else [])):
        add(verification, kind, now)
    return applying.submit(user_id=user.pk, verification_id=verification.pk, now=now)
