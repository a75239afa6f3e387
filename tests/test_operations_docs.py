"""Operators read about every setting and every scheduled job."""

import re
from pathlib import Path

import pytest
from django_celery_beat.models import PeriodicTask

HOUSE = Path(__file__).parents[1]
OPERATIONS = (HOUSE / "docs" / "operations.md").read_text()
# The second name of a setting, for installations of old: told in its comment.
OLD_NAMES = {"PAYMENT_ENCRYPTION_KEY"}


def test_the_example_has_every_setting_and_no_other():
    settings = (HOUSE / "goodplay" / "settings.py").read_text()
    read = set(re.findall(r'(?:env\.\w+|_amount|_key)\(\s*"([A-Z_]+)"', settings))
    shown = set(re.findall(r"^#?([A-Z_]+)=", (HOUSE / ".env.example").read_text(), flags=re.MULTILINE))

    assert shown == read - OLD_NAMES


def test_no_page_names_a_setting_that_is_gone():
    settings = (HOUSE / "goodplay" / "settings.py").read_text()
    table = OPERATIONS[
        OPERATIONS.index("## The numbers of money") : OPERATIONS.index("## Money, month by month")
    ]
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", table))

    assert [name for name in sorted(named) if f'"{name}"' not in settings] == []


@pytest.mark.django_db
def test_every_scheduled_job_has_its_row():
    rows = re.findall(r"^\| `([\w.]+\.tasks\.\w+)` \|(?:[^|\n]+\|){3}$", OPERATIONS, flags=re.MULTILINE)
    ours = PeriodicTask.objects.exclude(task__startswith="celery.")

    assert sorted(rows) == sorted(ours.values_list("task", flat=True))
