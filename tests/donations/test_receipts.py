"""Documents follow their donation: issued, voided and replaced, in whatever order the facts arrive."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Onlus
from donations.models import Donation, Receipt, ReceiptCounter
from donations.operations import printing, receipts
from donations.queries.books import contradictions
from donations.receivers import issue_receipt
from goodplay.lib.events.models import Event
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, make_donation, take_back
from tests.factories.receipts import MARIO, give_own_money, registered_onlus, tell_tax_data

pytestmark = pytest.mark.django_db
Kind = Receipt.Kind
LATER = NOW + timedelta(days=2)


def told(donation):
    """The documents of a donation, oldest first: kind, amount, number."""
    rows = donation.receipts.order_by("year", "number")
    return [(row.kind, row.amount, row.number) for row in rows]


def live(donation):
    return Receipt.objects.live().filter(donation=donation).first()


def issue(donation, now=NOW):
    return receipts.bring_in_line(donation_id=donation.pk, now=now)


@pytest.mark.parametrize(
    ("earned", "paid", "kind"),
    [("5.00", "0.00", "thank_you"), ("0.00", "5.00", "gift"), ("2.00", "3.00", "gift")],
)
def test_earned_credits_are_thanked_for_and_own_money_gets_a_receipt(earned, paid, kind):
    donation = give_own_money(UserFactory(), registered_onlus(), paid, earned=earned)

    receipt = issue(donation)

    assert (receipt.kind, receipt.amount, receipt.paid_amount) == (kind, Decimal("5.00"), Decimal(paid))
    assert receipt.is_deductible is (kind == "gift")
    assert receipt.tax_year == 2026


def test_a_whole_refund_voids_the_receipt_by_a_document_with_its_own_number():
    donation = make_donation(UserFactory(), OnlusFactory(), "5.00")
    first = issue(donation)
    take_back(donation)

    assert issue(donation, LATER) is None

    assert told(donation) == [("thank_you", Decimal("5.00"), 1), ("void", Decimal("5.00"), 2)]
    void = Receipt.objects.get(kind=Kind.VOID)
    assert (void.voids, void.facts["voids"], void.facts["void_reason"]) == (first, first.reference, "refund")
    assert live(donation) is None
    assert void.code != first.code


def test_a_partial_refund_voids_and_issues_over_what_remains():
    donation = give_own_money(UserFactory(), registered_onlus(), "5.00", earned="3.00")
    first = issue(donation)
    take_back(donation, "4.00")

    receipt = issue(donation, LATER)

    assert told(donation) == [
        ("gift", Decimal("8.00"), 1),
        ("void", Decimal("8.00"), 2),
        ("gift", Decimal("4.00"), 3),
    ]
    assert (receipt.replaces, receipt.paid_amount) == (first, Decimal("1.00"))
    assert (receipt.facts["given_amount"], receipt.facts["refunded_amount"]) == ("8.00", "4.00")
    assert live(donation) == receipt


def test_giving_back_all_own_money_leaves_a_thank_you():
    donation = give_own_money(UserFactory(), registered_onlus(), "5.00", earned="3.00")
    issue(donation)
    take_back(donation, "5.00")

    receipt = issue(donation)

    assert (receipt.kind, receipt.amount, receipt.is_deductible) == ("thank_you", Decimal("3.00"), False)


def test_refunds_before_any_receipt_need_no_void():
    whole, part = (make_donation(UserFactory(), OnlusFactory(), "5.00") for _ in range(2))
    take_back(whole)
    take_back(part, "1.50")

    assert issue(whole) is None
    assert issue(part).amount == Decimal("3.50")
    assert (told(whole), told(part)) == ([], [("thank_you", Decimal("3.50"), 1)])


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_events_in_any_order_and_again_end_in_the_same_documents(order):
    donation = make_donation(UserFactory(), OnlusFactory(), "6.00")
    take_back(donation, "1.00")
    issue(donation)
    take_back(donation, "2.00")
    events = list(Event.objects.filter(name__in=("donation_complete", "donation_refunded")).order_by("pk"))

    for number in (*order, *order):
        issue_receipt(donation_id=events[number].payload["donation_id"], now=LATER)

    assert told(donation) == [
        ("thank_you", Decimal("5.00"), 1),
        ("void", Decimal("5.00"), 2),
        ("thank_you", Decimal("3.00"), 3),
    ]


def test_the_events_of_a_gift_and_its_refund_reach_the_receipt(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        donation = make_donation(UserFactory(), OnlusFactory(), "5.00")
    with django_capture_on_commit_callbacks(execute=True):
        take_back(donation, "2.00")

    assert live(donation).amount == Decimal("3.00")


def test_a_waiting_donation_has_no_receipt():
    donation = make_donation(UserFactory(), OnlusFactory(), "5.00")
    Donation.objects.filter(pk=donation.pk).update(status="pending", completed_at=None, clears_at=None)
    donation.refresh_from_db()

    with pytest.raises(receipts.ReceiptNotAvailable):
        receipts.current(donation=donation, now=NOW)
    assert not Receipt.objects.exists()
    Donation.objects.filter(pk=donation.pk).update(status="completed", completed_at=NOW, clears_at=NOW)


def test_the_document_that_counts_after_a_whole_refund_is_the_void():
    donation = make_donation(UserFactory(), OnlusFactory())
    issue(donation)
    take_back(donation)
    donation.refresh_from_db()

    assert receipts.current(donation=donation, now=LATER).kind == Kind.VOID


def test_a_gift_given_back_before_its_receipt_has_no_document():
    donation = make_donation(UserFactory(), OnlusFactory())
    take_back(donation)
    donation.refresh_from_db()

    with pytest.raises(receipts.ReceiptNotAvailable):
        receipts.current(donation=donation, now=LATER)


def test_facts_stay_as_they_were_issued():
    onlus = registered_onlus(legal_name="Il Sentiero ODV")
    donor = UserFactory(first_name="Alice", last_name="Rossi")
    receipt = issue(give_own_money(donor, onlus))

    onlus.legal_name, onlus.runts_section = "Another name", "altri"
    onlus.save()
    donor.first_name = "Bob"
    donor.save()

    receipt.refresh_from_db()
    facts = receipt.facts
    assert (facts["onlus"], facts["onlus_section"], facts["donor"]) == (
        "Il Sentiero ODV",
        "aps",
        "Alice Rossi",
    )


@pytest.mark.parametrize(
    ("section", "number", "reason", "rate"),
    [
        ("aps", "12345", "", "0.3000"),
        ("odv", "12345", "", "0.3500"),
        ("", "", "NOT_IN_THE_REGISTER", "0.3000"),
        ("odv", "", "NOT_IN_THE_REGISTER", "0.3500"),
        ("impresa_sociale", "12345", "SECTION_NOT_DEDUCTIBLE", "0.0000"),
    ],
)
def test_the_rule_of_the_day_is_frozen_on_the_receipt(section, number, reason, rate):
    onlus = registered_onlus(section, runts_number=number)

    receipt = issue(give_own_money(UserFactory(), onlus))

    tax = receipt.facts["tax"]
    assert (tax["reason"], tax["rate"]) == (reason, rate)
    assert receipt.is_deductible is (reason == "")


def test_the_reviewed_wording_is_frozen_on_the_day_of_issue(settings):
    settings.RECEIPT_LEGAL_NOTE_IT = "Testo approvato il 1° marzo."
    receipt = issue(give_own_money(UserFactory(), registered_onlus()))
    printed = printing.print_receipt(receipt=receipt, language="it")

    settings.RECEIPT_LEGAL_NOTE_IT = "Un altro testo."
    receipt.refresh_from_db()

    assert receipt.facts["legal_notes"]["it"] == "Testo approvato il 1° marzo."
    again = printing.print_receipt(receipt=receipt, language="it")
    default = printing.print_receipt(receipt=receipt, language="en")
    assert abs(len(printed) - len(again)) < 50
    assert abs(len(printed) - len(default)) > 200


def test_the_year_of_a_gift_is_that_of_rome():
    eve = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)

    receipt = issue(make_donation(UserFactory(), OnlusFactory(), now=eve), eve)

    assert (receipt.tax_year, receipt.year) == (2026, 2026)


def test_a_void_is_numbered_in_its_own_year():
    eve = datetime(2025, 12, 30, 12, tzinfo=UTC)
    donation = make_donation(UserFactory(), OnlusFactory(), now=eve)
    issue(donation, eve)
    take_back(donation)

    issue(donation, LATER)

    references = [row.reference for row in donation.receipts.order_by("year", "number")]
    assert references == ["RCP-2025-000001", "RCP-2026-000001"]


# Tax data --------------------------------------------------------------------------------------------------------


def test_tax_data_given_later_come_on_a_new_receipt_once():
    donor = UserFactory()
    donation = give_own_money(donor, registered_onlus())
    first = issue(donation)
    tell_tax_data(donor)

    made = [receipts.deductible(donation=donation, now=LATER) for _ in range(3)]

    assert len({receipt.pk for receipt in made}) == 1
    assert (made[0].replaces, made[0].donor_profile.tax_code) == (first, MARIO)
    assert Receipt.objects.get(kind=Kind.VOID).facts["void_reason"] == "tax_data"


def test_an_older_receipt_keeps_the_tax_data_it_was_issued_with():
    donor = UserFactory()
    tell_tax_data(donor, legal_name="Mario Rossi")
    receipt = issue(give_own_money(donor, registered_onlus()))

    tell_tax_data(donor, legal_name="Mario Bianchi")

    assert Receipt.objects.get(pk=receipt.pk).donor_profile.legal_name == "Mario Rossi"


def test_a_change_of_consent_alone_makes_no_new_receipt():
    donor = UserFactory()
    tell_tax_data(donor, shares=True)
    donation = give_own_money(donor, registered_onlus())
    issue(donation)
    tell_tax_data(donor, shares=False)

    receipts.deductible(donation=donation, now=LATER)

    assert Receipt.objects.count() == 1


def test_gifts_to_an_organisation_that_gives_no_deduction_say_so():
    onlus = registered_onlus()
    before, after = give_own_money(UserFactory(), onlus), give_own_money(UserFactory(), onlus)
    issue(before)
    onlus.is_tax_deductible = False
    onlus.save()
    after.refresh_from_db()

    issue(after)

    rows = Receipt.objects.filter(donation__in=(before, after)).order_by("pk")
    assert [row.is_deductible for row in rows] == [True, False]
    assert rows[1].facts["tax"]["reason"] == "NOT_DEDUCTIBLE_HERE"


def test_nothing_deductible_makes_no_deductible_receipt():
    donation = make_donation(UserFactory(), registered_onlus())

    with pytest.raises(receipts.ReceiptNotDeductible):
        receipts.deductible(donation=donation, now=NOW)

    assert told(donation) == [("thank_you", Decimal("1.00"), 1)]


def test_the_codice_fiscale_is_in_no_column_in_plain():
    donor = UserFactory()
    tell_tax_data(donor, address="Via Segreta 1")
    issue(give_own_money(donor, registered_onlus()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT tax_code, legal_name, address FROM donations_donortaxprofile")
        stored = str(cursor.fetchall())
        cursor.execute("SELECT facts FROM donations_receipt")
        stored += str(cursor.fetchall())
    for secret in (MARIO, "Mario Rossi", "Via Segreta"):
        assert secret not in stored


# What the database forbids ---------------------------------------------------------------------------------------


def columns_of(receipt, **changes):
    columns = {
        field.attname: getattr(receipt, field.attname)
        for field in Receipt._meta.concrete_fields
        if field.attname != "id"
    }
    return {**columns, "number": receipt.number + 1, "code": receipts.new_code(), **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"kind": "void"},
        {"kind": "gift", "paid_amount": Decimal("9.00"), "replaces": True},
        {"kind": "gift", "amount": Decimal("0.00"), "replaces": True},
        {"is_deductible": True, "replaces": True},
        {"kind": "thank_you", "voids": True},
        {"kind": "void", "voids": True, "replaces": True},
    ],
    ids=str,
)
def test_impossible_documents_are_refused(changes):
    receipt = issue(make_donation(UserFactory(), OnlusFactory()))
    links = {
        f"{name}_id": receipt.pk
        for name, value in changes.items()
        if value is True and name in ("voids", "replaces")
    }
    plain = {name: value for name, value in changes.items() if name not in ("voids", "replaces")}

    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.create(**columns_of(receipt, **plain, **links))
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize("link", ["voids", "replaces"])
def test_a_receipt_is_voided_and_replaced_once(link):
    donation = make_donation(UserFactory(), OnlusFactory(), "5.00")
    issue(donation)
    take_back(donation, "1.00")
    issue(donation)
    twin = Receipt.objects.get(**{f"{link}__isnull": False})

    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.create(**columns_of(twin, number=99))


def test_documents_never_change():
    receipt = issue(make_donation(UserFactory(), OnlusFactory()))

    for spoil in (
        lambda: Receipt.objects.update(amount=2),
        lambda: Receipt.objects.filter(pk=receipt.pk).delete(),
    ):
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            spoil()


# What the books prove ---------------------------------------------------------------------------------------------


@pytest.mark.unbalanced
def test_the_books_miss_a_number():
    issue(make_donation(UserFactory(), OnlusFactory()))
    ReceiptCounter.objects.update(last_number=2)

    assert [each.invariant for each in contradictions()] == ["I9"]


@pytest.mark.unbalanced
def test_the_books_see_a_receipt_that_says_too_much():
    donation = make_donation(UserFactory(), OnlusFactory(), "5.00")
    issue(donation)
    take_back(donation, "1.00")

    found = contradictions()

    assert [(each.invariant, each.subject) for each in found] == [("I9", f"donation {donation.pk}")]
    assert "5.00" in found[0].detail


@pytest.mark.unbalanced
def test_the_books_see_a_void_of_another_donation():
    stranger = issue(make_donation(UserFactory(), OnlusFactory()))
    own = issue(make_donation(UserFactory(), OnlusFactory()))
    ReceiptCounter.objects.update(last_number=3)
    Receipt.objects.create(**columns_of(own, kind="void", voids_id=stranger.pk))

    assert any("voids no earlier receipt" in each.detail for each in contradictions())


@pytest.mark.unbalanced
def test_the_books_see_a_second_live_receipt():
    first = issue(make_donation(UserFactory(), OnlusFactory()))
    ReceiptCounter.objects.update(last_number=2)
    Receipt.objects.create(**columns_of(first, replaces_id=first.pk))

    assert any("replaces a receipt that is not void" in each.detail for each in contradictions())


def test_a_fresh_refund_has_its_time():
    now = datetime.now(UTC)
    donation = make_donation(UserFactory(), OnlusFactory(), "5.00", now=now)
    issue(donation, now)
    take_back(donation, "1.00", now=now)

    assert contradictions() == []


def test_little_pictures_stay_off_the_paper():
    receipt = issue(give_own_money(UserFactory(), registered_onlus(), message="Forza \U0001f389\u2764\ufe0f"))
    pictured = printing.print_receipt(receipt=receipt, language="it")

    receipt.facts["message"] = "Forza"

    assert printing.print_receipt(receipt=receipt, language="it") == pictured
    receipt.facts["message"] = "Forza!"
    assert printing.print_receipt(receipt=receipt, language="it") != pictured


@pytest.mark.parametrize("columns", [{"runts_number": ""}, {"runts_section": "impresa_sociale"}])
def test_what_remains_of_a_gift_counts_as_on_its_day_whatever_became_of_the_organisation(columns):
    onlus = registered_onlus(section="odv")
    donation = give_own_money(UserFactory(), onlus, "10.00")
    first = issue(donation)
    Onlus.objects.filter(pk=onlus.pk).update(**columns)

    take_back(donation, "4.00", now=LATER)
    second = issue(donation, LATER)

    assert (second.is_deductible, second.paid_amount) == (True, Decimal("6.00"))
    assert second.facts["tax"] == first.facts["tax"]


def test_a_gift_that_did_not_count_on_its_day_does_not_later():
    onlus = OnlusFactory()
    donation = give_own_money(UserFactory(), onlus, "10.00")
    issue(donation)
    Onlus.objects.filter(pk=onlus.pk).update(runts_number="12345", runts_section="aps")

    take_back(donation, "4.00", now=LATER)

    assert issue(donation, LATER).is_deductible is False


def test_the_earned_rest_of_a_mixed_gift_gives_no_right():
    donation = give_own_money(UserFactory(), registered_onlus(), "4.00", earned="6.00")
    issue(donation)

    take_back(donation, "4.00", now=LATER)
    rest = issue(donation, LATER)

    assert (rest.kind, rest.is_deductible, rest.facts["tax"]["reason"]) == (
        "thank_you",
        False,
        "EARNED_BY_PLAYING",
    )
