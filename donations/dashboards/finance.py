"""The finance dashboard: what is given and earned, what is owed, how long the pool lasts, whether the books hold."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from donations.forecasting.outlook import Outlook
from donations.models import (
    Discrepancy,
    Donation,
    LedgerAccount,
    OnlusBankAccount,
    PaymentIntent,
    Payout,
    Transfer,
)
from donations.models.ledger import PLAYER_KINDS
from donations.operations import analytics, rollups
from donations.queries import dashboard as queries
from donations.queries.analytics.payments import by_provider, payment_sums
from donations.queries.reconciliation import open_breaks
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
from goodplay.lib.money import ZERO, to_cents
from goodplay.lib.time import rome_day

BOOKS_JOB = "donations.tasks.verify_books"
LATEST = 10
ORGANISATIONS = 8
COMFORTABLE_DAYS, TIGHT_DAYS = 60, 14
SHOWN_BEFORE, AHEAD = 28, 7  # days around today in the forecast
MOST_REFUNDED = 10  # percent
CARRIED_OUT = ",".join((Donation.Status.COMPLETED, Donation.Status.REFUNDED))
EARNINGS = ",".join((Transfer.Kind.SESSION_CREDIT, Transfer.Kind.BONUS))
MOVING = ",".join((Transfer.Phase.SINGLE, Transfer.Phase.POST))

Kind = LedgerAccount.Kind


def build(period: Period, now: datetime) -> Content:
    rollups.roll_up(now=now)
    given, earned = queries.given_by_day(period), queries.earned_by_day(period)
    return Content(
        made_at=now,
        figures=[
            *_giving(period),
            _given_back(period),
            _earned(period, sum(earned, ZERO)),
            *_owed(),
            *_payouts(now),
            _fees(period),
            _pool(now),
            _breaks(),
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
            _forecast(now),
            _owed_by_day(period),
        ],
        tables=[_payments(period), _latest()],
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


def _given_back(period: Period) -> Figure:
    """Tell what went back of the period's donations, whenever it did."""
    back, given = queries.given_back(period)
    rows = rows_of(Donation, status__in=CARRIED_OUT, **_within("completed_at", period))
    percent = queries.percent(back, given)
    tone = "bad" if percent > MOST_REFUNDED else ""
    return Figure(
        _("Given back"), back, rows, _("%(percent)s %% of what was given"), {"percent": percent}, tone
    )


def _earned(period: Period, amount: Any) -> Figure:
    """Tell what players earned. Of its rows, those that go back to the pool count against the others."""
    rows = rows_of(Transfer, kind__in=EARNINGS, phase__in=MOVING, **_within("created_at", period))
    return Figure(_("Credits earned"), amount, rows, _("Paid to players out of the reward pool"))


def _fees(period: Period) -> Figure:
    sums = payment_sums(period)
    rows = rows_of(PaymentIntent, status__in=",".join(PaymentIntent.PAID), **_within("created_at", period))
    words = {"percent": queries.percent(sums["processing_fee"], sums["amount"]), "amount": sums["amount"]}
    note = _("%(percent)s %% of %(amount)s paid by card, PayPal or transfer")
    return Figure(_("Provider fees"), sums["processing_fee"], rows, note, words)


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
            rows_of(OnlusBankAccount, next_payout="paid"),
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


def _breaks() -> Figure:
    found = open_breaks()
    rows = rows_of(Discrepancy, status__in=",".join(Discrepancy.OPEN))
    if not found.count or found.oldest_on is None:
        return Figure(_("Open discrepancies"), found.amount, rows, _("None is open"), tone="good")
    words: dict[str, int | date] = {"count": found.count, "high": found.high, "day": found.oldest_on}
    note = _("%(count)s open, %(high)s of them severe, the oldest of %(day)s")
    return Figure(_("Open discrepancies"), found.amount, rows, note, words, "bad" if found.high else "warn")


