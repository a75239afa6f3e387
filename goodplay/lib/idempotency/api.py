"""The `Idempotency-Key` header, for viewset actions that move money or end something."""

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from goodplay.lib.api.renderers import EnvelopeRenderer
from goodplay.lib.db import try_transaction_lock
from goodplay.lib.idempotency.errors import KeyInUse, KeyInvalid, KeyReused
from goodplay.lib.idempotency.models import IdempotencyKey

_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)

Action = Callable[..., Any]


def idempotent(action: Action) -> Action:
    """Make an action run once per (user, route, key) and repeat its stored answer afterwards.

    Same key and body: the stored answer with `Idempotency-Replayed: true`. Other body: 422. Twin still running: 409.
    Key, effect and answer commit together; a refused request stores nothing, so its key stays free.
    """

    @wraps(action)
    def run(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response | HttpResponse:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return action(view, request, *args, **kwargs)
        if not _VISIBLE.fullmatch(key):
            raise KeyInvalid
        claim = {
            "user_id": request.user.pk,
            "route": f"{request.method} {request.path.rstrip('/')}",
            "key": key,
        }
        with transaction.atomic():
            if not try_transaction_lock("|".join(map(str, claim.values()))):
                raise KeyInUse
            stored = IdempotencyKey.objects.filter(**claim).first()
            digest = hashlib.sha256(request.body).hexdigest()
            if stored is not None:
                return _replay(stored, digest)
            response = action(view, request, *args, **kwargs)
            answer = _render(view, response)
            IdempotencyKey.objects.create(
                **claim,
                request_hash=digest,
                status_code=response.status_code,
                answer=answer,
                created_at=timezone.now(),
            )
        return _answer(answer, response.status_code)

    run.accepts_idempotency_key = True  # type: ignore[attr-defined]  # read by the OpenAPI schema
    return run


def _replay(stored: IdempotencyKey, digest: str) -> HttpResponse:
    if stored.request_hash != digest:
        raise KeyReused
    response = _answer(stored.answer, stored.status_code)
    response["Idempotency-Replayed"] = "true"
    return response


def _render(view: Any, response: Response) -> str:
    return (
        EnvelopeRenderer()
        .render(response.data, renderer_context={"response": response, "view": view})
        .decode()
    )


def _answer(body: str, status: int) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")
