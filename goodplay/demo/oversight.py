"""What staff who watch have on their desks: a day the bank and the books tell differently, a name on a list, a case."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from donations.bank.sandbox import Charge, SandboxBank
from donations.bank.switch import is_open
from donations.models import LedgerAccount, ReconciliationRun, Review
from donations.operations.bank_files import import_bank_file
from donations.operations.compliance import cases
from donations.operations.payout_orders import own_account
from donations.operations.reconciliation import runs
from donations.operations.screening import lists, subjects
from donations.queries.balances import total_balance
from goodplay.demo.history import History, Scene
from goodplay.lib.time import rome_day

ADA, FRANCA = 0, 1  # of people.STAFF
FEE = Charge(Decimal("2.50"), "Canone mensile del conto")

# Nobody of this name governs anything: the town does not exist.
LISTED = """name,aliases,birth_date,nationality,position,source
Davide Grecco,,,IT,Mayor of Valfiorita sul Nulla (invented),Demo
"""


def scenes(history: History) -> list[Scene]:
    told: list[Scene] = [
        (history.ago(5, 18), lambda moment: _bank_takes_a_fee(history, moment)),
        (history.ago(4, 5), lambda moment: _reconcile(rome_day(moment) - timedelta(days=1), moment)),
        (history.ago(1, 13), lambda moment: _screen(history, moment)),
        (history.ago(1, 15), lambda moment: _look_into_a_gift(history, moment)),
    ]
    return [scene for scene in told if history.start < scene[0] < history.now]


def _bank_takes_a_fee(history: History, moment: datetime) -> None:
    """Take a statement with a fee nobody booked."""
    if not is_open():
        return
    ours = own_account()
    bank = SandboxBank(name="Sandbox Bank", bic="SANDITMM", account_name=ours.name, iban=ours.iban)
    statement = bank.statement(
        rome_day(moment),
        now=moment,
        opening=-total_balance(LedgerAccount.Kind.BANK),
        number=2,
        charges=[FEE],
    )
    import_bank_file(content=statement, received_by=history.staff(FRANCA), now=moment)


def _reconcile(day: date, moment: datetime) -> None:
    runs.start(type=ReconciliationRun.Type.DAILY, start_date=day, end_date=day, now=moment)


def _screen(history: History, moment: datetime) -> None:
    """Bring in a list on which one name is close to a player's."""
    lists.import_list(
        source="PEP",
        files=[("pep.csv", LISTED.encode())],
        published_on=rome_day(moment),
        imported_by=history.staff(ADA),
        now=moment,
    )
    subjects.enrol_missing(now=moment)
    subjects.screen_due(now=moment)


def _look_into_a_gift(history: History, moment: datetime) -> None:
    """Open a case about a gift that is held, and begin to work on it."""
    review = Review.objects.open().exclude(player=None).order_by("created_at", "pk").first()
    if review is None:
        return
    ada = history.staff(ADA)
    case = cases.open_case(
        kind="aml",
        subject_user=review.player,
        title=f"A held movement of €{review.amount}",
        risk_level=review.risk_level,
        checks=[review],
        now=moment,
        opened_by=ada,
    )
    cases.assign(case=case, to=ada, actor=ada, now=moment + timedelta(minutes=5))
    cases.add_note(
        case=case,
        text="Wrote to the player and asked where the money comes from.",
        actor=ada,
        now=moment + timedelta(minutes=20),
    )
