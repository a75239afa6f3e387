"""The way of one donation: play, credits, gift, payout, what came of it. Each step names the rows that prove it."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Onlus
from donations.models import Donation, DonationRefund, Payout, PayoutLine, Transfer
from donations.queries.origins import Origin, carried_by, origins_of
from goodplay.lib.time import rome_day
from impact.models import DayRoot, DonationImpact, ImpactMetric, ImpactUpdate
from impact.queries.metrics import formatted_value

SHOWN_ORIGINS, SHOWN_NEWS = 12, 4
Done = Donation.Status.COMPLETED


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a step, with the key of the row behind it."""

    words: str
    at: datetime | None = None
    amount: Decimal | None = None
    key: UUID | str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """`state`: "done", "now", "later", or "stopped" where the way ended."""

    name: str
    title: str
    state: str
    facts: list[Fact] = field(default_factory=list)
    still_to_come: str = ""


def way_of(donation: Donation, now: datetime) -> list[Step]:
    """Follow a donation from where its money came from to what the organisation tells. A fixed number of queries."""
    spends = carried_by(donation)
    line = (
        PayoutLine.objects.live().filter(donation=donation).select_related("payout").order_by("-pk").first()
    )
    refunds = list(donation.refunds.order_by("pk"))
    return [
        _money(origins_of(spends)),
        _gift(donation, spends, refunds),
        _books(donation, spends),
        _payout(donation, line.payout if line else None, now),
        _evidence(donation, line.payout if line else None),
    ]


def _money(origins: list[Origin]) -> Step:
    facts = [
        Fact(
            _("Game session: %(game)s") % {"game": each.game} if each.game else each.kind_in_words,
            each.at,
            each.amount,
            each.transfer_id,
        )
        for each in origins[:SHOWN_ORIGINS]
    ]
    if len(origins) > SHOWN_ORIGINS:
        rest = origins[SHOWN_ORIGINS:]
        words = _("and %(count)s more") % {"count": len(rest)}
        facts.append(Fact(words, None, sum((each.amount for each in rest), Decimal(0))))
    waiting = "" if facts else _("The money has not come in yet.")
    return Step("money", _("Where the money came from"), "done" if facts else "now", facts, waiting)


def _gift(donation: Donation, spends: list[Transfer], refunds: list[DonationRefund]) -> Step:
    facts = [
        Fact(
            _("Left your wallet for %(name)s") % {"name": donation.onlus_name},
            each.created_at,
            each.amount,
            each.pk,
        )
        for each in spends
    ]
    if donation.matched_amount:
        facts.append(
            Fact(_("Added by a sponsor"), donation.completed_at, donation.matched_amount, donation.pk)
        )
    facts += [Fact(_("Given back to you"), each.created_at, -each.amount, each.pk) for each in refunds]
    if donation.status == Done:
        return Step("gift", _("Your gift"), "done", facts)
    if donation.status in (Donation.Status.PENDING, Donation.Status.PROCESSING):
        return Step("gift", _("Your gift"), "now", facts, _("It is waiting to be carried out."))
    return Step("gift", _("Your gift"), "stopped", facts, _stopped(donation))


def _stopped(donation: Donation) -> str:
    if donation.status == Donation.Status.REFUNDED:
        return _("All of it was given back: its way ends here.")
    return _("It was not carried out: its way ends here.")


def _books(donation: Donation, spends: list[Transfer]) -> Step:
    title = _("Sealed in the published books")
    if not spends:
        return Step("books", title, "later")
    day = rome_day(spends[0].created_at)
    root = DayRoot.objects.filter(day=day).defer("secret", "parts").first()
    if root is None:
        return Step(
            "books",
            title,
            "now",
            [],
            _("The books of the day are sealed and published in the night after it."),
        )
    words = _("Root of all transfers of the day")
    return Step("books", title, "done", [Fact(words, root.made_at, None, root.root)])


def _payout(donation: Donation, payout: Payout | None, now: datetime) -> Step:
    title = _("On its way to the organisation")
    if donation.status not in (Done, Donation.Status.REFUNDED):
        return Step("payout", title, "stopped" if donation.closed_at else "later")
    if payout is None:
        if donation.status != Done:
            return Step("payout", title, "stopped")
        return Step("payout", title, "now", [], _waiting(donation, now))
    dated = [
        (_("Taken into a payout"), payout.created_at),
        (_("Ordered at the bank"), payout.exported_at),
        (_("Arrived"), payout.settled_at),
    ]
    facts = [Fact(words, at, None, payout.pk) for words, at in dated if at]
    if payout.status == Payout.Status.SETTLED:
        return Step("payout", title, "done", facts)
    return Step("payout", title, "now", facts, _("The bank confirms within a few days that it arrived."))


def _waiting(donation: Donation, now: datetime) -> str:
    if donation.clears_at and donation.clears_at > now:
        return _("Own money waits until the payment is certain; after that it is part of the next payout.")
    return _("It is part of the next payout to the organisation.")


def _evidence(donation: Donation, payout: Payout | None) -> Step:
    title = _("What came of it")
    since = donation.completed_at
    if since is None or donation.status == Donation.Status.REFUNDED:
        return Step("evidence", title, "later" if since is None and not donation.closed_at else "stopped")
    facts = [*_counted(donation), *_news(donation, since)]
    arrived = payout is not None and payout.status == Payout.Status.SETTLED
    if facts:
        return Step("evidence", title, "done" if arrived else "now", facts)
    return Step(
        "evidence", title, "later", [], _("As soon as the organisation tells what it did, it stands here.")
    )


def _counted(donation: Donation) -> list[Fact]:
    """List the figures the donation counts towards."""
    impact = DonationImpact.objects.filter(donation=donation).first()
    metrics = ImpactMetric.objects.active().filter(pk__in=(impact.metric_ids or []) if impact else [])
    return [
        Fact(f"{row.label}: {formatted_value(row)} ({_standing(row)})", row.collection_date, None, row.pk)
        for row in metrics.order_by("-collection_date", "id")[:SHOWN_NEWS]
    ]


def _standing(metric: ImpactMetric) -> str:
    return str(ImpactMetric.Verification(metric.verification_status).label).lower()


def _news(donation: Donation, since: datetime) -> list[Fact]:
    if public_organisation(donation) is None:
        return []
    rows: Any = ImpactUpdate.objects.of_onlus(donation.onlus_id).published_since(since)
    return [
        Fact(row.title, row.published_at, None, row.pk)
        for row in rows.order_by("published_at", "id")[:SHOWN_NEWS]
    ]


def public_organisation(donation: Donation) -> Onlus | None:
    """Return the organisation where it has a page of its own."""
    return Onlus.objects.public().filter(pk=donation.onlus_id).first()
