"""Who walks the journeys, each at their own door; answers are checked to be what was expected."""

import re

from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from tests.factories.accounts import PASSWORD


class Person:
    """Somebody with an API token."""

    def __init__(self):
        self.client, self.token = APIClient(), ""

    def call(self, method, path, body=None, *, status=200, **headers):
        if self.token:
            headers["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
        answer = getattr(self.client, method)(path, body, format="json", **headers)
        assert answer.status_code == status, answer.content
        return answer.json()["data"] if answer.headers["Content-Type"] == "application/json" else answer

    def refused(self, method, path, body=None, *, status):
        """Return the constant of a refusal."""
        answer = getattr(self.client, method)(
            path, body, format="json", HTTP_AUTHORIZATION=f"Bearer {self.token}"
        )
        assert answer.status_code == status, answer.content
        return answer.json()["message"]

    def join(self, email, first_name):
        self.credentials = {"email": email, "password": PASSWORD}
        self.call("post", "/api/auth/register", {**self.credentials, "first_name": first_name}, status=201)
        token = re.search(r"token=([\w-]+)", mail.outbox[-1].body).group(1)
        self.call("post", "/api/auth/verify-email", {"token": token})
        return self.sign_in()

    def sign_in(self):
        self.token = self.call("post", "/api/auth/login", self.credentials)["tokens"]["access_token"]
        return self


class Clerk:
    """A member of staff at the back office, who signs in anew for each visit: sittings there are short."""

    def __init__(self, user):
        self.user, self.client = user, Client()

    def press(self, page, name, **data):
        """Press a button of a page, and return what came of it."""
        self.client.force_login(self.user)
        answer = self.client.post(f"{page}do/{name}/", data, follow=True)
        assert answer.status_code == 200, answer.content
        assert "/login/" not in answer.request["PATH_INFO"]
        return answer

    def choose(self, page, action, row):
        """Run an action of a list on one row."""
        chosen = {"action": action, "_selected_action": str(row.pk)}
        self.client.force_login(self.user)
        answer = self.client.post(page, chosen, follow=True)
        assert answer.status_code == 200
        assert "/login/" not in answer.request["PATH_INFO"]
        return answer
