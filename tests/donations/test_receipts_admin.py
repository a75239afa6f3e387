"""Receipts, statements, tax rules and tax data in the back office."""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from donations.models import Receipt, TaxRule
from donations.operations import receipts, statements
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.donations import NOW
from tests.factories.receipts import MARIO, give_own_money, registered_onlus, tell_tax_data

pytestmark = pytest.mark.django_db


def member_of(role):
    staff = UserFactory(is_staff=True)
    staff.groups.add(Group.objects.get(name=role))
    return staff


def button(model, row, name):
    return reverse(f"admin:donations_{model}_do", args=[row.pk, name])


@pytest.fixture
def receipt():
    donor = UserFactory()
    tell_tax_data(donor)
    return receipts.bring_in_line(donation_id=give_own_money(donor, registered_onlus()).pk, now=NOW)


def test_staff_open_a_receipt_and_leave_a_trace(client, receipt):
    staff = member_of("finance")
    client.force_login(staff)

    answer = client.post(button("receipt", receipt, "open_pdf"))

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    entry = AuditEntry.objects.get(action="read document")
    assert (entry.actor, entry.target_id, entry.after) == (
        staff,
        str(receipt.pk),
        {"number": receipt.reference},
    )


def test_staff_open_a_statement_and_leave_a_trace(client, receipt):
    client.force_login(StaffFactory())
    statement = statements.of_year(donor=receipt.donation.donor, year=2026, now=NOW)

    answer = client.post(button("givingstatement", statement, "open_pdf"))

    assert answer.content.startswith(b"%PDF-")
    assert AuditEntry.objects.filter(action="read document", target_id=str(statement.pk)).exists()


def test_who_may_not_see_receipts_opens_none(client, receipt):
    client.force_login(member_of("moderator"))

    assert client.post(button("receipt", receipt, "open_pdf")).status_code == 403
    assert not AuditEntry.objects.filter(action="read document").exists()


@pytest.mark.parametrize("model", ["receipt", "givingstatement", "donortaxprofile"])
def test_no_screen_shows_the_whole_codice_fiscale(client, receipt, model):
    client.force_login(StaffFactory())
    statement = statements.of_year(donor=receipt.donation.donor, year=2026, now=NOW)
    row = {"receipt": receipt, "givingstatement": statement, "donortaxprofile": receipt.donor_profile}[model]

    pages = [
        client.get(reverse(f"admin:donations_{model}_changelist")).text,
        client.get(reverse(f"admin:donations_{model}_change", args=[row.pk])).text,
    ]

    for page in pages:
        assert MARIO not in page
    assert ("RSS…1U" in pages[0]) is (model == "donortaxprofile")


def new_version(client, rule, **changes):
    body = {
        "valid_from": "2030-01-01",
        "deduction_rate": "0.40",
        "annual_cap": "30000.00",
        "income_share": "0.10",
        "income_share_instead": "on",
        "minimum_amount": "0.00",
        "traceable_only": "on",
        "retention_years": "6",
        "method": "italy_deduction_40_percent",
        "law": "art. 83 D.Lgs. 117/2017",
        "reason": "Budget law for 2030",
        **changes,
    }
    return client.post(button("taxrule", rule, "add_version"), body)


@pytest.fixture
def rule():
    return TaxRule.objects.get(jurisdiction="IT", runts_section="odv")


def test_a_new_version_of_a_rule_is_added_with_its_reason(client, rule):
    client.force_login(member_of("finance"))

    answer = new_version(client, rule)

    made = TaxRule.objects.get(valid_from=date(2030, 1, 1))
    assert answer.url == reverse("admin:donations_taxrule_change", args=[made.pk])
    assert (made.runts_section, made.deduction_rate, made.texts) == ("odv", Decimal("0.4000"), rule.texts)
    assert AuditEntry.objects.get(action="add tax rule").reason == "Budget law for 2030"


@pytest.mark.parametrize(
    "changes",
    [{"valid_from": "2026-01-01"}, {"deduction_rate": "2"}, {"reason": ""}, {"valid_until": "2030-01-01"}],
    ids=str,
)
def test_a_rule_that_does_not_fit_is_not_added(client, rule, changes):
    client.force_login(StaffFactory())
    known = TaxRule.objects.count()

    answer = new_version(client, rule, **changes)

    assert answer.status_code == 200
    assert TaxRule.objects.count() == known


def test_nobody_edits_a_rule_or_a_receipt(client, rule, receipt):
    client.force_login(StaffFactory())

    for model, row in (("taxrule", rule), ("receipt", receipt)):
        for page in ("change", "delete"):
            url = reverse(f"admin:donations_{model}_{page}", args=[row.pk])
            assert client.post(url, {"deduction_rate": "1", "post": "yes"}).status_code == 403
    assert (Receipt.objects.count(), TaxRule.objects.get(pk=rule.pk).deduction_rate) == (1, Decimal("0.3500"))


def test_only_who_may_add_rules_adds_one(client, rule):
    client.force_login(member_of("analyst"))

    assert new_version(client, rule).status_code == 403
