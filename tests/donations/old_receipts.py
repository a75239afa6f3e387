"""Receipts as they were issued before they had check codes: `python -m tests.donations.old_receipts issue|read`.

A process of its own in the installation under test; prints JSON.
"""

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import django

django.setup()

from django.db import DatabaseError, connection, transaction  # noqa: E402  (needs the settings above)
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.db.migrations.state import ProjectState  # noqa: E402

from donations.models import Receipt  # noqa: E402
from donations.queries.receipts import out_of_line  # noqa: E402
from goodplay.lib.db import install_append_only_triggers  # noqa: E402

BEFORE = ("donations", "0016_receipts_can_be_voided")
GIFTS = (
    ("thank_you", "1.10", "0.00", datetime(2025, 12, 31, 22, 59, tzinfo=UTC)),
    ("gift", "1.10", "2.00", datetime(2025, 12, 31, 23, 0, tzinfo=UTC)),  # New Year in Rome
)


def issue() -> None:
    models = _install_of_old().apps
    moment = GIFTS[0][3]
    donor = models.get_model("accounts", "User").objects.create(email="a@example.org", display_name="Ada")
    onlus = models.get_model("accounts", "Onlus").objects.create(
        name="Mani Tese",
        contact_email="o@example.org",
        category=models.get_model("accounts", "OnlusCategory").objects.first(),
        created_at=moment,
    )
    for number, (kind, earned, paid, given_at) in enumerate(GIFTS, 1):
        parts = {
            "amount": Decimal(earned) + Decimal(paid),
            "earned_amount": Decimal(earned),
            "paid_amount": Decimal(paid),
        }
        donation = models.get_model("donations", "Donation").objects.create(
            donor=donor,
            onlus=onlus,
            onlus_name=onlus.name,
            status="completed",
            origin="user_initiated",
            created_at=given_at,
            completed_at=given_at,
            clears_at=given_at,
            **parts,
        )
        facts = {name: str(amount) for name, amount in parts.items()}
        facts |= {"donor": "Ada", "onlus": onlus.name, "completed_at": given_at.isoformat(), "message": ""}
        models.get_model("donations", "Receipt").objects.create(
            donation=donation, kind=kind, year=2026, number=number, facts=facts, issued_at=given_at
        )


def _install_of_old() -> ProjectState:
    """Migrate as an installation of that time did: step by step, for what was squashed since cannot stop half way."""
    executor = MigrationExecutor(connection)
    executor.loader.replace_migrations = False
    executor.loader.build_graph()
    executor.migrate([BEFORE])
    install_append_only_triggers(connection)
    return executor.loader.project_state([BEFORE])


def read() -> dict[str, Any]:
    columns = ("number", "kind", "amount", "paid_amount", "tax_year", "is_deductible")
    return {
        "rows": list(Receipt.objects.order_by("number").values_list(*columns)),
        "codes": list(Receipt.objects.values_list("code", flat=True)),
        "out of line": out_of_line().count(),
        "can be changed": _can_be_changed(),
    }


def _can_be_changed() -> bool:
    try:
        with transaction.atomic():
            Receipt.objects.update(number=9)
    except DatabaseError:
        return False
    return True


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"issue": issue, "read": read}[sys.argv[1]](), default=str) + "\n")
