"""A report in words, made from its figures in the language of whoever reads it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodplay.lib.templatetags.house import euros
from impact.milestones import community_title
from impact.models import CommunityReport
from impact.report_periods import period_covered
from impact.report_values import read

SMALLEST_CHANGE = Decimal("0.01")


def title_of(report: CommunityReport) -> str:
    """Name it by its days; what has a title of its own keeps it."""
    if report.report_type == CommunityReport.Type.REAL_TIME:
        return report.title or _("Today so far")
    if not report.was_reckoned or report.report_type == CommunityReport.Type.SPECIAL_EVENT:
        return report.title
    return _("Impact report: %(period)s") % {"period": period_covered(report).in_words}


def summary_of(report: CommunityReport) -> str:
    """Say in three or four sentences what happened."""
    if not report.was_reckoned:
        return report.executive_summary
    return " ".join(_sentences(report))


def highlights_of(report: CommunityReport) -> list[str]:
    """Name what stands out, each thing once."""
    if not report.was_reckoned:
        return list(report.highlights)
    return list(dict.fromkeys(_highlights(report)))


def milestones_of(report: CommunityReport) -> list[dict[str, Any]]:
    """List the thresholds that were crossed, named in the reader's language."""
    if report.report_type != CommunityReport.Type.REAL_TIME and not report.was_reckoned:
        return list(report.milestones_reached)
    return [{**read(each), "title": _milestone(each)} for each in report.milestones_reached]


def _sentences(report: CommunityReport) -> Iterator[str]:
    if not report.total_donations_count:
        yield _("Nothing was given in this period.")
        return
    yield _("%(donors)s gave %(amount)s in %(donations)s to %(organisations)s.") % {
        "donors": _donors(report.unique_donors_count),
        "amount": euros(report.total_donations_amount),
        "donations": _donations(report.total_donations_count),
        "organisations": _organisations(report.onlus_supported_count),
    }
    yield _growth(report)
    fee = Decimal(read(report.fee_transparency.get("total_fees_collected", "0")))
    yield (
        _("All of it is for the organisations: nothing was kept of what was given.")
        if not fee
        else _("All of it is for the organisations; %(fee)s was charged for payments by card or PayPal.")
        % {"fee": euros(fee)}
    )
    returning = report.user_engagement_stats.get("returning_donors") or 0
    if returning:
        yield ngettext(
            "%(shown)s donor had given before.", "%(shown)s donors had given before.", returning
        ) % {"shown": number_format(returning, force_grouping=True)}


def _growth(report: CommunityReport) -> str:
    before = read(report.comparative_data.get("previous_period", {})).get("donations_amount", {})
    if not before.get("value_then"):
        return _("In the period before nothing was given.")
    change = before["growth_percentage"]
    words = {"percent": number_format(abs(change), 2)}
    if change >= SMALLEST_CHANGE:
        return _("That is %(percent)s %% more than in the period before.") % words
    if change <= -SMALLEST_CHANGE:
        return _("That is %(percent)s %% less than in the period before.") % words
    return _("That is as much as in the period before.")


def _highlights(report: CommunityReport) -> Iterator[str]:
    for milestone in report.milestones_reached:
        yield _milestone(milestone)
    best = next(iter(report.onlus_rankings), None)
    if best:
        yield _("Most was given to %(name)s: %(amount)s.") % {
            "name": best["name"],
            "amount": euros(Decimal(read(best["total_received"]))),
        }
    new = report.user_engagement_stats.get("new_users") or 0
    if new:
        yield ngettext("%(shown)s new player joined.", "%(shown)s new players joined.", new) % {
            "shown": number_format(new, force_grouping=True)
        }
    unlocked = report.user_engagement_stats.get("stories_unlocked") or 0
    if unlocked:
        yield ngettext("%(shown)s story was opened.", "%(shown)s stories were opened.", unlocked) % {
            "shown": number_format(unlocked, force_grouping=True)
        }
    helped = report.impact_metrics.get("total_beneficiaries") or 0
    if helped:
        yield ngettext(
            "By verified figures, %(shown)s person was helped so far.",
            "By verified figures, %(shown)s people were helped so far.",
            helped,
        ) % {"shown": number_format(helped, force_grouping=True)}


def _milestone(milestone: dict[str, Any]) -> str:
    return str(community_title(milestone["impact_type"], Decimal(read(milestone["value"]))))


def _donors(count: int) -> str:
    return ngettext("%(shown)s donor", "%(shown)s donors", count) % _shown(count)


def _donations(count: int) -> str:
    return ngettext("%(shown)s donation", "%(shown)s donations", count) % _shown(count)


def _organisations(count: int) -> str:
    return ngettext("%(shown)s organisation", "%(shown)s organisations", count) % _shown(count)


def _shown(count: int) -> dict[str, str]:
    return {"shown": number_format(count, force_grouping=True)}
