"""What goes wrong while an old installation is brought over: each time the books hold, and the next run ends the work."""

import random
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from donations.models import LedgerAccount, OpeningBalance, Transfer
from donations.queries.books import contradictions
from games.models import Game, GameSession
from goodplay.importing.models import ImportedDocument, ImportRun
from goodplay.importing.report import Report
from goodplay.importing.running import ImportRunning, bring_over
from goodplay.importing.source import Source
from goodplay.lib.money import to_cents
from tests.importing import old as shapes
from tests.importing.memory import Database
from tests.importing.old import a_whole_installation, fill, oid
from tests.importing.test_whole import DOCUMENTS, MODELS
from tests.threads import at_once

pytestmark = pytest.mark.django_db
D = Decimal


def proved():
    """Prove the books as staff do."""
    out = StringIO()
    call_command("verify_books", stdout=out)
    return out.getvalue()


def told(report, collection):
    return [line[1:4] for line in report.lines if line[0] == collection and line[2] != "altered"]


# What differs from run to run: the moments of a run, and keys that are made by chance.
OF_A_RUN = {"imported_at", "password", "updated_at", "created_at", "last_login", "offered_at"}
BY_CHANCE = {"id", "transaction_id", "cause_id", "new_key", "debit_account", "credit_account"}


def brought():
    """Everything that was brought over."""
    rows = {}
    for model in (*MODELS, *DOCUMENTS, ImportedDocument):
        names = [field.name for field in model._meta.concrete_fields]
        kept = [name for name in names if name not in OF_A_RUN | BY_CHANCE]
        rows[model] = sorted(map(str, model.objects.values_list(*kept)))
    return rows


def one_person(old, *transactions, balance, number=1):
    fill(
        old,
        users=[shapes.user(number)],
        wallets=[shapes.wallet(100 + number, oid(number), balance)],
        transactions=[
            shapes.transaction(1000 * number + place, oid(number), kind, amount)
            for place, (kind, amount) in enumerate(transactions)
        ],
    )


# Cut off ------------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    pass


class Dying:
    """Lets so many statements through, and then dies between two of them."""

    def __init__(self, statements):
        self.left = statements

    def __call__(self, execute, sql, parameters, many, context):
        if sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            return execute(sql, parameters, many, context)
        self.left -= 1
        if self.left < 0:
            raise Killed
        return execute(sql, parameters, many, context)


@pytest.mark.parametrize("more", [7, 23, 60])
def test_killed_between_any_two_statements_it_ends_as_if_nothing_had_happened(run, old, more):
    a_whole_installation(old)
    with transaction.atomic():
        run(batch_size=1)
        whole = brought()
        transaction.set_rollback(True)
    deaths, statements, ended = 0, more, False
    while not ended:
        try:
            with connection.execute_wrapper(Dying(statements)):
                run(batch_size=1)
            ended = True
        except Killed:
            assert contradictions() == []
            deaths, statements = deaths + 1, statements + more

    assert deaths >= 2
    assert brought() == whole
    assert not any(outcome == "brought" for _name, outcome in run().counted)
    assert brought() == whole
    assert "The books balance" in proved()


# Two at once --------------------------------------------------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_refused_and_everything_comes_once():
    old = Database()
    people = range(1, 31)
    fill(
        old,
        users=[shapes.user(number) for number in people],
        wallets=[shapes.wallet(100 + number, oid(number), 5.0) for number in people],
        transactions=[shapes.transaction(1000 + number, oid(number), "earned", 5.0) for number in people],
    )

    def bring(number):
        report = Report(StringIO())
        source = Source(old, 5)
        return bring_over(source=source, report=report, now=timezone.now(), is_dry=number == 2)

    results = at_once(3, bring)

    refused = [each for each in results if isinstance(each, Exception)]
    assert all(isinstance(each, ImportRunning) for each in refused)
    again = bring(0)
    assert again.contradictions == []
    assert not any(outcome in ("refused", "changed") for _name, outcome in again.counted)
    assert (User.objects.count(), OpeningBalance.objects.count()) == (30, 30)
    assert sum(Transfer.objects.values_list("amount", flat=True)) == D("150.00")
    assert ImportRun.objects.filter(ended_at=None).count() == 0


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_run_is_refused_while_another_holds_the_lock_and_not_after():
    old = Database()
    one_person(old, ("earned", 5.0), balance=5.0)
    outcomes = []

    class Slow(Source):
        def batches(self, names):
            outcomes.extend(at_once(1, lambda number: bring(Source(old, 5))))
            yield from super().batches(names)

    def bring(source):
        return bring_over(source=source, report=Report(StringIO()), now=timezone.now())

    bring(Slow(old, 5))

    assert outcomes
    assert all(isinstance(each, ImportRunning) for each in outcomes)
    assert ImportRun.objects.count() == 1
    assert bring(Source(old, 5)).contradictions == []
    assert OpeningBalance.objects.count() == 1


