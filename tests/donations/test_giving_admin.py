"""Giving in the back office: refunds, reviews, campaigns, matching, pools."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from donations.models import (
    Campaign,
    Donation,
    Funding,
    GivingPool,
    MatchingOffer,
    Review,
    Transfer,
)
from donations.operations import giving, recurring
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.campaigns import make_campaign, make_offer, make_sponsor
from tests.factories.donations import NOW, balance, give_credits, make_donation
from tests.factories.risk import hold_from

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    staff = StaffFactory()
    client.force_login(staff)
    return staff


def member_of(role):
    staff = UserFactory(is_staff=True)
    staff.groups.add(Group.objects.get(name=role))
    return staff


def press(client, row, name, **data):
    kind = f"{row._meta.app_label}_{row._meta.model_name}"
    address = reverse(f"admin:{kind}_change", args=[row.pk]).replace("/change/", f"/do/{name}/")
    return client.post(address, data, follow=True)


def add(client, model, **data):
    return client.post(reverse(f"admin:donations_{model._meta.model_name}_add"), data)


def test_staff_give_a_part_back_and_the_trail_says_why(client, boss):
    donor = UserFactory()
    donation = make_donation(donor, OnlusFactory(), "5.00")

    page = press(client, donation, "give_back", amount="2.00", reason="Asked by phone")

    donation.refresh_from_db()
    assert "2.00 EUR were given back." in page.content.decode()
    assert (donation.refunded_amount, balance(donor)) == (Decimal("2.00"), Decimal("2.00"))
    entry = AuditEntry.objects.get(action="donation_refund")
    assert (entry.actor, entry.reason, entry.after["amount"]) == (boss, "Asked by phone", "2.00")


@pytest.mark.parametrize(
    "data", [{"amount": "5.01", "reason": "Too much of it"}, {"amount": "1.00", "reason": ""}]
)
def test_a_refund_that_makes_no_sense_moves_nothing(client, boss, data):
    donor = UserFactory()
    donation = make_donation(donor, OnlusFactory(), "5.00")

    press(client, donation, "give_back", **data)

    assert (balance(donor), AuditEntry.objects.filter(action="donation_refund").count()) == (0, 0)


def test_an_analyst_sees_donations_and_refunds_none(client):
    donation = make_donation(UserFactory(), OnlusFactory(), "5.00")
    client.force_login(member_of("analyst"))

    assert press(client, donation, "give_back", amount="", reason="Just because").status_code == 403
    assert Donation.objects.get().refunded_amount == 0


@pytest.mark.parametrize(
    ("name", "status", "left"), [("release", "completed", "0.00"), ("reject", "cancelled", "9.00")]
)
def test_compliance_decides_what_waits(client, name, status, left):
    hold_from("donation", "5.00")
    donor = UserFactory()
    give_credits(donor, "9.00")
    donation = giving.donate(donor=donor, onlus_id=OnlusFactory().pk, amount=Decimal("9.00"), now=NOW)
    officer = member_of("compliance")
    client.force_login(officer)

    page = press(client, Review.objects.get(), name, reason="Looked at it")

    assert page.status_code == 200
    donation.refresh_from_db()
    assert (donation.status, balance(donor)) == (status, Decimal(left))
    assert Review.objects.get().decided_by == officer


def test_a_campaign_shows_what_was_given(client, boss):
    onlus = OnlusFactory()
    campaign = make_campaign(onlus)
    make_donation(UserFactory(), onlus, "12.34", campaign_id=campaign.pk)

    page = client.get(reverse("admin:donations_campaign_changelist"))

    assert "12.34" in page.content.decode()


def test_campaigns_and_pools_are_made_here(client, boss):
    onlus = OnlusFactory()
    begins = {"starts_at_0": "2026-03-01", "starts_at_1": "10:00:00"}

    add(client, Campaign, title="A well", onlus=onlus.pk, goal="500.00", is_active="on", **begins)
    members = {"members-TOTAL_FORMS": 1, "members-INITIAL_FORMS": 0, "members-0-onlus": onlus.pk}
    add(client, GivingPool, name="Water", is_active="on", **members, **{"members-0-weight": 3})

    assert Campaign.objects.get().onlus == onlus
    assert GivingPool.objects.get().members.get().weight == 3


def funded_sponsor():
    sponsor = make_sponsor(matching="100.00")
    Funding.objects.create(
        sponsor=sponsor,
        amount=Decimal("100.00"),
        purpose="matching",
        received_on=NOW.date(),
        bank_reference="A1",
        created_at=NOW,
    )
    return sponsor


@pytest.mark.parametrize(("cap", "made"), [("100.00", 1), ("100.01", 0)])
def test_a_match_is_promised_only_with_money_behind_it(client, boss, cap, made):
    sponsor = funded_sponsor()
    begins = {"starts_at_0": "2026-03-01", "starts_at_1": "10:00:00"}

    answer = add(
        client,
        MatchingOffer,
        sponsor=sponsor.pk,
        name="Double",
        ratio="1.00",
        cap=cap,
        is_active="on",
        **begins,
    )

    assert MatchingOffer.objects.count() == made
    assert answer.status_code == (302 if made else 200)
    assert Transfer.objects.filter(kind="match").count() == 0


def test_staff_end_a_recurring_gift_and_say_why(client, boss):
    donor = UserFactory()
    promised = recurring.set_up(
        donor=donor, onlus_id=OnlusFactory().pk, amount=Decimal("5.00"), interval="monthly", now=NOW
    )

    press(client, promised, "end", reason="The donor wrote to us")

    promised.refresh_from_db()
    assert promised.status == "cancelled"
    assert AuditEntry.objects.get(action="recurring_end").reason == "The donor wrote to us"


def test_what_was_matched_while_staff_had_the_offer_open_still_counts(rf, boss):
    request, onlus = rf.post("/admin/"), OnlusFactory()
    request.user = boss
    offer = make_offer(sponsor=funded_sponsor(), cap="100.00", starts_at=NOW, onlus=onlus)
    as_opened = MatchingOffer.objects.get(pk=offer.pk)
    make_donation(UserFactory(), onlus, "30.00")

    as_opened.name = "Triple"
    admin.site.get_model_admin(MatchingOffer).save_model(request, as_opened, SimpleNamespace(), change=True)

    offer.refresh_from_db()
    assert (offer.name, offer.matched_amount) == ("Triple", Decimal("30.00"))


def test_an_offer_keeps_its_sponsor_and_can_be_changed(client, boss):
    offer = make_offer(sponsor=funded_sponsor(), cap="100.00")
    other = make_sponsor("Another")

    answer = client.post(
        reverse("admin:donations_matchingoffer_change", args=[offer.pk]),
        {
            "sponsor": other.pk,
            "name": "Half",
            "ratio": "0.50",
            "cap": "80.00",
            "is_active": "on",
            "starts_at_0": "2026-03-01",
            "starts_at_1": "10:00:00",
        },
    )

    kept = offer.sponsor
    offer.refresh_from_db()
    assert (answer.status_code, offer.name, offer.cap, offer.sponsor) == (302, "Half", Decimal("80.00"), kept)
    assert AuditEntry.objects.filter(action="change", target_id=str(offer.pk)).exists()
