"""The plan: who is asked for what, to the cent, and never for more than the own limit."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Onlus, OnlusCategory
from donations.models import AllocationRun, Donation, FundingPool, Wallet
from donations.operations import allocation
from donations.operations.auto_donation import give as look
from donations.queries.allocation import refusal
from donations.queries.allocation_plan import merit, shares, suits
from goodplay.lib.money import CENT
from tests.factories.accounts import OnlusFactory
from tests.factories.allocation import fund_allocation, make_giver, make_pool, make_request, run
from tests.factories.donations import NOW, balance, give_credits, take_back

LIMITS = st.dictionaries(
    st.integers(1, 10**6).map(str), st.integers(1, 10**6).map(lambda cents: cents * CENT), max_size=25
)


@given(cents=st.integers(1, 10**8), limits=LIMITS)
def test_shares_are_conserved_within_limits_and_fair_to_the_cent(cents, limits):
    amount, together = cents * CENT, sum(limits.values())

    parts = shares(amount, limits)

    assert sum(parts.values()) == min(amount, together)
    for key, limit in limits.items():
        part = parts.get(key, Decimal(0))
        ideal = min(Decimal(1), amount / together) * limit
        assert part <= limit
        assert abs(part - ideal) < CENT
        assert part == part.quantize(CENT)


def test_shares_go_by_what_each_may_give():
    limits = {"1": Decimal("10.00"), "2": Decimal("20.00"), "3": Decimal("0.01")}

    assert shares(Decimal("10.00"), limits) == {"1": Decimal("3.33"), "2": Decimal("6.67")}


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({}, ""),
        ({"status": "suspended"}, "ONLUS_NOT_ACTIVE"),
        ({"status": "under_review", "verified_at": None}, "ONLUS_NOT_ACTIVE"),
        ({"compliance_status": "major_issues"}, "ONLUS_COMPLIANCE_SUSPENDED"),
        ({"compliance_status": "under_investigation"}, "ONLUS_COMPLIANCE_SUSPENDED"),
        ({"bank_account_verified_at": None}, "ONLUS_BANK_NOT_VERIFIED"),
    ],
)
def test_who_can_be_funded(db, columns, code):
    assert refusal(OnlusFactory(**columns)) == code


def test_a_low_compliance_score_bars_funding(db):
    assert refusal(OnlusFactory(compliance_score=Decimal("59.99"))) == "ONLUS_COMPLIANCE_SCORE_TOO_LOW"
    assert refusal(OnlusFactory(compliance_score=Decimal(60))) == ""


# Limits ----------------------------------------------------------------------------------------------------------


def limits(now=NOW):
    """Tell what the plan would take of each donor if a request asked for everything."""
    request = make_request("1000000.00", now=now)
    [decision] = [each for each in allocation.dry_run(now=now) if each.request == request]
    request.delete()
    return {line.donor_id: line.amount for line in decision.lines if line.donor_id}


@pytest.mark.parametrize(
    ("columns", "limit"),
    [
        ({"balance": "100.00", "threshold": "50.00", "percentage": 50}, "25.00"),
        ({"balance": "50.00", "threshold": "50.00", "percentage": 50}, None),
        ({"balance": "100.00", "allocation_consent": False}, None),
        ({"balance": "100.00", "auto_donation_enabled": False}, None),
        ({"balance": "20000.00"}, "10000.00"),
    ],
)
def test_a_donor_is_asked_for_the_automatic_share_at_most(db, columns, limit):
    alice = make_giver(**columns)

    assert limits() == ({alice.pk: Decimal(limit)} if limit else {})


@pytest.mark.parametrize("columns", [{"is_active": False}, {"email_verified_at": None}])
def test_who_cannot_give_is_not_asked(db, columns):
    alice = make_giver("10.00")
    type(alice).objects.filter(pk=alice.pk).update(**columns)

    assert limits() == {}


def test_a_share_is_given_once_for_each_credit_however_often_runs_come(db):
    alice = make_giver("100.00", threshold="50.00", percentage=50)
    make_request("10.00")

    run()
    assert limits(NOW + timedelta(days=1)) == {alice.pk: Decimal("15.00")}
    make_request("100.00", now=NOW + timedelta(days=1))
    run(now=NOW + timedelta(days=1))
    assert balance(alice) == Decimal("75.00")
    assert limits(NOW + timedelta(days=2)) == {}

    give_credits(alice, "10.00", now=NOW + timedelta(days=3))
    assert limits(NOW + timedelta(days=4)) == {alice.pk: Decimal("17.50")}


def test_a_share_that_was_given_before_the_consent_is_not_given_again(db):
    alice = make_giver("100.00", percentage=50, allocation_consent=False, preferred_onlus=OnlusFactory())
    assert look(player_id=alice.pk, now=NOW).donation.amount == Decimal("50.00")

    Wallet.objects.update(allocation_consent=True)

    assert limits(NOW + timedelta(days=1)) == {}


def test_what_came_back_is_not_given_again(db):
    alice = make_giver("100.00", percentage=50)
    make_request("10.00")
    run()
    take_back(Donation.objects.get())

    assert balance(alice) == Decimal("100.00")
    assert limits(NOW + timedelta(days=1)) == {alice.pk: Decimal("40.00")}


def test_what_a_consenting_player_would_give_at_once_waits_for_the_run(db):
    onlus = OnlusFactory()
    alice = make_giver("100.00", preferred_onlus=onlus)

    result = look(player_id=alice.pk, now=NOW)

    assert (result.eligible, result.donation, result.reason) == (True, None, "waits_for_allocation")
    assert not Donation.objects.exists()
    assert balance(alice) == Decimal("100.00")


# Pools -----------------------------------------------------------------------------------------------------------

AMOUNT = Decimal("100.00")


@pytest.fixture
def request_(db):
    return make_request("100.00", onlus=OnlusFactory(region="Trentino"))


@pytest.mark.parametrize(
    ("columns", "fits"),
    [
        ({}, True),
        ({"status": "paused"}, False),
        ({"status": "closed"}, False),
        ({"auto_allocation": False}, False),
        ({"valid_until": NOW}, False),
        ({"valid_until": NOW + timedelta(seconds=1)}, True),
        ({"minimum_allocation": Decimal("100.01")}, False),
        ({"minimum_allocation": Decimal("100.00")}, True),
        ({"maximum_allocation": Decimal("99.99")}, False),
        ({"maximum_allocation": Decimal("100.00")}, True),
        ({"region": "trentino"}, True),
        ({"region": "Lazio"}, False),
        ({"kind": "emergency"}, False),
        ({"total": "99.99"}, False),
    ],
)
def test_a_pool_must_meet_every_condition(request_, columns, fits):
    pool = make_pool(**{"total": "100.00"} | columns)

    assert suits(pool, request_, AMOUNT, pool.available, NOW) is fits


def test_a_pool_gives_in_its_categories_only(request_):
    health, nature = (OnlusCategory.objects.get(pk=key) for key in ("healthcare", "environment"))

    assert not suits(make_pool(categories=[health]), request_, AMOUNT, AMOUNT, NOW)
    assert suits(make_pool(categories=[health, nature]), request_, AMOUNT, AMOUNT, NOW)


@pytest.mark.parametrize(
    ("columns", "priority", "available", "points"),
    [
        ({"kind": "general"}, 2, "1000", "95.00"),  # 1·40 + 1·30 + 20 + 5
        ({"kind": "category_specific"}, 2, "500", "75.00"),
        ({"kind": "emergency"}, 5, "1000", "100.00"),
        ({"kind": "general", "priority_weight": Decimal("0.5")}, 5, "250", "52.50"),
    ],
)
def test_merit_of_a_pool(db, columns, priority, available, points):
    request = make_request(priority=priority)

    assert merit(make_pool("1000.00", **columns), request, Decimal(available)) == Decimal(points)


def test_the_pool_with_most_merit_adds_what_donors_lack(db):
    make_giver("30.00")
    make_pool("500.00", priority_weight=Decimal("0.5"))
    best = make_pool("500.00", priority_weight=Decimal("1.5"))
    make_request("100.00")

    [decision] = allocation.dry_run(now=NOW)

    donor, pool = decision.lines
    assert (donor.amount, pool.pool_id, pool.amount, pool.reserved) == (
        Decimal("30.00"),
        best.pk,
        Decimal("70.00"),
        Decimal("100.00"),
    )
    assert donor.explanation == {
        "why": "all",
        "available": "30.00",
        "donors": 1,
        "together": "30.00",
        "share": "100.00",
        "target": "100.00",
    }
    assert pool.explanation["merit"] == "115.00"


# Order and dry run -----------------------------------------------------------------------------------------------


def test_emergencies_come_first_then_score_then_priority(db):
    make_giver("1000.00")
    low = make_request("1.00", priority=1, now=NOW - timedelta(days=1))
    high = make_request("1.00", priority=3)
    better = make_request("1.00", priority=1, annual_budget=Decimal("1000.00"))
    emergency = make_request("1.00", priority=5, urgency_level=1)

    decided = [each.request for each in allocation.dry_run(now=NOW)]

    assert decided == [emergency, better, high, low]


def test_a_run_does_what_the_dry_run_said(db):
    for cents in (1, 33, 4711, 90000):
        make_giver(Decimal(cents) * CENT, percentage=73)
    make_pool("120.00")
    make_pool("80.00", maximum_allocation=Decimal("60.00"))
    for amount in ("400.00", "333.33", "70.07", "55.55", "10.00"):
        make_request(amount)
    make_request("10.00", urgency_level=1)
    make_request("10.00", onlus=OnlusFactory(bank_account_verified_at=None))

    def lines(decisions):
        return [
            (
                each.request.pk,
                each.verdict,
                each.code,
                each.score.total,
                [(line.donor_id, line.pool_id, line.amount) for line in each.lines],
            )
            for each in decisions
        ]

    dry = lines(allocation.dry_run(now=NOW))
    assert lines(allocation.dry_run(now=NOW)) == dry  # it wrote nothing
    assert not AllocationRun.objects.exists()
    done = run()

    assert [
        (each["request"], each["verdict"], each["code"], Decimal(each["score"])) for each in done.decisions
    ] == [(str(key), verdict, code, score) for key, verdict, code, score, _lines in dry]
    given = [
        (line.result.request_id, line.donor_id, line.pool_id, line.given_amount)
        for line in done.lines.select_related("result").order_by("pk")
    ]
    planned = [(key, *line) for key, _verdict, _code, _score, each in dry for line in each]
    assert sorted(map(str, given)) == sorted(map(str, planned))
    assert {verdict for _key, verdict, *_rest in dry} == {"allocate", "reject", "wait"}
    assert FundingPool.objects.exclude(reserved=0).count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_a_plan_costs_the_same_for_more_requests(db, count, django_assert_num_queries):
    for _number in range(count):
        make_request(onlus=OnlusFactory())
        make_giver("1.00")
        make_pool("10.00", sponsor=fund_allocation("10.00"))
    Onlus.objects.update(region="Lazio")

    with django_assert_num_queries(7):
        allocation.dry_run(now=NOW)
