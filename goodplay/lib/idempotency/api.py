"""The `Idempotency-Key` header, for viewset actions that move money or end something."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
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

RUNS_FOR = timedelta(minutes=2)  # longer than any request lives
_RUNNING = 0  # the status code of a request that has not been answered

_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)

Action = Callable[..., Any]
More = dict[str, Any]


def idempotent(action: Action) -> Action:
    """Make an action run once per (user, route, key) and repeat its stored answer afterwards.

    Same key and body: the stored answer with `Idempotency-Replayed: true`. Other body: 422. Twin still running: 409.
    Key, effect and answer commit together; a refused request stores nothing, so its key stays free.
    """

    def with_nothing_more(*args: Any, **kwargs: Any) -> tuple[Response, Callable[[], More]]:
        return action(*args, **kwargs), dict

    return _once(action, with_nothing_more)


def idempotent_then(action: Action) -> Action:
    """Do the same for an action that returns its answer and a function; what that returns is added after the commit.

    The answer is stored without it first. A process that dies between leaves it so: the effect stands, and a repeat
    says no more than was sure.
    """
    return _once(action, action)


def _once(action: Action, run_action: Action) -> Action:
    @wraps(action)
    def run(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response | HttpResponse:
        claim = _claim(request)
        if claim is None:
            response, look = run_action(view, request, *args, **kwargs)
            _add(response, look())
            return response
        with transaction.atomic():
            if not try_transaction_lock("|".join(map(str, claim.values()))):
                raise KeyInUse
            stored = IdempotencyKey.objects.filter(**claim).first()
            digest = hashlib.sha256(request.body).hexdigest()
            if stored is not None:
                return _replay(stored, digest)
            response, look = run_action(view, request, *args, **kwargs)
            kept = IdempotencyKey.objects.create(
                **claim,
                request_hash=digest,
                status_code=response.status_code,
                answer=_render(view, response),
                created_at=timezone.now(),
            )
        if _add(response, look()):
            kept.answer = _render(view, response)
            kept.save(update_fields=["answer"])
        return _answer(kept.answer, response.status_code)

    run.accepts_idempotency_key = True  # type: ignore[attr-defined]  # read by the OpenAPI schema
    return run


def _add(response: Response, more: More) -> bool:
    if more:
        response.data = {**response.data, **more}
    return bool(more)


def idempotent_across(action: Action) -> Action:
    """Do the same for an action that asks another system, and so cannot be one transaction.

    The key is taken before and answered after. A process that dies between leaves it running; two minutes later a
    retry runs the action again, which must find by `request_key(request)` what it made before.
    """

    @wraps(action)
    def run(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response | HttpResponse:
        claim = _claim(request)
        if claim is None:
            return action(view, request, *args, **kwargs)
        digest = hashlib.sha256(request.body).hexdigest()
        stored = _take(claim, digest)
        if stored is not None:
            return _replay(stored, digest)
        running = IdempotencyKey.objects.filter(**claim, status_code=_RUNNING)
        try:
            response = action(view, request, *args, **kwargs)
        except Exception:
            running.delete()
            raise
        answer = _render(view, response)
        running.update(status_code=response.status_code, answer=answer)
        return _answer(answer, response.status_code)

    run.accepts_idempotency_key = True  # type: ignore[attr-defined]  # read by the OpenAPI schema
    return run


def request_key(request: Request) -> str:
    """Return the key of a request an action may be asked to carry out again; empty when the caller sent none."""
    return request.headers.get("Idempotency-Key", "")


def _claim(request: Request) -> dict[str, Any] | None:
    """Name whose key this is and what it was sent to; None when there is none."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _VISIBLE.fullmatch(key):
        raise KeyInvalid
    return {"user_id": request.user.pk, "route": f"{request.method} {request.path.rstrip('/')}", "key": key}


@transaction.atomic(durable=True)
def _take(claim: dict[str, Any], digest: str) -> IdempotencyKey | None:
    """Take a key for a request that begins; return the row when it was answered. Raises KeyInUse while a twin runs."""
    if not try_transaction_lock("|".join(map(str, claim.values()))):
        raise KeyInUse
    now = timezone.now()
    stored = IdempotencyKey.objects.filter(**claim).first()
    if stored is None:
        IdempotencyKey.objects.create(
            **claim, request_hash=digest, status_code=_RUNNING, answer="", created_at=now
        )
        return None
    if stored.status_code != _RUNNING:
        return stored
    if stored.request_hash != digest:
        raise KeyReused
    if stored.created_at > now - RUNS_FOR:
        raise KeyInUse
    IdempotencyKey.objects.filter(pk=stored.pk).update(created_at=now)
    return None


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
