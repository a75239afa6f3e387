"""Two people at one case, one check or one rule at the same moment: one outcome, told once."""

from decimal import Decimal

import pytest

from donations.models import Case, ComplianceSettings
from donations.operations.compliance import cases, checks
from donations.operations.compliance import settings as operations
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.errors import DomainError
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.donations import NOW
from tests.threads import at_once, crowd

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("real_transactions")]


def a_case(**changes):
    facts = {"kind": "aml", "subject_user": UserFactory(), "title": "Structuring", "risk_level": "high"}
    return cases.open_case(**(facts | changes), now=NOW)


def done(results):
    return [each for each in results if not isinstance(each, Exception)]


def refusals(results):
    assert [
        each for each in results if isinstance(each, Exception) and not isinstance(each, DomainError)
    ] == []
    return {type(each) for each in results if isinstance(each, Exception)}


def test_two_people_close_one_case_once():
    case = a_case()
    case = cases.propose_closing(
        case=case, outcome="no_action", reason="Known", actor=StaffFactory(), now=NOW
    )
    people = StaffFactory.create_batch(crowd(8, 3))

    results = at_once(
        len(people),
        lambda number: cases.close(
            case=case, proposal=case.proposal, reason="Agreed", actor=people[number], now=NOW
        ),
    )

    assert (len(done(results)), refusals(results)) == (1, {cases.CaseClosed})
    assert case.events.filter(kind="closed").count() == 1
    assert AuditEntry.objects.filter(action="case_closed").count() == 1
    assert Case.objects.get().closed_by == done(results)[0].closed_by


def test_a_closing_agreed_to_and_refused_at_once_is_one_of_them():
    case = a_case()
    case = cases.propose_closing(
        case=case, outcome="no_action", reason="Known", actor=StaffFactory(), now=NOW
    )
    closer, refuser = StaffFactory.create_batch(2)
    calls = [
        lambda: cases.close(case=case, proposal=case.proposal, reason="Agreed", actor=closer, now=NOW),
        lambda: cases.refuse_closing(
            case=case, proposal=case.proposal, reason="Too soon", actor=refuser, now=NOW
        ),
    ]

    results = at_once(2, lambda number: calls[number]())

    case.refresh_from_db()
    assert len(done(results)) == 1
    assert refusals(results) <= {cases.CaseClosed, cases.ClosingNotProposed}
    closed = case.status == "closed"
    assert (closed, case.closed_by, case.outcome) in [(True, closer, "no_action"), (False, None, "")]
    assert case.events.filter(kind__in=["closed", "closing_refused"]).count() == 1


def test_who_proposes_anew_while_it_is_closed_never_closes_alone():
    case = a_case()
    anna, bruno = StaffFactory.create_batch(2)
    case = cases.propose_closing(case=case, outcome="no_action", reason="Known", actor=anna, now=NOW)
    calls = [
        lambda: cases.close(case=case, proposal=case.proposal, reason="Agreed", actor=bruno, now=NOW),
        lambda: cases.propose_closing(
            case=case, outcome="reported", reason="No: report it", actor=bruno, now=NOW
        ),
    ]

    results = at_once(2, lambda number: calls[number]())

    case.refresh_from_db()
    assert refusals(results) <= {cases.CaseClosed, cases.FourEyesRequired}
    assert case.closed_by != case.proposed_by
    assert (case.status, case.outcome) in [("closed", "no_action"), ("closing", "reported")]


def test_one_suspicion_told_by_many_at_once_is_one_case():
    player = UserFactory()

    results = at_once(crowd(8, 3), lambda _number: a_case(subject_user=player))

    assert refusals(results) == set()
    assert len({each.pk for each in done(results)}) == 1
    assert Case.objects.get().events.filter(kind="opened").count() == 1


def test_a_check_passed_and_failed_at_once_is_one_of_them():
    check = checks.open_check(
        user=UserFactory(),
        check_type="aml",
        risk_level="high",
        risk_score=Decimal(60),
        risk_factors=[],
        results={},
        reason="A rule",
        now=NOW,
    )
    people = StaffFactory.create_batch(2)
    decide = [checks.approve, checks.reject]

    results = at_once(
        2, lambda number: decide[number](check=check, decided_by=people[number], notes="Seen", now=NOW)
    )

    check.refresh_from_db()
    assert refusals(results) == {checks.CheckAlreadyDecided}
    assert [each.status for each in done(results)] == [check.status]
    assert check.reviewed_by == people[0 if check.status == "passed" else 1]


def test_settings_approved_by_two_at_once_change_once():
    changes = operations.read_changes({"aml_rules": {"single_transaction_threshold": 2500}})
    asked = operations.request_change(
        changes=changes, requested_by=StaffFactory(), reason="Stricter", now=NOW
    )
    people = StaffFactory.create_batch(2)
    before = ComplianceSettings.objects.count()

    results = at_once(2, lambda number: approvals.approve(request=asked, decided_by=people[number], now=NOW))

    assert (len(done(results)), len(refusals(results))) == (1, 1)
    assert ComplianceSettings.objects.count() == before + 1
    assert AuditEntry.objects.filter(action="compliance_settings_change").count() == 1
