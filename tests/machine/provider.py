"""A payment provider in memory: what it did, and what it told GoodPlay of it.

It is a stand-in like the sandbox, but it can be caught at any moment, lose answers, and change its mind.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from donations.payments.contract import (
    DisputeState,
    DisputeStatus,
    NewPayment,
    PaymentState,
    ProviderRefused,
    ProviderUnavailable,
    RefundState,
    RefundStatus,
    Settings,
    Status,
)

ZERO = Decimal("0.00")
OPEN = (Status.PENDING, Status.PROCESSING, Status.REQUIRES_ACTION)


@dataclass
class Remote:
    """A payment as the provider has it."""

    state: PaymentState
    refunds: dict[str, RefundState] = field(default_factory=dict)
    disputes: dict[str, DisputeState] = field(default_factory=dict)
    refunds_slowly: bool = False

    @property
    def key(self) -> str:
        return self.state.provider_payment_id

    @property
    def now(self) -> PaymentState:
        return replace(
            self.state, refunds=tuple(self.refunds.values()), disputes=tuple(self.disputes.values())
        )

    @property
    def left(self) -> Decimal:
        """What was neither given back, nor is contested."""
        standing = (each.amount for each in self.refunds.values() if each.status != RefundStatus.FAILED)
        taken = (
            each.lost_amount or each.amount
            for each in self.disputes.values()
            if each.status != DisputeStatus.WON
        )
        return self.state.captured - sum(standing, ZERO) - sum(taken, ZERO)

    def left_but(self, dispute: DisputeState) -> Decimal:
        """What would be left if this one were not contested."""
        rest = {key: each for key, each in self.disputes.items() if key != dispute.provider_dispute_id}
        return replace(self, disputes=rest).left

    @property
    def money(self) -> Decimal:
        """What the provider owes us for it."""
        back = (each.amount for each in self.refunds.values() if each.status == RefundStatus.SUCCEEDED)
        withdrawn = (
            each.fee
            + {
                DisputeStatus.OPEN: each.amount,
                DisputeStatus.WON: ZERO,
                DisputeStatus.LOST: each.lost_amount,
            }[each.status]
            for each in self.disputes.values()
        )
        return self.state.captured - (self.state.fee or ZERO) - sum(back, ZERO) - sum(withdrawn, ZERO)

    def become(self, status: Status, **columns: Any) -> None:
        self.state = replace(self.state, status=status, **columns)

    def capture(self, amount: Decimal, fee: Decimal | None) -> None:
        self.become(Status.SUCCEEDED, captured=amount, fee=fee, error_code="")


@dataclass(frozen=True, slots=True)
class Told:
    """One answer GoodPlay got: the state of a payment, of a refund (with our key of it), or a refusal."""

    payment: PaymentState | None = None
    refund: RefundState | None = None
    refund_key: str = ""
    refused: str = ""
    """Our key of what was refused: a payment that was not made, or a refund."""


class Desk:
    """The provider's house: everything it knows, how it feels, and what it said since somebody last asked."""

    def __init__(self) -> None:
        self.remotes: dict[str, Remote] = {}
        self.answers: dict[str, Any] = {}
        self.told: list[Told] = []
        self.mood = "answers"

    def listen(self) -> list[Told]:
        told, self.told = self.told, []
        return told

    def of(self, reference: UUID) -> Remote | None:
        return next((each for each in self.remotes.values() if each.state.reference == str(reference)), None)

    @property
    def money(self) -> Decimal:
        return sum((each.money for each in self.remotes.values()), ZERO)


DESK = Desk()


