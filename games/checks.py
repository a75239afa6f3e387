"""What an operator should know about the installed engines."""

from typing import Any

from django.core.checks import CheckMessage, Warning, register

from games.engines.registry import registry


@register()
def engines_keep_the_contract(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    hint = "docs/writing-an-engine.md says what an engine must have. Its game cannot be played meanwhile."
    return [
        Warning(f"Engine {origin} was left out. {reason}", hint=hint, id="games.W001")
        for origin, reason in registry().left_out.items()
    ]
