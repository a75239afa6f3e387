"""The payment page: what a provider shows the payer. Whoever has its address may use it, as with any provider."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from donations.payments.sandbox.cards import CARDS, DECLINES
from donations.payments.sandbox.forms import CardForm, filled_with
from donations.payments.sandbox.models import SandboxPayment
from donations.payments.sandbox.operations import payments, settling
from donations.payments.sandbox.switch import is_open
from goodplay.lib.errors import DomainError

Status = SandboxPayment.Status


def of_payment(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand the page the payment of its address. A wrong token, and a closed sandbox, look like no page at all."""

    @never_cache
    @wraps(page)
    def guarded(request: HttpRequest, payment_id: UUID, token: str) -> HttpResponse:
        if not is_open():
            raise Http404
        payment = get_object_or_404(SandboxPayment, pk=payment_id)
        if not constant_time_compare(payment.token, token):
            raise Http404
        return page(request, payment)

    return guarded


@of_payment
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("number", "code")
def pay(request: HttpRequest, payment: SandboxPayment) -> HttpResponse:
    if not payment.is_open:
        return _to("result", payment)
    if request.method != "POST":
        chosen = CARDS.get(request.GET.get("card", ""))
        return _card_page(request, payment, CardForm(initial=filled_with(chosen)), chosen=chosen)
    form = CardForm(request.POST)
    if not form.is_valid():
        return _card_page(request, payment, form, status=422)
    try:
        paid = payments.pay(payment_id=payment.pk, means=form.means, now=timezone.now())
    except payments.BrokenDown:
        return _broken_page(request, payment)
    except DomainError:
        return _to("result", payment)  # somebody was faster in another window
    return _after(request, paid, form)


@of_payment
@require_http_methods(["GET", "HEAD", "POST"])
def authenticate(request: HttpRequest, payment: SandboxPayment) -> HttpResponse:
    if payment.status != Status.REQUIRES_ACTION:
        return _to("pay", payment)
    if request.method != "POST":
        return render(request, "payments/sandbox_authenticate.html", {"payment": payment})
    is_holder = request.POST.get("answer") == "yes"
    try:
        payments.authenticate(payment_id=payment.pk, is_holder=is_holder, now=timezone.now())
    except DomainError:
        return _to("result", payment)
    return _to("pay", payment)


@of_payment
@require_POST
def cancel(request: HttpRequest, payment: SandboxPayment) -> HttpResponse:
    try:
        payments.cancel(payment_id=payment.pk, now=timezone.now())
    except DomainError:
        return _to("result", payment)
    return redirect(payment.cancel_url) if payment.cancel_url else _to("result", payment)


@of_payment
@require_safe
def result(request: HttpRequest, payment: SandboxPayment) -> HttpResponse:
    payment = settling.settle_if_due(payment=payment, now=timezone.now())
    if payment.is_open:
        return _to("pay", payment)
    back = payment.return_url
    if payment.status == Status.CANCELLED:
        back = payment.cancel_url or payment.return_url
    page = {"payment": payment, "back": back, "error": DECLINES.get(payment.error_code, "")}
    return render(request, "payments/sandbox_result.html", page)


def _to(step: str, payment: SandboxPayment) -> HttpResponse:
    return redirect(f"sandbox:{step}", payment.pk, payment.token)


def _after(request: HttpRequest, payment: SandboxPayment, form: CardForm) -> HttpResponse:
    """Lead on from a card that was tried."""
    if payment.status == Status.REQUIRES_ACTION:
        return _to("authenticate", payment)
    if payment.is_open:
        return _card_page(request, payment, form, status=422)
    if payment.status == Status.SUCCEEDED and payment.test_card.breaks_after:
        return _broken_page(request, payment)
    return _to("result", payment)


def _card_page(
    request: HttpRequest, payment: SandboxPayment, form: CardForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    """Show the form, above it why the last card was declined."""
    declined = "" if form.errors else DECLINES.get(payment.error_code, "")
    page = {"payment": payment, "form": form, "cards": CARDS.values(), "declined": declined, **more}
    return render(request, "payments/sandbox_pay.html", page, status=status)


def _broken_page(request: HttpRequest, payment: SandboxPayment) -> HttpResponse:
    return render(request, "payments/sandbox_broken.html", {"payment": payment}, status=503)
