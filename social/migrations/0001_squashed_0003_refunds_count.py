"""Everything up to 0003 in its final state, for new databases; those that have it go on from there."""

import django.db.models.deletion
import goodplay.lib.fields
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from goodplay.lib.jobs.schedule import schedule
from goodplay.lib.migrating import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("social", "0001_initial"),
        ("social", "0002_schedule"),
        ("social", "0003_refunds_count"),
    ]
    dependencies = [
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name="CountedDonation",
                    fields=[
                        (
                            "donation_id",
                            models.UUIDField(primary_key=True, serialize=False, verbose_name="donation"),
                        ),
                        ("onlus_id", models.UUIDField(verbose_name="ONLUS")),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="Without what was given back.",
                                max_digits=14,
                                verbose_name="amount",
                            ),
                        ),
                        ("given_at", models.DateTimeField(verbose_name="given at")),
                        ("given_on", models.DateField(help_text="The day in Rome.", verbose_name="given on")),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="donor",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "counted donation",
                        "verbose_name_plural": "counted donations",
                        "indexes": [
                            models.Index(fields=["user", "given_on"], name="counted_donation_by_day")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gte", 0)), name="counted_donation_from_zero"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CountedSession",
                    fields=[
                        (
                            "session_id",
                            models.UUIDField(primary_key=True, serialize=False, verbose_name="session"),
                        ),
                        ("game_id", models.UUIDField(verbose_name="game")),
                        ("played_for", models.DurationField(verbose_name="played for")),
                        ("ended_at", models.DateTimeField(verbose_name="ended at")),
                        (
                            "played_on",
                            models.DateField(
                                help_text="The day in Rome on which it ended.", verbose_name="played on"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="player",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "counted session",
                        "verbose_name_plural": "counted sessions",
                        "indexes": [
                            models.Index(fields=["user", "played_on"], name="counted_session_by_day")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImpactScore",
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
                            "score",
                            models.DecimalField(
                                decimal_places=2, default=Decimal("0.00"), max_digits=7, verbose_name="score"
                            ),
                        ),
                        (
                            "gaming_component",
                            models.DecimalField(
                                decimal_places=2, default=Decimal("0.00"), max_digits=7, verbose_name="gaming"
                            ),
                        ),
                        (
                            "social_component",
                            models.DecimalField(
                                decimal_places=2, default=Decimal("0.00"), max_digits=7, verbose_name="social"
                            ),
                        ),
                        (
                            "donation_component",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.00"),
                                max_digits=7,
                                verbose_name="donation",
                            ),
                        ),
                        ("gaming_details", models.JSONField(default=dict, verbose_name="gaming details")),
                        ("social_details", models.JSONField(default=dict, verbose_name="social details")),
                        ("donation_details", models.JSONField(default=dict, verbose_name="donation details")),
                        ("formula_version", models.PositiveSmallIntegerField(verbose_name="formula version")),
                        (
                            "takes_part",
                            models.BooleanField(
                                default=True, help_text="As the player chose.", verbose_name="on the boards"
                            ),
                        ),
                        (
                            "due_on",
                            models.DateField(
                                blank=True,
                                help_text="The day in Rome on which time may change it.",
                                null=True,
                                verbose_name="due on",
                            ),
                        ),
                        ("calculated_at", models.DateTimeField(verbose_name="calculated at")),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="impact_score",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="player",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "impact score",
                        "verbose_name_plural": "impact scores",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("due_on__isnull", False)),
                                fields=["due_on"],
                                name="impact_score_due",
                            ),
                            models.Index(fields=["formula_version"], name="impact_score_formula"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("score__range", (Decimal("0.00"), Decimal("1400.00")))),
                                name="impact_score_range",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("gaming_component__range", (Decimal("0.00"), Decimal("1000")))
                                ),
                                name="impact_score_gaming_range",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("social_component__range", (Decimal("0.00"), Decimal("500")))
                                ),
                                name="impact_score_social_range",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("donation_component__range", (Decimal("0.00"), Decimal("2000")))
                                ),
                                name="impact_score_donation_range",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImpactScoreHistory",
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
                        ("day", models.DateField(verbose_name="day")),
                        ("score", models.DecimalField(decimal_places=2, max_digits=7, verbose_name="score")),
                        (
                            "gaming_component",
                            models.DecimalField(decimal_places=2, max_digits=7, verbose_name="gaming"),
                        ),
                        (
                            "social_component",
                            models.DecimalField(decimal_places=2, max_digits=7, verbose_name="social"),
                        ),
                        (
                            "donation_component",
                            models.DecimalField(decimal_places=2, max_digits=7, verbose_name="donation"),
                        ),
                        (
                            "rank",
                            models.PositiveIntegerField(
                                blank=True,
                                help_text="Written after midnight; empty for who was on no board.",
                                null=True,
                                verbose_name="rank",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="score_history",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="player",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "impact score history",
                        "verbose_name_plural": "impact score history",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("rank", None)),
                                fields=["day"],
                                name="score_history_unranked",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("user", "day"), name="score_history_one_a_day")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Standing",
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
                            "leaderboard_type",
                            models.CharField(
                                choices=[("global_impact", "Global Impact Leaders")],
                                max_length=20,
                                verbose_name="board",
                            ),
                        ),
                        (
                            "period",
                            models.CharField(
                                choices=[
                                    ("daily", "Daily"),
                                    ("weekly", "Weekly"),
                                    ("monthly", "Monthly"),
                                    ("all_time", "All Time"),
                                ],
                                max_length=10,
                                verbose_name="period",
                            ),
                        ),
                        ("starts_on", models.DateField(verbose_name="starts on")),
                        ("score", models.DecimalField(decimal_places=2, max_digits=7, verbose_name="score")),
                        (
                            "baseline",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="The score the player came into the period with.",
                                max_digits=7,
                                verbose_name="baseline",
                            ),
                        ),
                        (
                            "reached_at",
                            models.DateTimeField(
                                help_text="Of two equals, the earlier is ahead.", verbose_name="reached at"
                            ),
                        ),
                        ("is_listed", models.BooleanField(verbose_name="listed")),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="standings",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="player",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "standing",
                        "verbose_name_plural": "standings",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("is_listed", True)),
                                fields=[
                                    "leaderboard_type",
                                    "period",
                                    "starts_on",
                                    "-score",
                                    "reached_at",
                                    "user",
                                ],
                                name="standing_board",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "leaderboard_type", "period", "starts_on"),
                                name="standing_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("score__gt", 0)), name="standing_has_points"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("baseline__gte", 0)), name="standing_baseline_from_zero"
                            ),
                        ],
                    },
                ),
            ],
        ),
        # A minute past the hour, so that the first run after midnight finds the ranks the day closed with.
        schedule("social.tasks.refresh_scores", cron="1 * * * *"),
        schedule("social.tasks.refresh_listings", cron="31 * * * *"),
        schedule("social.tasks.refresh_board_figures", minutes=5),
    ]
