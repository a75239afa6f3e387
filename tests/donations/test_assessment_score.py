"""The formula of an assessment, figure by figure as the specification has it."""

from decimal import Decimal

import pytest

from donations.queries.assessment_score import GAINS, WEIGHTS, Facts, issues, risk, score

D = Decimal
WHOLE = {
    "verification_level": "basic",
    "status": "active",
    "compliance_status": "compliant",
    "has_tax_id": True,
    "has_legal_form": True,
    "has_incorporation_date": True,
}


def facts(**changes):
    return Facts(**{**WHOLE, **changes})


def category(name, **changes):
    return score(facts(**changes)).of(name)


def test_the_weights_are_a_hundred():
    assert WEIGHTS == {
        "financial_transparency": 25,
        "operational_efficiency": 20,
        "governance": 20,
        "impact_reporting": 15,
        "regulatory_compliance": 15,
        "donor_trust": 5,
    }
    assert sum(WEIGHTS.values()) == 100


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("financial_transparency", {}, 77),  # 70 + tax id 5 + incorporation 2
        ("financial_transparency", {"has_tax_id": False, "has_incorporation_date": False}, 70),
        ("financial_transparency", {"success": D(".95")}, 92),
        ("financial_transparency", {"success": D(".90")}, 87),
        ("financial_transparency", {"success": D(".80")}, 82),
        ("financial_transparency", {"success": D(".79")}, 77),
        ("financial_transparency", {"success": D(".69")}, 67),
        ("financial_transparency", {"efficiency": D(".95")}, 87),
        ("financial_transparency", {"efficiency": D(".90")}, 82),
        ("financial_transparency", {"efficiency": D(".79")}, 72),
        ("financial_transparency", {"success": D(1), "efficiency": D(1)}, 100),
        ("operational_efficiency", {}, 75),
        ("operational_efficiency", {"processing_seconds": D(60)}, 90),
        ("operational_efficiency", {"processing_seconds": D(300)}, 85),
        ("operational_efficiency", {"processing_seconds": D(600)}, 80),
        ("operational_efficiency", {"processing_seconds": D(1800)}, 75),
        ("operational_efficiency", {"processing_seconds": D(1801)}, 65),
        ("operational_efficiency", {"success": D(".95")}, 85),
        ("operational_efficiency", {"success": D(".90")}, 80),
        ("operational_efficiency", {"success": D(".79")}, 65),
        ("governance", {}, 95),  # 80 + active 5 + legal form 5 + tax id 5
        ("governance", {"verification_level": "gold", "has_tax_id": False, "has_legal_form": False}, 100),
        ("governance", {"verification_level": "premium", "has_tax_id": False, "has_legal_form": False}, 95),
        ("governance", {"verification_level": "standard", "has_tax_id": False, "has_legal_form": False}, 90),
        ("governance", {"status": "suspended"}, 70),
        ("governance", {"status": "suspended", "passed_checks": 3}, 75),
        ("governance", {"status": "suspended", "passed_checks": 5}, 80),
        ("impact_reporting", {}, 65),
        ("impact_reporting", {"reported": D(".9")}, 85),
        ("impact_reporting", {"reported": D(".7")}, 80),
        ("impact_reporting", {"reported": D(".5")}, 75),
        ("impact_reporting", {"reported": D(".3")}, 65),
        ("impact_reporting", {"reported": D(".29")}, 55),
        ("impact_reporting", {"reported": D(1), "well_reported": D(".51")}, 95),
        ("impact_reporting", {"reported": D(1), "well_reported": D(".5")}, 85),
        ("regulatory_compliance", {}, 95),
        ("regulatory_compliance", {"has_tax_id": False}, 80),
        ("regulatory_compliance", {"has_legal_form": False}, 85),
        ("regulatory_compliance", {"has_incorporation_date": False}, 90),
        ("regulatory_compliance", {"compliance_status": "minor_issues"}, 80),
        ("regulatory_compliance", {"compliance_status": "major_issues"}, 65),
        ("regulatory_compliance", {"compliance_status": "non_compliant"}, 55),
        ("regulatory_compliance", {"failed_checks": 2}, 85),
        ("regulatory_compliance", {"failed_checks": 40}, 0),
        ("donor_trust", {}, 80),
        ("donor_trust", {"repeat_donors": D(".3")}, 95),
        ("donor_trust", {"repeat_donors": D(".2")}, 90),
        ("donor_trust", {"repeat_donors": D(".1")}, 85),
        ("donor_trust", {"completion": D(".95")}, 85),
        ("donor_trust", {"completion": D(".79")}, 70),
    ],
)
def test_each_category_moves_by_the_points_of_the_specification(name, changes, expected):
    assert category(name, **changes) == expected


def test_the_whole_is_weighed_and_explained():
    found = score(facts())

    # (77·25 + 75·20 + 95·20 + 65·15 + 95·15 + 80·5) / 100
    assert (found.overall, found.level, found.status) == (D("81.25"), "good", "minor_issues")
    assert found.categories["financial_transparency"] == {
        "score": 77,
        "base": 70,
        "moves": [["tax_id", 5], ["incorporation_date", 2]],
    }
    assert found.recommendations() == {"impact_reporting": GAINS["impact_reporting"]}


@pytest.mark.parametrize(
    ("overall", "severities", "expected"),
    [
        (D(80), [], "low"),
        (D("79.99"), [], "moderate"),
        (D(95), ["high"], "moderate"),
        (D(95), ["high"] * 3, "high"),
        (D("69.99"), [], "high"),
        (D("59.99"), [], "critical"),
        (D(100), ["critical"], "critical"),
        (D(100), ["medium", "warning"], "low"),
    ],
)
def test_the_risk_follows_score_and_open_issues(overall, severities, expected):
    assert risk(overall, severities) == expected


def test_the_issues_of_the_specification_are_found():
    assert issues(facts()) == {}
    bad = facts(
        days_since_verification=366,
        success=D(".79"),
        has_tax_id=False,
        has_legal_form=False,
        compliance_status="major_issues",
    )
    assert {name: severity for name, (severity, _category) in issues(bad).items()} == {
        "verification_outdated": "warning",
        "allocations_fail": "high",
        "tax_id_missing": "high",
        "legal_form_missing": "medium",
        "compliance_status_bad": "critical",
    }
    assert issues(facts(success=D(".59")))["allocations_fail"][0] == "critical"
    assert issues(facts(days_since_verification=365)) == {}
