from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields
from impact.models.updates import ImpactUpdate


def _to_update() -> "models.ForeignKey[ImpactUpdate, ImpactUpdate]":
    """Return the link to the update, which may live in another database."""
    return models.ForeignKey(
        ImpactUpdate,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("update"),
    )


class UpdateReaction(models.Model):
    """That a person saw, liked, shared or commented on an update. Each counts once per person."""

    class Kind(models.TextChoices):
        VIEW = "view", _("View")
        LIKE = "like", _("Like")
        SHARE = "share", _("Share")
        COMMENT = "comment", _("Comment")

    id = fields.key()
    update = _to_update()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="update_reactions", verbose_name=_("player")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    created_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("reaction to an update")
        verbose_name_plural = _("reactions to updates")
        constraints = [
            # Once per person. Also the counts of an update, by kind.
            models.UniqueConstraint(name="reaction_once", fields=["update", "kind", "user"])
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.update_id}"


class UpdateCommentQuerySet(models.QuerySet["UpdateComment"]):
    def visible(self) -> Self:
        """Keep what everybody may read: nothing of people who closed their account."""
        return self.filter(hidden_at=None, deleted_at=None, author__deleted_at=None)


class UpdateComment(models.Model):
    """What a player wrote under an update. Its author takes it back, staff hide it with a reason."""

    id = fields.key()
    update = _to_update()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="update_comments", verbose_name=_("author")
    )
    text = models.CharField(_("text"), max_length=1000)
    created_at = models.DateTimeField(_("written at"))
    deleted_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    hidden_at = models.DateTimeField(_("hidden at"), null=True, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("hidden by"),
    )
    hidden_reason = models.CharField(_("reason"), max_length=500, blank=True, default="")

    objects = UpdateCommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment on an update")
        verbose_name_plural = _("comments on updates")
        constraints = [
            models.CheckConstraint(
                name="comment_hidden_by_somebody_with_a_reason",
                condition=Q(hidden_at=None, hidden_by=None, hidden_reason="")
                | (Q(hidden_at__isnull=False, hidden_by__isnull=False) & ~Q(hidden_reason="")),
            )
        ]
        indexes = [
            # The comments under an update, the latest first.
            models.Index(name="comment_of_update", fields=["update", "-created_at"]),
            # The moderators' list.
            models.Index(name="comment_newest", fields=["-created_at"]),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class CommentReport(models.Model):
    """That a player thinks a comment should not stand."""

    class Reason(models.TextChoices):
        OFFENSIVE = "offensive", _("Offensive")
        SPAM = "spam", _("Advertising or spam")
        PERSONAL_DATA = "personal_data", _("Somebody's personal data")
        FALSE = "false", _("False or misleading")
        OTHER = "other", _("Something else")

    id = fields.key()
    comment = models.ForeignKey(
        UpdateComment, models.CASCADE, related_name="reports", verbose_name=_("comment")
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("reported by")
    )
    reason = models.CharField(_("reason"), max_length=14, choices=Reason.choices)
    details = models.CharField(_("details"), max_length=500, blank=True, default="")
    created_at = models.DateTimeField(_("reported at"))
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("report of a comment")
        verbose_name_plural = _("reports of comments")
        constraints = [models.UniqueConstraint(name="report_once_each", fields=["comment", "reporter"])]
        indexes = [
            # What waits for a moderator.
            models.Index(name="report_open", fields=["created_at"], condition=Q(settled_at=None))
        ]

    def __str__(self) -> str:
        return self.get_reason_display()