# Changed between the runs -------------------------------------------------------------------------------------------


def test_a_transaction_made_after_its_wallet_came_over_is_not_said_to_be_in_it(old, run):
    one_person(old, ("earned", 5.0), balance=5.0)
    run()
    later = timezone.now()
    for number, kind in ((51, "earned"), (52, "donated")):  # together they change no balance
        old["transactions"].insert_many([shapes.transaction(number, oid(1), kind, 3.0, created_at=later)])

    report = run()

    assert told(report, "transactions") == [
        [str(oid(number)), "refused", "CHANGED_SINCE"] for number in (51, 52)
    ]
    assert OpeningBalance.objects.get().transactions_count == 1
    assert ImportedDocument.objects.filter(collection="transactions").count() == 1
    proved()


def test_a_transaction_that_changed_since_moves_nothing(old, run):
    one_person(old, ("earned", 5.0), balance=5.0)
    run()
    old["transactions"].update_one({"_id": oid(1000)}, {"$set": {"amount": 500.0}})
    old["wallets"].update_one({"_id": oid(101)}, {"$set": {"current_balance": 500.0}})

    report = run()

    assert told(report, "wallets") == [[str(oid(101)), "changed", "CHANGED_SINCE"]]
    assert told(report, "transactions") == [[str(oid(1000)), "changed", "CHANGED_SINCE"]]
    assert OpeningBalance.objects.get().earned_amount == D("5.00")
    proved()


def test_a_wallet_given_to_somebody_else_there_stays_who_it_was_brought_for(old, run):
    one_person(old, ("earned", 5.0), balance=5.0)
    fill(old, users=[shapes.user(2)])
    run()
    old["wallets"].update_one({"_id": oid(101)}, {"$set": {"user_id": oid(2)}})

    run()

    opening = OpeningBalance.objects.get()
    assert opening.player.email == "giocatore1@example.org"
    proved()


def test_a_wallet_made_anew_there_is_not_brought_twice(old, run):
    one_person(old, ("earned", 5.0), balance=5.0)
    run()
    old["wallets"].documents[0]["_id"] = oid(777)

    report = run()

    assert told(report, "wallets") == [[str(oid(777)), "refused", "WALLET_IN_USE"]]
    assert OpeningBalance.objects.count() == 1
    proved()


@pytest.mark.parametrize("gone", ["users", "wallets", "transactions"])
def test_what_was_deleted_there_since_stays_here(old, run, gone):
    one_person(old, ("earned", 5.0), balance=5.0)
    run()
    before = brought()
    del old[gone]

    report = run()

    assert brought() == before
    assert report.contradictions == []
    proved()


def test_of_a_person_deleted_there_before_nothing_comes(old, run):
    one_person(old, ("earned", 5.0), balance=5.0)
    del old["users"]

    report = run()

    assert told(report, "wallets") == [[str(oid(101)), "refused", "UNKNOWN_USER"]]
    assert told(report, "transactions") == [[str(oid(1000)), "refused", "UNKNOWN_USER"]]
    assert not LedgerAccount.objects.filter(player__isnull=False).exists()
    proved()


def test_play_of_a_game_that_was_deleted_here_is_refused_and_stops_nothing(old, run):
    fill(old, users=[shapes.user(1)], games=[shapes.game(20)])
    run()
    Game.objects.all().delete()
    fill(old, game_sessions=[shapes.session(21, oid(1), oid(20))])
    one_person(old, ("earned", 5.0), balance=5.0, number=2)

    report = run()

    assert told(report, "game_sessions") == [[str(oid(21)), "refused", "UNKNOWN_GAME"]]
    assert not GameSession.objects.exists()
    assert OpeningBalance.objects.count() == 1
    proved()


# Keys that collide --------------------------------------------------------------------------------------------------

TWIN = UUID("0192f0c1-2222-7333-8444-555566667777")


@pytest.mark.parametrize("batch_size", [1, 2, 10])
def test_of_two_wallets_whose_keys_are_written_alike_one_comes(old, run, batch_size):
    for number in (1, 2):
        one_person(old, ("earned", 5.0 * number), balance=5.0 * number, number=number)
    for document, key in zip(old["wallets"].documents, (TWIN, str(TWIN)), strict=True):
        document["_id"] = key

    report = run(batch_size=batch_size)

    assert told(report, "wallets") == [[str(TWIN), "refused", "DUPLICATE"]]
    assert told(report, "transactions") == [[str(oid(2000)), "refused", "WALLET_NOT_BROUGHT"]]
    assert OpeningBalance.objects.get().earned_amount == D("5.00")
    proved()


@pytest.mark.parametrize("batch_size", [1, 10])
def test_of_two_transactions_or_people_whose_keys_are_written_alike_one_comes(old, run, batch_size):
    one_person(old, ("earned", 5.0), ("earned", 2.0), balance=7.0)
    fill(old, users=[shapes.user(2)])
    for name in ("users", "transactions"):
        for document, key in zip(old[name].documents, (TWIN, str(TWIN)), strict=True):
            document["_id"] = key
    for document in (*old["wallets"].documents, *old["transactions"].documents):
        document["user_id"] = str(TWIN)

    report = run(batch_size=batch_size)

    assert told(report, "users") == [[str(TWIN), "refused", "DUPLICATE"]]
    assert told(report, "transactions") == [[str(TWIN), "refused", "DUPLICATE"]]
    assert OpeningBalance.objects.get().earned_amount == D("7.00")
    proved()


# Money --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("balance", "amounts", "booked"),
    [
        (0.30000000000000004, (0.1, 0.2), "0.30"),
        (1.005, (1.005,), "1.01"),
        (0.012, (0.004, 0.004, 0.004), None),  # whole cents of nothing explain no cent
        (0.01, (0.0149999,), "0.01"),
        (-0.0, (), "0.00"),
        (1e-9, (), "0.00"),
        (-1e-9, (), None),
        (5.0, (-5.0, 10.0), None),
        (1e300, (), None),
        (99999999999.0, (), None),
    ],
)
def test_money_with_too_many_decimals_is_whole_cents_or_refused(old, run, balance, amounts, booked):
    one_person(old, *(("earned", amount) for amount in amounts), balance=balance)

    run()

    openings = [each.earned_amount + each.paid_amount for each in OpeningBalance.objects.all()]
    assert openings == ([] if booked is None else [D(booked)])
    proved()


def test_what_payments_take_back_never_makes_money(old, run):
    one_person(old, ("bonus", 10.0), balance=10.0)
    fill(
        old,
        payment_intents=[
            shapes.intent(60, oid(1), 4.0),
            shapes.intent(61, oid(1), -50.0),
            shapes.intent(62, oid(1), 3.0, refunded_amount=999.0),
        ],
    )

    run()

    opening = OpeningBalance.objects.get()
    assert (opening.earned_amount, opening.paid_amount) == (D("6.00"), D("4.00"))
    proved()


AMOUNTS = (
    0.0,
    -0.0,
    0.005,
    0.015,
    1.1,
    2.675,
    19.99,
    -3.0,
    1e12,
    float("nan"),
    float("inf"),
    "7",
    None,
    True,
    [],
)
KINDS = ("earned", "bonus", "refund", "adjustment", "donated", "fee", "gift", None)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("trusts_wallets", [False, True])
def test_whatever_is_in_the_wallets_the_books_hold_and_say_what_the_wallets_say(
    old, run, seed, trusts_wallets
):
    chance = random.Random(seed)
    people = range(1, 31)
    fill(
        old,
        users=[shapes.user(number) for number in people if chance.random() < 0.9],
        wallets=[
            shapes.wallet(100 + number, oid(chance.choice(people)), chance.choice((*AMOUNTS, 5.5, 10.0)))
            for number in people
        ],
        transactions=[
            shapes.transaction(
                1000 + number,
                oid(chance.choice(people)),
                chance.choice(KINDS),
                chance.choice(AMOUNTS),
                multiplier_applied=chance.choice((1, 1.5, 1, None, -1)),
                status=chance.choice(("completed", "completed", "pending")),
            )
            for number in range(40)
        ],
    )

    report = run(batch_size=7, trusts_wallets=trusts_wallets)
    again = run(batch_size=3, trusts_wallets=trusts_wallets)

    assert report.contradictions == again.contradictions == []
    documents = {str(each["_id"]): each for each in old["wallets"].documents}
    for opening in OpeningBalance.objects.all():
        said = documents[opening.source_id]["current_balance"]
        assert opening.earned_amount + opening.paid_amount == to_cents(D(repr(said)))
    assert not any(outcome == "brought" for _name, outcome in again.counted)
    proved()
