"""Gifts that repeat: their calendar, their attempts, and what the donor is told."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from donations import tasks
from donations.models import Donation, RecurringCharge, RecurringDonation, Review
from donations.operations import recurring, refunds, reviews
from donations.queries.recurring import due_charges, due_notices, first_date_from, next_date
from goodplay.lib.time import rome_day
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import balance, give_credits
from tests.factories.risk import hold_from
from tests.threads import at_once, crowd

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
Charge = RecurringCharge.Status


def promise(donor, onlus=None, *, amount="5.00", interval="monthly", now=NOW, **options):
    onlus = onlus or OnlusFactory()
    return recurring.set_up(
        donor=donor, onlus_id=onlus.pk, amount=Decimal(amount), interval=interval, now=now, **options
    )


def run(now):
    """What the hourly job does."""
    recurring.open_due_charges(now=now)
    recurring.find_lost(now=now)
    for key in due_charges(now).values_list("pk", flat=True):
        recurring.attempt(charge_id=key, now=now)


@pytest.mark.parametrize(
    ("interval", "dates"),
    [
        ("weekly", ["2026-02-07", "2026-02-14"]),
        ("monthly", ["2026-02-28", "2026-03-31", "2026-04-30"]),
        ("quarterly", ["2026-04-30", "2026-07-31", "2026-10-31", "2027-01-31"]),
        ("yearly", ["2027-01-31", "2028-01-31"]),
    ],
)
def test_months_without_the_day_have_it_on_their_last(interval, dates):
    day = date(2026, 1, 31)
    found = []
    for _ in dates:
        day = next_date(day, interval, 31)
        found.append(day.isoformat())
    assert found == dates


@given(
    start=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    wait=st.integers(0, 800),
    interval=st.sampled_from(["weekly", "monthly", "quarterly", "yearly"]),
)
def test_a_schedule_never_goes_back_and_never_leaves_its_day(start, wait, interval):
    today = start + timedelta(days=wait)
    day = first_date_from(today, start, interval, start.day)

    assert day >= today
    following = next_date(day, interval, start.day)
    assert following > day
    if interval == "weekly":
        assert (day - start).days % 7 == 0
    else:
        assert day.day == start.day or (day + timedelta(days=1)).day == 1


@pytest.mark.django_db
def test_each_date_gives_once_however_often_the_job_runs():
    donor, onlus = UserFactory(), OnlusFactory()
    give_credits(donor, "20.00")
    promised = promise(donor, onlus, message="For the trees", is_anonymous=True)

    for hours in range(3):
        run(NOW + timedelta(hours=hours))

    donation = Donation.objects.get()
    assert (donation.amount, donation.recurring, donation.message, donation.is_anonymous) == (
        Decimal("5.00"),
        promised,
        "For the trees",
        True,
    )
    promised.refresh_from_db()
    assert promised.next_on == date(2026, 2, 28)
    run(datetime(2026, 2, 28, 9, tzinfo=UTC))
    assert (Donation.objects.count(), balance(donor)) == (2, Decimal("10.00"))


@pytest.mark.django_db
def test_a_late_job_makes_up_for_each_date_it_missed_one_run_at_a_time():
    donor = UserFactory()
    give_credits(donor, "20.00")
    promise(donor, interval="weekly")

    for hours in range(4):
        run(NOW + timedelta(days=15, hours=hours))

    assert sorted(charge.due_on.isoformat() for charge in RecurringCharge.objects.all()) == [
        "2026-01-31",
        "2026-02-07",
        "2026-02-14",
    ]
    assert Donation.objects.count() == 3


@pytest.mark.django_db
def test_a_failed_date_is_tried_four_times_and_then_given_up(django_capture_on_commit_callbacks):
    donor = UserFactory()
    promised = promise(donor)
    when = NOW
    tries = []

    for days in (0, 1, 3, 5, 9):
        when += timedelta(days=days)
        with django_capture_on_commit_callbacks(execute=True):
            run(when)
        charge = promised.charges.get(due_on=date(2026, 1, 31))
        tries.append((charge.attempts, charge.status))

    assert tries == [(1, "pending"), (2, "pending"), (3, "pending"), (4, "failed"), (4, "failed")]
    assert charge.last_error == "INSUFFICIENT_CREDITS"
    assert [message.to for message in mail.outbox] == [[donor.email]] * 4
    assert "given up" in mail.outbox[-1].body
    assert not Donation.objects.exists()
    promised.refresh_from_db()
    assert promised.status == RecurringDonation.Status.ACTIVE


@pytest.mark.django_db
def test_a_retry_that_succeeds_gives_once():
    donor = UserFactory()
    promise(donor)
    run(NOW)
    give_credits(donor, "5.00")

    run(NOW + timedelta(hours=23))
    assert not Donation.objects.exists()
    run(NOW + timedelta(days=1))
    run(NOW + timedelta(days=2))

    assert (Donation.objects.count(), RecurringCharge.objects.get().status) == (1, "succeeded")


@pytest.mark.django_db
def test_three_failed_dates_in_a_row_end_the_promise(django_capture_on_commit_callbacks):
    donor = UserFactory()
    promised = promise(donor, interval="weekly")

    with django_capture_on_commit_callbacks(execute=True):
        for day in range(40):
            run(NOW + timedelta(days=day))

    promised.refresh_from_db()
    assert promised.status == RecurringDonation.Status.FAILED
    assert "has ended" in mail.outbox[-1].subject or "has ended" in mail.outbox[-1].body
    run(NOW + timedelta(days=60))
    assert promised.charges.filter(due_on__gt=rome_day(NOW + timedelta(days=45))).count() == 0


@pytest.mark.django_db
def test_paused_and_skipped_dates_give_nothing_and_resuming_makes_up_for_none():
    donor = UserFactory()
    give_credits(donor, "50.00")
    promised = promise(donor, interval="weekly", starts_on=date(2026, 2, 1))
    mine = {"donor_id": donor.pk, "recurring_id": promised.pk, "now": NOW}

    recurring.skip(**mine)
    run(NOW + timedelta(days=1))
    recurring.pause(**mine)
    run(NOW + timedelta(days=20))
    assert not Donation.objects.exists()

    resumed = recurring.resume(**{**mine, "now": NOW + timedelta(days=20)})
    assert resumed.next_on == date(2026, 2, 22)
    run(NOW + timedelta(days=22))
    assert Donation.objects.count() == 1


@pytest.mark.django_db
def test_a_pause_takes_waiting_attempts_along():
    donor = UserFactory()
    promised = promise(donor)
    run(NOW)
    give_credits(donor, "50.00")

    recurring.pause(donor_id=donor.pk, recurring_id=promised.pk, now=NOW)
    run(NOW + timedelta(days=2))

    assert (Donation.objects.count(), promised.charges.get().status) == (0, "skipped")


@pytest.mark.django_db
@pytest.mark.parametrize("step", [recurring.pause, recurring.resume, recurring.skip, recurring.cancel])
def test_nobody_touches_anothers_promise_or_one_that_is_over(step):
    donor = UserFactory()
    promised = promise(donor)
    with pytest.raises(recurring.RecurringNotFound):
        step(donor_id=UserFactory().pk, recurring_id=promised.pk, now=NOW)
    recurring.cancel(donor_id=donor.pk, recurring_id=promised.pk, now=NOW)

    with pytest.raises(recurring.RecurringOver):
        step(donor_id=donor.pk, recurring_id=promised.pk, now=NOW)

    promised.refresh_from_db()
    assert promised.status == RecurringDonation.Status.CANCELLED


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "day"), [("en", "28 Feb 2026"), ("it", "28 feb 2026")])
def test_notice_is_given_once_a_date_and_not_of_the_first(language, day, django_capture_on_commit_callbacks):
    donor = UserFactory(preferred_language=language)
    give_credits(donor, "5.00")
    promised = promise(donor)
    run(NOW)
    assert list(due_notices(date(2026, 2, 24))) == []

    with django_capture_on_commit_callbacks(execute=True):
        given = [recurring.give_notice(recurring_id=promised.pk, now=NOW) for _ in range(2)]

    assert given == [True, False]
    assert [message.to for message in mail.outbox] == [[donor.email]]
    assert day in mail.outbox[0].body
    assert day in mail.outbox[0].alternatives[0].content


@pytest.mark.django_db
def test_an_attempt_a_crash_interrupted_is_found_again():
    donor = UserFactory()
    give_credits(donor, "5.00")
    promise(donor)
    recurring.open_due_charges(now=NOW)
    charge = RecurringCharge.objects.get()
    recurring._claimed(charge.pk, NOW)

    assert recurring.find_lost(now=NOW + timedelta(minutes=59)) == 0
    assert recurring.find_lost(now=NOW + timedelta(minutes=61)) == 1
    run(NOW + timedelta(days=2))

    assert (Donation.objects.count(), balance(donor)) == (1, 0)


@pytest.fixture
def reviewed(db):
    """Gifts of 30 euros and more wait at the check point."""
    hold_from("donation", "30.00")


def waiting_gift():
    donor = UserFactory()
    give_credits(donor, "100.00")
    promised = promise(donor, amount="40.00")
    run(NOW)
    return donor, promised, Donation.objects.get(status="pending")


@pytest.mark.django_db
def test_a_date_its_donor_took_back_is_not_given_the_next_day(reviewed, django_capture_on_commit_callbacks):
    donor, promised, waiting = waiting_gift()

    with django_capture_on_commit_callbacks(execute=True):
        refunds.cancel_donation(donor_id=donor.pk, donation_id=waiting.pk, now=NOW)
        run(NOW + timedelta(days=2))

    charge = promised.charges.get()
    assert (charge.status, charge.attempts, charge.donation) == ("skipped", 1, None)
    assert (Donation.objects.count(), balance(donor)) == (1, Decimal("100.00"))
    assert [message.subject for message in mail.outbox] == []


@pytest.mark.django_db
def test_a_gift_the_check_point_rejected_is_not_sent_there_again(
    reviewed, django_capture_on_commit_callbacks
):
    _donor, promised, _waiting = waiting_gift()

    with django_capture_on_commit_callbacks(execute=True):
        reviews.reject(review=Review.objects.get(), decided_by=StaffFactory(), reason="No.", now=NOW)
        run(NOW + timedelta(days=2))

    charge = promised.charges.get()
    assert (charge.status, charge.attempts, charge.last_error) == ("failed", 1, "REJECTED_BY_REVIEW")
    assert (Donation.objects.count(), len(mail.outbox)) == (1, 1)


@pytest.mark.django_db
def test_an_attempt_that_fails_after_the_promise_ended_is_the_last(django_capture_on_commit_callbacks):
    donor = UserFactory()
    promised = promise(donor)
    recurring.open_due_charges(now=NOW)
    charge = RecurringCharge.objects.get()
    recurring._claimed(charge.pk, NOW)
    recurring.cancel(donor_id=donor.pk, recurring_id=promised.pk, now=NOW)

    recurring.find_lost(now=NOW + timedelta(hours=2))
    run(NOW + timedelta(days=2))

    charge.refresh_from_db()
    assert (charge.status, charge.attempts, charge.next_attempt_at) == ("failed", 1, None)
    assert list(due_charges(NOW + timedelta(days=30))) == []


@pytest.mark.django_db
def test_dates_left_when_a_promise_stopped_wait_for_nothing():
    donor = UserFactory()
    promised = promise(donor)
    run(NOW)
    RecurringDonation.objects.filter(pk=promised.pk).update(status="failed", ended_at=NOW)

    run(NOW + timedelta(days=2))

    assert promised.charges.get().status == "skipped"
    assert list(due_charges(NOW + timedelta(days=30))) == []


@pytest.mark.django_db
def test_nothing_is_taken_from_an_account_that_is_switched_off():
    donor = UserFactory()
    give_credits(donor, "20.00")
    promised = promise(donor)
    User.objects.filter(pk=donor.pk).update(is_active=False)

    run(NOW)
    assert list(due_notices(date(2026, 2, 28))) == []
    User.objects.filter(pk=donor.pk).update(is_active=True)
    run(NOW + timedelta(days=2))

    assert (promised.charges.get().status, balance(donor)) == ("skipped", Decimal("20.00"))


@pytest.mark.django_db
def test_the_jobs_reach_everybody_on_the_first_of_the_month():
    onlus, donor = OnlusFactory(), UserFactory()
    give_credits(donor, "3.00", now=timezone.now())
    today = rome_day(timezone.now())
    for _ in range(2):
        promise(donor, onlus, amount="1.00", now=timezone.now())
    columns = ("donor_id", "onlus_id", "amount", "interval", "source", "anchor_day", "created_at")
    like = RecurringDonation.objects.values(*columns).first()
    RecurringDonation.objects.bulk_create(
        RecurringDonation(**like, next_on=today + timedelta(days=2)) for _ in range(201)
    )

    assert tasks.give_recurring_notices() == "201 notices"
    assert tasks.carry_out_recurring() == "2 dates opened, 2 attempts, 0 found"


@pytest.mark.race
@pytest.mark.usefixtures("real_transactions")
def test_many_workers_make_one_gift_a_date():
    count = crowd(on_postgresql=20, elsewhere=6)
    donor = UserFactory()
    give_credits(donor, "100.00")
    promise(donor)

    results = at_once(count, lambda number: run(NOW))

    assert Counter(type(result) for result in results) == {type(None): count}
    assert (Donation.objects.count(), balance(donor)) == (1, Decimal("95.00"))


# The API ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def alice(api, db):
    user = UserFactory()
    api.force_authenticate(user)
    return user


def test_a_donor_sets_up_changes_and_ends_a_recurring_gift(api, alice):
    onlus = OnlusFactory()
    body = {"amount": 5, "onlus_id": str(onlus.pk), "interval": "monthly"}

    made = api.post("/api/donations/recurring/setup", body).json()
    one = f"/api/donations/recurring/{made['data']['recurring_id']}"
    steps = [api.post(f"{one}/{step}").json() for step in ("skip", "pause", "resume", "cancel", "cancel")]

    assert made["message"] == "RECURRING_DONATION_CREATED"
    assert [step["message"] for step in steps] == [
        "RECURRING_DONATION_SKIPPED",
        "RECURRING_DONATION_PAUSED",
        "RECURRING_DONATION_RESUMED",
        "RECURRING_DONATION_CANCELLED",
        "RECURRING_DONATION_STATE",
    ]
    assert api.get(one).json()["data"]["status"] == "cancelled"


@pytest.mark.parametrize(
    ("change", "constant"),
    [
        ({"amount": None}, "DONATION_AMOUNT_REQUIRED"),
        ({"interval": "hourly"}, "RECURRING_INTERVAL_INVALID"),
        ({"starts_on": "2020-01-01"}, "RECURRING_START_IN_THE_PAST"),
        ({"starts_on": "soon"}, "RECURRING_START_INVALID"),
        ({"source": "saved_method"}, "SAVED_PAYMENT_METHOD_NOT_FOUND"),
        (
            {"source": "saved_method", "saved_method_id": "0192a3b4-0000-7000-8000-676f6f64706c"},
            "SAVED_PAYMENT_METHOD_NOT_FOUND",
        ),
        ({"onlus_id": "0192a3b4-0000-7000-8000-676f6f64706c"}, "ONLUS_NOT_FOUND"),
    ],
)
def test_a_promise_that_makes_no_sense_is_refused(api, alice, change, constant):
    body = {"amount": 5, "onlus_id": str(OnlusFactory().pk), "interval": "monthly", **change}

    answer = api.post("/api/donations/recurring/setup", body)

    assert answer.json()["message"] == constant
    assert not RecurringDonation.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_is_private_and_costs_two_queries(api, alice, count, django_assert_num_queries):
    mine = {str(promise(alice, now=NOW).pk) for _ in range(count)}
    other = promise(UserFactory())

    with django_assert_num_queries(2):
        rows = api.get("/api/donations/recurring").json()["data"]["recurring_donations"]

    assert {row["recurring_id"] for row in rows} == mine
    assert api.get(f"/api/donations/recurring/{other.pk}").status_code == 404
