"""Reads the committed openapi.json the way a client would: operations with what they promise."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from backend.api.document import DOCUMENT_PATH

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """One method on one path, with references resolved one level deep."""

    path: str
    method: str
    content: dict[str, Any]
    document: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    def resolve(self, one: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in one:
            return one
        found: Any = self.document
        for part in one["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return dict(found)

    def parameters(self, place: str) -> dict[str, dict[str, Any]]:
        every = [self.resolve(one) for one in self.content.get("parameters", [])]
        return {one["name"]: one for one in every if one["in"] == place}

    def response(self, status: int) -> dict[str, Any]:
        return self.resolve(self.content["responses"][str(status)])


def committed_document() -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(DOCUMENT_PATH.read_bytes())
    return document


def operations() -> Iterator[Operation]:
    document = committed_document()
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield Operation(path, method, item[method], document)
