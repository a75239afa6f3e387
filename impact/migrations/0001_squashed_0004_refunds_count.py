"""Everything up to 0004 in its final state, for new databases; those that have it go on from there."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import goodplay.lib.fields
import impact.models.documents
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from goodplay.lib.jobs.schedule import schedule
from goodplay.lib.migrating import CreateModels
from impact.migrations._stories import add_stories, remove_stories


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("impact", "0001_initial"),
        ("impact", "0002_stories"),
        ("impact", "0003_schedule"),
        ("impact", "0004_refunds_count"),
    ]
    dependencies = [
        ("accounts", "0003_session_epoch"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("donations", "0010_payments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name="ImpactMetric",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="created at"
                            ),
                        ),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                        ("metric_name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "metric_type",
                            models.CharField(
                                choices=[
                                    ("financial", "Financial"),
                                    ("beneficiaries", "People and animals helped"),
                                    ("projects", "Projects"),
                                    ("geographic", "Geographic"),
                                    ("environmental", "Environmental"),
                                    ("educational", "Educational"),
                                    ("healthcare", "Health care"),
                                    ("social", "Social"),
                                ],
                                max_length=20,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "metric_unit",
                            models.CharField(
                                choices=[
                                    ("eur", "Euros"),
                                    ("people", "People"),
                                    ("animals", "Animals"),
                                    ("projects", "Projects"),
                                    ("square_meters", "Square metres"),
                                    ("liters", "Litres"),
                                    ("kilograms", "Kilograms"),
                                    ("hours", "Hours"),
                                    ("percentage", "Per cent"),
                                    ("score", "Score"),
                                    ("custom", "Other"),
                                ],
                                max_length=20,
                                verbose_name="unit",
                            ),
                        ),
                        (
                            "current_value",
                            models.DecimalField(
                                decimal_places=2,
                                max_digits=18,
                                validators=[django.core.validators.MinValueValidator(0)],
                                verbose_name="value",
                            ),
                        ),
                        (
                            "previous_value",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=18,
                                null=True,
                                verbose_name="value before",
                            ),
                        ),
                        (
                            "target_value",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=18,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(0)],
                                verbose_name="target",
                            ),
                        ),
                        (
                            "period_type",
                            models.CharField(
                                choices=[
                                    ("daily", "Day"),
                                    ("weekly", "Week"),
                                    ("monthly", "Month"),
                                    ("quarterly", "Quarter"),
                                    ("yearly", "Year"),
                                    ("all_time", "All time"),
                                ],
                                default="all_time",
                                max_length=10,
                                verbose_name="period",
                            ),
                        ),
                        (
                            "period_start",
                            models.DateTimeField(blank=True, null=True, verbose_name="period starts"),
                        ),
                        (
                            "period_end",
                            models.DateTimeField(blank=True, null=True, verbose_name="period ends"),
                        ),
                        (
                            "collection_date",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="collected at"
                            ),
                        ),
                        (
                            "source",
                            models.CharField(default="onlus_report", max_length=80, verbose_name="source"),
                        ),
                        (
                            "verification_status",
                            models.CharField(
                                choices=[
                                    ("pending", "Pending"),
                                    ("verified", "Verified"),
                                    ("disputed", "Disputed"),
                                ],
                                default="pending",
                                max_length=10,
                                verbose_name="verification",
                            ),
                        ),
                        (
                            "last_verified",
                            models.DateTimeField(blank=True, null=True, verbose_name="verified at"),
                        ),
                        (
                            "dispute_reason",
                            models.TextField(blank=True, default="", verbose_name="reason of the dispute"),
                        ),
                        (
                            "disputed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="disputed at"),
                        ),
                        ("description", models.TextField(blank=True, default="", verbose_name="description")),
                        (
                            "methodology",
                            models.TextField(blank=True, default="", verbose_name="how it is counted"),
                        ),
                        (
                            "related_donations_count",
                            models.PositiveIntegerField(default=0, verbose_name="donations since"),
                        ),
                        (
                            "related_donations_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="euros donated since",
                            ),
                        ),
                        (
                            "tags",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[impact.models.documents.list_of_lower_case_texts],
                                verbose_name="tags",
                            ),
                        ),
                        (
                            "metadata",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[impact.models.documents.mapping],
                                verbose_name="metadata",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="active")),
                        (
                            "disputed_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="disputed by",
                            ),
                        ),
                        (
                            "onlus",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.onlus",
                                verbose_name="ONLUS",
                            ),
                        ),
                        (
                            "verified_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="verified by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "metric",
                        "verbose_name_plural": "metrics",
                        "db_table": "impact_metrics",
                        "indexes": [
                            models.Index(
                                fields=["onlus", "is_active", "-collection_date"], name="metric_onlus"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("period_type", "all_time")),
                                fields=("onlus", "metric_type", "metric_name"),
                                name="metric_once_for_all_time",
                            ),
                            models.UniqueConstraint(
                                fields=("onlus", "metric_type", "metric_name", "period_type", "period_start"),
                                name="metric_once_per_period",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("period_end", None),
                                        ("period_start", None),
                                        ("period_type", "all_time"),
                                    ),
                                    models.Q(
                                        models.Q(("period_type", "all_time"), _negated=True),
                                        ("period_end__gte", models.F("period_start")),
                                        ("period_start__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="metric_period_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("current_value__gte", 0),
                                    ("related_donations_amount__gte", 0),
                                    models.Q(
                                        ("target_value", None), ("target_value__gte", 0), _connector="OR"
                                    ),
                                ),
                                name="metric_figures_from_zero",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CommunityMilestone",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("donations", "Euros donated"),
                                    ("donors", "Donors"),
                                    ("onlus", "ONLUS supported"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "threshold",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="threshold"),
                        ),
                        (
                            "value",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="value then"),
                        ),
                        ("reached_at", models.DateTimeField(verbose_name="reached at")),
                    ],
                    options={
                        "verbose_name": "community milestone",
                        "verbose_name_plural": "community milestones",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("kind", "threshold"), name="community_milestone_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CommunityReport",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="created at"
                            ),
                        ),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                        (
                            "report_type",
                            models.CharField(
                                choices=[
                                    ("daily", "Day"),
                                    ("weekly", "Week"),
                                    ("monthly", "Month"),
                                    ("quarterly", "Quarter"),
                                    ("annual", "Year"),
                                    ("special_event", "Special event"),
                                    ("real_time", "Today so far"),
                                ],
                                max_length=15,
                                verbose_name="type",
                            ),
                        ),
                        ("period_start", models.DateTimeField(verbose_name="period starts")),
                        ("period_end", models.DateTimeField(verbose_name="period ends")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        (
                            "executive_summary",
                            models.TextField(blank=True, default="", verbose_name="summary"),
                        ),
                        (
                            "total_donations_amount",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.00"))],
                                verbose_name="euros donated",
                            ),
                        ),
                        (
                            "total_donations_count",
                            models.PositiveIntegerField(default=0, verbose_name="donations"),
                        ),
                        (
                            "unique_donors_count",
                            models.PositiveIntegerField(default=0, verbose_name="donors"),
                        ),
                        (
                            "onlus_supported_count",
                            models.PositiveIntegerField(default=0, verbose_name="ONLUS supported"),
                        ),
                        (
                            "impact_metrics",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[impact.models.documents.mapping],
                                verbose_name="impact figures",
                            ),
                        ),
                        (
                            "detailed_metrics",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[impact.models.documents.mapping],
                                verbose_name="detailed figures",
                            ),
                        ),
                        (
                            "donation_breakdown",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[impact.models.documents.mapping],
                                verbose_name="donations by group",
                            ),
                        ),
                        (
                            "geographic_distribution",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[impact.models.documents.mapping],
                                verbose_name="donations by place",
                            ),
                        ),
                        (
                            "top_contributors",
                            models.JSONField(blank=True, default=list, verbose_name="top donors"),
                        ),
                        (
                            "onlus_rankings",
                            models.JSONField(blank=True, default=list, verbose_name="ONLUS ranking"),
                        ),
                        (
                            "fee_transparency",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[impact.models.documents.mapping],
                                verbose_name="fees",
                            ),
                        ),
                        (
                            "user_engagement_stats",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[impact.models.documents.mapping],
                                verbose_name="engagement",
                            ),
                        ),
                        (
                            "growth_metrics",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[impact.models.documents.mapping],
                                verbose_name="growth",
                            ),
                        ),
                        (
                            "comparative_data",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[impact.models.documents.mapping],
                                verbose_name="comparisons",
                            ),
                        ),
                        (
                            "generation_metadata",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[impact.models.documents.mapping],
                                verbose_name="how it was made",
                            ),
                        ),
                        (
                            "milestones_reached",
                            models.JSONField(blank=True, default=list, verbose_name="milestones"),
                        ),
                        (
                            "highlights",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[impact.models.documents.list_of_texts],
                                verbose_name="highlights",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("generating", "Being made"),
                                    ("completed", "Made"),
                                    ("error", "Failed"),
                                    ("draft", "Draft"),
                                    ("published", "Published"),
                                    ("archived", "Archived"),
                                ],
                                default="generating",
                                max_length=12,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "published_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="published at"),
                        ),
                    ],
                    options={
                        "verbose_name": "community report",
                        "verbose_name_plural": "community reports",
                        "db_table": "community_reports",
                        "indexes": [
                            models.Index(
                                fields=["report_type", "status", "-period_start"], name="report_period"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "report_type__in",
                                        [
                                            "daily",
                                            "weekly",
                                            "monthly",
                                            "quarterly",
                                            "annual",
                                            "special_event",
                                        ],
                                    )
                                ),
                                fields=("report_type", "period_start", "period_end"),
                                name="report_once_per_period",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("period_end__gt", models.F("period_start"))),
                                name="report_period_in_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "published"), _negated=True),
                                    ("published_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="report_published_is_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("total_donations_amount__gte", Decimal("0"))),
                                name="report_amount_from_zero",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DonationImpact",
                    fields=[
                        (
                            "donation",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="impact",
                                serialize=False,
                                to="donations.donation",
                                verbose_name="donation",
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount"),
                        ),
                        ("metrics_updated", models.PositiveSmallIntegerField(verbose_name="metrics counted")),
                        (
                            "metric_ids",
                            models.JSONField(
                                help_text="Empty for donations counted before this was noted.",
                                null=True,
                                verbose_name="which metrics",
                            ),
                        ),
                        (
                            "stories_unlocked",
                            models.PositiveSmallIntegerField(verbose_name="stories unlocked"),
                        ),
                        ("tracked_at", models.DateTimeField(verbose_name="tracked at")),
                        (
                            "onlus",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.onlus",
                                verbose_name="ONLUS",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "impact of a donation",
                        "verbose_name_plural": "impact of donations",
                    },
                ),
                migrations.CreateModel(
                    name="ImpactReversal",
                    fields=[
                        (
                            "refund",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="donations.donationrefund",
                                verbose_name="refund",
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount"),
                        ),
                        ("metrics_updated", models.PositiveSmallIntegerField(verbose_name="metrics counted")),
                        ("tracked_at", models.DateTimeField(verbose_name="tracked at")),
                        (
                            "impact",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversals",
                                to="impact.donationimpact",
                                verbose_name="impact of the donation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "impact taken back",
                        "verbose_name_plural": "impacts taken back",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="impact_reversal_positive"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImpactStory",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="created at"
                            ),
                        ),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        (
                            "title_it",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="Italian title"
                            ),
                        ),
                        ("preview_content", models.TextField(blank=True, default="", verbose_name="teaser")),
                        (
                            "preview_content_it",
                            models.TextField(blank=True, default="", verbose_name="Italian teaser"),
                        ),
                        (
                            "content",
                            models.TextField(
                                help_text="Markdown. Shown once the story is unlocked.", verbose_name="text"
                            ),
                        ),
                        ("content_it", models.TextField(blank=True, default="", verbose_name="Italian text")),
                        (
                            "story_type",
                            models.CharField(
                                choices=[
                                    ("milestone", "Milestone"),
                                    ("progress", "Progress"),
                                    ("featured", "Featured"),
                                    ("special", "Special"),
                                    ("onlus_update", "From an ONLUS"),
                                    ("impact_report", "Impact report"),
                                    ("community_highlight", "Community highlight"),
                                    ("seasonal", "Seasonal"),
                                ],
                                max_length=20,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "unlock_condition_type",
                            models.CharField(
                                choices=[
                                    ("total_donated", "Euros donated in all"),
                                    ("donation_count", "Number of donations"),
                                    ("onlus_diversity", "Number of ONLUS supported"),
                                    ("impact_score", "Impact score"),
                                    ("special_event", "Part in a special event"),
                                    ("time_based", "Dates, or days since the first donation"),
                                ],
                                max_length=20,
                                verbose_name="unlocks by",
                            ),
                        ),
                        (
                            "unlock_condition_value",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(0)],
                                verbose_name="from",
                            ),
                        ),
                        (
                            "available_from",
                            models.DateTimeField(blank=True, null=True, verbose_name="available from"),
                        ),
                        (
                            "available_until",
                            models.DateTimeField(blank=True, null=True, verbose_name="available until"),
                        ),
                        (
                            "category",
                            models.CharField(default="general", max_length=40, verbose_name="category"),
                        ),
                        (
                            "priority",
                            models.SmallIntegerField(
                                default=0, help_text="Higher is shown first.", verbose_name="priority"
                            ),
                        ),
                        (
                            "media_urls",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[impact.models.documents.list_of_web_addresses],
                                verbose_name="media",
                            ),
                        ),
                        ("thumbnail_url", models.URLField(blank=True, default="", verbose_name="thumbnail")),
                        (
                            "estimated_read_time",
                            models.PositiveSmallIntegerField(
                                default=5,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="minutes to read",
                            ),
                        ),
                        (
                            "tags",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[impact.models.documents.list_of_lower_case_texts],
                                verbose_name="tags",
                            ),
                        ),
                        (
                            "featured_until",
                            models.DateTimeField(blank=True, null=True, verbose_name="featured until"),
                        ),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True,
                                help_text="Off: neither listed nor unlocked.",
                                verbose_name="active",
                            ),
                        ),
                        (
                            "author",
                            models.CharField(blank=True, default="", max_length=120, verbose_name="author"),
                        ),
                        (
                            "metadata",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                validators=[impact.models.documents.mapping],
                                verbose_name="metadata",
                            ),
                        ),
                        (
                            "onlus",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                help_text="Empty for a story of the platform.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.onlus",
                                verbose_name="ONLUS",
                            ),
                        ),
                        (
                            "special_event",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="donations.specialevent",
                                verbose_name="special event",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "story",
                        "verbose_name_plural": "stories",
                        "db_table": "impact_stories",
                        "indexes": [
                            models.Index(fields=["onlus", "is_active", "story_type"], name="story_onlus"),
                            models.Index(
                                fields=["unlock_condition_type", "unlock_condition_value", "is_active"],
                                name="story_condition",
                            ),
                            models.Index(
                                fields=["category", "is_active", "-priority"], name="story_category"
                            ),
                            models.Index(fields=["featured_until", "is_active"], name="story_featured"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("unlock_condition_value__gte", 0)),
                                name="story_threshold_from_zero",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("estimated_read_time__gte", 1)),
                                name="story_takes_a_minute",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImpactUpdate",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="created at"
                            ),
                        ),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        ("content", models.TextField(help_text="Markdown.", verbose_name="text")),
                        (
                            "update_type",
                            models.CharField(
                                choices=[
                                    ("milestone_reached", "Milestone reached"),
                                    ("project_completed", "Project completed"),
                                    ("beneficiary_story", "Story of somebody helped"),
                                    ("financial_report", "Financial report"),
                                    ("operational_update", "Operational update"),
                                    ("emergency_response", "Emergency response"),
                                    ("seasonal_campaign", "Seasonal campaign"),
                                    ("partnership_news", "Partnership news"),
                                ],
                                max_length=20,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (1, "Low"),
                                    (2, "Normal"),
                                    (3, "High"),
                                    (4, "Urgent"),
                                    (5, "Critical"),
                                ],
                                default=2,
                                verbose_name="priority",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("scheduled", "Scheduled"),
                                    ("published", "Published"),
                                    ("featured", "Featured"),
                                    ("archived", "Archived"),
                                    ("removed", "Removed"),
                                ],
                                default="draft",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "publish_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="publish at"),
                        ),
                        (
                            "published_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="published at"),
                        ),
                        (
                            "featured_until",
                            models.DateTimeField(blank=True, null=True, verbose_name="featured until"),
                        ),
                        (
                            "related_metrics",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                help_text='{"schools_built": 1}',
                                validators=[impact.models.documents.mapping],
                                verbose_name="figures",
                            ),
                        ),
                        (
                            "related_metric_ids",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[impact.models.documents.list_of_texts],
                                verbose_name="metrics",
                            ),
                        ),
                        (
                            "affected_donation_ids",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[impact.models.documents.list_of_texts],
                                verbose_name="donations it is about",
                            ),
                        ),
                        (
                            "beneficiary_count",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="people helped"),
                        ),
                        (
                            "financial_impact",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(0)],
                                verbose_name="euros spent",
                            ),
                        ),
                        (
                            "location",
                            models.CharField(blank=True, default="", max_length=200, verbose_name="place"),
                        ),
                        (
                            "author",
                            models.CharField(blank=True, default="", max_length=120, verbose_name="author"),
                        ),
                        (
                            "contact_info",
                            models.CharField(blank=True, default="", max_length=200, verbose_name="contact"),
                        ),
                        (
                            "media_urls",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[impact.models.documents.list_of_web_addresses],
                                verbose_name="media",
                            ),
                        ),
                        ("thumbnail_url", models.URLField(blank=True, default="", verbose_name="thumbnail")),
                        (
                            "tags",
                            models.JSONField(
                                blank=True,
                                default=list,
                                validators=[impact.models.documents.list_of_lower_case_texts],
                                verbose_name="tags",
                            ),
                        ),
                        ("view_count", models.PositiveIntegerField(default=0, verbose_name="views")),
                        ("like_count", models.PositiveIntegerField(default=0, verbose_name="likes")),
                        ("share_count", models.PositiveIntegerField(default=0, verbose_name="shares")),
                        ("comment_count", models.PositiveIntegerField(default=0, verbose_name="comments")),
                        (
                            "onlus",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.onlus",
                                verbose_name="ONLUS",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "update",
                        "verbose_name_plural": "updates",
                        "db_table": "impact_updates",
                        "indexes": [
                            models.Index(fields=["onlus", "status", "-published_at"], name="update_onlus"),
                            models.Index(fields=["status", "-published_at"], name="update_status"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["published", "featured"]), _negated=True),
                                    ("published_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="update_public_is_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "scheduled"), _negated=True),
                                    ("publish_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="update_scheduled_is_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("priority__gte", 1), ("priority__lte", 5)),
                                name="update_priority_in_range",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MetricPoint",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("value", models.DecimalField(decimal_places=2, max_digits=18, verbose_name="value")),
                        ("source", models.CharField(max_length=80, verbose_name="source")),
                        ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                        (
                            "donation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.donation",
                                verbose_name="donation",
                            ),
                        ),
                        (
                            "metric",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="impact.impactmetric",
                                verbose_name="metric",
                            ),
                        ),
                        (
                            "refund",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="donations.donationrefund",
                                verbose_name="refund",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "metric reading",
                        "verbose_name_plural": "metric readings",
                        "indexes": [
                            models.Index(fields=["metric", "-recorded_at"], name="metric_point_trend")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("metric", "donation"), name="metric_point_once_per_donation"
                            ),
                            models.UniqueConstraint(
                                fields=("metric", "refund"), name="metric_point_once_per_refund"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StoryUnlock",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("unlocked_at", models.DateTimeField(verbose_name="unlocked at")),
                        (
                            "first_viewed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="first viewed at"),
                        ),
                        (
                            "donation",
                            models.ForeignKey(
                                blank=True,
                                help_text="The one that unlocked it, if a donation did.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="story_unlocks",
                                to="donations.donation",
                                verbose_name="donation",
                            ),
                        ),
                        (
                            "story",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="impact.impactstory",
                                verbose_name="story",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="story_unlocks",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="player",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "story unlock",
                        "verbose_name_plural": "story unlocks",
                        "indexes": [
                            models.Index(fields=["user", "-unlocked_at"], name="story_unlock_timeline")
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("user", "story"), name="story_unlock_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UserMilestone",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=goodplay.lib.fields._new_key,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("amount", "Euros donated"), ("count", "Number of donations")],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        ("level", models.PositiveSmallIntegerField(verbose_name="level")),
                        (
                            "threshold",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="threshold"),
                        ),
                        ("reached_at", models.DateTimeField(verbose_name="reached at")),
                        (
                            "donation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="milestones",
                                to="donations.donation",
                                verbose_name="donation",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="milestones",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="player",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "milestone of a player",
                        "verbose_name_plural": "milestones of players",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "kind", "threshold"), name="milestone_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("level__gt", 0), ("threshold__gt", 0)),
                                name="milestone_above_zero",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MetricTally",
                    fields=[
                        (
                            "metric",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="impact.impactmetric",
                                verbose_name="metric",
                            ),
                        ),
                        ("donations_count", models.PositiveIntegerField(default=0, verbose_name="donations")),
                        (
                            "donations_amount",
                            models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=14),
                        ),
                    ],
                    options={
                        "verbose_name": "metric tally",
                        "verbose_name_plural": "metric tallies",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("donations_amount__gte", 0)), name="tally_from_zero"
                            )
                        ],
                    },
                ),
            ],
        ),
        migrations.RunPython(add_stories, remove_stories, hints={"documents": True}),
        schedule("impact.tasks.record_due_community_milestones", minutes=5),
    ]
