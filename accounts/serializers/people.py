"""The shapes of people and organisations in the API."""

import re
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import Preferences, User
from accounts.models.preferences import CATEGORIES
from goodplay.lib.api.serializers import InputSerializer

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,185}\.[A-Za-z]{2,}", re.ASCII)


def check_email(value: str) -> None:
    if len(value) > 254 or not _EMAIL.fullmatch(value):
        raise serializers.ValidationError(_("This is no e-mail address."), code="INVALID_EMAIL_FORMAT")


class PlainCharField(serializers.CharField):
    """Text that must be sent as text: numbers and booleans are refused, not turned into words."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class CredentialsInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "email.required": "CREDENTIALS_REQUIRED",
        "email.blank": "CREDENTIALS_REQUIRED",
        "email.null": "CREDENTIALS_REQUIRED",
        "email": "INVALID_EMAIL_FORMAT",
        "password.required": "CREDENTIALS_REQUIRED",
        "password.blank": "CREDENTIALS_REQUIRED",
        "password.null": "CREDENTIALS_REQUIRED",
        "password": "INVALID_REQUEST",
    }

    email = PlainCharField(max_length=300)
    password = PlainCharField(max_length=500, trim_whitespace=False)


class RegisterInput(CredentialsInput):
    constants: ClassVar[dict[str, str]] = {
        **CredentialsInput.constants,
        "preferred_language": "INVALID_LANGUAGE_CODE",
    }

    email = PlainCharField(max_length=300, validators=[check_email])
    first_name = PlainCharField(max_length=150, required=False, allow_blank=True)
    last_name = PlainCharField(max_length=150, required=False, allow_blank=True)
    preferred_language = serializers.ChoiceField(choices=User.Language.choices, required=False)


class VerifyEmailInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "token.required": "VERIFICATION_TOKEN_REQUIRED",
        "token.blank": "VERIFICATION_TOKEN_REQUIRED",
        "token": "VERIFICATION_TOKEN_INVALID",
    }

    token = PlainCharField(max_length=200)


class CodeInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "code.required": "SECOND_FACTOR_CODE_REQUIRED",
        "code.blank": "SECOND_FACTOR_CODE_REQUIRED",
        "code.null": "SECOND_FACTOR_CODE_REQUIRED",
        "code": "SECOND_FACTOR_CODE_REFUSED",
    }

    code = PlainCharField(max_length=30, help_text="Six digits of the app, or a recovery code.")


class RefreshInput(InputSerializer):
    needs_data = False

    refresh_token = PlainCharField(required=False, max_length=4000)


class ProfileInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "preferred_language": "INVALID_LANGUAGE_CODE",
        "display_name": "DISPLAY_NAME_LENGTH_INVALID",
    }

    first_name = PlainCharField(max_length=150, required=False, allow_blank=True)
    last_name = PlainCharField(max_length=150, required=False, allow_blank=True)
    display_name = PlainCharField(min_length=2, max_length=50, required=False)
    preferred_language = serializers.ChoiceField(choices=User.Language.choices, required=False)


class PreferencesSerializer(serializers.ModelSerializer[Preferences]):
    class Meta:
        model = Preferences
        fields = CATEGORIES


class SocialProfileSerializer(serializers.Serializer[User]):
    display_name = serializers.CharField()
    privacy_level = serializers.CharField(source="preferences.privacy.profile_visibility")


class UserSerializer(serializers.ModelSerializer[User]):
    """The signed-in person's own account; never shown to anybody else."""

    user_id = serializers.UUIDField(source="id", read_only=True)
    is_verified = serializers.BooleanField(read_only=True)
    role = serializers.CharField(read_only=True)
    preferences = PreferencesSerializer(read_only=True)
    social_profile = SocialProfileSerializer(source="*", read_only=True)

    class Meta:
        model = User
        fields = (
            "id",
            "user_id",
            "email",
            "first_name",
            "last_name",
            "is_active",
            "is_verified",
            "role",
            "preferred_language",
            "created_at",
            "updated_at",
            "preferences",
            "social_profile",
        )


class TokensSerializer(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField()


class SignedInSerializer(serializers.Serializer[Any]):
    user_id = serializers.UUIDField(source="user.id")
    user = UserSerializer()
    tokens = TokensSerializer()


class RegisteredSerializer(SignedInSerializer):
    verification_email_sent = serializers.BooleanField(help_text="The mail is queued for this address.")


class SecondStepSerializer(serializers.Serializer[Any]):
    second_step_at = serializers.DateTimeField()
    valid_until = serializers.DateTimeField(help_text="Then staff routes ask for a code again.")
    dangerous_until = serializers.DateTimeField(help_text="Then what is dangerous asks for a code again.")


class VerifiedSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField()
    is_verified = serializers.BooleanField()


class ProfileSerializer(serializers.Serializer[Any]):
    user = UserSerializer()


class TokenOwnerSerializer(serializers.Serializer[Any]):
    user_id = serializers.UUIDField(source="id")
    email = serializers.EmailField()
