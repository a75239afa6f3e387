"""The embedded provider: a provider as GoodPlay sees one, with test cards instead of money."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from donations.payments.contract import (
    BalanceEntry,
    NewPayment,
    Notification,
    PaymentState,
    ProviderRefused,
    ProviderUnavailable,
    RefundState,
    Settings,
    WebhookRefused,
)
from donations.payments.sandbox import queries, signatures
from donations.payments.sandbox.cards import DECLINES
from donations.payments.sandbox.models import SandboxPayment, SandboxRefund
from donations.payments.sandbox.operations import events, payments, refunds, settling
from donations.payments.sandbox.operations.locking import PaymentMissing
from donations.payments.sandbox.operations.requests import Answer, once
from donations.payments.sandbox.switch import is_open
from goodplay.lib.errors import DomainError
from goodplay.lib.ids import parse_id


class SandboxProvider:
    """Keeps `donations.payments.contract.Provider`. Its rows live in this database but belong to nobody else."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._secret = settings.webhook_secret or signatures.own_secret()

    def create(self, payment: NewPayment, *, idempotency_key: str) -> PaymentState:
        def act(now: datetime) -> Answer:
            made = payments.create(
                new=payment,
                fee_percentage=self._settings.fee_percentage,
                fee_fixed=self._settings.fee_fixed,
                now=now,
            )
            return _answer(made, made.error_code, now)

        parameters = {**asdict(payment), "amount": f"{payment.amount:.2f}"}
        return self._payment(self._once("create", parameters, idempotency_key, act))

    def confirm(self, provider_payment_id: str, *, method: str, idempotency_key: str) -> PaymentState:
        payment_id = parse_id(provider_payment_id)

        def act(now: datetime) -> Answer:
            paid, declined = payments.confirm(payment_id=payment_id, method=method, now=now)
            return _answer(paid, declined, now)

        parameters = {"payment": payment_id, "method": method}
        return self._payment(self._once("confirm", parameters, idempotency_key, act))

    def cancel(self, provider_payment_id: str, *, idempotency_key: str) -> PaymentState:
        payment_id = parse_id(provider_payment_id)

        def act(now: datetime) -> Answer:
            return Answer(payments.cancel(payment_id=payment_id, now=now).pk)

        return self._payment(self._once("cancel", {"payment": payment_id}, idempotency_key, act))

    def refund(
        self, provider_payment_id: str, *, amount: Decimal, reference: UUID, idempotency_key: str
    ) -> RefundState:
        payment_id = parse_id(provider_payment_id)

        def act(now: datetime) -> Answer:
            made = refunds.refund(payment_id=payment_id, amount=amount, reference=str(reference), now=now)
            return Answer(made.pk)

        parameters = {"payment": payment_id, "amount": f"{amount:.2f}", "reference": reference}
        answer = self._once("refund", parameters, idempotency_key, act)
        return queries.refund_state(SandboxRefund.objects.get(pk=answer.object_id))

    def retrieve(self, provider_payment_id: str) -> PaymentState:
        with self._asked():
            found = SandboxPayment.objects.filter(pk=parse_id(provider_payment_id)).first()
            if found is None:
                raise PaymentMissing
            return queries.state_of(settling.settle_if_due(payment=found, now=timezone.now()))

    def forget_method(self, *, token: str, customer: str) -> None:
        with self._asked():
            payments.forget_method(token=token, customer=customer, now=timezone.now())

    def verify_webhook(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Notification:
        header = {name.lower(): value for name, value in headers.items()}.get(signatures.HEADER.lower(), "")
        try:
            signatures.verify(header, body, secret=self._secret, now=now)
        except signatures.SignatureWrong as error:
            raise WebhookRefused(str(error)) from error
        if not (is_open() and self._settings.is_test_mode):
            raise WebhookRefused("test notifications are not taken here")
        return _notification(body)

    def balance_report(self, *, since: datetime, until: datetime) -> Iterable[BalanceEntry]:
        with self._asked():
            return queries.balance_entries(since=since, until=until)

    def check_health(self) -> None:
        with self._asked():
            SandboxPayment.objects.exists()

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Speak as a provider does: refusals by its own codes, nothing when it is closed or asked for real money."""
        if not (is_open() and self._settings.is_test_mode):
            raise ProviderRefused("sandbox_closed", _("The sandbox moves no real money and is closed here."))
        try:
            yield
        except DomainError as error:
            raise ProviderRefused(error.code.lower(), str(error)) from error
        except payments.BrokenDown as error:
            raise ProviderUnavailable("The sandbox breaks down, as its test card asks for.") from error

    def _once(
        self,
        call: str,
        parameters: Mapping[str, Any],
        key: str,
        act: Callable[[datetime], Answer],
    ) -> Answer:
        now = timezone.now()
        with self._asked():
            events.remember_secret(secret=self._secret)
            return once(key=key, call=call, parameters=parameters, act=lambda: act(now), now=now)

    def _payment(self, answer: Answer) -> PaymentState:
        payment = SandboxPayment.objects.get(pk=answer.object_id)
        if answer.refused:
            raise ProviderRefused(
                answer.refused, str(DECLINES[answer.refused]), provider_payment_id=str(payment.pk)
            )
        if answer.is_lost and not answer.is_repeated:
            raise ProviderUnavailable("The sandbox's answer is lost, as its test card asks for.")
        return queries.state_of(payment)


def _answer(payment: SandboxPayment, refused: str, now: datetime) -> Answer:
    is_lost = payment.succeeded_at == now and payment.test_card.breaks_after
    return Answer(payment.pk, refused=refused, is_lost=is_lost)


def _notification(body: bytes) -> Notification:
    try:
        facts = json.loads(body)
        if facts["is_test"] is not True:
            raise WebhookRefused("not of the test mode")
        return Notification(
            event_id=str(UUID(facts["id"])),
            event_type=str(facts["type"]),
            provider_payment_id=str(UUID(facts["data"]["payment"])),
            created_at=datetime.fromtimestamp(facts["created"], UTC),
            payload=facts,
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise WebhookRefused("not written as the sandbox writes") from error
