"""Handing out the yearly communication: it names people, so every access is on the trail."""

from datetime import datetime

from django.db import transaction

from accounts.models import Onlus, User
from donations.queries.tax_communication import Communication, tax_communication
from goodplay.lib.audit import trail


@transaction.atomic
def export(*, onlus: Onlus, year: int, actor: User, address: str, now: datetime) -> Communication:
    communication = tax_communication(onlus.pk, year)
    trail.record(
        actor=actor,
        action="export tax communication",
        target=onlus,
        after={"year": year, "donors": len(communication.lines), "amount": str(communication.net)},
        address=address,
        now=now,
    )
    return communication
