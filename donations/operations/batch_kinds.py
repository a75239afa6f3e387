"""Which batches there are. A new kind is a module and a line here."""

from donations.models import BatchOperation
from donations.operations.batch_donations import DONATIONS
from donations.operations.batch_lines import BatchKind
from donations.operations.batch_payouts import PAYOUTS
from donations.operations.batch_refunds import REFUNDS

KINDS: dict[str, BatchKind] = {
    BatchOperation.Type.DONATIONS: DONATIONS,
    BatchOperation.Type.PAYOUTS: PAYOUTS,
    BatchOperation.Type.REFUNDS: REFUNDS,
}
