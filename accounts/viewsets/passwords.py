"""Changing a password, and choosing another when it is forgotten."""

from typing import ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import bearer_token, verify_access_token
from accounts.operations import addresses, passwords, sign_in
from accounts.serializers import passwords as serializers
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address


class PasswordViewSet(ApiViewSet):
    """Whoever knows the present password, or reads the mail of the address, chooses another."""

    serializer_class = serializers.PasswordChangeInput
    messages: ClassVar[dict[str, str]] = {
        "change_password": "PASSWORD_CHANGED_SUCCESS",
        "forgot_password": "PASSWORD_RESET_EMAIL_SENT",
        "reset_password": "PASSWORD_RESET_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "change_password": (
            passwords.NewPasswordTooWeak,
            passwords.CurrentPasswordIncorrect,
            sign_in.TooManyFailures,
            sign_in.AccountDisabled,
            addresses.AddressBlocked,
        ),
        "reset_password": (
            passwords.NewPasswordTooWeak,
            passwords.ResetTokenInvalid,
            passwords.ResetTokenExpired,
            passwords.AccountClosed,
        ),
    }
    throttle_scopes: ClassVar[dict[str, str]] = {
        "change_password": "sign_in",
        "forgot_password": "mail",
        "reset_password": "sign_in",
    }

    @extend_schema(request=serializers.PasswordChangeInput, responses={200: None})
    @action(detail=False, methods=["put"], url_path="change-password")
    def change_password(self, request: Request) -> Response:
        """Set another password. Every other sign-in ends; this one stays."""
        passwords.change(
            user=self.caller,
            **self.body(),
            session_id=UUID(verify_access_token(bearer_token(request) or "")["sid"]),
            now=timezone.now(),
            address=client_address(request._request),
        )
        return Response()

    @extend_schema(request=serializers.ResetRequestInput, responses={200: None})
    @action(
        detail=False,
        methods=["post"],
        url_path="forgot-password",
        permission_classes=[AllowAny],
        authentication_classes=[],
        serializer_class=serializers.ResetRequestInput,
    )
    def forgot_password(self, request: Request) -> Response:
        """Mail a link that lives an hour, if there is an account. The answer does not say whether there is."""
        passwords.request_reset(**self.body(), now=timezone.now())
        return Response()

    @extend_schema(request=serializers.ResetInput, responses={200: None})
    @action(
        detail=False,
        methods=["post"],
        url_path="reset-password",
        permission_classes=[AllowAny],
        authentication_classes=[],
        serializer_class=serializers.ResetInput,
    )
    def reset_password(self, request: Request) -> Response:
        """Set another password with the mailed token. Every sign-in ends, and the address is confirmed."""
        passwords.reset(**self.body(), now=timezone.now(), address=client_address(request._request))
        return Response()
