"""A person at the doors: the API with a token, the pages with cookies. Standard library only."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

TIMEOUT = 30  # seconds


class Refused(Exception):
    """The server answered with an error."""


class Player:
    """Somebody who talks to the API."""

    def __init__(self, base: str) -> None:
        self.base, self.token = base, ""

    def call(
        self, method: str, path: str, body: dict[str, Any] | None = None, **headers: str
    ) -> dict[str, Any]:
        """Send one request and return the envelope's `data`. Raises Refused with the server's words."""
        answer: dict[str, Any] = json.loads(self.fetch(method, path, body, **headers))
        data: dict[str, Any] = answer.get("data", {})
        return data

    def fetch(self, method: str, path: str, body: dict[str, Any] | None = None, **headers: str) -> bytes:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            sent["Content-Type"] = "application/json"
        request = urllib.request.Request(f"{self.base}{path}", content, sent, method=method)  # noqa: S310  (our own server)
        return _open(urllib.request.build_opener(), request)


class Visitor:
    """Somebody at the server-rendered pages: signs in with a form, keeps cookies."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def read(self, path: str) -> str:
        return _open(self.opener, urllib.request.Request(f"{self.base}{path}")).decode()  # noqa: S310  (our own server)

    def sign_in(self, path: str, **fields: str) -> str:
        """Fill in the sign-in form at `path` and return the page that follows."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.read(path))
        fields["csrfmiddlewaretoken"] = token.group(1) if token else ""
        form = urllib.parse.urlencode(fields).encode()
        headers = {"Referer": f"{self.base}{path}"}
        request = urllib.request.Request(f"{self.base}{path}", form, headers)  # noqa: S310  (our own server)
        return _open(self.opener, request).decode()


def _open(opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> bytes:
    try:
        with opener.open(request, timeout=TIMEOUT) as response:
            content: bytes = response.read()
            return content
    except urllib.error.HTTPError as error:
        raise Refused(f"{request.method} {request.full_url}: {error.code} {error.read()[:300]!r}") from error
    except urllib.error.URLError as error:
        raise Refused(
            f"{request.full_url} does not answer ({error.reason}). Start it with: make run"
        ) from error
