"""Proving the chains every night: an alert says at once where one does not hold."""

from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goodplay.lib.alerts.operations import raise_alert, resolve_alert
from goodplay.lib.audit import trail
from goodplay.lib.retention import proofs

TRAIL, PROOFS = "chain:audit_trail", "chain:deletion_proofs"
NAMED = 20


def prove_chains(*, now: datetime) -> str:
    """Walk both chains whole, and raise or resolve their alerts. The alert of a chain that holds again resolves."""
    found = {
        TRAIL: (_("The audit trail does not hold"), trail.broken_entries()),
        PROOFS: (_("The proofs of deletion do not hold"), proofs.broken_proofs()),
    }
    for key, (title, broken) in found.items():
        _tell(key, title, broken, now)
    broken_chains = [key for key, (_title, broken) in found.items() if broken]
    return f"broken: {', '.join(broken_chains)}" if broken_chains else "both chains hold"


@transaction.atomic
def _tell(key: str, title: str | Promise, broken: list[int], now: datetime) -> None:
    if not broken:
        resolve_alert(dedupe_key=key, now=now)
        return
    raise_alert(
        area="security",
        alert_type="broken_chain",
        severity="critical",
        title=title,
        message=_(
            "Somebody changed or removed rows behind GoodPlay. Keep the database as it is, and compare with backups."
        ),
        data={"entries": ", ".join(map(str, broken[:NAMED])), "broken": len(broken)},
        dedupe_key=key,
        source="audit",
        now=now,
    )
