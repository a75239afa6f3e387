from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class IdentityLevel(models.Model):
    """How much somebody may move, by how well they are known."""

    class Level(models.IntegerChoices):
        UNKNOWN = 0, _("Nothing proven")
        EMAIL = 1, _("E-mail address proven")
        IDENTITY = 2, _("Identity proven")
        FUNDS = 3, _("Identity and source of funds proven")

    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices, primary_key=True)
    single_limit = fields.euros_from_zero(verbose_name=_("at once, EUR"))
    daily_limit = fields.euros_from_zero(verbose_name=_("a day, EUR"))
    monthly_limit = fields.euros_from_zero(verbose_name=_("a month, EUR"))
    updated_at = models.DateTimeField(_("changed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("identity level")
        verbose_name_plural = _("identity levels")
        constraints = [
            models.CheckConstraint(
                name="identity_limits_in_order",
                condition=Q(single_limit__gte=0)
                & Q(single_limit__lte=F("daily_limit"))
                & Q(daily_limit__lte=F("monthly_limit")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.level}. {self.get_level_display()}"


class IdentityVerificationQuerySet(models.QuerySet["IdentityVerification"]):
    def open(self) -> Self:
        return self.filter(status__in=IdentityVerification.OPEN)

    def proven(self, now: datetime) -> Self:
        return self.filter(status=IdentityVerification.Status.APPROVED, expires_at__gt=now)


class IdentityVerification(models.Model):
    """A player asks to be known better, hands in documents, and a person decides."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Being filled in")
        SUBMITTED = "submitted", _("Waits for review")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    OPEN = (Status.DRAFT, Status.SUBMITTED)

    id = fields.key()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("player"), related_name="identities"
    )
    level = models.PositiveSmallIntegerField(_("level asked for"), choices=IdentityLevel.Level.choices)
    given_names = models.CharField(_("given names"), max_length=100)
    family_names = models.CharField(_("family names"), max_length=100)
    born_on = models.DateField(_("born on"))
    nationality = models.CharField(_("nationality"), max_length=2, validators=[RegexValidator(r"^[A-Z]{2}$")])
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    provider = models.CharField(_("proven by"), max_length=30, default="manual")
    provider_reference = models.CharField(_("provider's number"), max_length=120, blank=True, default="")
    provider_opinion = models.CharField(_("provider's opinion"), max_length=300, blank=True, default="")
    created_at = models.DateTimeField(_("begun at"))
    submitted_at = models.DateTimeField(_("handed in at"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("proposed by"),
        related_name="+",
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("decided by"),
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision_reason = models.CharField(_("reason of the decision"), max_length=500, blank=True, default="")
    expires_at = models.DateTimeField(_("holds until"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded at"), null=True, blank=True)

    objects = IdentityVerificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("identity verification")
        verbose_name_plural = _("identity verifications")
        permissions = [("decide_identityverification", "Can decide on identity verifications")]
        constraints = [
            models.UniqueConstraint(
                name="identity_one_open", fields=["user"], condition=Q(status__in=["draft", "submitted"])
            ),
            models.CheckConstraint(name="identity_level_can_be_asked", condition=Q(level__in=[2, 3])),
            models.CheckConstraint(
                name="identity_submitted_iff_dated",
                condition=Q(status="draft", submitted_at=None)
                | Q(status="withdrawn")
                | Q(status__in=["submitted", "approved", "rejected", "expired"], submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="identity_decided_iff_dated",
                condition=Q(status__in=["draft", "submitted", "withdrawn"], decided_at=None, decided_by=None)
                | Q(
                    status__in=["approved", "rejected", "expired"],
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="identity_approved_holds_until",
                condition=Q(status__in=["approved", "expired"], expires_at__isnull=False)
                | ~Q(status__in=["approved", "expired"]),
            ),
            models.CheckConstraint(
                name="identity_funds_approved_by_two",
                condition=~Q(status__in=["approved", "expired"], level=3)
                | (Q(proposed_by__isnull=False) & ~Q(proposed_by=F("decided_by"))),
            ),
            models.CheckConstraint(
                name="identity_not_decided_by_oneself", condition=~Q(decided_by=F("user"))
            ),
        ]
        indexes = [
            # The queue, oldest first.
            models.Index(name="identity_queue", fields=["submitted_at"], condition=Q(status="submitted")),
            # "How well is this one known?"
            models.Index(name="identity_of", fields=["user", "status", "expires_at"]),
            # What expires, for the job.
            models.Index(name="identity_expiring", fields=["expires_at"], condition=Q(status="approved")),
        ]

    def __str__(self) -> str:
        return f"{self.full_name} ({self.get_level_display()})"

    @property
    def full_name(self) -> str:
        return f"{self.given_names} {self.family_names}".strip()

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN


class IdentityDocument(models.Model):
    """A document handed in for a verification: its picture is a private file, of its number only the end is kept."""

    class Kind(models.TextChoices):
        ID_CARD = "id_card", _("Identity card")
        PASSPORT = "passport", _("Passport")
        DRIVING_LICENCE = "driving_licence", _("Driving licence")
        PROOF_OF_ADDRESS = "proof_of_address", _("Proof of address")
        SOURCE_OF_FUNDS = "source_of_funds", _("Source of funds")

    OF_IDENTITY = (Kind.ID_CARD, Kind.PASSPORT, Kind.DRIVING_LICENCE)

    id = fields.key()
    verification = models.ForeignKey(IdentityVerification, models.PROTECT, related_name="documents")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    number_end = models.CharField(
        _("number ends with"), max_length=4, blank=True, default="", help_text=_("The last four signs only.")
    )
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    file = models.OneToOneField(
        "private_files.PrivateFile", models.PROTECT, verbose_name=_("file"), related_name="+"
    )
    uploaded_at = models.DateTimeField(_("handed in at"))

    class Meta:
        verbose_name = _("identity document")
        verbose_name_plural = _("identity documents")
        constraints = [
            models.CheckConstraint(
                name="identity_document_has_number_and_end",
                condition=Q(kind__in=["proof_of_address", "source_of_funds"])
                | (~Q(number_end="") & Q(expires_on__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} …{self.number_end}" if self.number_end else self.get_kind_display()

    @property
    def is_of_identity(self) -> bool:
        return self.kind in self.OF_IDENTITY
