"""Financial reports in words: titles, figures and findings, in the language of the moment."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from donations.models import FinancialReport
from donations.report_periods import Stretch
from goodplay.lib.templatetags.house import NOT_KNOWN, euros

Type = FinancialReport.Type

AMOUNTS: Mapping[str, Promise] = {
    "opening_balance": gettext_lazy("There at the beginning"),
    "total_donations": gettext_lazy("Donations"),
    "given_back": gettext_lazy("Of donations, given back to donors"),
    "net_donations": gettext_lazy("Donations less what was given back"),
    "matched": gettext_lazy("Added by sponsors"),
    "granted": gettext_lazy("Granted by funding pools"),
    "total_received": gettext_lazy("Received in all"),
    "total_earned_credits": gettext_lazy("Credits earned by players"),
    "average_donation": gettext_lazy("Average donation"),
    "total_allocated_amount": gettext_lazy("Of all this, given by allocation"),
    "paid_out": gettext_lazy("Paid out"),
    "corrections": gettext_lazy("Corrections"),
    "closing_balance": gettext_lazy("There at the end"),
}
COUNTS: Mapping[str, Promise] = {
    "transaction_count": gettext_lazy("Number of donations"),
    "unique_donors": gettext_lazy("Donors"),
    "organisation_count": gettext_lazy("Organisations that received"),
    "allocation_count": gettext_lazy("Allocations that ended"),
    "donation_count": gettext_lazy("Donations begun"),
    "failed_count": gettext_lazy("Donations that failed"),
    "pending_count": gettext_lazy("Donations that still wait"),
    "under_way_count": gettext_lazy("Allocations under way"),
    "assessment_count": gettext_lazy("Assessments made"),
    "open_issue_count": gettext_lazy("Open issues of organisations"),
    "critical_issue_count": gettext_lazy("Critical ones among them"),
    "pool_count": gettext_lazy("Funding pools"),
    "depleted_count": gettext_lazy("Funding pools with nothing left"),
}
RATES: Mapping[str, Promise] = {
    "allocation_success_rate": gettext_lazy("Allocations that gave something"),
    "failed_rate": gettext_lazy("Share of donations that failed"),
    "pending_rate": gettext_lazy("Share of donations that still wait"),
    "depleted_rate": gettext_lazy("Share of funding pools with nothing left"),
}
OTHERS: Mapping[str, Promise] = {
    "mean_allocation_seconds": gettext_lazy("Seconds an allocation took on average"),
    "mean_assessment_score": gettext_lazy("Average score of assessments"),
}
SECTIONS: Mapping[str, Promise] = {
    "transactions": gettext_lazy("Donations"),
    "allocations": gettext_lazy("Allocations"),
    "compliance": gettext_lazy("Compliance"),
    "funding_pools": gettext_lazy("Funding pools"),
}
VERDICTS: Mapping[str, Promise] = {
    "clean": gettext_lazy("Clean"),
    "warning": gettext_lazy("Warning"),
    "critical": gettext_lazy("Critical"),
}
_FINDINGS: Mapping[str, Promise] = {
    "failed_donations": gettext_lazy("%(value)s of donations failed; more than %(threshold)s is too many."),
    "pending_donations": gettext_lazy(
        "%(value)s of donations still wait; more than %(threshold)s is too many."
    ),
    "failed_allocations": gettext_lazy(
        "%(value)s of allocations gave something; fewer than %(threshold)s is too few."
    ),
    "slow_allocations": gettext_lazy(
        "An allocation took %(value)s seconds on average; more than %(threshold)s is too long."
    ),
    "depleted_pools": gettext_lazy(
        "%(value)s of funding pools have nothing left; more than %(threshold)s is too many."
    ),
}


def title_of(report: FinancialReport) -> str:
    stretch = Stretch(report.first, report.last)
    words = {"days": stretch.in_words, "quarter": stretch.quarter, "year": report.first.year}
    return {
        Type.MONTHLY: _("Monthly Financial Report - %(days)s"),
        Type.QUARTERLY: _("Q%(quarter)s %(year)s Financial Report"),
        Type.ANNUAL: _("Annual Financial Report - %(year)s"),
        Type.ONLUS: _("Financial summary - %(days)s"),
        Type.AUDIT: _("Audit report - %(days)s"),
    }[Type(report.report_type)] % words


def figures_shown(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Write the stored figures that have a name, in their order."""
    return [(str(_label(name)), _written(name, value)) for name, value in facts.items() if _label(name)]


def sections_shown(report: FinancialReport) -> list[tuple[str, list[tuple[str, str]]]]:
    """Write the figures of an audit part by part; of other reports as one part."""
    if not report.is_audit:
        return [(_("Figures"), figures_shown(report.facts))]
    sections = report.facts["sections"]
    return [
        (str(label), figures_shown(sections[name])) for name, label in SECTIONS.items() if name in sections
    ]


def findings_shown(report: FinancialReport) -> list[dict[str, str]]:
    return [
        {
            "severity": each["severity"],
            "label": str(VERDICTS[each["severity"]]),
            "words": finding_in_words(each),
        }
        for each in report.facts.get("findings", [])
    ]


def finding_in_words(finding: Mapping[str, Any]) -> str:
    unit = "" if finding["code"] == "slow_allocations" else " %"
    figures = {name: f"{_number(finding[name])}{unit}" for name in ("value", "threshold")}
    return str(_FINDINGS[finding["code"]]) % figures


def scope_in_words(scopes: Iterable[str]) -> str:
    return ", ".join(str(SECTIONS[each]) for each in scopes)


def _label(name: str) -> Promise | None:
    return next((table[name] for table in (AMOUNTS, COUNTS, RATES, OTHERS) if name in table), None)


def _written(name: str, value: Any) -> str:
    if value is None:
        return NOT_KNOWN
    if name in AMOUNTS:
        return euros(Decimal(value))
    return f"{_number(value)} %" if name in RATES else _number(value)


def _number(value: Any) -> str:
    """Write a number without zeros that say nothing."""
    number = Decimal(value)
    places = 0 if number == number.to_integral_value() else 2
    return number_format(number, places, force_grouping=True)
