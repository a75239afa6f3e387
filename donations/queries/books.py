"""Do the books balance? Every invariant of the ledger, checked in SQL, told in words.

I1 stored balances equal their transfers, I2 held money equals open holds, I3 nothing is negative that may not be,
I4 snapshots equal their transfers, I5 a hold is resolved in its own accounts and never for more, I6 reversals mirror and never exceed
what they reverse, I7 a completed donation is carried by its donor's transfers of its amount, no donation transfer lacks one, and what came
back is told by its refunds, I8 one credit per completed session, paid from the pool to its player and shown as paid, I9 receipts are numbered without gaps, for
completed donations; a void names one, one of a donation is live at most and says no more than is left of it, I10 sealed days still hash to their seals, I11 what moves through
the adjustment account was approved by a second person, I12 a payout is the sum of its lines and what its transfers carry, as its state
says; what is in transit is what is under way; nothing is recovered twice, I13 a paid payment, its refunds and its disputes
are what their transfers carry, their states followed each other legally, and a wallet with a dispute or a debt is frozen,
I14 a line of a batch that is done has its one donation, refund or payout of its amount, and batches count their lines,
I15 an allocation line that gave is a donation or a grant of its amount, a pool spent what it granted, and no sponsor gives more than it funded,
I16 what moved from a provider to the bank is what it told it paid out,
I17 what was brought over from an old installation is one opening balance of each wallet, carried by transfers of its two parts.
"""

from collections.abc import Callable, Iterator

from donations.queries.proofs import (
    adjustments,
    allocation,
    batches,
    earning,
    giving,
    ledger,
    openings,
    payments,
    payouts,
    receipts,
    settlements,
)
from donations.queries.proofs.common import Contradiction
from goodplay.lib.db import one_snapshot

MOST_PER_RULE = 100


def contradictions() -> list[Contradiction]:
    """Return every contradiction, at most a hundred for each rule.

    Call it outside of any transaction: then it reads one consistent state while others go on writing.
    """
    with one_snapshot():
        found: list[Contradiction] = []
        for rule in RULES:
            found.extend(each for each, _ in zip(rule(), range(MOST_PER_RULE), strict=False))
        return found


RULES: tuple[Callable[[], Iterator[Contradiction]], ...] = (
    ledger.balances_equal_transfers,
    ledger.held_equals_open_holds,
    ledger.nothing_is_overdrawn,
    ledger.snapshots_equal_transfers,
    ledger.holds_are_resolved_in_place,
    ledger.reversals_mirror,
    giving.donations_are_carried,
    giving.refunds_are_told,
    giving.only_waiting_donations_hold,
    giving.matches_are_carried,
    earning.credits_are_earned,
    receipts.receipts_are_gapless,
    receipts.voids_name_receipts,
    receipts.receipts_follow_refunds,
    ledger.seals_hold,
    adjustments.adjustments_were_approved,
    payouts.payouts_are_their_lines,
    payouts.payouts_are_carried,
    payouts.payable_covers_payouts,
    payouts.transit_is_what_is_under_way,
    payouts.recoveries_are_claims,
    payouts.runs_are_their_payouts,
    payouts.payouts_took_legal_steps,
    payments.payments_are_carried,
    payments.refunds_are_carried,
    payments.refunds_are_within_payments,
    payments.disputes_are_carried,
    payments.wallets_are_frozen_while_they_must,
    payments.payments_took_legal_steps,
    *allocation.RULES,
    batches.lines_did_what_they_say,
    batches.batches_count_their_lines,
    settlements.settlements_are_told,
    openings.openings_are_carried,
)
