from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class ScreeningSource(models.TextChoices):
    """The lists names are screened against."""

    OFAC = "OFAC", _("OFAC (United States)")
    UN = "UN", _("United Nations")
    EU = "EU", _("European Union")
    PEP = "PEP", _("Politically exposed persons")


class ScreeningEditionQuerySet(models.QuerySet["ScreeningEdition"]):
    def current(self) -> Self:
        return self.filter(status=ScreeningEdition.Status.CURRENT)


class ScreeningEdition(models.Model):
    """One edition of a list, as it was handed in: in force, followed by another, or not to be believed."""

    class Status(models.TextChoices):
        CURRENT = "current", _("In force")
        SUPERSEDED = "superseded", _("Followed by another")
        REFUSED = "refused", _("Refused")

    id = fields.key()
    source = models.CharField(_("list"), max_length=10, choices=ScreeningSource.choices)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    vintage = models.CharField(_("vintage"), max_length=60, blank=True, default="")
    entry_count = models.PositiveIntegerField(_("entries"), default=0)
    added_count = models.PositiveIntegerField(_("new entries"), default=0)
    changed_count = models.PositiveIntegerField(_("changed entries"), default=0)
    removed_count = models.PositiveIntegerField(_("removed entries"), default=0)
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("follows"), related_name="+"
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices)
    refusal_code = models.CharField(_("refused because"), max_length=40, blank=True, default="")
    refusal_detail = models.CharField(_("detail"), max_length=300, blank=True, default="")
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("imported by"),
        related_name="+",
    )
    imported_at = models.DateTimeField(_("imported at"))
    superseded_at = models.DateTimeField(_("followed at"), null=True, blank=True)

    objects = ScreeningEditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition of a screening list")
        verbose_name_plural = _("screening lists")
        constraints = [
            models.UniqueConstraint(
                name="screening_edition_one_current", fields=["source"], condition=Q(status="current")
            ),
            models.CheckConstraint(
                name="screening_edition_refused_iff_told_why",
                condition=(Q(status="refused") & ~Q(refusal_code=""))
                | (~Q(status="refused") & Q(refusal_code="", published_on__isnull=False, entry_count__gt=0)),
            ),
            models.CheckConstraint(
                name="screening_edition_followed_iff_dated",
                condition=Q(status="superseded", superseded_at__isnull=False)
                | (~Q(status="superseded") & Q(superseded_at=None)),
            ),
        ]
        indexes = [
            # The edition a stored decision names.
            models.Index(name="screening_edition_vintage", fields=["vintage"]),
            # The list of imports, newest first.
            models.Index(name="screening_edition_newest", fields=["-imported_at"]),
        ]

    def __str__(self) -> str:
        return self.vintage or f"{self.source} ({self.get_status_display()})"


class ScreeningFile(models.Model):
    """A published file of an edition, kept so that every decision taken by it can be taken again."""

    id = fields.key()
    edition = models.ForeignKey(ScreeningEdition, models.PROTECT, related_name="files")
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=200)
    size = models.PositiveBigIntegerField(_("bytes"))
    content = fields.EncryptedBytesField()

    class Meta:
        verbose_name = _("file of a screening list")
        verbose_name_plural = _("files of screening lists")
        constraints = [
            models.UniqueConstraint(name="screening_file_position", fields=["edition", "position"])
        ]

    def __str__(self) -> str:
        return self.name


class ScreeningRun(models.Model):
    """Everybody, screened against what a new edition brought, or anew because the rules of screening changed.

    It goes on where it was cut off.
    """

    id = fields.key()
    edition = models.OneToOneField(
        ScreeningEdition, models.PROTECT, null=True, blank=True, related_name="run"
    )
    code_version = models.CharField(
        _("new rules"), max_length=20, blank=True, default="", help_text=_("Why everybody is screened anew.")
    )
    after = models.UUIDField(_("screened up to"), null=True, blank=True, editable=False)
    subject_count = models.PositiveIntegerField(_("screened"), default=0)
    hit_count = models.PositiveIntegerField(_("hits"), default=0)
    closed_count = models.PositiveIntegerField(_("hits closed"), default=0)
    lost_count = models.PositiveIntegerField(
        _("hits no longer found"), default=0, help_text=_("By the new rules. A person decides on them still.")
    )
    vintages = models.JSONField(_("lists"), default=list)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("screening of everybody")
        verbose_name_plural = _("screenings of everybody")
        constraints = [
            models.CheckConstraint(
                name="screening_run_has_one_cause",
                condition=Q(edition__isnull=False, code_version="") | (Q(edition=None) & ~Q(code_version="")),
            ),
        ]
        indexes = [
            # What the job goes on with.
            models.Index(name="screening_run_open", fields=["started_at"], condition=Q(finished_at=None))
        ]

    def __str__(self) -> str:
        return str(self.edition or self.code_version)


class ScreeningQuality(models.Model):
    """What the screener was measured to be worth, on labelled pairs and clean names. A fact of its day."""

    append_only = True

    id = fields.key()
    code_version = models.CharField(_("rules"), max_length=20)
    f1 = models.DecimalField("F1", max_digits=5, decimal_places=4)
    precision = models.DecimalField(_("precision"), max_digits=5, decimal_places=4)
    recall = models.DecimalField(_("recall"), max_digits=5, decimal_places=4)
    strong_recall = models.DecimalField(
        _("strong matches caught"), max_digits=5, decimal_places=4, null=True, blank=True
    )
    clean_alert_rate = models.DecimalField(
        _("alerts on clean names"), max_digits=5, decimal_places=4, null=True, blank=True
    )
    milliseconds = models.DecimalField(
        _("milliseconds a name"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    report = models.JSONField(_("report"))
    measured_at = models.DateTimeField(_("measured at"))

    class Meta:
        verbose_name = _("quality of the screener")
        verbose_name_plural = _("quality of the screener")
        indexes = [
            # The latest, for the dashboard.
            models.Index(name="screening_quality_newest", fields=["-measured_at"])
        ]

    def __str__(self) -> str:
        return f"{self.code_version} {self.f1}"
