"""Credits for play."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q

from donations.models import LedgerAccount, SessionCredit, Transfer
from donations.queries.proofs.common import MOVING, Contradiction, euros
from games.models import GameSession


def credits_are_earned() -> Iterator[Contradiction]:
    paid = SessionCredit.objects.filter(amount__gt=0)
    wrong = (
        ~Q(transfer__amount=F("amount"))
        | ~Q(transfer__cause_id=F("session_id"))
        | ~Q(player=F("session__user"))
        | ~Q(transfer__credit_account__player=F("player"))
        | ~Q(transfer__debit_account__kind=LedgerAccount.Kind.REWARD_POOL)
    )
    for credit in paid.filter(wrong | ~Q(session__status=GameSession.Status.COMPLETED)):
        yield Contradiction("I8", f"credit {credit.pk}", "does not fit its session or its transfer")
    uncredited = Transfer.objects.filter(
        kind=Transfer.Kind.SESSION_CREDIT,
        reverses=None,
        session_credit=None,
        pending_transfer__session_credit=None,
    )
    for transfer in uncredited.filter(MOVING):
        yield Contradiction("I8", f"transfer {transfer.pk}", "pays for play nobody recorded")
    kept = SessionCredit.objects.exclude(transfer__resolution__phase=Transfer.Phase.VOID)
    credited = kept.filter(session=OuterRef("pk"))
    shown = GameSession.objects.annotate(paid=euros(credited.values("amount"))).filter(
        Q(credits_earned__gt=0) | Exists(credited)
    )
    for session in shown.exclude(credits_earned=F("paid")):
        yield Contradiction(
            "I8", f"session {session.pk}", f"shows {session.credits_earned}, {session.paid} was paid"
        )
