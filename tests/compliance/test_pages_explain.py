"""Pages of those who watch say why in words, and lead to each other; nobody is told of what they may not see."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import translation

from donations.models import Case, ComplianceCheck, RiskDecision, RiskRule
from donations.operations import giving
from donations.operations.compliance import cases, checks
from donations.risk_words import FACTS, RULES, reason_in_words, rule_in_words
from donations.rules.facts import FACTS as ALL_FACTS
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import NOW, give_credits
from tests.factories.risk import make_rule
from tests.factories.screening import import_pep, only_hit, screen_all

pytestmark = pytest.mark.django_db


def page_of(client, row):
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return client.get(address).text


def leads_to(page, row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]) in page


def staff_of(role):
    staff = StaffFactory(is_superuser=False)
    staff.groups.add(Group.objects.get(name=role))
    return staff


@pytest.fixture
def officer(client):
    staff = staff_of("compliance")
    client.force_login(staff)
    return staff


@pytest.fixture
def hit():
    import_pep()
    UserFactory(first_name="Ottavio", last_name="Brandolin")
    screen_all()
    return only_hit()


def held_gift(amount="5000.00"):
    donor = UserFactory()
    give_credits(donor, amount)
    return giving.donate(donor=donor, onlus_id=OnlusFactory().pk, amount=Decimal(amount), now=NOW)


def test_a_hit_asks_its_question_in_a_sentence_and_leads_to_player_and_case(client, officer, hit):
    page = page_of(client, hit)

    assert "Ottavio Brandolin" in page
    assert "may be “Ottavia Brandolini" in page or "very likely “Ottavia Brandolini" in page
    assert "“ottavio” / “ottavia”: " in page
    assert "nothing but the name could be compared" in page.lower()
    assert leads_to(page, hit.subject.user)
    assert leads_to(page, Case.objects.get())
    assert leads_to(page, hit.decision)
    assert "Proposed by" not in page


def test_a_name_that_cannot_be_read_is_told_as_that(client, officer):
    import_pep()
    UserFactory(first_name="...", last_name="!!")
    screen_all()

    assert "Nothing can be read in this name" in page_of(client, only_hit())


def test_a_case_leads_to_all_it_is_about(client, officer, hit):
    case = Case.objects.get()

    page = page_of(client, case)

    assert case.title == f"Found on a list: {hit.entry_name} (PEP {hit.reference})"
    assert leads_to(page, hit)
    assert leads_to(page, ComplianceCheck.objects.get())
    assert "Closing proposed by" not in page

    cases.propose_closing(case=case, outcome="no_action", reason="Checked", actor=StaffFactory(), now=NOW)
    assert "Closing proposed by" in page_of(client, case)


def test_a_check_names_its_signs_and_leads_to_hits_and_case(client, officer, hit):
    page = page_of(client, ComplianceCheck.objects.get())

    assert "politically exposed" in page
    assert leads_to(page, hit)
    assert leads_to(page, Case.objects.get())


def test_who_sees_no_cases_is_not_told_of_them(client, hit):
    client.force_login(staff_of("finance"))
    check = ComplianceCheck.objects.get()

    page = page_of(client, check)

    assert check.check_id in page
    assert not leads_to(page, hit)
    assert hit.entry_name not in page
    assert Case.objects.get().case_id not in page


def test_a_review_says_what_its_rules_saw_and_leads_to_the_gift(client, officer):
    gift = held_gift()
    decision = RiskDecision.objects.get()

    for row in (decision.reviews.get(), decision):
        page = page_of(client, row)
        assert "A very large movement: the amount is €5,000.00, at least €5,000.00." in page
        assert leads_to(page, gift)
    assert leads_to(page_of(client, decision.reviews.get()), decision)


def test_an_analyst_reads_which_rules_spoke_and_not_what_they_saw(client):
    held_gift()
    client.force_login(staff_of("analyst"))

    page = page_of(client, RiskDecision.objects.get().reviews.get())

    assert "A very large movement" in page
    assert "at least" not in page


def test_a_rule_staff_wrote_is_called_by_its_name(client, officer):
    make_rule("donation", "friday_gifts", name="Gifts on a Friday")
    held_gift("30.00")

    assert "Gifts on a Friday: the amount is €30.00, at least €30.00." in page_of(
        client, RiskDecision.objects.get()
    )


def test_every_fact_and_every_rule_of_the_start_has_words():
    assert set(FACTS) == set(ALL_FACTS)
    assert set(RiskRule.objects.values_list("code", flat=True)) <= set(RULES)
    assert rule_in_words("written_by_staff") == "written_by_staff"


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (
            {"fact": "hour", "value": "3", "operator": "lt", "threshold": "4"},
            "the hour in Rome is 3, less than 4",
        ),
        (
            {"fact": "is_suspicious_country", "value": "True", "operator": "eq", "threshold": "True"},
            "from a country on the list is Yes",
        ),
        (
            {"fact": "total_in_window", "value": "10.5", "operator": "between", "threshold": "10, 20"},
            "the sum in the window is €10.50, within 10, 20",
        ),
    ],
)
def test_a_comparison_in_words(seen, words):
    with translation.override("en"):
        assert reason_in_words({"rule": "x", "seen": [seen]}) == f"x: {words}."


def test_old_checks_without_hits_open(client, officer):
    check = checks.open_check(
        user=UserFactory(),
        check_type="aml",
        risk_level="low",
        risk_score=Decimal(1),
        risk_factors=[],
        results={"hits": []},
        reason="Old",
        now=NOW - timedelta(days=3),
    )

    assert check.check_id in page_of(client, check)
