"""Changing what play pays, and booking sponsors' money: one asks, another approves."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.urls import reverse

from donations.models import ConversionRate, Funding, SessionCredit, Sponsor
from donations.operations import funding
from donations.operations import rates as operations
from donations.queries import rates
from donations.queries.waiting import pool_balance
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.errors import AccessDenied
from tests.factories.accounts import UserFactory
from tests.factories.donations import NOW, fund_pool
from tests.factories.games import finished_session
from tests.threads import at_once


def member_of(role):
    staff = UserFactory(is_staff=True)
    staff.groups.add(Group.objects.get(name=role))
    return staff


@pytest.fixture
def bruno(db):
    return member_of("finance")


@pytest.fixture
def carla(db):
    return member_of("finance")


@pytest.fixture
def card(db):
    return ConversionRate.objects.get(rate_id="default")


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def ask(card, by, *, now=NOW, **changes):
    facts = {
        "base_rate": Decimal("0.02"),
        "multipliers": {"weekend": "1.5"},
        "valid_from": None,
        "valid_until": None,
        "priority": card.priority,
        "description": "Twice as much",
        "reason": "The sponsors agreed.",
    }
    return operations.request_version(card=card, requested_by=by, now=now, **facts | changes)


def approve(asked, by, *, now=NOW):
    return approvals.approve(request=asked, decided_by=by, now=now)


def test_a_new_version_pays_from_its_approval_and_the_old_stays_as_it_was(card, bruno, carla, commit):
    fund_pool()
    finished_session(UserFactory(), minutes=10, now=NOW)
    before = ConversionRate.objects.values().get(pk=card.pk)
    asked = ask(card, bruno)
    assert rates.current_rate(NOW) == card

    with commit():
        approve(asked, carla, now=NOW + timedelta(minutes=1))
    finished_session(UserFactory(), minutes=10, now=NOW + timedelta(hours=1))

    old, new = SessionCredit.objects.order_by("created_at")
    assert (str(old.rate), old.amount) == ("default v1", Decimal("0.10"))
    assert (str(new.rate), new.base_rate) == ("default v2", Decimal("0.01"))  # the game halves it
    assert new.amount == Decimal("0.10")  # no first-time factor on the new card
    assert ConversionRate.objects.values().get(pk=card.pk) == before


def test_a_version_takes_over_when_it_starts_and_gives_way_when_it_ends(card, bruno, carla, commit):
    starts, ends = NOW + timedelta(days=1), NOW + timedelta(days=2)

    with commit():
        approve(ask(card, bruno, valid_from=starts, valid_until=ends), carla)

    paying = [rates.current_rate(moment).version for moment in (NOW, starts, ends)]
    assert paying == [1, 2, 1]


def test_a_start_that_passed_while_it_waited_is_now(card, bruno, carla):
    asked = ask(card, bruno, valid_from=NOW + timedelta(hours=1))

    approve(asked, carla, now=NOW + timedelta(days=1))

    assert ConversionRate.objects.get(version=2).valid_from == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("changes", "constant"),
    [
        ({"base_rate": Decimal("1.01")}, "CONVERSION_RATE_BASE_RATE_INVALID"),
        ({"base_rate": Decimal("-0.01")}, "CONVERSION_RATE_BASE_RATE_INVALID"),
        ({"base_rate": Decimal("0.0000001")}, "CONVERSION_RATE_BASE_RATE_INVALID"),
        ({"multipliers": {"the weekend": "1.1"}}, "CONVERSION_RATE_MULTIPLIERS_INVALID_FORMAT"),
        ({"multipliers": {"weekend": "10.1"}}, "CONVERSION_RATE_MULTIPLIER_WEEKEND_INVALID"),
        ({"multipliers": {"daily_streak": "-1"}}, "CONVERSION_RATE_MULTIPLIER_DAILY_STREAK_INVALID"),
        ({"multipliers": {"loyalty": "NaN"}}, "CONVERSION_RATE_MULTIPLIER_LOYALTY_INVALID"),
        ({"multipliers": {"loyalty": "much"}}, "CONVERSION_RATE_MULTIPLIER_LOYALTY_INVALID"),
        ({"multipliers": {"loyalty": "1.00001"}}, "CONVERSION_RATE_MULTIPLIER_LOYALTY_INVALID"),
        ({"valid_until": NOW}, "CONVERSION_RATE_VALIDITY_PERIOD_INVALID"),
        (
            {"valid_from": NOW + timedelta(days=2), "valid_until": NOW + timedelta(days=1)},
            "CONVERSION_RATE_VALIDITY_PERIOD_INVALID",
        ),
    ],
)
def test_a_card_that_makes_no_sense_cannot_be_asked_for(card, bruno, changes, constant):
    with pytest.raises(operations.DomainError) as refused:
        ask(card, bruno, **changes)

    assert refused.value.code == constant
    assert not ApprovalRequest.objects.exists()


@pytest.mark.parametrize(
    "text", ["weekend", "weekend 1.1 2", "weekend 1.1\nweekend 1.2"], ids=["no factor", "two", "twice"]
)
def test_multipliers_are_read_line_by_line(text):
    assert operations.read_multipliers("weekend 1,1\n\n loyalty  1.3 ") == {
        "weekend": "1.1",
        "loyalty": "1.3",
    }
    with pytest.raises(operations.MultipliersInvalid):
        operations.read_multipliers(text)


def test_nobody_approves_their_own_card(card, bruno):
    asked = ask(card, bruno)

    with pytest.raises(approvals.FourEyesRequired):
        approve(asked, bruno)
    with pytest.raises(AccessDenied):
        approve(asked, member_of("analyst"))

    assert ConversionRate.objects.count() == 1


def test_the_last_card_cannot_be_taken_out_of_force(card, bruno):
    with pytest.raises(operations.CardNeeded):
        operations.request_withdrawal(card=card, reason="Mistake.", requested_by=bruno, now=NOW)


def test_a_card_is_taken_out_of_force_by_two(card, bruno, carla, commit):
    approve(ask(card, bruno), carla)
    new = ConversionRate.objects.get(version=2)
    asked = operations.request_withdrawal(card=new, reason="Mistake.", requested_by=bruno, now=NOW)

    with commit():
        approve(asked, carla)

    assert rates.current_rate(NOW) == card


@pytest.mark.race
def test_two_withdrawals_at_once_leave_a_card(real_transactions):
    bruno, carla = member_of("finance"), member_of("finance")
    card = ConversionRate.objects.get(rate_id="default")
    approve(ask(card, bruno), carla)
    asked = [
        operations.request_withdrawal(card=each, reason="Mistake.", requested_by=bruno, now=NOW)
        for each in ConversionRate.objects.all()
    ]

    results = at_once(2, lambda number: approve(asked[number], carla))

    assert {type(result) for result in results} == {ApprovalRequest, operations.CardNeeded}
    assert ConversionRate.objects.filter(is_active=True).count() == 1


@pytest.mark.race
def test_two_versions_approved_at_once_are_numbered_one_by_one(real_transactions):
    bruno, carla = member_of("finance"), member_of("finance")
    first = ConversionRate.objects.get(rate_id="default")
    approve(ask(first, bruno), carla)
    asked = [ask(each, bruno) for each in ConversionRate.objects.all()]

    results = at_once(2, lambda number: approve(asked[number], carla))

    assert [type(result) for result in results] == [ApprovalRequest] * 2
    assert sorted(ConversionRate.objects.values_list("version", flat=True)) == [1, 2, 3, 4]


# Sponsors' money --------------------------------------------------------------------------------------------------


@pytest.fixture
def sponsor(db):
    return Sponsor.objects.create(name="Fondazione", created_at=NOW)


def ask_to_book(sponsor, by, **changes):
    facts = {
        "amount": Decimal("500.00"),
        "purpose": Funding.Purpose.REWARD_POOL,
        "received_on": NOW.date(),
        "bank_reference": "CRO 123",
        "reason": "Statement of March.",
    }
    return funding.request_funding(sponsor=sponsor, requested_by=by, now=NOW, **facts | changes)


def test_sponsors_money_is_booked_by_two(sponsor, bruno, carla):
    asked = ask_to_book(sponsor, bruno)
    assert pool_balance() == 0

    approve(asked, carla)

    row = Funding.objects.get()
    assert (row.amount, row.recorded_by, pool_balance()) == (Decimal("500.00"), bruno, Decimal("500.00"))
    assert AuditEntry.objects.filter(action="approval_approved", actor=carla).count() == 1


def test_what_cannot_be_booked_is_not_asked_for(sponsor, bruno):
    fund_reference = {"bank_reference": "CRO 123"}
    funding.record_funding(
        sponsor=sponsor,
        amount=Decimal("1.00"),
        purpose=Funding.Purpose.MATCHING,
        received_on=NOW.date(),
        recorded_by=None,
        now=NOW,
        **fund_reference,
    )
    inactive = Sponsor.objects.create(name="Gone", is_active=False, created_at=NOW)

    for target, changes, error in (
        (sponsor, fund_reference, funding.FundingAlreadyRecorded),
        (
            sponsor,
            {"received_on": NOW.date() + timedelta(days=1), "bank_reference": "X"},
            funding.FundingInTheFuture,
        ),
        (inactive, {}, funding.SponsorInactive),
    ):
        with pytest.raises(error):
            ask_to_book(target, bruno, **changes)
    assert not ApprovalRequest.objects.exists()


# The screens ------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(client):
    """Press a button of a page as somebody."""

    def press(staff, thing, button, data=None):
        client.force_login(staff)
        name = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_do"
        return client.post(reverse(name, args=[thing.pk, button]), data or {})

    with time_machine.travel(datetime(2026, 3, 5, 9, tzinfo=UTC), tick=False):
        yield press


def approve_over_the_screen(desk, staff):
    return desk(staff, ApprovalRequest.objects.get(state="pending"), "approve")


def test_a_card_is_changed_over_the_screens(desk, client, card, bruno, carla):
    client.force_login(bruno)
    name = "admin:donations_conversionrate_do"
    page = client.get(reverse(name, args=[card.pk, "new_version"])).content.decode()
    assert "weekend 1.1" in page

    data = {"base_rate": "0.02", "multipliers": "weekend 1.2", "priority": "0", "reason": "Agreed with them."}
    wrong = desk(bruno, card, "new_version", data | {"multipliers": "weekend 12"})
    assert "A factor is between 0 and 10" in wrong.content.decode()
    desk(bruno, card, "new_version", data)
    approve_over_the_screen(desk, carla)

    new = ConversionRate.objects.get(version=2)
    assert (new.base_rate, new.multipliers) == (Decimal("0.02"), {"weekend": "1.2"})
    desk(bruno, new, "withdraw", {"reason": "A mistake."})
    approve_over_the_screen(desk, carla)
    new.refresh_from_db()
    assert new.is_active is False


def test_money_is_booked_over_the_screens(desk, sponsor, bruno, carla):
    data = {
        "amount": "250.00",
        "purpose": "reward_pool",
        "received_on": "2026-03-04",
        "bank_reference": "CRO 9",
        "reason": "Statement of March.",
    }

    desk(bruno, sponsor, "record_payment", data)
    approve_over_the_screen(desk, carla)

    assert pool_balance() == Decimal("250.00")


@pytest.mark.parametrize("role", ["analyst", "moderator", "compliance"])
def test_other_roles_have_no_such_button(desk, card, sponsor, role):
    staff = member_of(role)

    for thing, button in ((card, "new_version"), (card, "withdraw"), (sponsor, "record_payment")):
        assert desk(staff, thing, button, {"reason": "Because I can."}).status_code == 403
    assert not ApprovalRequest.objects.exists()


@pytest.mark.parametrize("model", ["sponsor", "funding", "bonus", "autodonation", "conversionrate"])
def test_the_lists_open(client, bruno, model):
    client.force_login(bruno)
    fund_pool()

    assert client.get(reverse(f"admin:donations_{model}_changelist")).status_code == 200
