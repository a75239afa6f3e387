"""What the routes about passwords take. Passwords are never trimmed."""

from typing import ClassVar

from accounts.serializers.people import PlainCharField, check_email
from goodplay.lib.api.serializers import InputSerializer


class NewPasswordField(PlainCharField):
    def __init__(self) -> None:
        super().__init__(max_length=128, trim_whitespace=False)


class PasswordChangeInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "current_password.required": "CREDENTIALS_REQUIRED",
        "current_password.blank": "CREDENTIALS_REQUIRED",
        "current_password.null": "CREDENTIALS_REQUIRED",
        "current_password": "CURRENT_PASSWORD_INCORRECT",
        "new_password.required": "CREDENTIALS_REQUIRED",
        "new_password.blank": "CREDENTIALS_REQUIRED",
        "new_password.null": "CREDENTIALS_REQUIRED",
        "new_password": "INVALID_REQUEST",
    }

    current_password = PlainCharField(max_length=500, trim_whitespace=False)
    new_password = NewPasswordField()


class ResetRequestInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "email.required": "EMAIL_REQUIRED",
        "email.blank": "EMAIL_REQUIRED",
        "email.null": "EMAIL_REQUIRED",
        "email": "INVALID_EMAIL_FORMAT",
    }

    email = PlainCharField(max_length=300, validators=[check_email])


class ResetInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "token.required": "RESET_TOKEN_REQUIRED",
        "token.blank": "RESET_TOKEN_REQUIRED",
        "token.null": "RESET_TOKEN_REQUIRED",
        "token": "INVALID_RESET_TOKEN",
        "new_password.required": "NEW_PASSWORD_REQUIRED",
        "new_password.blank": "NEW_PASSWORD_REQUIRED",
        "new_password.null": "NEW_PASSWORD_REQUIRED",
        "new_password": "INVALID_REQUEST",
    }

    token = PlainCharField(max_length=200)
    new_password = NewPasswordField()
