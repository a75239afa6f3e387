"""The finance dashboard: what is given and earned, what is owed, how long the pool lasts, whether the books hold."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from donations.models import Donation, LedgerAccount, Payout, PayoutRun, Transfer
from donations.models.ledger import PLAYER_KINDS, system_account_id
from donations.queries import dashboard as queries
from goodplay.lib.admin.dashboards import (
    Chart,
    Content,
    Dashboard,
    Figure,
    Period,
    Series,
    Table,
    register,
    rows_of,
)
from goodplay.lib.jobs.models import JobRun
from goodplay.lib.money import ZERO

BOOKS_JOB = "donations.tasks.verify_books"
LATEST = 10
ORGANISATIONS = 8
COMFORTABLE_DAYS, TIGHT_DAYS = 60, 14

Kind = LedgerAccount.Kind


def build(period: Period, now: datetime) -> Content:
    given, earned = queries.given_by_day(period), queries.earned_by_day(period)
    return Content(
        made_at=now,
        figures=[
            *_giving(period),
            _earned(period, sum(earned, ZERO)),
            *_owed(),
            *_payouts(now),
            _pool(now),
            _books(now),
        ],
        charts=[
            Chart(
                _("Day by day"),
                _("Day"),
                period.dates,
                [Series(_("Given"), given), Series(_("Earned"), earned)],
            ),
            _by_organisation(period),
        ],
        tables=[_latest()],
    )


def _giving(period: Period) -> list[Figure]:
    now, then = queries.giving(period)
    rows = rows_of(Donation, status__exact=Donation.Status.COMPLETED.value, **_within("completed_at", period))
    before = _("%(value)s in the period before")
    return [
        Figure(_("Given"), now.amount, rows, **_growth(now, then)),
        Figure(_("Donations"), now.count, rows, before, {"value": then.count}),
        Figure(_("Average donation"), now.average, rows, before, {"value": then.average}),
        Figure(_("Donors"), now.donors, rows, before, {"value": then.donors}),
        _sharing(now.donors),
    ]


def _sharing(donors: int) -> Figure:
    players = queries.players_count()
    percent = queries.percent(donors, players)
    note = _("%(donors)s of %(players)s players gave")
    return Figure(
        _("Players who give"),
        f"{percent} %",
        _player_accounts(),
        note,
        {"donors": donors, "players": players},
    )


def _growth(now: queries.Giving, then: queries.Giving) -> dict[str, Any]:
    if not then.amount:
        return {"note": _("Nothing in the period before")}
    percent = queries.percent(now.amount - then.amount, then.amount)
    words = {"note_values": {"value": then.amount, "percent": abs(percent)}}
    if percent < 0:
        return {"note": _("%(percent)s %% less than before: %(value)s"), "tone": "warn", **words}
    return {"note": _("%(percent)s %% more than before: %(value)s"), "tone": "good", **words}


def _earned(period: Period, amount: Any) -> Figure:
    rows = rows_of(
        Transfer,
        debit_account__id__exact=system_account_id(Kind.REWARD_POOL),
        **_within("created_at", period),
    )
    return Figure(_("Credits earned"), amount, rows, _("Paid to players out of the reward pool"))


def _owed() -> list[Figure]:
    owed = queries.owed()
    origins = {"earned": owed.earned, "paid": owed.paid}
    organisations = rows_of(LedgerAccount, kind__exact=Kind.ONLUS_PAYABLE.value)
    return [
        Figure(
            _("Owed to players"),
            owed.players,
            _player_accounts(),
            _("%(earned)s earned, %(paid)s paid in"),
            origins,
        ),
        Figure(
            _("Owed to organisations"), owed.organisations, organisations, _("Given and not yet paid out")
        ),
    ]


def _payouts(now: datetime) -> list[Figure]:
    due = queries.payouts(now)
    words: dict[str, Decimal | int] = {"organisations": due.organisations, "waiting": due.waiting}
    moving = ",".join((*Payout.HELD, *Payout.IN_TRANSIT))
    return [
        Figure(
            _("Payouts due"),
            due.amount,
            rows_of(PayoutRun),
            _("To %(organisations)s organisations; %(waiting)s waits for an account or the minimum"),
            words,
        ),
        Figure(
            _("Payouts under way"),
            due.under_way,
            rows_of(Payout, status__in=moving),
            _("Being prepared, or at the bank"),
        ),
    ]


def _player_accounts() -> str:
    return rows_of(LedgerAccount, kind__in=",".join(PLAYER_KINDS))


def _pool(now: datetime) -> Figure:
    pool = queries.reward_pool(now)
    rows = rows_of(LedgerAccount, kind__exact=Kind.REWARD_POOL.value)
    days = pool.days_left
    if pool.waiting:
        note = _("Players wait for %(waiting)s they earned: the pool needs money")
        return Figure(_("Reward pool"), pool.balance, rows, note, {"waiting": pool.waiting}, "bad")
    if days is None:
        return Figure(
            _("Reward pool"), pool.balance, rows, _("Nothing spent in the last 30 days"), tone="good"
        )
    tone = "good" if days >= COMFORTABLE_DAYS else "warn" if days >= TIGHT_DAYS else "bad"
    note = _("Lasts %(days)s days at the pace of the last 30: %(burned)s")
    return Figure(_("Reward pool"), pool.balance, rows, note, {"days": days, "burned": pool.burned}, tone)


def _books(now: datetime) -> Figure:
    """Tell the outcome of the last proof: a good one only counts while it is not overdue."""
    run, rows = JobRun.objects.filter(pk=BOOKS_JOB).first(), rows_of(JobRun, name__exact=BOOKS_JOB)
    if run is None:
        return Figure(_("Books"), _("Not yet checked"), rows, _("The proof runs every night"), tone="warn")
    if run.last_error:
        started = {"moment": run.started_at}
        return Figure(_("Books"), _("Do not balance"), rows, _("Checked %(moment)s"), started, "bad")
    if run.succeeded_at is None or run.is_overdue(now):
        started = {"moment": run.started_at}
        return Figure(_("Books"), _("Check overdue"), rows, _("Last started %(moment)s"), started, "warn")
    return Figure(
        _("Books"), _("Balanced"), rows, _("Checked %(moment)s"), {"moment": run.succeeded_at}, "good"
    )


def _by_organisation(period: Period) -> Chart:
    given = queries.given_by_organisation(period, ORGANISATIONS)
    names, amounts = [name for name, _amount in given], [amount for _name, amount in given]
    return Chart(
        _("By organisation"), _("Organisation"), names, [Series(_("Given"), amounts)], kind="ranking"
    )


def _latest() -> Table:
    rows = [
        (
            row["completed_at"],
            _("Anonymous") if row["is_anonymous"] else row["donor__display_name"],
            row["onlus_name"],
            row["earned_amount"],
            row["paid_amount"],
            row["refunded_amount"],
            row["kept"],
        )
        for row in queries.latest_donations(LATEST)
    ]
    columns = [
        _("When"),
        _("Donor"),
        _("Organisation"),
        _("Earned"),
        _("Own money"),
        _("Given back"),
        _("Amount"),
    ]
    return Table(_("Latest donations"), columns, rows, rows_of(Donation), _("No donations yet."))


def _within(column: str, period: Period) -> dict[str, str]:
    start, end = (moment.isoformat() for moment in period.bounds)
    return {f"{column}__gte": start, f"{column}__lt": end}


register(Dashboard("finance", _("Finance"), "donations.view_donation", build, order=10))
