"""Numbers without gaps while receipts are issued, voided and replaced at the same moment."""

from decimal import Decimal

import pytest

from donations.models import GivingStatement, Receipt, ReceiptCounter
from donations.operations import receipts, statements
from donations.operations.refunds import DonationNotRefundable, RefundTooLarge
from donations.queries.books import contradictions
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, make_donation, take_back
from tests.threads import at_once, crowd

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("real_transactions")]


def bring_in_line(donation):
    return receipts.bring_in_line(donation_id=donation.pk, now=NOW)


def numbers():
    return sorted(Receipt.objects.values_list("number", flat=True))


def test_issues_voids_and_replacements_at_once_leave_no_gap():
    count = crowd(on_postgresql=48, elsewhere=6)
    onlus = OnlusFactory()
    donations = [make_donation(UserFactory(), onlus, "5.00") for _ in range(count // 2)]
    for donation in donations[::3]:
        bring_in_line(donation)

    def work(number):
        donation = donations[number // 2]
        if number % 2:
            take_back(donation, None if number % 4 == 1 else "2.00")
        return bring_in_line(donation)

    results = at_once(count, work)

    assert not [result for result in results if isinstance(result, Exception)]
    for donation in donations:
        bring_in_line(donation)
    assert numbers() == list(range(1, len(numbers()) + 1))
    assert ReceiptCounter.objects.get().last_number == len(numbers())
    assert contradictions() == []


def test_one_donation_told_by_many_at_once_has_one_live_receipt():
    donation = make_donation(UserFactory(), OnlusFactory(), "50.00")

    def work(number):
        if number % 3 == 0:
            try:
                take_back(donation, "5.00")
            except (DonationNotRefundable, RefundTooLarge):
                return None
        return bring_in_line(donation)

    results = at_once(crowd(on_postgresql=30, elsewhere=6), work)

    assert not [result for result in results if isinstance(result, Exception)]
    bring_in_line(donation)
    donation.refresh_from_db()
    live = Receipt.objects.live().filter(donation=donation)
    left = donation.amount - donation.refunded_amount
    assert [receipt.amount for receipt in live] == ([left] if left else [])
    assert numbers() == list(range(1, len(numbers()) + 1))
    assert left in {Decimal("0.00"), Decimal("40.00")}


def test_statements_and_receipts_at_once_wait_for_each_other_in_one_direction():
    count = crowd(on_postgresql=24, elsewhere=4)
    donor, onlus = UserFactory(), OnlusFactory()
    donations = [make_donation(donor, onlus, "5.00") for _ in range(count)]

    def work(number):
        if number % 4 == 0:
            return statements.of_year(donor=donor, year=2026, now=NOW)
        return bring_in_line(donations[count - number - 1])

    results = at_once(count, work)

    assert not [result for result in results if isinstance(result, Exception)]
    assert len({result.pk for result in results[::4]}) == GivingStatement.objects.count() == 1
    assert numbers() == list(range(1, count + 1))
