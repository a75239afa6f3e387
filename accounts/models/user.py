from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **columns: Any) -> "User":
        user = self.model(email=normalise_email(email), **columns)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **columns: Any) -> "User":
        columns = {"is_staff": True, "is_superuser": True, "email_verified_at": timezone.now(), **columns}
        return self.create_user(email, password, **columns)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normalise_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A person: player, member of an ONLUS, member of staff, or all three. Signs in with the e-mail address."""

    class Language(models.TextChoices):
        EN = "en", "English"
        IT = "it", "Italiano"
        ES = "es", "Español"
        FR = "fr", "Français"
        DE = "de", "Deutsch"
        PT = "pt", "Português"
        NL = "nl", "Nederlands"
        RU = "ru", "Русский"
        ZH = "zh", "中文"
        JA = "ja", "日本語"
        KO = "ko", "한국어"
        AR = "ar", "العربية"

    id = fields.key()
    email = models.EmailField(_("e-mail"), unique=True, help_text=_("Stored in lower case."))
    first_name = models.CharField(_("first name"), max_length=150, blank=True, default="")
    last_name = models.CharField(_("last name"), max_length=150, blank=True, default="")
    display_name = models.CharField(_("display name"), max_length=50, help_text=_("What other players see."))
    preferred_language = models.CharField(
        _("preferred language"), max_length=2, choices=Language.choices, default=Language.EN
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Off for suspended and deleted accounts.")
    )
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May enter the back office."))
    email_verified_at = models.DateTimeField(_("e-mail verified at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True)
    session_epoch = models.PositiveIntegerField(
        default=0, editable=False, help_text="Raised to end every session of the pages at once."
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = [
            ("manage_users", "Can suspend people and let them in again"),
            ("manage_staff", "Can give roles and rights to staff, unlock them and reset their second step"),
        ]
        constraints = [
            models.CheckConstraint(
                name="user_deleted_is_inactive",
                condition=models.Q(deleted_at=None) | models.Q(is_active=False),
            ),
            models.CheckConstraint(name="user_email_lower_case", condition=models.Q(email=Lower("email"))),
        ]

    def __str__(self) -> str:
        return self.display_name or self.email

    @property
    def is_verified(self) -> bool:
        return self.email_verified_at is not None

    @property
    def role(self) -> str:
        return "admin" if self.is_staff else "user"

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Tie the sessions of the pages to the password, as Django does, and to the epoch."""
        tied_to = f"{self.session_epoch}:{self.password}"
        return salted_hmac("accounts.session", tied_to, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def normalise_email(email: str) -> str:
    return email.strip().lower()
