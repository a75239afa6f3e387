"""The bank account in the portal: owners enter it with their password, two people verify it, everybody is told."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import AddressBlock, StaffLock
from accounts.operations.sign_in import InvalidCredentials
from donations.models import OnlusBankAccount
from donations.operations import bank_accounts
from goodplay.lib.alerts.models import Alert
from goodplay.lib.approvals.operations import FourEyesRequired
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import PASSWORD, MembershipFactory, OnlusFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.payouts import IBANS, colleague, make_account, prepare
from tests.portal.conftest import NOON

OLD, NEW = IBANS[1], IBANS[0]
MATCH = OnlusBankAccount.PayeeCheck.MATCH


def enter(client, onlus, **changes):
    entry = {
        "iban": NEW,
        "holder": "Il Sentiero Verde ODV",
        "town": "Trento",
        "country": "IT",
        "password": PASSWORD,
    }
    return client.post(f"/portal/{onlus.pk}/bank-account/", {**entry, **changes})


def entered(onlus):
    return OnlusBankAccount.objects.filter(onlus=onlus).order_by("pk").last()


def verify(account, name, **changes):
    facts = {"iban": NEW, "payee_check": MATCH, "verified_by": colleague(name), "now": NOON, **changes}
    return bank_accounts.verify_account(account=account, **facts)


def paid_to(now):
    return prepare(now).payouts.get().account.iban


def test_a_change_takes_two_people_and_a_week_and_the_old_account_is_paid_meanwhile(
    portal, onlus, member, django_capture_on_commit_callbacks
):
    make_account(onlus, OLD, now=NOON - timedelta(days=30))
    make_donation(UserFactory(), onlus, "40.00", now=NOON)
    second_owner = MembershipFactory(onlus=onlus).user
    MembershipFactory(onlus=onlus, role="editor")

    with django_capture_on_commit_callbacks(execute=True):
        answer = enter(portal, onlus)

    account = entered(onlus)
    assert answer.status_code == 302
    assert (account.is_from_portal, account.verified_at, account.entered_by) == (True, None, member)
    assert sorted(message.to[0] for message in mail.outbox) == sorted([member.email, second_owner.email])
    assert NEW not in mail.outbox[0].body
    page = portal.get(f"/portal/{onlus.pk}/bank-account/").text
    assert "Being verified" in page
    assert NEW not in page
    assert OLD not in page

    once = verify(account, "Anna")
    assert (once.verified_at, once.checked_by) == (None, colleague("Anna"))
    with pytest.raises(bank_accounts.CheckedByYou):
        verify(account, "Anna")
    account.refresh_from_db()
    assert account.verified_at is None
    twice = verify(account, "Bruno")
    assert (twice.verified_at, twice.verified_by) == (NOON, colleague("Bruno"))

    early, late = NOON + timedelta(days=6), NOON + timedelta(days=7)
    assert list(OnlusBankAccount.objects.payable(early).values_list("masked_iban", flat=True)) == [
        bank_accounts.mask(OLD)
    ]
    assert paid_to(late) == NEW


def test_what_nobody_verified_is_never_paid(portal, onlus, member):
    make_account(onlus, OLD, now=NOON - timedelta(days=30))
    make_donation(UserFactory(), onlus, "40.00", now=NOON)
    enter(portal, onlus)
    verify(entered(onlus), "Anna")  # one is not enough

    assert paid_to(NOON + timedelta(days=60)) == OLD


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"iban": "IT83J0306901783100000012346"}, "no IBAN"),
        ({"iban": "SA0380000000608010167519"}, "outside the SEPA"),
        ({"bic": "NOPE"}, "no BIC"),
        ({"holder": "Mario Rossi"}, "in the name of the organisation"),
        ({"holder": "Verde"}, "in the name of the organisation"),
        ({"password": "not mine"}, "do not match"),
        ({"country": "Italy"}, "valid value"),
    ],
)
def test_what_does_not_fit_is_said_and_changes_nothing(portal, onlus, changes, says):
    answer = enter(portal, onlus, **changes)

    assert answer.status_code == 422
    assert says in answer.text
    assert not OnlusBankAccount.objects.exists()
    assert not AuditEntry.objects.exists()


def test_any_owner_takes_a_change_back_until_it_is_in_force(portal, client, onlus, member):
    make_account(onlus, OLD, now=NOON - timedelta(days=30))
    enter(portal, onlus)
    account = entered(onlus)
    other = MembershipFactory(onlus=onlus).user
    client.force_login(other)
    address = reverse("portal:bank_account_withdraw", args=[onlus.pk, account.pk])

    client.post(address)

    account.refresh_from_db()
    assert account.replaced_at == NOON
    with pytest.raises(bank_accounts.AccountNotCurrent):
        verify(account, "Anna")
    assert AuditEntry.objects.filter(action="bank_account_withdraw", actor=other).count() == 1
    in_force = OnlusBankAccount.objects.payable(NOON).get(onlus=onlus)
    client.post(reverse("portal:bank_account_withdraw", args=[onlus.pk, in_force.pk]))
    in_force.refresh_from_db()
    assert in_force.replaced_at is None  # what is in force stays


def test_a_second_change_takes_the_place_of_the_one_that_waits(portal, onlus):
    make_account(onlus, OLD, now=NOON - timedelta(days=30))
    enter(portal, onlus)
    enter(portal, onlus, iban=IBANS[2])

    rows = OnlusBankAccount.objects.filter(onlus=onlus).order_by("pk")
    assert [(row.iban, row.replaced_at) for row in rows] == [(OLD, None), (NEW, NOON), (IBANS[2], None)]


@pytest.mark.parametrize("is_refused", [False, True])
def test_taking_a_change_back_does_not_spare_the_next_one_the_wait(portal, onlus, member, is_refused):
    first = make_account(onlus, OLD, now=NOON - timedelta(days=30))
    bank_accounts.flag_account(account_id=first.pk, reason_code="AC04", now=NOON)
    if is_refused:
        verify(first, "Bruno", iban=OLD, payee_check=OnlusBankAccount.PayeeCheck.NO_MATCH)
    enter(portal, onlus)
    portal.post(reverse("portal:bank_account_withdraw", args=[onlus.pk, entered(onlus).pk]))

    enter(portal, onlus, iban=IBANS[2])

    verify(entered(onlus), "Anna", iban=IBANS[2])
    third = verify(entered(onlus), "Bruno", iban=IBANS[2])
    assert third.active_from == NOON + timedelta(days=7)
    assert not OnlusBankAccount.objects.payable(NOON + timedelta(days=6)).exists()
    assert OnlusBankAccount.objects.payable(NOON + timedelta(days=7)).get() == third


def test_nobody_of_the_house_verifies_what_they_entered(portal, onlus, member):
    enter(portal, onlus)

    with pytest.raises(FourEyesRequired):
        bank_accounts.verify_account(
            account=entered(onlus), iban=NEW, payee_check=MATCH, verified_by=member, now=NOON
        )

    assert entered(onlus).checked_at is None


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_only_owners_see_and_change_it(client, onlus, role):
    client.force_login(MembershipFactory(onlus=onlus, role=role).user)

    assert enter(client, onlus).status_code == 403
    assert client.get(f"/portal/{onlus.pk}/bank-account/").status_code == 403
    assert not OnlusBankAccount.objects.exists()


def test_the_account_of_another_organisation_does_not_exist(portal, onlus):
    other = OnlusFactory()
    theirs = make_account(other, OLD, now=NOON)

    answer = portal.post(reverse("portal:bank_account_withdraw", args=[onlus.pk, theirs.pk]))

    assert answer.status_code == 404
    theirs.refresh_from_db()
    assert theirs.replaced_at is None


def test_five_wrong_passwords_make_it_rest(portal, onlus):
    for _number in range(5):
        enter(portal, onlus, password="not mine")

    answer = enter(portal, onlus)

    assert "Too many failed attempts" in answer.text
    assert not OnlusBankAccount.objects.exists()


def test_wrong_passwords_of_two_owners_close_their_network(portal, client, onlus):
    for _number in range(5):
        enter(portal, onlus, password="not mine")
    client.force_login(MembershipFactory(onlus=onlus).user)
    for _number in range(5):
        enter(client, onlus, password="not mine")

    block = AddressBlock.objects.get()
    assert AuditEntry.objects.get().action == "ip_block"
    assert Alert.objects.get().data["block_id"] == str(block.pk)
    assert not OnlusBankAccount.objects.exists()


def test_a_wrong_password_of_staff_with_a_seat_counts_against_their_account(onlus, member):
    member.is_staff = True
    member.save()

    with pytest.raises(InvalidCredentials):
        bank_accounts.propose_account(
            onlus=onlus,
            member=member,
            password="not mine",
            iban=NEW,
            holder="Il Sentiero Verde ODV",
            town="Trento",
            country="IT",
            now=NOON,
        )

    assert StaffLock.objects.get(user=member).failures == 1
    assert AuditEntry.objects.get().action == "failed_login_attempt"
