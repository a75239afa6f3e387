"""What somebody chose for their own seat: the mails of the organisation."""

from accounts.models import OnlusMembership

MAILS = ("wants_payout_mails", "wants_compliance_mails", "wants_team_mails")


def choose_mails(*, seat: OnlusMembership, **wants: bool) -> None:
    """Set which mails come. Of the bank account and of a suspension everybody concerned hears whatever they chose."""
    OnlusMembership.objects.filter(pk=seat.pk).update(**{name: wants[name] for name in MAILS})
