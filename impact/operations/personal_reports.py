"""A donor's own report, to keep: as a page to print, or as a table."""

import io
import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from donations.models import Donation
from donations.queries.sums import euros_of
from goodplay.lib.errors import DomainError, NotFound
from goodplay.lib.exports.tables import write_csv
from goodplay.lib.money import ZERO
from goodplay.lib.templatetags.house import euros
from goodplay.lib.time import ROME, day_start, rome_day
from impact.levels import LEVELS
from impact.models import StoryUnlock, UserMilestone
from impact.queries.personal import own_metrics
from impact.queries.stories import titles_of

FIRST_YEAR = 2020
TEMPLATES = Path(settings.BASE_DIR) / "templates"
LANGUAGES = ("en", "it")
MOST_LINES = 1000
"""A report with more gifts is printed without them: the table has them all."""


class InvalidReportPeriod(DomainError):
    code = "INVALID_REPORT_PERIOD"
    message = gettext_lazy("Choose days from 2020 to today, the first not after the last.")


class NothingToReport(NotFound):
    code = "NO_IMPACT_IN_PERIOD"
    message = gettext_lazy("Nothing was given in this time.")


@dataclass(frozen=True, slots=True)
class Report:
    """What a donor gave from a day to a day of Rome, both included, and what came of it."""

    donor: User
    first: date
    last: date
    gifts: list[Donation]
    stories: list[str]
    levels: list[UserMilestone]
    made_at: datetime

    @property
    def is_of_a_year(self) -> bool:
        return (self.first.month, self.first.day) == (1, 1) and self.last == date(self.first.year, 12, 31)


def report_of_year(*, donor: User, year: int, now: datetime) -> Report:
    """Report a year. Raises InvalidReportPeriod, NothingToReport."""
    if not FIRST_YEAR <= year <= rome_day(now).year:
        raise InvalidReportPeriod
    return _report(donor, date(year, 1, 1), date(year, 12, 31), now)


def report_of(*, donor: User, first: date, last: date, now: datetime) -> Report:
    """Report some days. Raises InvalidReportPeriod, NothingToReport."""
    if not (date(FIRST_YEAR, 1, 1) <= first <= last <= rome_day(now)):
        raise InvalidReportPeriod
    return _report(donor, first, last, now)


def _report(donor: User, first: date, last: date, now: datetime) -> Report:
    start, end = day_start(first), day_start(date.fromordinal(last.toordinal() + 1))
    gifts = Donation.objects.of_donor(donor.pk).completed()
    found = list(gifts.filter(completed_at__gte=start, completed_at__lt=end).order_by("completed_at", "id"))
    if not found:
        raise NothingToReport
    unlocks = StoryUnlock.objects.filter(user=donor, unlocked_at__gte=start, unlocked_at__lt=end)
    stories = titles_of(unlocks.order_by("unlocked_at", "id").values_list("story_id", flat=True))
    reached = UserMilestone.objects.filter(
        user=donor, kind=UserMilestone.Kind.AMOUNT, reached_at__gte=start, reached_at__lt=end
    )
    return Report(
        donor=donor,
        first=first,
        last=last,
        gifts=found,
        stories=[story.words(translation.get_language()).title for story in stories.values()],
        levels=list(reached.order_by("level")),
        made_at=now,
    )


# On paper ---------------------------------------------------------------------------------------------------------


def print_report(*, report: Report) -> bytes:
    """Print the report in the language that is on."""
    data = json.dumps(_printed(report))
    page = TEMPLATES / "impact" / "personal_report.typ"
    return bytes(typst.compile(str(page), root=str(TEMPLATES), format="pdf", sys_inputs={"data": data}))


def _printed(report: Report) -> dict[str, Any]:
    total = sum((gift.net_amount for gift in report.gifts), ZERO)
    is_short = len(report.gifts) <= MOST_LINES
    title = _("My impact in %(year)s") % {"year": report.first.year}
    return {
        "language": translation.get_language(),
        "title": title if report.is_of_a_year else _("My impact"),
        "rows": [
            [_("Donor"), report.donor.display_name or report.donor.email],
            [_("From"), _day(report.first)],
            [_("To"), _day(report.last)],
            [_("Donations"), str(len(report.gifts))],
            [_("Organisations supported"), str(len({gift.onlus_id for gift in report.gifts}))],
            [_("Credits earned by playing"), euros(_sum(report, "earned_amount"))],
            [_("Own money"), euros(_sum(report, "paid_amount"))],
            [_("Added by sponsors"), euros(_sum(report, "matched_amount"))],
        ],
        "total_label": _("Given, less what came back"),
        "total": euros(total),
        "sections": [section for section in _sections(report) if section["lines"]],
        "columns": [_("Day"), _("Given to"), _("Amount")],
        "lines": [_line(gift) for gift in report.gifts] if is_short else [],
        "notes": [
            _(
                "A report for you, not a receipt: what counts for taxes stands in the receipts. Parts of figures are your "
                "share of what was given since each is counted, of verified figures only."
            )
        ],
        "issued": _("Printed on %(day)s by GoodPlay.") % {"day": _day(report.made_at)},
    }


def _sections(report: Report) -> list[dict[str, Any]]:
    levels = (
        _("Level %(level)s: %(name)s") % {"level": each.level, "name": LEVELS[each.level - 1].name}
        for each in report.levels
    )
    return [
        {"title": _("What your euros stand for so far"), "lines": _parts(report)},
        {"title": _("Levels reached"), "lines": list(levels)},
        {"title": _("Stories opened"), "lines": report.stories},
    ]


def _parts(report: Report) -> list[str]:
    organisations = own_metrics(report.donor.pk, report.made_at)["organisations"]
    return [
        _("%(part)s of %(value)s: %(metric)s (%(onlus)s)")
        % {
            "part": number_format(metric["your_part"], 2, force_grouping=True),
            "value": metric["formatted_value"],
            "metric": metric["metric_name"],
            "onlus": each["onlus_name"],
        }
        for each in organisations
        for metric in each["metrics"]
        if metric["your_part"]
    ]


def _line(gift: Donation) -> list[str]:
    assert gift.completed_at is not None  # noqa: S101  (completed gifts only)
    return [_day(gift.completed_at), gift.onlus_name, euros(gift.net_amount)]


def _sum(report: Report, column: str) -> Any:
    return sum((euros_of(getattr(gift, column)) for gift in report.gifts), ZERO)


def _day(moment: datetime | date) -> str:
    text = date_format(moment.astimezone(ROME) if isinstance(moment, datetime) else moment, "j F Y")
    return text if translation.get_language() == "en" else text.lower()


# As a table -------------------------------------------------------------------------------------------------------


def table_of(*, report: Report) -> str:
    """Write every gift of the report as CSV, in the language that is on."""
    header = [
        _("Day"),
        _("Given to"),
        _("Amount"),
        _("Given back"),
        _("Credits earned by playing"),
        _("Own money"),
        _("Added by sponsors"),
        _("Donation"),
    ]
    target = io.StringIO()
    write_csv(
        target,
        header,
        (
            [
                gift.completed_at,
                gift.onlus_name,
                gift.amount,
                gift.refunded_amount,
                gift.earned_amount,
                gift.paid_amount,
                gift.matched_amount,
                str(gift.pk),
            ]
            for gift in report.gifts
        ),
    )
    return target.getvalue()
