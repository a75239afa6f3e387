"""What is dangerous asks again who it is, at every button of the back office."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.admin.browser import FRESH
from tests.factories.accounts import UserFactory
from tests.permissions.money import way_to_the_ledger

pytestmark = pytest.mark.django_db

DANGEROUS = {
    "accounts.AddressBlock": {"block"},
    "accounts.AddressRule": {"allow", "end"},
    "accounts.OnlusApplication": {"approve", "decide_appeal", "propose"},
    "accounts.User": {"change_role", "lend_right", "reset_second_step", "suspend", "unlock"},
    "accounts.VerificationCheck": {"leave_out"},
    "approvals.ApprovalRequest": {"approve"},
    "donations.AllocationRequest": {"execute", "force"},
    "donations.BankFile": {"upload"},
    "donations.BatchOperation": {"cancel", "process", "request_release", "retry"},
    "donations.Case": {"close"},
    "donations.ComplianceSettings": {"change"},
    "donations.ConversionRate": {"new_version", "withdraw"},
    "donations.Discrepancy": {"resolve"},
    "donations.Donation": {"give_back"},
    "donations.IdentityLevel": {"change_limits"},
    "donations.IdentityVerification": {"approve", "propose"},
    "donations.LedgerAccount": {"adjust"},
    "donations.MonthClose": {"close", "reopen"},
    "donations.OnlusBankAccount": {"enter", "verify"},
    "donations.PaymentIntent": {"refund", "refund_several", "write_off"},
    "donations.Payout": {"cancel"},
    "donations.PayoutRun": {"cancel", "export", "request_release", "upload"},
    "donations.QuarantinedFile": {"replace"},
    "donations.RecurringDonation": {"end"},
    "donations.Review": {"reject", "release"},
    "donations.RiskRule": {"publish", "retire"},
    "donations.ScreeningEdition": {"bring_in"},
    "donations.ScreeningHit": {"dismiss", "propose_match"},
    "donations.Sponsor": {"record_payment"},
    "donations.StatementMapping": {"take"},
    "donations.TaxRule": {"add_version"},
    "retention.RetentionPolicy": {"change_period", "purge_now"},
}

ASKS_NOTHING = {
    ("approvals.ApprovalRequest", "cancel"): "taken back, nothing is carried out",
    ("approvals.ApprovalRequest", "reject"): "nothing is carried out",
    ("donations.BatchUpload", "confirm"): "the lines wait for their release",
    ("donations.ComplianceCheck", "exempt"): "asks a second person, whose approval moves no money",
    ("donations.PaymentIntent", "ask"): "books what the provider says, as its notification would",
    ("donations.PayoutRun", "ask_sandbox"): "there is no bank: never in production",
    ("donations.PayoutRun", "prepare"): "drafts what the job drafts; two release it",
    (
        "donations.ReconciliationRun",
        "again",
    ): "books what the provider and the bank both say, as the job does",
    ("donations.ReconciliationRun", "start"): "as above",
    ("donations.WebhookEvent", "process_again"): "books what the provider says",
}
"""Buttons from which a call leads to the ledger, and why they may do without."""


def buttons():
    for model, screen in admin.site._registry.items():
        for name, offered in getattr(screen, "buttons", {}).items():
            yield model, screen, name, offered


@pytest.fixture
def stale(client):
    """A request of a super administrator whose browser proved who they are six minutes ago."""
    with time_machine.travel(timezone.now() - FRESH - timedelta(minutes=1), tick=False):
        client.force_login(UserFactory(is_staff=True, is_superuser=True))
    request = RequestFactory().get("/admin/")
    request.session = client.session
    return request


def test_what_is_dangerous_is_declared_so():
    found = {
        label: {
            name
            for model, _screen, name, offered in buttons()
            if model._meta.label == label and offered.dangerous
        }
        for label in DANGEROUS
    }

    assert {label: names - found[label] for label, names in DANGEROUS.items() if names - found[label]} == {}


def test_no_button_that_leads_to_the_ledger_does_without():
    leads = {
        (model._meta.label, name): way
        for model, screen, name, offered in buttons()
        if not offered.dangerous and (way := way_to_the_ledger(type(screen), name))
    }

    assert {each: " > ".join(way) for each, way in leads.items() if each not in ASKS_NOTHING} == {}
    assert ASKS_NOTHING.keys() <= leads.keys()


def test_the_way_to_the_ledger_is_found_where_there_is_one():
    """Of buttons that move money at once, by a register, and not at all."""
    screens = {model._meta.label: type(screen) for model, screen in admin.site._registry.items()}

    assert way_to_the_ledger(screens["donations.Donation"], "give_back")[-1] == "reverse"
    assert way_to_the_ledger(screens["donations.Review"], "reject")[-1] in {"void", "post", "expire"}
    assert way_to_the_ledger(screens["donations.Case"], "note") == []


def _sample(model):
    row = model()
    row.pk = row.pk or "sample"
    return row


def test_each_of_them_leads_to_the_question_and_back(stale):
    asked = {
        (model._meta.label, name): screen._ask_again(
            stale, name, offered, None if offered.on_list else _sample(model)
        )
        for model, screen, name, offered in buttons()
        if offered.dangerous
    }

    assert {(label, name) for label, names in DANGEROUS.items() for name in names} <= asked.keys()
    question = reverse("admin:confirm_identity")
    assert {answer.url.split("?")[0] for answer in asked.values()} == {question}
    assert all("?next=%2Fadmin%2F" in answer.url for answer in asked.values())


def test_at_the_door_nothing_happens_before_the_answer(client, stale):
    """Those above a list need no object: the question comes in place of the page, and of what it would do."""
    above_lists = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_do_on_list", args=[name])
        for model, _screen, name, offered in buttons()
        if offered.dangerous and offered.on_list
    ]

    answers = {
        client.post(address, {"reason": "Because it is due."}).headers["Location"] for address in above_lists
    }

    assert len(above_lists) >= 5
    assert {answer.split("?")[0] for answer in answers} == {reverse("admin:confirm_identity")}
