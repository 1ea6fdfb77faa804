"""The government's own linter finds nothing in openapi.json, and would find something."""

import os
import subprocess
from pathlib import Path

import orjson
import pytest

from backend.api.document import DOCUMENT_PATH
from tests.support.openapi import committed_document
from tests.support.reference_data import reference_file
from tests.support.requirements import require_folder, require_tool

LINTER = Path(__file__).parent.parent.parent / "tools" / "api-linter"
RULESET = "adr/linter-adr-2.2.0-rc1-main-c780316.yaml"


@pytest.fixture(scope="module")
def lint():
    """Lints a document and returns the findings, worst first."""
    node = require_tool("node")
    ruleset = reference_file(RULESET)
    require_folder(
        LINTER / "node_modules", "the API linter (run: npm ci --prefix tools/api-linter)"
    )
    spectral = LINTER / "node_modules" / "@stoplight" / "spectral-cli" / "dist" / "index.js"

    def run(path):
        command = [node, spectral, "lint", "--format=json", "--quiet", "-r", ruleset, path]
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=120,
            check=False,
            # Installing or running it tells nobody.
            env={**os.environ, "SCARF_ANALYTICS": "false"},
        )
        assert done.returncode in {0, 1}, done.stderr.decode()
        # The list ends where the summary for people begins.
        findings = orjson.loads(done.stdout[: done.stdout.rindex(b"]") + 1])
        return sorted((one["severity"], one["code"], ".".join(one["path"])) for one in findings)

    return run


def test_there_are_no_errors_and_no_warnings(lint):
    assert lint(DOCUMENT_PATH) == []


def test_the_linter_would_find_what_is_wrong(lint, tmp_path):
    """The control: a document with known faults is refused."""
    document = committed_document()
    operation = document["paths"].pop("/courses")["get"]
    operation["parameters"].append(
        {"name": "level_to", "in": "query", "schema": {"type": "string"}}
    )
    del operation["responses"]["200"]["headers"]
    operation["responses"]["404"] = {
        "description": "x",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
    document["paths"]["/course_list/"] = {"get": operation}
    document["servers"] = [{"url": "http://passend.example/api"}]
    broken = tmp_path / "openapi.json"
    broken.write_bytes(orjson.dumps(document))

    found = {code for _severity, code, _path in lint(broken)}

    assert {
        "nlgov:query-keys-camel-case",
        "nlgov:missing-header",
        "nlgov:use-problem-schema",
        "nlgov:paths-kebab-case",
        "path-keys-no-trailing-slash",
        "nlgov:include-major-version-in-uri",
        "nlgov:servers-use-https",
    } <= found
