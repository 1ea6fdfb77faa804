"""snake_case in Python, camelCase on the wire: one function, used when classes are declared."""

from functools import cache


@cache
def camel(name: str) -> str:
    """`starts_after` as `startsAfter`; a name without underscores stays as it is."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def camel_path(path: str) -> str:
    """A dotted path of model names, such as `lesson_slots.0.starts_at`, in wire names.

    What stands below `parameters` are keys of the data itself, on the wire as they are kept.
    """
    names, found, keys = path.partition("parameters.")
    return ".".join(camel(part) for part in names.split(".")) + found + keys
