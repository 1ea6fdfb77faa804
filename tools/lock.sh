#!/usr/bin/env bash
# Renews requirements.lock and requirements-dev.lock from pyproject.toml: versions and hashes only,
# no addresses of registries.
set -euo pipefail
cd "$(dirname "$0")/.."

if command -v uv >/dev/null; then
    uv=uv
else
    python3 -m venv .local/lock-tools
    .local/lock-tools/bin/python -m pip install --quiet --disable-pip-version-check uv
    uv=.local/lock-tools/bin/uv
fi

compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-annotate --no-emit-index-url --no-emit-find-links "$@" pyproject.toml
}

compile --output-file requirements.lock
compile --extra dev --constraint requirements.lock --output-file requirements-dev.lock

if grep -nE '^--|https?:' requirements.lock requirements-dev.lock; then
    echo "A lock file names an address." >&2
    exit 1
fi
