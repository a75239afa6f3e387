"""The OpenAPI document: the envelope, its constants and its refusals, on every route."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS, AllowAny

from goodplay.lib.errors import DomainError

_ERROR = {
    "type": "object",
    "required": ["success", "message", "detail"],
    "properties": {
        "success": {"type": "boolean", "enum": [False]},
        "message": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": True},
        "data": {"type": "object", "additionalProperties": True},
    },
}


class EnvelopeSchema(AutoSchema):
    """Describe what EnvelopeRenderer and the exception handler really send."""

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/").split("/")[0]]

    def get_summary(self) -> str | None:
        """Use the first sentence of the action's own docstring, else of the endpoint's."""
        action = type(self.view).__dict__.get(self._action())
        text = getattr(action, "__doc__", None) or type(self.view).__doc__ or ""
        return text.strip().partition("\n")[0].partition(". ")[0].rstrip(".") or None

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Say whether the route needs a token, takes one, or ignores it."""
        if not self.view.get_authenticators():
            return []
        anybody = any(isinstance(permission, AllowAny) for permission in self.view.get_permissions())
        return [{"bearer": []}, {}] if anybody else [{"bearer": []}]

    def get_override_parameters(self) -> list[Any]:
        action = getattr(self.view, self._action(), None)
        if not getattr(action, "accepts_idempotency_key", False):
            return []
        text = "Send the same key to retry safely: the effect happens once and the stored answer is repeated."
        return [OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description=text)]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        for status, body in bodies.items():
            for media_type, content in body.get("content", {}).items():
                if media_type == "application/json" and not str(status).startswith(("4", "5")):
                    content["schema"] = self._envelope(content.get("schema"), self._said(status, bodies))
            if str(status).startswith("2") and "content" not in body:
                schema = self._envelope(None, self._said(status, bodies))
                body["content"] = {"application/json": {"schema": schema}}
        for code, constants in sorted(self._refusals().items()):
            bodies.setdefault(str(code), _refusal(constants))
        return bodies

    def _action(self) -> str:
        return getattr(self.view, "action", None) or self.method.lower()

    def _said(self, status: Any, bodies: dict[str, Any]) -> list[str]:
        """Return the constants of a success: the usual one belongs to the first status, others to their own."""
        usual = getattr(self.view, "messages", {}).get(self._action())
        others = getattr(self.view, "also_says", {}).get(self._action(), {})
        first = min(code for code in bodies if str(code).startswith("2"))
        named = [usual if status == first else None, others.get(int(status))]
        return [constant for constant in named if constant]

    def _envelope(self, data: dict[str, Any] | None, constants: list[str]) -> dict[str, Any]:
        message = {"type": "string", **({"example": constants[0], "enum": constants} if constants else {})}
        properties = {"success": {"type": "boolean", "enum": [True]}, "message": message}
        required = ["success", "message"]
        if data is not None:
            properties["data"] = self._named_results(data)
            required.append("data")
        return {"type": "object", "required": required, "properties": properties}

    def _named_results(self, data: dict[str, Any]) -> dict[str, Any]:
        name = getattr(self.view, "results_key", "results")
        if "results" in data.get("properties", {}) and name != "results":
            return {
                **data,
                "properties": {name if k == "results" else k: v for k, v in data["properties"].items()},
            }
        return data

    def _refusals(self) -> dict[int, list[str]]:
        """Collect status → constants: the view's own errors and those every such route shares."""
        found: dict[int, list[str]] = {429: ["TOO_MANY_REQUESTS"]}
        for error in getattr(self.view, "errors", {}).get(self._action(), ()):
            _add(found, error)
        if self.get_auth():
            found.setdefault(401, []).extend(
                [
                    "AUTHENTICATION_REQUIRED",
                    "TOKEN_EXPIRED",
                    "TOKEN_INVALID",
                    "INVALID_TOKEN_OR_USER_DISABLED",
                ]
            )
        for permission in self.view.get_permissions():
            if constant := getattr(permission, "code", None):
                found.setdefault(403, []).append(constant)
        if "{" in self.path:
            found.setdefault(404, ["RESOURCE_NOT_FOUND"])
        for query in self.get_override_parameters():
            if asked := _constants(query):
                found.setdefault(422, []).extend(asked)
        if self.method not in SAFE_METHODS and getattr(self.view, "reads_json", True):
            self._add_body(found)
        if getattr(getattr(self.view, self._action(), None), "accepts_idempotency_key", False):
            found.setdefault(409, []).append("IDEMPOTENCY_KEY_IN_USE")
            found.setdefault(422, []).append("IDEMPOTENCY_KEY_REUSED")
            found.setdefault(400, []).append("IDEMPOTENCY_KEY_INVALID")
        return found

    def _add_body(self, found: dict[int, list[str]]) -> None:
        """Add what a body can have wrong, also where none is wanted."""
        found.setdefault(400, []).append("INVALID_REQUEST")
        found.setdefault(413, ["REQUEST_TOO_LARGE"])
        found.setdefault(415, ["UNSUPPORTED_MEDIA_TYPE"])
        wanted = self.get_request_serializer()
        if wanted is None or self.method == "DELETE":
            return
        if getattr(wanted, "needs_data", True):
            found[400].append("DATA_REQUIRED")
        found.setdefault(422, []).extend(_constants(wanted) or ["VALIDATION_ERROR"])


def _add(found: dict[int, list[str]], error: type[DomainError]) -> None:
    constants = found.setdefault(error.status, [])
    if error.code not in constants:
        constants.append(error.code)


def _constants(serializer: Any) -> list[str]:
    """Return the constants of the fields a serializer has: it may share its table with another."""
    constants = getattr(serializer, "constants", {})
    fields = (serializer() if isinstance(serializer, type) else serializer).fields if constants else ()
    return list(dict.fromkeys(each for name, each in constants.items() if name.partition(".")[0] in fields))


def _refusal(constants: list[str]) -> dict[str, Any]:
    unique = list(dict.fromkeys(constants))
    schema = {**_ERROR, "properties": {**_ERROR["properties"], "message": {"type": "string", "enum": unique}}}  # type: ignore[dict-item]
    return {"description": ", ".join(unique), "content": {"application/json": {"schema": schema}}}


def sort_tags(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    result["tags"] = [
        {"name": name}
        for name in sorted(
            {t for p in result["paths"].values() for o in p.values() for t in o.get("tags", [])}
        )
    ]
    return result


def one_form_of_each_path(endpoints: list[Any], **kwargs: Any) -> list[Any]:
    """Routes answer with and without a trailing slash and under /api/user; the document shows each once, without."""
    return [
        (path.rstrip("/"), regex, method, view)
        for path, regex, method, view in endpoints
        if not path.startswith("/api/user/")
    ]
