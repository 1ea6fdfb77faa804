"""Names of the code lists in openapi.json: those of the classes, without anybody listing them."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import apps
from django.db.models import Choices

SHARED = "backend.common.codes"
# Where the apps keep their code lists.
MODULES = (
    "choices",
    "roles",
    "money_choices",
    "waiting_choices",
    "clauses.kinds",
    "duo_choices",
    "agreement_choices",
)


def code_list_names() -> dict[str, type[Choices]]:
    """Each code list once, as `<Class>Enum`, or `<App><Class>Enum` where two apps use one name."""
    names: dict[str, type[Choices]] = {}
    seen: set[tuple[object, ...]] = set()
    for label, module in _modules():
        for name, found in vars(module).items():
            is_list = isinstance(found, type) and issubclass(found, Choices)
            if not is_list or found.__module__ != module.__name__ or found is Choices:
                continue
            values = tuple((str(value), str(text)) for value, text in found.choices)
            if values and values not in seen:
                seen.add(values)
                wanted = f"{name}Enum"
                names[wanted if wanted not in names else f"{label.title()}{wanted}"] = found
    return names


def _modules() -> list[tuple[str, ModuleType]]:
    found = [("shared", import_module(SHARED))]
    for app in apps.get_app_configs():
        for part in MODULES:
            name = f"{app.name}.{part}"
            if find_spec(name.rpartition(".")[0]) is not None and find_spec(name) is not None:
                found.append((app.label, import_module(name)))
    return found
