"""What must stand before a player can give: `python -m tests.faults.stage <step> <facts as JSON>`.

Runs as a process of its own in the installation under test, through the operations, and prints its result as JSON.
"""

import json
import sys
from decimal import Decimal
from typing import Any

import django

django.setup()

from django.db import transaction  # noqa: E402  (needs the settings above)
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from goodplay.lib.events.delivery import SWEEP_GRACE, sweep  # noqa: E402
from goodplay.lib.events.handlers import handlers_of  # noqa: E402
from goodplay.lib.events.models import SweepCursor  # noqa: E402
from impact.models import ImpactStory  # noqa: E402
from tests.factories.accounts import OnlusFactory  # noqa: E402
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


def handlers_of_a_gift() -> list[str]:
    return [handler.name for handler in handlers_of("donation_complete")]


def sweep_from_the_beginning() -> int:
    """Look at every event again, as if nothing had ever been proved delivered."""
    SweepCursor.objects.all().delete()
    return sweep(timezone.now() + SWEEP_GRACE)


STEPS = {
    step.__name__: step
    for step in (open_onlus, publish_story, fund, handlers_of_a_gift, sweep_from_the_beginning)
}

if __name__ == "__main__":
    facts: dict[str, Any] = json.loads(sys.argv[2])
    sys.stdout.write(json.dumps(STEPS[sys.argv[1]](**facts)) + "\n")
