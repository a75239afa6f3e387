from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields

from .screening_lists import ScreeningRun, ScreeningSource

_WHO = (
    Q(user__isnull=False, onlus=None, bank_account=None)
    | Q(user=None, onlus__isnull=False, bank_account=None)
    | Q(user=None, onlus=None, bank_account__isnull=False)
)


class ScreenedSubjectQuerySet(models.QuerySet["ScreenedSubject"]):
    def due(self) -> Self:
        return self.filter(due_at__isnull=False)


class ScreenedSubject(models.Model):
    """Somebody names are screened for: a player, an organisation, or the holder of the account it is paid to."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Not screened yet")
        CLEAR = "clear", _("Clear")
        NAMELESS = "nameless", _("Has no name yet")
        OPEN = "open", _("A hit is open")
        CONFIRMED = "confirmed", _("Confirmed as listed")

    id = fields.key()
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("player"),
        related_name="screened",
    )
    onlus = models.OneToOneField(
        "accounts.Onlus",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="ONLUS",
        related_name="screened",
    )
    bank_account = models.OneToOneField(
        "donations.OnlusBankAccount",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("bank account"),
        related_name="screened",
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    facts_digest = models.CharField(
        max_length=64, blank=True, default="", editable=False, help_text="Of what was screened last."
    )
    vintages = models.JSONField(_("lists"), default=list, help_text=_("Screened against, last time."))
    due_at = models.DateTimeField(_("to be screened since"), null=True, blank=True)
    screened_at = models.DateTimeField(_("screened at"), null=True, blank=True)

    objects = ScreenedSubjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("screened person or organisation")
        verbose_name_plural = _("screened people and organisations")
        constraints = [
            models.CheckConstraint(name="screened_subject_is_one", condition=_WHO),
            models.CheckConstraint(
                name="screened_subject_waits_until_screened",
                condition=Q(state="waiting") | Q(screened_at__isnull=False),
            ),
        ]
        indexes = [
            # What the job takes next.
            models.Index(name="screened_subject_due", fields=["due_at"], condition=Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return str(self.user or self.onlus or self.bank_account)


class ScreeningDecision(models.Model):
    """What the screener answered, with all it takes to give the same answer again. A fact: it never changes."""

    append_only: ClassVar[bool] = True
    purgeable: ClassVar[bool] = True

    class Cause(models.TextChoices):
        SUBJECT = "subject", _("New or renamed")
        EDITION = "edition", _("A new edition of a list")
        RULES = "rules", _("New rules of screening")

    class Band(models.TextChoices):
        STRONG = "strong", _("Strong")
        POSSIBLE = "possible", _("Possible")
        NONE = "none", _("None")
        UNREADABLE = "unreadable", _("Nothing to read in it")

    id = fields.key()
    subject = models.ForeignKey(ScreenedSubject, models.PROTECT, related_name="decisions")
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices)
    run = models.ForeignKey(ScreeningRun, models.PROTECT, null=True, blank=True, related_name="decisions")
    name = models.CharField(_("name"), max_length=310)
    query = models.JSONField(_("asked"))
    vintages = models.JSONField(_("lists"))
    code_version = models.CharField(_("rules"), max_length=20)
    band = models.CharField(_("band"), max_length=10, choices=Band.choices)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=4)
    hits = models.JSONField(_("hits"), default=list)
    facts_digest = models.CharField(max_length=64, editable=False)
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("screening decision")
        verbose_name_plural = _("screening decisions")
        constraints = [
            models.CheckConstraint(
                name="screening_decision_of_its_run",
                condition=Q(cause__in=["edition", "rules"], run__isnull=False) | Q(cause="subject", run=None),
            )
        ]
        indexes = [
            # "What was answered about this one?" and the list of all, newest first.
            models.Index(name="screening_decision_of", fields=["subject", "-decided_at"]),
            models.Index(name="screening_decision_newest", fields=["-decided_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_band_display()}"


class ScreeningHitQuerySet(models.QuerySet["ScreeningHit"]):
    def open(self) -> Self:
        return self.filter(status=ScreeningHit.Status.OPEN)

    def standing(self) -> Self:
        """Return those that stop money: somebody must decide, or decided that it is the listed one."""
        return self.filter(status__in=[ScreeningHit.Status.OPEN, ScreeningHit.Status.CONFIRMED])


class ScreeningHit(models.Model):
    """One of ours and one entry of a list: the same? Until somebody decides, money waits.

    A false positive is remembered by what both were: it opens again only when either has changed. Without a list it is
    a name nothing can be read in.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CONFIRMED = "confirmed", _("It is the listed one")
        FALSE_POSITIVE = "false", _("It is somebody else")
        CLOSED = "closed", _("No longer listed")

    id = fields.key()
    subject = models.ForeignKey(ScreenedSubject, models.PROTECT, verbose_name=_("ours"), related_name="hits")
    decision = models.ForeignKey(
        ScreeningDecision, models.PROTECT, verbose_name=_("decision"), related_name="+"
    )
    source = models.CharField(
        _("list"), max_length=10, choices=ScreeningSource.choices, blank=True, default=""
    )
    reference = models.CharField(_("entry"), max_length=80, blank=True, default="")
    entry_name = models.CharField(_("listed as"), max_length=500, blank=True, default="")
    entry = models.JSONField(_("the entry"), default=dict)
    entry_digest = models.CharField(max_length=64, editable=False)
    facts_digest = models.CharField(max_length=64, editable=False)
    explanation = models.JSONField(_("explanation"), default=dict)
    band = models.CharField(_("band"), max_length=10, choices=ScreeningDecision.Band.choices)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=4)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField(_("opened at"))
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
    decision_reason = models.CharField(_("reason of the decision"), max_length=500, blank=True, default="")
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    lost_in = models.ForeignKey(
        ScreeningRun,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("no longer found by"),
        related_name="lost_hits",
        help_text=_("The new rules of screening would not have found it."),
    )

    objects = ScreeningHitQuerySet.as_manager()

    class Meta:
        verbose_name = _("screening hit")
        verbose_name_plural = _("screening hits")
        permissions = [("decide_screeninghit", "Can decide on screening hits")]
        constraints = [
            models.UniqueConstraint(
                name="screening_hit_stands_once",
                fields=["subject", "source", "reference"],
                condition=Q(status__in=["open", "confirmed"]),
            ),
            models.CheckConstraint(
                name="screening_hit_decided_iff_dated",
                condition=Q(status="open", decided_at=None, decided_by=None)
                | Q(status="closed", decided_at__isnull=False)
                | Q(
                    status__in=["confirmed", "false"],
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="screening_hit_confirmed_by_two",
                condition=~Q(status="confirmed")
                | (Q(proposed_by__isnull=False) & ~Q(proposed_by=F("decided_by"))),
            ),
        ]
        indexes = [
            # The queue, oldest first.
            models.Index(name="screening_hit_queue", fields=["opened_at"], condition=Q(status="open")),
            # "Does a hit stop this one?" and "was it somebody else?"
            models.Index(name="screening_hit_of", fields=["subject", "source", "reference"]),
            # Hits of an entry that is no longer listed.
            models.Index(name="screening_hit_entry", fields=["source", "reference"]),
        ]

    def __str__(self) -> str:
        if not self.source:
            return f"{self.subject}: {self.get_band_display()}"
        words = {"ours": self.subject, "listed": self.entry_name, "list": self.source}
        return gettext("%(ours)s: is it %(listed)s (%(list)s)?") % words
