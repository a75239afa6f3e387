"""The compliance score of an ONLUS, for its members: what it is, what pulls it down, how to mend it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.portal import Seat, seated
from donations import assessment_words as words
from donations.models import ComplianceAssessment
from donations.queries.assessment_score import WEIGHTS
from donations.queries.assessments import (
    benchmarks,
    current_of,
    history_of,
    open_issues,
    recommendations_for,
)

LATEST = 8


@require_safe
@seated
def compliance(request: HttpRequest, seat: Seat) -> HttpResponse:
    assessment = current_of(seat.onlus.pk)
    page: dict[str, Any] = {"seat": seat, "assessment": assessment}
    if assessment is not None:
        page |= {
            "categories": _categories(assessment, seat.onlus.category_id),
            "issues": [
                {
                    "row": each,
                    "words": words.issue_in_words(each.issue_type, each.description),
                    "remedy": words.REMEDIES.get(each.issue_type, ""),
                }
                for each in open_issues(seat.onlus.pk)
            ],
            "advice": [
                {
                    "name": words.CATEGORIES[each.category],
                    "words": words.ADVICE[each.category],
                    "gain": each.expected_gain,
                }
                for each in recommendations_for(seat.onlus.pk)
            ],
            "history": list(history_of(seat.onlus.pk)[:LATEST]),
        }
    return render(request, "donations/portal_compliance.html", page)


def _categories(assessment: ComplianceAssessment, field_of_work: str) -> list[dict[str, Any]]:
    peers = benchmarks(assessment, field_of_work)
    return [
        {
            "name": words.CATEGORIES[name],
            "weight": weight,
            "score": assessment.categories[name]["score"],
            "base": assessment.categories[name]["base"],
            "moves": [(words.MOVES[code], points) for code, points in assessment.categories[name]["moves"]],
            "peers": peers.get(name),
        }
        for name, weight in WEIGHTS.items()
    ]
