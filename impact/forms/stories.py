"""Writing stories."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import OnlusCategory
from goodplay.lib.markdown import plain
from impact.forms.constants import FormWithConstants
from impact.models import ImpactStory, StoryProposal

WORDS_A_MINUTE = 200
HIGHEST_PRIORITY = 10
LONGEST_DESCRIPTION = 200

Media = dict[str, dict[str, str]]

STORY_CONSTANTS = {
    **{
        f"{name}.required": f"STORY_{name.upper()}_REQUIRED"
        for name in ("title", "content", "story_type", "unlock_condition_type", "unlock_condition_value")
    },
    "story_type.invalid_choice": "STORY_TYPE_INVALID",
    "unlock_condition_type.invalid_choice": "STORY_UNLOCK_CONDITION_TYPE_INVALID",
    "unlock_condition_value.min_value": "STORY_UNLOCK_CONDITION_VALUE_NEGATIVE",
    "unlock_condition_value.invalid": "STORY_UNLOCK_CONDITION_VALUE_INVALID",
    "unlock_condition_value.max_digits": "STORY_UNLOCK_CONDITION_VALUE_INVALID",
    "unlock_condition_value.max_decimal_places": "STORY_UNLOCK_CONDITION_VALUE_INVALID",
    "unlock_condition_value.max_whole_digits": "STORY_UNLOCK_CONDITION_VALUE_INVALID",
    "estimated_read_time.min_value": "STORY_READ_TIME_TOO_SHORT",
    "estimated_read_time.invalid": "STORY_READ_TIME_INVALID",
    "estimated_read_time.max_value": "STORY_READ_TIME_INVALID",
    "media_urls.format": "STORY_MEDIA_URLS_INVALID_FORMAT",
    "media_urls.address": "STORY_MEDIA_URL_INVALID",
    "media_urls.description": "STORY_MEDIA_DESCRIPTION_REQUIRED",
    "priority.min_value": "STORY_PRIORITY_INVALID",
    "priority.max_value": "STORY_PRIORITY_INVALID",
    "priority.invalid": "STORY_PRIORITY_INVALID",
    "special_event.required": "STORY_SPECIAL_EVENT_REQUIRED",
    "available_until.order": "STORY_DATES_INVALID",
}


class TagsField(forms.CharField):
    """Tags as people write them, with commas between; kept in lower case, each once."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        tags = (" ".join(tag.split()).lower() for tag in super().clean(value).split(","))
        return list(dict.fromkeys(filter(None, tags)))


class MediaField(forms.CharField):
    """Media, one on each line: `address | what it shows | the same in Italian`. Cleaned: words by address, in order."""

    widget = forms.Textarea
    is_address = URLValidator(schemes=["http", "https"])

    def clean(self, value: Any) -> Any:
        return dict(self._medium(line) for line in super().clean(value).splitlines() if line.strip())

    def _medium(self, line: str) -> tuple[str, dict[str, str]]:
        parts = [part.strip() for part in line.split("|")]
        if len(parts) > 3 or max(map(len, parts[1:]), default=0) > LONGEST_DESCRIPTION:
            raise ValidationError(
                _("Write on each line: address | what it shows | the same in Italian."), code="format"
            )
        address, english, italian = [*parts, "", ""][:3]
        try:
            self.is_address(address)
        except ValidationError as error:
            raise ValidationError(
                _("“%(address)s” is no address that begins with http:// or https://."),
                code="address",
                params={"address": address},
            ) from error
        if not (english or italian):
            raise ValidationError(
                _("Say what %(address)s shows, for people who cannot see it."),
                code="description",
                params={"address": address},
            )
        return address, {name: text for name, text in (("en", english), ("it", italian)) if text}


