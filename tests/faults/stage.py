"""What must stand before a player can give: `python -m tests.faults.stage <step> <facts as JSON>`.

Runs as a process of its own in the installation under test, through the operations, and prints its result as JSON.
"""

import json
import sys
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import django

django.setup()

from django.db import transaction  # noqa: E402  (needs the settings above)
from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from donations.operations import payment_repair  # noqa: E402
from donations.operations.batch_processing import process_next  # noqa: E402
from goodplay.lib.events.delivery import SWEEP_GRACE, sweep  # noqa: E402
from goodplay.lib.events.handlers import handlers_of  # noqa: E402
from goodplay.lib.events.models import SweepCursor  # noqa: E402
from goodplay.lib.idempotency.models import IdempotencyKey  # noqa: E402
from impact.models import ImpactStory  # noqa: E402
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory  # noqa: E402
from tests.factories.batches import gifts, make_batch, started  # noqa: E402
from tests.factories.donations import give_credits  # noqa: E402


def open_onlus(name: str) -> str:
    return str(OnlusFactory(name=name).pk)


def publish_story(title: str, condition: str, value: str) -> str:
    story = ImpactStory.objects.create(
        title=title,
        content="What your gift did.",
        story_type=ImpactStory.Type.MILESTONE,
        unlock_condition_type=condition,
        unlock_condition_value=Decimal(value),
    )
    return str(story.pk)


@transaction.atomic
def fund(email: str, amount: str) -> str:
    return str(give_credits(User.objects.get(email=email), Decimal(amount), now=timezone.now()).pk)


def run_batch(lines: int, begun: int) -> str:
    """Hand a batch to the workers, so many of its lines carried out already; return its key."""
    now, tag = timezone.now(), uuid4().hex[:6]
    staff = [StaffFactory(email=f"{name}-{tag}@example.org") for name in ("anna", "bruno")]
    donors = [UserFactory(email=f"donor{n}-{tag}@example.org") for n in range(lines)]
    with transaction.atomic():
        for donor in donors:
            give_credits(donor, Decimal("2.00"), now=now)
    batch = make_batch(gifts(donors, OnlusFactory(name=f"Emergency {tag}")), by=staff[0], now=now)
    started(batch, by=staff[1], now=now)
    for _ in range(begun):
        process_next(batch=batch, now=timezone.now())
    return str(batch.pk)


def handlers_of_a_gift() -> list[str]:
    return [handler.name for handler in handlers_of("donation_complete")]


def sweep_from_the_beginning() -> int:
    """Look at every event again, as if nothing had ever been proved delivered."""
    SweepCursor.objects.all().delete()
    return sweep(timezone.now() + SWEEP_GRACE)


def look_after_payments() -> int:
    """Do now what the jobs do when payments and refunds have waited for some minutes."""
    later = timezone.now() + payment_repair.STUCK_AFTER + payment_repair.ASKED_AGAIN_AFTER
    return payment_repair.repair_stuck(now=later) + payment_repair.finish_refunds(now=later)


def forget_who_is_running() -> int:
    """Let two minutes go by for requests that were cut off: their keys may be sent again."""
    return IdempotencyKey.objects.update(created_at=F("created_at") - timedelta(minutes=3))


STEPS = {
    step.__name__: step
    for step in (
        open_onlus,
        publish_story,
        fund,
        run_batch,
        handlers_of_a_gift,
        sweep_from_the_beginning,
        look_after_payments,
        forget_who_is_running,
    )
}

if __name__ == "__main__":
    facts: dict[str, Any] = json.loads(sys.argv[2])
    sys.stdout.write(json.dumps(STEPS[sys.argv[1]](**facts)) + "\n")
