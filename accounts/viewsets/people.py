"""Accounts over REST."""

from typing import ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import step_up
from accounts.authentication import TokenAuthentication, bearer_token, verify_access_token
from accounts.models import LoginSession
from accounts.operations import addresses, profile, registration, second_factor, sign_in
from accounts.serializers import people as serializers
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address


class AuthViewSet(ApiViewSet):
    """Opening an account, signing in, staying signed in, signing out."""

    serializer_class = serializers.CredentialsInput
    messages: ClassVar[dict[str, str]] = {
        "register": "USER_REGISTRATION_SUCCESS",
        "login": "USER_LOGIN_SUCCESS",
        "refresh": "TOKEN_REFRESH_SUCCESS",
        "logout": "USER_LOGOUT_SUCCESS",
        "verify_email": "EMAIL_VERIFICATION_SUCCESS",
        "resend_verification": "VERIFICATION_EMAIL_SENT",
        "validate_token": "TOKEN_VALID",
        "second_step": "SECOND_STEP_PASSED",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "register": (registration.PasswordTooWeak, registration.EmailAlreadyRegistered),
        "login": (
            sign_in.InvalidCredentials,
            sign_in.AccountDisabled,
            sign_in.AccountNotVerified,
            sign_in.TooManyFailures,
            addresses.AddressBlocked,
        ),
        "refresh": (sign_in.TokenRefused, sign_in.TokenExpired),
        "verify_email": (
            registration.VerificationTokenInvalid,
            registration.VerificationTokenExpired,
            registration.EmailAlreadyVerified,
        ),
        "resend_verification": (registration.EmailAlreadyVerified,),
        "second_step": (second_factor.NotSetUp, second_factor.CodeRefused, second_factor.CodesRest),
    }
    throttle_scopes: ClassVar[dict[str, str]] = {
        "register": "register",
        "login": "sign_in",
        "refresh": "refresh",
        "verify_email": "sign_in",
        "resend_verification": "register",
        "second_step": "sign_in",
    }

    @extend_schema(request=serializers.RegisterInput, responses={201: serializers.RegisteredSerializer})
    @action(
        detail=False,
        methods=["post"],
        permission_classes=[AllowAny],
        authentication_classes=[],
        serializer_class=serializers.RegisterInput,
    )
    def register(self, request: Request) -> Response:
        """Open an account; the confirmation mail follows."""
        now = timezone.now()
        user = registration.register(**self.body(), now=now)
        tokens = sign_in.open_session(user=user, device=_device(request), now=now)
        made = {"user": user, "tokens": tokens, "verification_email_sent": True}
        return Response(serializers.RegisteredSerializer(made).data, status=201)

    @extend_schema(request=serializers.CredentialsInput, responses=serializers.SignedInSerializer)
    @action(detail=False, methods=["post"], permission_classes=[AllowAny], authentication_classes=[])
    def login(self, request: Request) -> Response:
        """Sign in with e-mail and password."""
        user, tokens = sign_in.sign_in(**self.body(), device=_device(request), now=timezone.now())
        return Response(serializers.SignedInSerializer({"user": user, "tokens": tokens}).data)

    @extend_schema(request=serializers.RefreshInput, responses=serializers.TokensSerializer)
    @action(
        detail=False,
        methods=["post"],
        permission_classes=[AllowAny],
        authentication_classes=[],
        serializer_class=serializers.RefreshInput,
    )
    def refresh(self, request: Request) -> Response:
        """Exchange the refresh token, sent as `Authorization: Bearer` or as `refresh_token` in the body."""
        token = bearer_token(request) or self.body().get("refresh_token")
        if not token:
            raise sign_in.TokenRefused
        return Response(serializers.TokensSerializer(sign_in.refresh(token=token, now=timezone.now())).data)

    @extend_schema(request=None, responses={200: None})
    @action(detail=False, methods=["post"])
    def logout(self, request: Request) -> Response:
        """End this sign-in and its tokens."""
        claims = verify_access_token(bearer_token(request) or "")
        sign_in.end_session(session_id=claims["sid"], because=LoginSession.Ended.LOGOUT, now=timezone.now())
        return Response()

    @extend_schema(request=serializers.VerifyEmailInput, responses=serializers.VerifiedSerializer)
    @action(
        detail=False,
        methods=["post"],
        url_path="verify-email",
        permission_classes=[AllowAny],
        authentication_classes=[],
        serializer_class=serializers.VerifyEmailInput,
    )
    def verify_email(self, request: Request) -> Response:
        """Confirm the address with the mailed token."""
        user = registration.verify_email(**self.body(), now=timezone.now())
        return Response(serializers.VerifiedSerializer(user).data)

    @extend_schema(request=None, responses={200: None})
    @action(detail=False, methods=["post"], url_path="resend-verification")
    def resend_verification(self, request: Request) -> Response:
        """Send the confirmation mail again."""
        registration.request_verification(user=self.caller)
        return Response()

    @extend_schema(responses=serializers.TokenOwnerSerializer)
    @action(detail=False, methods=["get"], url_path="validate-token")
    def validate_token(self, request: Request) -> Response:
        """Tell whose token this is."""
        return Response(serializers.TokenOwnerSerializer(request.user).data)

    @extend_schema(request=serializers.CodeInput, responses=serializers.SecondStepSerializer)
    @action(
        detail=False,
        methods=["post"],
        url_path="second-step",
        serializer_class=serializers.CodeInput,
    )
    def second_step(self, request: Request) -> Response:
        """Show a code of the authenticator app, or a recovery code: what staff routes ask for."""
        session = second_factor.verify_sign_in(
            session_id=verify_access_token(bearer_token(request) or "")["sid"],
            user=self.caller,
            code=self.body()["code"],
            address=client_address(request._request),
            now=timezone.now(),
        )
        return Response(serializers.SecondStepSerializer(step_up.facts_of(session)).data)


class ProfileViewSet(ApiViewSet):
    """The signed-in person."""

    authentication_classes = [TokenAuthentication]
    serializer_class = serializers.ProfileInput
    messages: ClassVar[dict[str, str]] = {
        "retrieve": "PROFILE_RETRIEVED_SUCCESS",
        "update": "PROFILE_UPDATED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {"update": (profile.NothingToChange,)}

    @extend_schema(responses=serializers.ProfileSerializer)
    def retrieve(self, request: Request) -> Response:
        """Show the account."""
        return Response(serializers.ProfileSerializer({"user": request.user}).data)

    @extend_schema(request=serializers.ProfileInput, responses=serializers.ProfileSerializer)
    def update(self, request: Request) -> Response:
        """Change names, display name or language."""
        user = profile.update_profile(user=self.caller, **self.body())
        return Response(serializers.ProfileSerializer({"user": user}).data)


def _device(request: Request) -> sign_in.Device:
    return sign_in.Device(request.headers.get("User-Agent", ""), client_address(request._request))
