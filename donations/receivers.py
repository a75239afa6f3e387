"""What donations does when facts are announced."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone

from accounts.models import Onlus
from accounts.signals import onlus_verified
from donations.models import Donation
from donations.operations import earning, ledger, receipts
from donations.signals import donation_complete
from games.models import GameSession
from games.signals import game_session_complete
from goodplay.lib.events.handlers import reacts_to
from goodplay.lib.money import ZERO


@receiver(game_session_complete, dispatch_uid="donations.credit_player")
def credit_player(sender: Any, session: GameSession, **kwargs: Any) -> None:
    credit = earning.credit_session(session=session)
    if session.status == GameSession.Status.COMPLETED:
        session.credits_earned = credit.amount if credit else ZERO


@receiver(onlus_verified, dispatch_uid="donations.open_payable")
def open_payable(sender: Any, onlus: Onlus, **kwargs: Any) -> None:
    ledger.onlus_account(onlus_id=onlus.pk, now=timezone.now())


@reacts_to(donation_complete)
def issue_receipt(*, donation_id: UUID, now: datetime) -> None:
    receipts.issue(donation=Donation.objects.get(pk=donation_id), now=now)
