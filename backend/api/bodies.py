"""Bodies of commands, read by serializers that are built once.

Making the fields of a serializer costs several times reading a body with them.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils import translation
from rest_framework import serializers

# One set for each thread: a serializer at work knows its request.
_readers = threading.local()
# What a serializer keeps of the body it has read.
_OF_ONE_BODY = ("initial_data", "_validated_data", "_errors")


@contextmanager
def reading(
    serializer_class: type[serializers.Serializer[Any]],
    data: Any,
    *,
    partial: bool = False,
    context: Mapping[str, Any],
) -> Iterator[serializers.Serializer[Any]]:
    """A serializer for this body, as if it were made for it; afterwards it knows nothing of it."""
    # REST framework's validators keep the first language in which they complained.
    key = (serializer_class, partial, translation.get_language())
    known: dict[Any, serializers.Serializer[Any]] = _readers.__dict__
    reader = known.get(key)
    if reader is None:
        reader = known[key] = serializer_class(partial=partial)
    reader.initial_data, reader._context = data, dict(context)
    try:
        yield reader
    finally:
        reader._context = {}
        for name in _OF_ONE_BODY:
            reader.__dict__.pop(name, None)
