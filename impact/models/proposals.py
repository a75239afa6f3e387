from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields
from impact.models.documents import list_of_lower_case_texts, list_of_web_addresses, words_by_address
from impact.models.stories import ImpactStory


class StoryProposalQuerySet(models.QuerySet["StoryProposal"]):
    def waiting(self) -> Self:
        return self.filter(status=StoryProposal.Status.WAITING)


class StoryProposal(models.Model):
    """A story an organisation would like told. The staff makes a story of it, or says why not."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting for our staff")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = fields.key()
    onlus = models.ForeignKey(
        "accounts.Onlus", models.PROTECT, related_name="story_proposals", verbose_name=_("ONLUS")
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    title_it = models.CharField(_("Italian title"), max_length=200)
    preview_content_it = models.TextField(_("Italian teaser"), max_length=600)
    content_it = models.TextField(_("Italian text"), max_length=20_000)
    title = models.CharField(_("English title"), max_length=200, blank=True, default="")
    preview_content = models.TextField(_("English teaser"), max_length=600, blank=True, default="")
    content = models.TextField(_("English text"), max_length=20_000, blank=True, default="")
    category = models.CharField(_("category"), max_length=40, default="general")
    tags = models.JSONField(_("tags"), default=list, blank=True, validators=[list_of_lower_case_texts])
    media_urls = models.JSONField(_("media"), default=list, blank=True, validators=[list_of_web_addresses])
    media_descriptions = models.JSONField(
        _("what the media show"), default=dict, blank=True, validators=[words_by_address]
    )
    note = models.CharField(_("note to our staff"), max_length=500, blank=True, default="")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.WAITING)
    created_at = models.DateTimeField(_("proposed at"))
    updated_at = models.DateTimeField(_("last changed"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    story = models.ForeignKey(
        ImpactStory,
        models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("story"),
    )

    objects = StoryProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("story proposal")
        verbose_name_plural = _("story proposals")
        constraints = [
            models.CheckConstraint(
                name="story_proposal_decided_as_its_status",
                condition=Q(status="waiting", decided_at=None, decided_by=None, story=None)
                | Q(status="withdrawn", decided_at__isnull=False, decided_by=None, story=None)
                | (Q(status="accepted", decided_at__isnull=False, decided_by__isnull=False) & ~Q(story=None))
                | (
                    Q(status="declined", decided_at__isnull=False, decided_by__isnull=False, story=None)
                    & ~Q(reason="")
                ),
            )
        ]
        indexes = [
            # An organisation's proposals, the latest first.
            models.Index(name="story_proposal_onlus", fields=["onlus", "-created_at", "-id"]),
            # The staff's queue, the oldest first.
            models.Index(name="story_proposal_waiting", fields=["created_at"], condition=Q(status="waiting")),
        ]

    def __str__(self) -> str:
        return self.title_it

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING
