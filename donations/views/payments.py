"""Where payers come back to."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from donations.operations import payment_exchange
from donations.operations.payment_refunds import PaymentIntentNotFound


@never_cache
@require_safe
def payment_return(request: HttpRequest, intent_id: UUID) -> HttpResponse:
    """Tell a payer who comes back how the payment stands. The address is a secret of whoever paid: it shows no name."""
    try:
        intent = payment_exchange.fresh(intent_id=intent_id, source="return", now=timezone.now())
    except PaymentIntentNotFound as error:
        raise Http404 from error
    page = {"intent": intent, "waits": intent.is_open and not intent.next_action_url}
    return render(request, "payments/return.html", page)
