#!/usr/bin/env bash
# Makes the virtual environment $1 with exactly the packages of the lock file $2.
set -euo pipefail

venv=$1
lock=$2

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

fits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local name
    for name in "${PYTHON:-}" python3.11 python3 python3.12 python3.13 python; do
        if [ -n "$name" ] && command -v "$name" >/dev/null && fits "$name"; then
            echo "$name"
            return
        fi
    done
    fail "Passend heeft Python 3.11 of nieuwer nodig. Installeer die, of wijs hem aan: make PYTHON=/pad/naar/python3.11" \
        "Passend needs Python 3.11 or newer. Install it, or point to it: make PYTHON=/path/to/python3.11"
}

if ! [ -x "$venv/bin/python" ] || ! fits "$venv/bin/python"; then
    python=$(find_python)
    echo "Omgeving maken in $venv / creating the environment ($("$python" --version))"
    rm -rf "$venv"
    if ! "$python" -m venv "$venv"; then
        rm -rf "$venv"
        fail "Python kan geen omgeving maken. Op Debian en Ubuntu: apt install python3-venv" \
            "Python cannot make an environment. On Debian and Ubuntu: apt install python3-venv"
    fi
fi

echo "Pakketten installeren (eerste keer enkele minuten) / installing packages (a few minutes the first time)"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
    --require-hashes --requirement "$lock" ||
    fail "Het installeren is niet gelukt; de regels hierboven zeggen waarom. Draai daarna opnieuw: make setup" \
        "Installing failed; the lines above say why. Then run again: make setup"
