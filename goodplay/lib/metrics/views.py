"""The address Prometheus reads. It does not exist for whom it is not meant."""

import secrets
from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST

from goodplay.lib.metrics.exposition import exposition
from goodplay.lib.requests import client_address


@require_GET
def prometheus(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    sent = request.headers.get("Authorization", "")
    if settings.METRICS_TOKEN and secrets.compare_digest(
        sent.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()
    ):
        return True
    return bool(settings.METRICS_ON_LOOPBACK) and _is_loopback(client_address(request))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
