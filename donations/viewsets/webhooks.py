"""The door for the payment providers' notifications. It believes signatures, stores, and answers at once."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from donations.operations import webhooks
from donations.operations.payment_providers import PaymentProviderUnavailable
from donations.tasks.payments import process_webhook
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.jobs.soon import soon
from goodplay.lib.requests import client_address

_WINDOW = 60  # seconds


class WebhookThrottle(BaseThrottle):
    """Count in windows of a minute: providers deliver in bursts, and a list of every request would slow them down."""

    def allow_request(self, request: Request, view: Any) -> bool:
        minute = int(timezone.now().timestamp()) // _WINDOW
        key = f"webhooks:{client_address(request._request)}:{minute}"
        return _count(key) <= settings.WEBHOOKS_PER_MINUTE

    def wait(self) -> float:
        return float(_WINDOW)


def _count(key: str) -> int:
    """Count one more. Only the first of a minute finds no counter."""
    try:
        return cache.incr(key)
    except ValueError:
        return 1 if cache.add(key, 1, 2 * _WINDOW) else cache.incr(key)


def _provider_type(request: Request) -> str:
    """Read who sends it. PayPal cannot be told to name itself; its signature's headers do."""
    unnamed = "paypal" if "Paypal-Transmission-Id" in request.headers else "stripe"
    return request.headers.get("X-Provider-Type", unnamed)


class WebhookViewSet(ApiViewSet):
    """Notifications of payment providers."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [WebhookThrottle]
    reads_json = False  # a signature is over the raw bytes, and what is wrong with them is told by it
    messages: ClassVar[dict[str, str]] = {"receive": "WEBHOOK_PROCESSED"}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "receive": (
            webhooks.WebhookProviderNotSupported,
            webhooks.WebhookDataRequired,
            webhooks.WebhookSignatureInvalid,
            PaymentProviderUnavailable,
        )
    }

    @extend_schema(
        request=OpenApiTypes.OBJECT,
        responses={200: None},
        parameters=[
            OpenApiParameter(
                "X-Provider-Type",
                str,
                OpenApiParameter.HEADER,
                default="stripe",
                description="Who sends it, where that does not show. The provider's own signature headers are required.",
            )
        ],
    )
    def receive(self, request: Request) -> Response:
        """Take a notification. What was taken before, and what means nothing here, is answered alike."""
        event_id = webhooks.accept(
            provider_type=_provider_type(request),
            body=request._request.body,
            headers=request.headers,
            now=timezone.now(),
        )
        soon(process_webhook, event_id=str(event_id))
        return Response()
