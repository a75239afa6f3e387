"""The same application twice at once, on real connections."""

from datetime import timedelta

import pytest

from accounts.models import ApplicationStep, Onlus, OnlusApplication, OnlusDocument, OnlusMembership
from accounts.operations import application_decisions, application_review, applications
from goodplay.lib.errors import DomainError
from tests.factories.accounts import UserFactory
from tests.factories.applications import (
    FACTS,
    MONDAY,
    complete,
    draft,
    final,
    hand_in,
    make_reviewer,
    submitted,
)
from tests.threads import at_once, crowd

pytestmark = pytest.mark.race


def won(results):
    assert all(isinstance(each, DomainError) for each in results if isinstance(each, Exception)), results
    return [each for each in results if not isinstance(each, Exception)]


def test_of_many_submissions_one_counts(real_transactions):
    application = complete()
    own = {"applicant_id": application.applicant_id, "application_id": application.pk, "now": MONDAY}

    results = at_once(crowd(8, 2), lambda number: applications.submit(**own))

    assert len(won(results)) == 1
    assert ApplicationStep.objects.filter(status="submitted").count() == 1


def test_submitting_and_withdrawing_at_once_ends_in_one_state(real_transactions):
    application = complete()
    own = {"applicant_id": application.applicant_id, "application_id": application.pk, "now": MONDAY}

    results = at_once(2, lambda number: (applications.submit, applications.withdraw)[number](**own))

    application.refresh_from_db()
    steps = list(
        ApplicationStep.objects.exclude(status="draft").order_by("pk").values_list("status", flat=True)
    )
    assert application.status == "withdrawn"  # withdrawing is allowed either way
    assert steps in (["withdrawn"], ["submitted", "withdrawn"])
    assert len(won(results)) == len(steps)


def test_two_approvals_make_one_organisation(real_transactions):
    application = final()
    reviewers = [application.reviewer, make_reviewer()]

    results = at_once(
        2,
        lambda number: application_decisions.approve(
            application=application,
            decided_by=reviewers[number],
            reason="Good",
            now=MONDAY + timedelta(hours=1),
        ),
    )

    assert len(won(results)) == 1
    assert (Onlus.objects.count(), OnlusMembership.objects.count()) == (1, 1)


def test_one_name_is_applied_for_once_and_five_a_day_are_five(real_transactions):
    applicant = UserFactory()
    several = [UserFactory() for _ in range(crowd(6, 2))]

    named = at_once(len(several), lambda number: draft(several[number]))
    many = at_once(
        crowd(8, 3),
        lambda number: applications.create(
            applicant=applicant, now=MONDAY, **{**FACTS, "organization_name": f"Radici {number}"}
        ),
    )

    assert len(won(named)) == 1
    assert len(won(many)) == min(5, crowd(8, 3))
    assert OnlusApplication.objects.count() == 1 + len(won(many))


def test_uploads_at_once_are_versions_in_a_row(real_transactions):
    application = draft()

    results = at_once(crowd(6, 2), lambda number: hand_in(application))

    assert len(won(results)) == crowd(6, 2)
    versions = OnlusDocument.objects.order_by("version").values_list("version", "is_latest")
    assert [version for version, _latest in versions] == list(range(1, crowd(6, 2) + 1))
    assert [latest for _version, latest in versions].count(True) == 1


def test_withdrawn_while_it_is_assigned_is_one_or_the_other(real_transactions):
    application, reviewer = submitted(), make_reviewer()
    own = {"applicant_id": application.applicant_id, "application_id": application.pk, "now": MONDAY}

    def act(number):
        if number:
            return applications.withdraw(**own)
        return application_review.assign(
            application=application, reviewer=reviewer, actor=reviewer, now=MONDAY
        )

    won(at_once(2, act))

    application.refresh_from_db()
    assert application.status == "withdrawn"
    assert application.closed_at == MONDAY
