"""What GoodPlay has no place for yet: counted, so that nobody believes it came over."""

from typing import NoReturn

from goodplay.importing.carrying import Step
from goodplay.importing.context import Context
from goodplay.importing.values import Left, Reader


def bring(reader: Reader, key: str, context: Context) -> NoReturn:
    raise Left("NO_FRIENDS_HERE_YET")


RELATIONSHIPS = Step("user_relationships", bring)