class StoryForm(FormWithConstants, forms.ModelForm):
    """A story as the staff writes it."""

    constants: ClassVar[dict[str, str]] = STORY_CONSTANTS

    media_urls = MediaField(
        label=_("Media"),
        required=False,
        widget=forms.Textarea({"rows": 3, "cols": 90}),
        help_text=_("One on each line: address | what it shows | the same in Italian."),
    )
    thumbnail_url = forms.URLField(label=_("Thumbnail"), required=False, assume_scheme="https")
    tags = TagsField(label=_("Tags"), required=False, help_text=_("With commas between them."))
    estimated_read_time = forms.IntegerField(
        label=_("Minutes to read"),
        required=False,
        min_value=1,
        max_value=600,
        help_text=_("Empty: reckoned from the text, 200 words a minute."),
    )
    priority = forms.IntegerField(
        label=_("Priority"),
        initial=0,
        validators=[MinValueValidator(0), MaxValueValidator(HIGHEST_PRIORITY)],
        help_text=_("From 0 to 10; higher is shown first."),
    )

    class Meta:
        model = ImpactStory
        fields: ClassVar[list[str]] = [
            "onlus",
            "title",
            "title_it",
            "preview_content",
            "preview_content_it",
            "content",
            "content_it",
            "story_type",
            "category",
            "tags",
            "unlock_condition_type",
            "unlock_condition_value",
            "special_event",
            "available_from",
            "available_until",
            "priority",
            "featured_until",
            "estimated_read_time",
            "media_urls",
            "thumbnail_url",
            "thumbnail_alt",
            "thumbnail_alt_it",
            "author",
        ]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        media = self.instance.media_descriptions
        lines = (_written(url, media.get(url) or {}) for url in self.instance.media_urls)
        self.initial["media_urls"] = "\n".join(lines)

    def clean_media_urls(self) -> list[str]:
        media: Media = self.cleaned_data["media_urls"]
        self.instance.media_descriptions = media
        return list(media)

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        kind, first, last = (
            facts.get(name) for name in ("unlock_condition_type", "available_from", "available_until")
        )
        if kind == ImpactStory.Condition.SPECIAL_EVENT and not facts.get("special_event"):
            self.add_error("special_event", ValidationError(_("Choose the event."), code="required"))
        if first and last and last <= first:
            self.add_error(
                "available_until", ValidationError(_("It must end after it begins."), code="order")
            )
        if "estimated_read_time" in facts and not facts["estimated_read_time"]:
            facts["estimated_read_time"] = minutes_of(facts.get("content") or "")
        return facts

    @property
    def is_easier(self) -> bool:
        """Say whether others may meet the condition now than did before."""
        return bool(
            {
                "unlock_condition_type",
                "unlock_condition_value",
                "special_event",
                "available_from",
                "available_until",
            }
            & set(self.changed_data)
        )


class AcceptProposalForm(StoryForm):
    """A proposal on its way to becoming a story: the staff edits the words and decides when it opens."""

    featured_for = forms.IntegerField(
        label=_("Days among the first"), required=False, min_value=1, max_value=90
    )

    class Meta(StoryForm.Meta):
        fields: ClassVar[list[str]] = [
            "title",
            "title_it",
            "preview_content",
            "preview_content_it",
            "content",
            "content_it",
            "story_type",
            "category",
            "tags",
            "unlock_condition_type",
            "unlock_condition_value",
            "special_event",
            "available_from",
            "available_until",
            "priority",
            "estimated_read_time",
        ]

    # The proposal's picture comes along by itself.
    media_urls = None  # type: ignore[assignment]
    thumbnail_url = None  # type: ignore[assignment]


class FeatureForm(forms.Form):
    """For how long a story is among the first."""

    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=90, initial=7)


class ProposalForm(forms.ModelForm):
    """A story as an organisation proposes it, in Italian, and in English if it likes."""

    category = forms.ChoiceField(label=_("Category"))
    tags = TagsField(
        label=_("Tags"), required=False, max_length=200, help_text=_("With commas between them.")
    )
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("JPEG, PNG or WebP. Where and with what it was taken is removed."),
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp"}),
    )
    alt_it = forms.CharField(
        label=_("What the picture shows, in Italian"),
        max_length=300,
        required=False,
        help_text=_("Read aloud to people who cannot see it. Needed with a picture."),
    )
    alt_en = forms.CharField(label=_("What the picture shows, in English"), max_length=300, required=False)

    class Meta:
        model = StoryProposal
        fields: ClassVar[list[str]] = [
            "title_it",
            "preview_content_it",
            "content_it",
            "title",
            "preview_content",
            "content",
            "category",
            "tags",
            "note",
        ]
        help_texts: ClassVar[dict[str, Any]] = {
            "preview_content_it": _("One or two sentences everybody sees before the story opens."),
            "content_it": _(
                "Markdown: **bold**, lists with - , links. No surnames and no exact places of people."
            ),
        }
        widgets: ClassVar[dict[str, Any]] = {
            "preview_content_it": forms.Textarea({"rows": 2}),
            "content_it": forms.Textarea({"rows": 10}),
            "preview_content": forms.Textarea({"rows": 2}),
            "content": forms.Textarea({"rows": 6}),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = [(row.category, row.label) for row in OnlusCategory.objects.order_by("name")]
        self.fields["category"].choices = [("general", _("General")), *known]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if facts.get("picture") and not (facts.get("alt_it") or facts.get("alt_en")):
            self.add_error("alt_it", _("Say what the picture shows."))
        return facts

    def facts(self) -> dict[str, Any]:
        """Return what the operations take; the picture apart."""
        names = {name for name in self.cleaned_data if name not in ("picture", "alt_it", "alt_en")}
        return {name: self.cleaned_data[name] for name in names}

    def picture_facts(self) -> dict[str, Any] | None:
        upload = self.cleaned_data.get("picture")
        if not upload:
            return None
        return {
            "upload": upload,
            "alt_it": self.cleaned_data["alt_it"],
            "alt_en": self.cleaned_data["alt_en"],
        }


def minutes_of(text: str) -> int:
    """Reckon how long a text takes to read, a minute at least."""
    return max(-(-len(plain(text).split()) // WORDS_A_MINUTE), 1)


def _written(url: str, words: dict[str, str]) -> str:
    parts = [url, words.get("en", ""), words.get("it", "")]
    return " | ".join(parts).rstrip(" |")