class MemoryProvider:
    """The adapter: it always speaks to the one desk, which each example furnishes anew."""

    def __init__(self, settings: Settings) -> None:
        self._desk = DESK

    def create(self, payment: NewPayment, *, idempotency_key: str) -> PaymentState:
        self._knock()
        if self._desk.mood == "refuses":
            self._desk.told.append(Told(refused=str(payment.reference)))
            raise ProviderRefused("account_closed")
        remote = self._desk.of(payment.reference)
        if remote is None:
            state = PaymentState(
                str(uuid4()), Status.PENDING, payment.amount, reference=str(payment.reference)
            )
            remote = self._desk.remotes[state.provider_payment_id] = Remote(state)
        return self._tell(remote)

    def confirm(self, provider_payment_id: str, *, method: str, idempotency_key: str) -> PaymentState:
        self._knock()
        remote = self._desk.remotes[provider_payment_id]
        if remote.state.status in (Status.FAILED, Status.CANCELLED):
            raise ProviderRefused("closed")
        if remote.state.status in (Status.PENDING, Status.REQUIRES_ACTION):
            self._charge(remote, method)
        return self._tell(remote)

    def cancel(self, provider_payment_id: str, *, idempotency_key: str) -> PaymentState:
        self._knock()
        remote = self._desk.remotes[provider_payment_id]
        if remote.state.status not in (Status.PENDING, Status.REQUIRES_ACTION, Status.CANCELLED):
            raise ProviderRefused("not_cancellable")
        remote.become(Status.CANCELLED)
        return self._tell(remote)

    def refund(
        self, provider_payment_id: str, *, amount: Decimal, reference: UUID, idempotency_key: str
    ) -> RefundState:
        self._knock()
        remote = self._desk.remotes[provider_payment_id]
        if idempotency_key not in self._desk.answers:
            if self._desk.mood == "refuses" or amount > remote.left:
                self._desk.told.append(Told(refused=str(reference)))
                raise ProviderRefused("not_refundable")
            status = RefundStatus.PENDING if remote.refunds_slowly else RefundStatus.SUCCEEDED
            made = RefundState(str(uuid4()), amount, status, reference=str(reference))
            remote.refunds[made.provider_refund_id] = made
            self._desk.answers[idempotency_key] = made.provider_refund_id
        state = remote.refunds[self._desk.answers[idempotency_key]]
        self._lose_the_answer()
        self._desk.told.append(Told(refund=state, refund_key=str(reference)))
        return state

    def retrieve(self, provider_payment_id: str) -> PaymentState:
        self._knock()
        return self._tell(self._desk.remotes[provider_payment_id])

    def check_health(self) -> None:
        pass

    def _charge(self, remote: Remote, method: str) -> None:
        if method == "declines":
            remote.become(Status.PENDING, error_code="card_declined")
            raise ProviderRefused("card_declined")
        if method == "asks":
            remote.become(Status.REQUIRES_ACTION)
        elif method == "slow":
            remote.become(Status.PROCESSING)
        elif method:
            remote.capture(remote.state.amount, fee_of(remote.state.amount))

    def _tell(self, remote: Remote) -> PaymentState:
        self._lose_the_answer()
        self._desk.told.append(Told(payment=remote.now))
        return remote.now

    def _knock(self) -> None:
        if self._desk.mood == "is away":
            raise ProviderUnavailable("nobody there")

    def _lose_the_answer(self) -> None:
        if self._desk.mood == "loses its answer":
            self._desk.mood = "answers"
            raise ProviderUnavailable("the line broke")


def fee_of(amount: Decimal) -> Decimal:
    """What this provider keeps: not always what we took off the player."""
    return (amount * Decimal("0.014")).quantize(Decimal("0.01")) + Decimal("0.25")


def furnish() -> Desk:
    DESK.__init__()  # type: ignore[misc]
    return DESK


def refund_there(remote: Remote, amount: Decimal, status: RefundStatus, now: datetime) -> None:
    state = RefundState(str(uuid4()), amount, status, created_at=now)
    remote.refunds[state.provider_refund_id] = state


def dispute_there(remote: Remote, amount: Decimal, now: datetime) -> None:
    state = DisputeState(
        str(uuid4()), amount, DisputeStatus.OPEN, fee=Decimal("15.00"), reason="fraudulent", opened_at=now
    )
    remote.disputes[state.provider_dispute_id] = state
