"""A month of an Italian platform as its books, its card provider and its bank tell it, and what can go wrong in it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from donations.bank.target import business_days_after, is_business_day
from donations.reconciling.lines import BANK, PROVIDER, BreakClass, Line, Outcome, Tolerance
from donations.reconciling.matching import reconcile
from goodplay.lib.money import to_cents
from goodplay.lib.time import day_start, next_month

ONLUS = ("Rifugio Felice", "Casa del Sole", "Mensa San Siro", "Onda Blu", "Orto Comune", "Voci Libere")
SPONSORS = ("Panificio Rossi", "Officine Bianchi")
APRIL = date(2026, 4, 1)  # Easter is on the 5th, Liberation Day on the 25th


@dataclass
class Account:
    """One account from both sides."""

    tolerance: Tolerance
    ours: list[Line] = field(default_factory=list)
    theirs: list[Line] = field(default_factory=list)

    def book(self, ours: Line, theirs: Line) -> None:
        self.ours.append(ours)
        self.theirs.append(theirs)

    def reconciled(self) -> Outcome:
        return reconcile(self.ours, self.theirs, tolerance=self.tolerance)

    def single(self, rng: Random) -> Line:
        """Choose a line of theirs that bears the name of just one of ours."""
        owners = Counter(name for line in self.ours for name in (line.references or line.related[:1]))
        fitting = [
            line
            for line in self.theirs
            if not line.group and any(owners[name] == 1 for name in (line.references or line.related[:1]))
        ]
        return rng.choice(fitting)

    def partners(self, line: Line) -> tuple[Line, ...]:
        names = set(line.references) or set(line.related)
        return tuple(each for each in self.ours if set(each.names) & names and each.lane == line.lane)

    def exchange(self, line: Line, *by: Line) -> None:
        self.theirs[:] = [each for each in self.theirs if each.key != line.key] + list(by)


@dataclass
class Month:
    provider: Account = field(default_factory=lambda: Account(PROVIDER))
    bank: Account = field(default_factory=lambda: Account(BANK))


def make_month(seed: int = 1, *, first: date = APRIL, charges_a_day: int = 6) -> Month:
    rng, month = Random(seed), Month()
    day, unpaid, number = first, Decimal("0.00"), 0
    while day < next_month(first):
        for _ in range(charges_a_day):
            number += 1
            unpaid += _charge(month.provider, rng, day, number)
        if is_business_day(day) and unpaid > 0:
            _pay_out_of_provider(month, day, unpaid)
            unpaid = Decimal("0.00")
        day += timedelta(days=1)
    _pay_onlus(month.bank, rng, first)
    _sponsors(month.bank, rng, first)
    _bank_fees(month.bank, first)
    return month


def _charge(account: Account, rng: Random, day: date, number: int) -> Decimal:
    """Let somebody pay by card, and sometimes get it back, or contest it; return what the provider owes for it."""
    at = day_start(day) + timedelta(seconds=rng.randrange(20 * 3600))
    gross = Decimal(rng.choice((500, 1000, 1000, 2000, 5000, rng.randrange(150, 30000)))) / 100
    fee = to_cents(gross * Decimal("0.029") + Decimal("0.30"))
    names = (f"intent-{number:06}", f"pi_{number:06}")
    paid = Line(f"ours-{number}", gross - fee, at, lane="payment", references=names, fee=fee)
    seen = replace(paid, key=f"txn_{number}", at=_soon(rng, at), references=names[1:])
    account.book(paid, seen)
    net = paid.amount
    if rng.random() < 0.08:
        for part in range(rng.choice((1, 2))):
            back = Line(
                f"ours-re-{number}-{part}",
                -to_cents(gross / 2),
                at + timedelta(hours=2, minutes=part),
                lane="refund",
                references=(f"re_{number:06}{part}",) if number % 2 else (),
                related=names,
            )
            account.book(back, replace(back, key=f"txn_re_{number}_{part}", at=_soon(rng, back.at)))
            net += back.amount
    elif rng.random() < 0.02:
        taken = Line(
            f"ours-dp-{number}",
            -gross - 15,
            at + timedelta(hours=3),
            lane="dispute",
            references=(f"dp_{number:06}",),
            related=names,
            fee=Decimal("15.00"),
        )
        account.book(taken, replace(taken, key=f"txn_dp_{number}"))
        net += taken.amount
    return net


def _soon(rng: Random, at: datetime) -> datetime:
    return at + timedelta(seconds=rng.randrange(240))


def _pay_out_of_provider(month: Month, day: date, amount: Decimal) -> None:
    name, arrives = f"po_{day:%Y%m%d}", business_days_after(day, 2)
    at = day_start(day) + timedelta(hours=23)
    left = Line(f"ours-left-{day}", -amount, at, lane="payout", references=(name,))
    month.provider.book(left, replace(left, key=f"txn_{name}"))
    came = Line(f"ours-came-{day}", amount, at, lane="in" if amount > 0 else "out", references=(name,))
    text = f"BONIFICO A VOSTRO FAVORE DA STRIPE {name.upper()} NOTPROVIDED"
    seen = Line(f"bank-{name}", amount, day_start(arrives), lane=came.lane, party="Stripe", text=text)
    month.bank.book(came, seen)


def _pay_onlus(account: Account, rng: Random, first: date) -> None:
    """Order two runs: the bank books one payment by payment, the other as a whole. One payment comes back."""
    for run, when in enumerate((3, 17)):
        ordered = business_days_after(first, when)
        total = Decimal("0.00")
        for place, name in enumerate(ONLUS):
            amount = Decimal(rng.randrange(1000, 90000)) / 100
            reference = f"PAYOUT{run}{place:04}"
            ours = Line(
                f"ours-{reference}",
                -amount,
                day_start(ordered),
                lane="out",
                references=(reference,),
                group=f"GP-RUN-{run}",
                party=name,
            )
            if run == 0:
                account.book(ours, replace(ours, key=f"bank-{reference}", group=""))
            else:
                account.ours.append(ours)
                total += amount
        if run == 1:
            seen = Line(
                "bank-run-1", -total, day_start(business_days_after(ordered, 1)), lane="out", group="GP-RUN-1"
            )
            account.theirs.append(seen)
        else:
            back = replace(ours, key="ours-back", amount=amount, lane="in", group="", at=_days(ours.at, 4))
            account.book(back, replace(back, key="bank-back"))


def _sponsors(account: Account, rng: Random, first: date) -> None:
    for number, name in enumerate(SPONSORS * 2):
        at = day_start(business_days_after(first, 4 + 3 * number))
        amount = Decimal(rng.randrange(50000, 500000)) / 100
        ours = Line(f"ours-sponsor-{number}", amount, at, lane="in", references=(f"FATT-2026-{number:03}",))
        text = f"Contributo FATT 2026/{number:03} grazie" if number % 2 else f"FATT-2026-{number:03}"
        account.book(
            replace(ours, party=name),
            Line(f"bank-sponsor-{number}", amount, at, lane="in", party=name.upper(), text=text),
        )


def _bank_fees(account: Account, first: date) -> None:
    for number, (amount, when) in enumerate((("2.50", 4), ("12.00", 18))):
        at = day_start(business_days_after(first, when))
        ours = Line(f"ours-charge-{number}", -Decimal(amount), _days(at, 1), lane="out")
        account.book(
            ours, replace(ours, key=f"bank-charge-{number}", at=at, is_charge=True, text="Commissioni")
        )


def _days(at: datetime, days: int) -> datetime:
    return at + timedelta(days=days)


# What can go wrong -------------------------------------------------------------------------------------------------

Expected = tuple[BreakClass, frozenset[str]]


def missing(account: Account, rng: Random) -> Expected:
    line = account.single(rng)
    account.exchange(line)
    return BreakClass.MISSING, _keys(account.partners(line))


def extra(account: Account, rng: Random) -> Expected:
    like = account.single(rng)
    named = replace(
        like, references=(f"unknown-{rng.randrange(10**9)}",), related=(), text="", party="Nobody"
    )
    line = replace(named, key=f"extra-{rng.randrange(10**9)}", amount=like.amount + Decimal("7.77"))
    account.theirs.append(line)
    return BreakClass.EXTRA, _keys((line,))


def amount(account: Account, rng: Random) -> Expected:
    line = account.single(rng)
    off = Decimal(rng.choice((-250, -3, 2, 199, 5000))) / 100
    account.exchange(line, replace(line, amount=line.amount + off))
    return BreakClass.AMOUNT, _keys((line, *account.partners(line)))


def currency(account: Account, rng: Random) -> Expected:
    line = account.single(rng)
    account.exchange(line, replace(line, currency=rng.choice(("USD", "CHF", "GBP"))))
    return BreakClass.CURRENCY, _keys((line, *account.partners(line)))


def duplicate(account: Account, rng: Random) -> Expected:
    line = account.single(rng)
    twin = replace(line, key=f"{line.key}-again", at=line.at + timedelta(seconds=1))
    account.theirs.append(twin)
    return BreakClass.DUPLICATE, _keys((twin,))


def date_shift(account: Account, rng: Random) -> Expected:
    line = account.single(rng)
    far = account.tolerance.late + timedelta(days=rng.randrange(3, 9))
    account.exchange(line, replace(line, at=line.at + far))
    return BreakClass.DATE_SHIFT, _keys((line, *account.partners(line)))


def fee(account: Account, rng: Random) -> Expected:
    line = account.single(rng)
    kept = Decimal(rng.choice((1, 25, 310))) / 100
    account.exchange(line, replace(line, amount=line.amount - kept, fee=(line.fee or Decimal("0.00")) + kept))
    return BreakClass.FEE, _keys((line, *account.partners(line)))


def split(account: Account, rng: Random) -> Expected:
    line = account.single(rng)
    first = to_cents(line.amount / 3)
    parts = [
        replace(line, key=f"{line.key}-{place}", amount=part, fee=None)
        for place, part in enumerate((first, line.amount - first))
    ]
    account.exchange(line, *parts)
    return BreakClass.SPLIT, _keys((*parts, *account.partners(line)))


def merged(account: Account, rng: Random) -> Expected:
    """Two movements as one line, which names the first of them or both."""
    one = account.single(rng)
    near = [
        line
        for line in account.theirs
        if line.lane == one.lane
        and line.key != one.key
        and account.partners(line)
        and abs(line.at - one.at) < account.tolerance.apart / 2
    ]
    if not near:
        return merged(account, rng)
    other = rng.choice(near)
    names = one.references if rng.random() < 0.5 else (*one.references, *other.references)
    whole = replace(one, amount=one.amount + other.amount, fee=None, references=names)
    account.exchange(other)
    account.exchange(one, whole)
    return BreakClass.MERGED, _keys((whole, *account.partners(one), *account.partners(other)))


INJECTIONS: dict[str, Callable[[Account, Random], Expected]] = {
    each.__name__: each
    for each in (missing, extra, amount, currency, duplicate, date_shift, fee, split, merged)
}


def found(outcome: Outcome) -> set[Expected]:
    return {(each.kind, _keys((*each.ours, *each.theirs))) for each in outcome.breaks}


def _keys(lines: tuple[Line, ...]) -> frozenset[str]:
    return frozenset(line.key for line in lines)


def moment(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
