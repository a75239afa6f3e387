"""Stories the machine found, told again; and faults planted on purpose, to see that the alarm rings."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction

from donations.models import Donation, PayoutLine, Transfer
from donations.operations import giving, ledger, matching
from donations.payments.contract import DisputeStatus
from donations.queries.books import contradictions
from goodplay.lib.ids import new_id
from goodplay.lib.money import split
from tests.factories.donations import take_back
from tests.machine import provider
from tests.machine.books import CENT, ZERO, cash_of
from tests.machine.machines import Everything

EUROS = Decimal
pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def machine(house):
    machine = Everything()
    yield machine
    machine.close()


def settle(machine):
    """Prove what the machine proves after each step."""
    machine.the_books_agree()
    machine.states_agree()
    machine.nobody_has_money_from_nowhere()
    assert contradictions() == []


def contest(machine, amount):
    """Let the payer of the only payment contest so much of it, and GoodPlay hear of it."""
    [remote] = machine.desk.remotes.values()
    provider.dispute_there(remote, EUROS(amount), machine.now)
    machine.hear_of(remote.now)
    return remote


def decide(machine, remote, status, lost=ZERO):
    [(key, dispute)] = remote.disputes.items()
    remote.disputes[key] = replace(dispute, status=status, lost_amount=lost)
    machine.hear_of(remote.now)


def test_a_forgiven_debt_is_not_paid_out_when_the_loss_was_none(machine):
    """The bank gave the money back to us in the end: the player paid once, and has given it once."""
    player, onlus = machine.players[0], machine.onlus[0]
    machine._top_up(player, EUROS("50.00"), "pays", "answers")
    machine._give(player, onlus, machine.books.spendable(player.pk))
    machine.time_goes_by(24 * 15)
    machine.payouts_are_prepared()
    remote = contest(machine, "50.00")
    decide(machine, remote, DisputeStatus.LOST, EUROS("50.00"))
    assert machine.books.debt(player.pk) == EUROS("50.00")
    machine.a_debt_is_forgiven(0)

    decide(machine, remote, DisputeStatus.WON)

    assert machine.books.balance[cash_of(player.pk)] == ZERO
    settle(machine)


# Faults planted on purpose ----------------------------------------------------------------------------------------


def plant(monkeypatch, name, fault):
    """Let a function of the ledger do something else; `fault` gets the true one first."""
    true = getattr(ledger, name)
    monkeypatch.setattr(ledger, name, lambda **arguments: fault(true, **arguments))


def found():
    return {contradiction.invariant for contradiction in contradictions()}


def top_up(machine):
    machine._top_up(machine.players[0], EUROS("50.00"), "pays", "answers")


def give(machine, amount="10.00"):
    machine.some_have_played([(0, EUROS(amount))])
    machine._give(machine.players[0], machine.onlus[0], EUROS(amount))
    return Donation.objects.get()


@pytest.mark.unbalanced
def test_a_dropped_leg_is_seen(machine, monkeypatch):
    def drop(true, **arguments):
        return None if arguments["credit"].kind == "platform_fees" else true(**arguments)

    plant(monkeypatch, "move", drop)
    top_up(machine)

    assert found() == {"I13"}
    with pytest.raises(AssertionError):
        machine.the_books_agree()


@pytest.mark.unbalanced
def test_money_credited_twice_under_another_name_is_seen(machine, monkeypatch):
    def double(true, **arguments):
        if arguments["credit"].kind == "player_cash":
            true(**arguments | {"cause": replace(arguments["cause"], cause_id=new_id())})
        return true(**arguments)

    plant(monkeypatch, "move", double)
    top_up(machine)

    with pytest.raises(AssertionError):
        machine.the_books_agree()


def test_money_credited_twice_under_its_own_name_is_refused(machine, monkeypatch):
    def double(true, **arguments):
        if arguments["cause"].kind == Transfer.Kind.TOP_UP:
            true(**arguments)
        return true(**arguments)

    plant(monkeypatch, "move", double)

    with pytest.raises(IntegrityError, match=r"transfer_once_per_cause|transfer\.cause_id"):
        top_up(machine)


def test_a_cent_given_to_the_wrong_one_is_seen(machine, monkeypatch):
    def off_by_one(total, weights):
        (first, share), (second, rest) = split(total, weights).items()
        return {first: share + CENT, second: rest - CENT}

    monkeypatch.setattr(giving, "split", off_by_one)
    machine.some_have_played([(0, EUROS("10.00"))])

    with pytest.raises(AssertionError):
        machine.somebody_gives_to_the_pool(0, EUROS("10.00"))


@pytest.mark.unbalanced
def test_a_refund_booked_twice_is_seen(machine, monkeypatch):
    give(machine)

    def twice(true, **arguments):
        true(**arguments)
        return true(**arguments)

    plant(monkeypatch, "reverse", twice)
    machine.the_staff_give_a_gift_back(0, Fraction(1, 3))

    assert found() == {"I7"}
    with pytest.raises(AssertionError):
        machine.the_books_agree()


def test_a_whole_refund_booked_twice_is_refused(machine, monkeypatch):
    donation = give(machine)

    def twice(true, **arguments):
        true(**arguments)
        return true(**arguments)

    plant(monkeypatch, "reverse", twice)

    with pytest.raises(ledger.ReversalTooLarge):
        take_back(donation)
    machine.the_books_agree()


def test_a_donation_in_two_payouts_is_refused_and_seen(machine):
    donation = give(machine, "20.00")
    machine.payouts_are_prepared()
    line = PayoutLine.objects.get(donation=donation)
    twin = {"payout": line.payout, "donation": donation, "amount": line.amount}

    with (
        pytest.raises(IntegrityError, match=r"payout_line_donation_once|payoutline\.donation_id"),
        transaction.atomic(),
    ):
        PayoutLine.objects.create(**twin)
    settle(machine)
    PayoutLine.objects.create(**twin, is_live=False)

    assert found() == {"I12"}


@pytest.mark.unbalanced
def test_a_payout_paid_twice_is_seen(machine, monkeypatch):
    give(machine, "20.00")
    machine.payouts_are_prepared()
    machine.a_run_is_ordered_at_the_bank(0)

    def double(true, **arguments):
        if arguments["credit"].kind == "bank":
            true(
                **arguments
                | {"cause": replace(arguments["cause"], transaction_id=new_id(), cause_id=new_id())}
            )
        return true(**arguments)

    plant(monkeypatch, "move", double)
    machine.the_bank_pays_a_run(0)

    assert found() == {"I12"}
    with pytest.raises(AssertionError):
        machine.the_books_agree()


@pytest.mark.unbalanced
def test_a_loss_nobody_bore_is_seen(machine, monkeypatch):
    """The dispute is closed and its hold forgotten: the money is free, the loss is not borne."""
    top_up(machine)
    remote = contest(machine, "20.00")

    def void_instead(true, **arguments):
        return ledger.void(pending=arguments["pending"], now=arguments["now"])

    plant(monkeypatch, "post", void_instead)
    decide(machine, remote, DisputeStatus.LOST, EUROS("20.00"))

    with pytest.raises(AssertionError):
        machine.the_books_agree()


@pytest.mark.unbalanced
def test_a_sponsor_charged_a_cent_too_much_is_seen(machine, monkeypatch):
    true = matching._share
    monkeypatch.setattr(matching, "_share", lambda offer, given: true(offer, given) + CENT)
    give(machine)

    with pytest.raises(AssertionError):
        machine.the_books_agree()
