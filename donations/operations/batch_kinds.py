"""Which batches there are. A new kind is a module and a line here."""

from typing import Any

from donations.models import BatchOperation
from donations.operations.batch_checks import CHECKS
from donations.operations.batch_donations import DONATIONS
from donations.operations.batch_lines import MAY_ADD, MAY_RUN, BatchKind
from donations.operations.batch_payouts import PAYOUTS
from donations.operations.batch_reconciliations import RECONCILIATIONS
from donations.operations.batch_refunds import REFUNDS

KINDS: dict[str, BatchKind] = {
    BatchOperation.Type.DONATIONS: DONATIONS,
    BatchOperation.Type.PAYOUTS: PAYOUTS,
    BatchOperation.Type.REFUNDS: REFUNDS,
    BatchOperation.Type.RECONCILIATION: RECONCILIATIONS,
    BatchOperation.Type.COMPLIANCE_CHECK: CHECKS,
}


def right_to_add(operation_type: str) -> str:
    return KINDS[operation_type].right_to_add if operation_type in KINDS else MAY_ADD


def right_to_run(operation_type: str) -> str:
    return KINDS[operation_type].right_to_run if operation_type in KINDS else MAY_RUN


def hidden_from(user: Any) -> list[str]:
    """Name the types of which this member of staff sees neither batches nor lines nor files."""
    rights = {name: kind.right_to_see for name, kind in KINDS.items() if kind.right_to_see}
    return [name for name, right in rights.items() if not user.has_perm(right)]
