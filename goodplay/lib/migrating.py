"""Migration operations that stay cheap however many models the house has."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel, RunPython
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """Create the models of an app at once; they may refer to each other in any order.

    One by one, each new model makes Django render again all it is related to, which here is nearly everything: minutes
    instead of seconds for a new database.
    """

    category = OperationCategory.ADDITION
    serialization_expand_args = ["models"]

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = models

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # Rendered once, whole, when the first table asks.
        state.__dict__.pop("apps", None)
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in reversed(self.models):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def references_model(self, name: str, app_label: str) -> bool:
        return any(model.references_model(name, app_label) for model in self.models)

    def describe(self) -> str:
        return f"Create {len(self.models)} models"


class RunPythonOn(RunPython):
    """Run code that asks for models of one app only, which refer to no other app.

    A `RunPython` has Django render every model of the house for it; this one has those of `models_of` rendered.
    """

    def __init__(
        self, models_of: str, code: Callable[[Any, Any], None], reverse_code: Callable[[Any, Any], None]
    ) -> None:
        super().__init__(code, reverse_code)
        self.models_of = models_of

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        super().database_forwards(app_label, schema_editor, self._part(from_state), to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        super().database_backwards(app_label, schema_editor, self._part(from_state), to_state)

    def _part(self, state: ProjectState) -> ProjectState:
        return ProjectState({key: model for key, model in state.models.items() if key[0] == self.models_of})
