"""How organisations stand, on the board of compliance."""

from datetime import datetime

from django.db.models import Avg, Count
from django.utils.translation import gettext_lazy as _

from donations.models import ComplianceAssessment, ComplianceIssue
from donations.queries.assessments import at_risk, due_for_assessment
from goodplay.lib.admin.dashboards import Chart, Content, Figure, Period, Series, Table, add_part, rows_of
from goodplay.lib.money import to_cents

SHOWN = 10
Level = ComplianceAssessment.Level


def build(period: Period, now: datetime) -> Content:
    return Content(made_at=now, figures=_figures(now), charts=[_levels()], tables=[_critical()])


def _figures(now: datetime) -> list[Figure]:
    current = ComplianceAssessment.objects.filter(is_current=True)
    mean = current.aggregate(mean=Avg("overall_score"))["mean"]
    risky, due = at_risk().count(), due_for_assessment(now).count()
    critical = ComplianceIssue.objects.open().filter(severity=ComplianceIssue.Severity.CRITICAL).count()
    return [
        Figure(
            _("Score of organisations"),
            "-" if mean is None else str(to_cents(mean)),
            rows_of(ComplianceAssessment, is_current__exact=1),
            _("Mean of the current assessments"),
        ),
        Figure(
            _("Organisations at risk"),
            risky,
            rows_of(ComplianceAssessment, is_current__exact=1, risk_level__exact="critical"),
            _("High or critical risk"),
            tone="bad" if risky else "good",
        ),
        Figure(
            _("Critical issues"),
            critical,
            rows_of(ComplianceIssue, severity__exact="critical"),
            tone="bad" if critical else "good",
        ),
        Figure(
            _("Assessments due"), due, note=_("Made by the job of Sunday night"), tone="warn" if due else ""
        ),
    ]


def _levels() -> Chart:
    current = ComplianceAssessment.objects.filter(is_current=True).order_by()
    counts = dict(current.values_list("level").annotate(rows=Count("pk")))
    return Chart(
        _("Organisations by level"),
        _("Level"),
        [level.label for level in Level],
        [Series(_("Organisations"), [counts.get(level.value, 0) for level in Level])],
        kind="ranking",
    )


def _critical() -> Table:
    rows = at_risk()[:SHOWN]
    return Table(
        _("Organisations at risk"),
        [_("Organisation"), _("Score"), _("Risk"), _("Assessed")],
        [
            (
                str(each.onlus),
                str(each.overall_score),
                ComplianceAssessment.Risk(each.risk_level).label,
                each.assessed_at,
            )
            for each in rows
        ],
        empty=_("No organisation is at risk."),
    )


add_part("compliance", build)