def _books(now: datetime) -> Figure:
    """Tell the outcome of the last proof: a good one only counts while it is not overdue."""
    run, rows = JobRun.objects.filter(pk=BOOKS_JOB).first(), rows_of(JobRun, name__exact=BOOKS_JOB)
    began = run.started_at if run else None
    if run is None or began is None:
        return Figure(_("Books"), _("Not yet checked"), rows, _("The proof runs every night"), tone="warn")
    if run.last_error:
        return Figure(
            _("Books"), _("Do not balance"), rows, _("Checked %(moment)s"), {"moment": began}, "bad"
        )
    if run.succeeded_at is None or run.is_overdue(now):
        note = _("Last started %(moment)s")
        return Figure(_("Books"), _("Check overdue"), rows, note, {"moment": began}, "warn")
    return Figure(
        _("Books"), _("Balanced"), rows, _("Checked %(moment)s"), {"moment": run.succeeded_at}, "good"
    )


def _by_organisation(period: Period) -> Chart:
    given = queries.given_by_organisation(period, ORGANISATIONS)
    names, amounts = [name for name, _amount in given], [amount for _name, amount in given]
    return Chart(
        _("By organisation"), _("Organisation"), names, [Series(_("Given"), amounts)], kind="ranking"
    )


def _forecast(now: datetime) -> Chart:
    """Draw the last four weeks that ended and the week that comes, with the band most past errors lay in."""
    today = rome_day(now)
    past = Period(today - timedelta(days=SHOWN_BEFORE), today - timedelta(days=1))
    given = queries.given_by_day(past)
    found = analytics.outlook_of("volume", AHEAD, now)
    title, subject = _("The week ahead"), _("Day")
    if found is None:
        few = _("A forecast needs seven days that ended since the first donation.")
        return Chart(title, subject, past.dates, [Series(_("Given"), given)], note=few)
    known, coming = [None] * SHOWN_BEFORE, [None] * AHEAD
    return Chart(
        title,
        subject,
        [*past.dates, *(day.date for day in found.days)],
        [
            Series(_("Given"), [*given, *coming]),
            Series(_("Forecast"), [*known, *(to_cents(day.value) for day in found.days)]),
            Series(_("At least"), [*known, *(_cents(day.lower) for day in found.days)], "lower"),
            Series(_("At most"), [*known, *(_cents(day.upper) for day in found.days)], "upper"),
        ],
        **_error_of(found),
    )


def _error_of(found: Outlook) -> dict[str, Any]:
    error = found.past.mean_absolute_percentage_error
    if error is None:
        return {"note": _("Not checked yet: there are no earlier days to predict.")}
    words = {"percent": int(error.to_integral_value()), "count": found.past.count}
    note = _(
        "Forecasts of days that are known were %(percent)s %% off on average, %(count)s of them checked."
    )
    return {"note": note, "note_values": words}


def _cents(value: Decimal | None) -> Decimal | None:
    return None if value is None else to_cents(value)


def _owed_by_day(period: Period) -> Chart:
    players, organisations = queries.owed_by_day(period)
    return Chart(
        _("Owed at the end of each day"),
        _("Day"),
        period.dates,
        [Series(_("To players"), players), Series(_("To organisations"), organisations)],
    )


def _payments(period: Period) -> Table:
    rows = [
        (
            sums["provider"],
            PaymentIntent.Method(sums["method"]).label,
            sums["intents"],
            sums["succeeded"],
            sums["failed"],
            sums["amount"],
            sums["processing_fee"],
            sums["refunded_amount"],
        )
        for sums in by_provider(period)
    ]
    columns = [
        _("Provider"),
        _("Means of payment"),
        _("Payments"),
        _("Paid"),
        _("Failed"),
        _("Amount"),
        _("Fees"),
        _("Given back"),
    ]
    return Table(
        _("Payments"),
        columns,
        rows,
        rows_of(PaymentIntent, **_within("created_at", period)),
        _("No payments in this period."),
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
