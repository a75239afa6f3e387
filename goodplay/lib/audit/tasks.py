from datetime import timedelta

from django.utils import timezone

from goodplay.lib.audit.proving import prove_chains
from goodplay.lib.jobs.tasks import job


@job(every=timedelta(days=1))
def verify_audit_trail() -> str:
    """Prove that nobody changed, removed or slipped in an entry of the audit trail, or a proof of deletion."""
    return prove_chains(now=timezone.now())
