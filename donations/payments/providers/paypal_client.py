"""PayPal's own library, set up for one account: addresses, sign-in, failures in GoodPlay's words, and disputes.

The library has no controller for disputes, so ours stands on its base: same sign-in, same transport.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import requests
from apimatic_core.authentication.multiple.single_auth import Single
from apimatic_core.exceptions.auth_validation_exception import AuthValidationException
from apimatic_core.http.http_callback import HttpCallBack
from apimatic_core.request_builder import RequestBuilder
from apimatic_core.response_handler import ResponseHandler
from apimatic_core.types.parameter import Parameter
from paypalserversdk.api_helper import APIHelper
from paypalserversdk.configuration import Configuration, Environment, Server
from paypalserversdk.controllers.base_controller import BaseController
from paypalserversdk.exceptions.api_exception import ApiException
from paypalserversdk.exceptions.error_exception import ErrorException
from paypalserversdk.http.auth.o_auth_2 import ClientCredentialsAuthCredentials, OAuth2
from paypalserversdk.http.http_method_enum import HttpMethodEnum
from paypalserversdk.models.o_auth_token import OAuthToken
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient

from donations.payments.contract import ProviderError, ProviderRefused, ProviderUnavailable, Settings

# A key that was used before: whatever it did then stands.
_REPEATED = {"PREVIOUS_REQUEST_IN_PROGRESS", "DUPLICATE_REQUEST_ID", "PAYPAL_REQUEST_ID_PREVIOUSLY_USED"}
_TRY_AGAIN = {408, 409, 425, 429}
TOKEN_MARGIN = 60  # seconds before its end from which a token is not used any more


class DisputesController(BaseController):
    """The two reads of the Customer Disputes API that GoodPlay needs."""

    def search(self, transaction_id: str = "", *, page_token: str = "") -> Any:
        return self._get(
            RequestBuilder()
            .path("/v1/customer/disputes")
            .query_param(Parameter().key("disputed_transaction_id").value(transaction_id or None))
            .query_param(Parameter().key("next_page_token").value(page_token or None))
            .query_param(Parameter().key("page_size").value(50))
        )

    def show(self, dispute_id: str) -> Any:
        return self._get(
            RequestBuilder()
            .path("/v1/customer/disputes/{id}")
            .template_param(Parameter().key("id").value(dispute_id).should_encode(should_encode=True))
        )

    def _get(self, request: Any) -> Any:
        request = request.server(Server.DEFAULT).http_method(HttpMethodEnum.GET)
        answer = (
            ResponseHandler().deserializer(APIHelper.json_deserialize).is_api_response(is_api_response=True)
        )
        return (
            self.new_api_call_builder.request(
                request.header_param(Parameter().key("accept").value("application/json")).auth(
                    Single("Oauth2")
                )
            )
            .response(answer.local_error("default", "The error response.", ErrorException))
            .execute()
        )


class PaypalClient(PaypalServersdkClient):
    @property
    def disputes(self) -> DisputesController:
        return DisputesController(self.global_configuration)


class _Configuration(Configuration):
    """The library knows its two addresses only; tests run against a third."""

    def __init__(self, *, endpoint: str, **options: Any) -> None:
        self._endpoint = endpoint
        super().__init__(**options)

    def get_base_uri(self, server: Server = Server.DEFAULT) -> str:
        return self._endpoint or str(super().get_base_uri(server))


class _PlainJson(HttpCallBack):
    """Look at every answer before the library does: its jsonpickle tries YAML, and makes objects of "py/" keys."""

    def on_before_request(self, request: Any) -> None:
        """Nothing: the library insists on being told."""

    def on_after_response(self, response: Any) -> None:
        if '"py/' in response.text:
            raise ProviderUnavailable("PayPal gave an answer of another kind.")
        if response.text:
            _parsed(response.text)


def ask(settings: Settings, call: Callable[[PaypalClient], Any]) -> dict[str, Any]:
    """Make a call and return its JSON. A token that PayPal took back is replaced once."""
    try:
        return _answer(call, _client_of(settings))
    except ProviderRefused as refusal:
        if refusal.code != "invalid_token":
            raise
    _client.cache_clear()
    return _answer(call, _client_of(settings))


def _answer(call: Callable[[PaypalClient], Any], client: PaypalClient) -> dict[str, Any]:
    try:
        text = call(client).text
    except ApiException as error:
        raise _failure(error.response_code, error.response.text) from error
    except (requests.RequestException, AuthValidationException) as error:
        raise ProviderUnavailable("PayPal did not answer.") from error
    return _parsed(text) if text else {}


def _failure(status: int, text: str) -> ProviderError:
    body = _parsed(text)
    details = body.get("details") or [{}]
    issue = details[0].get("issue") or body.get("name") or body.get("error") or ""
    if status >= 500 or status in _TRY_AGAIN or issue in _REPEATED or not issue:
        return ProviderUnavailable(f"PayPal answered {status} {issue}.")
    words = details[0].get("description") or body.get("message") or body.get("error_description") or ""
    return ProviderRefused(issue, words)


def _parsed(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError as error:
        raise ProviderUnavailable("PayPal gave half an answer.") from error
    if not isinstance(body, dict):
        raise ProviderUnavailable("PayPal gave an answer of another kind.")
    return body


def _client_of(settings: Settings) -> PaypalClient:
    return _client(
        settings.credentials.get("client_id", ""),
        settings.credentials.get("client_secret", ""),
        settings.api_endpoint,
        settings.timeout,
        is_test_mode=settings.is_test_mode,
    )


@lru_cache(maxsize=8)
def _client(
    client_id: str,
    client_secret: str,
    endpoint: str,
    timeout: float,
    *,
    is_test_mode: bool,
) -> PaypalClient:
    """Keep one client per account, with its token and its open connections.

    It never tries again by itself: it would sleep as long as PayPal's Retry-After says, in the middle of a request.
    """
    configuration = _Configuration(
        endpoint=endpoint,
        timeout=timeout,
        max_retries=0,
        http_call_back=_PlainJson(),
        environment=Environment.SANDBOX if is_test_mode else Environment.PRODUCTION,
        client_credentials_auth_credentials=ClientCredentialsAuthCredentials(
            client_id,
            client_secret,
            o_auth_token_provider=_fetch_token,
            o_auth_clock_skew=TOKEN_MARGIN,
        ),
    )
    return PaypalClient(config=configuration)


def _fetch_token(_: OAuthToken | None, auth: OAuth2) -> OAuthToken:
    """Sign in. The library's own way swallows the reason of a failure, so that 503 looks like a wrong password."""
    token = auth.fetch_token()
    if not isinstance(token, OAuthToken):
        raise ProviderUnavailable("PayPal gave half an answer.")
    return token
