"""`match_file`: every fault with its path, both files or nothing, no database."""

import ast
import copy
import csv
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import orjson
import pytest
from django.core.management import call_command
from hypothesis import event, given, settings
from hypothesis import strategies as st

import matching.engine
from matching.engine import NeedTable, OfferTable, run_batch
from matching.engine.faults import InstanceInvalidError
from matching.engine.instance_file import NEED_SCHEMA, OFFER_SCHEMA, POLICY_SCHEMA, parse_instance
from matching.engine.result_file import result_json
from tests.matching.engine.helpers import best_objective
from tests.support.instances import day, instance, need_record, offer_record, region_instance

REMOVE = object()


def content():
    return instance(
        [need_record(n) for n in range(3)],
        [offer_record(n, ceiling={"id": "c1", "places": 40}) for n in range(3)],
    )


def change(data, path, value):
    """Sets one value deep in the content."""
    *way, last = path
    for step in way:
        data = data[step]
    if value is REMOVE:
        del data[last]
    else:
        data[last] = value


def faults_of(data):
    raw = data if isinstance(data, bytes) else orjson.dumps(data)
    with pytest.raises(InstanceInvalidError) as caught:
        parse_instance(raw)
    return [(fault.path, fault.code) for fault in caught.value.faults]


FAULTS = [
    (("asOf",), "2026-13-01", "$.asOf", "invalid_date"),
    (("asOf",), "2026-03-02T00:00:00", "$.asOf", "invalid_date"),
    (("asOf",), 20260302, "$.asOf", "invalid_date"),
    (("asOf",), REMOVE, "$.asOf", "missing"),
    (("extra",), 1, "$.extra", "unknown_field"),
    (("policy",), None, "$.policy", "wrong_type"),
    (("policy", "priority"), "fifo", "$.policy.priority", "unknown_choice"),
    (("policy", "seed"), 1.5, "$.policy.seed", "wrong_type"),
    (("policy", "longWaitDays"), -1, "$.policy.longWaitDays", "out_of_range"),
    (("policy", "maxTravelKm"), None, "$.policy.maxTravelKm", "wrong_type"),
    (("policy", "weights"), [], "$.policy.weights", "wrong_type"),
    (("policy", "weights", "start"), -1, "$.policy.weights.start", "out_of_range"),
    (("policy", "weights", "start"), True, "$.policy.weights.start", "wrong_type"),
    (("policy", "weights", "price"), REMOVE, "$.policy.weights.price", "missing"),
    (("policy", "weights", "sex"), 5, "$.policy.weights.sex", "unknown_field"),
    (("needs",), {}, "$.needs", "wrong_type"),
    (("needs", 1), "n1", "$.needs[1]", "wrong_type"),
    (("needs", 1, "id"), "n0", "$.needs[1].id", "duplicate_id"),
    (("needs", 1, "id"), "", "$.needs[1].id", "empty"),
    (("needs", 1, "id"), 7, "$.needs[1].id", "wrong_type"),
    (("needs", 1, "id"), "n\x00", "$.needs[1].id", "control_character"),
    (("needs", 1, "nationality"), "X", "$.needs[1].nationality", "unknown_field"),
    (("needs", 1, "component"), "b", "$.needs[1].component", "unknown_choice"),
    (("needs", 1, "level"), "B2", "$.needs[1].level", "unknown_choice"),
    (("needs", 1, "targetLevel"), "A0", "$.needs[1].targetLevel", "unknown_choice"),
    (("needs", 1, "literacy"), ["NVT"], "$.needs[1].literacy", "unknown_choice"),
    (("needs", 1, "lat"), 90.5, "$.needs[1].lat", "out_of_range"),
    (("needs", 1, "lon"), "4.9", "$.needs[1].lon", "wrong_type"),
    (("needs", 1, "maxTravelKm"), -1, "$.needs[1].maxTravelKm", "out_of_range"),
    (("needs", 1, "maxTravelKm"), True, "$.needs[1].maxTravelKm", "wrong_type"),
    (("needs", 1, "online"), 1, "$.needs[1].online", "wrong_type"),
    (("needs", 1, "available"), ["MO4"], "$.needs[1].available", "unknown_choice"),
    (("needs", 1, "available"), "MO1", "$.needs[1].available", "wrong_type"),
    (("needs", 1, "available"), [1], "$.needs[1].available", "unknown_choice"),
    (("needs", 1, "deadline"), "2026-02-29", "$.needs[1].deadline", "invalid_date"),
    (("needs", 1, "termEnd"), None, "$.needs[1].termEnd", "invalid_date"),
    (("needs", 1, "latestStart"), day(0), "$.needs[1].latestStart", "dates_out_of_order"),
    (("offers", 2, "id"), "o0", "$.offers[2].id", "duplicate_id"),
    (("offers", 2, "seats"), -1, "$.offers[2].seats", "out_of_range"),
    (("offers", 2, "seats"), 2.0, "$.offers[2].seats", "wrong_type"),
    (("offers", 2, "mode"), "home", "$.offers[2].mode", "unknown_choice"),
    (("offers", 2, "municipalities"), [363], "$.offers[2].municipalities", "wrong_type"),
    (("offers", 2, "end"), day(0), "$.offers[2].end", "dates_out_of_order"),
    (("offers", 2, "contractTo"), day(-500), "$.offers[2].contractTo", "dates_out_of_order"),
    (("offers", 2, "levelFrom"), "B1", "$.offers[2].levelTo", "levels_out_of_order"),
    (("offers", 2, "ceiling"), 5, "$.offers[2].ceiling", "wrong_type"),
    (("offers", 2, "ceiling", "places"), "40", "$.offers[2].ceiling.places", "wrong_type"),
    (("offers", 2, "ceiling", "places"), 41, "$.offers[2].ceiling.places", "ceiling_conflict"),
    (("offers", 2, "ceiling", "id"), REMOVE, "$.offers[2].ceiling.id", "missing"),
    (("offers", 2, "qualityIndex"), None, "$.offers[2].qualityIndex", "wrong_type"),
    (("offers", 2, "pricePerHour"), -0.01, "$.offers[2].pricePerHour", "out_of_range"),
]


@pytest.mark.parametrize(("way", "value", "path", "code"), FAULTS)
def test_one_fault(way, value, path, code):
    data = content()
    change(data, way, value)
    assert faults_of(data) == [(path, code)]


def test_every_field_is_required_and_checked():
    for part, schema in (("needs", NEED_SCHEMA), ("offers", OFFER_SCHEMA)):
        for name in schema:
            data = content()
            del data[part][1][name]
            assert faults_of(data) == [(f"$.{part}[1].{name}", "missing")]
            data = content()
            data[part][1][name] = {"deep": [1]}
            found = faults_of(data)
            assert found, name
            assert all(path.startswith(f"$.{part}[1].{name}") for path, _ in found)
    for name in POLICY_SCHEMA:
        data = content()
        del data["policy"][name]
        assert faults_of(data) == [(f"$.policy.{name}", "missing")]


def test_all_faults_at_once():
    data = content()
    wanted = []
    for way, value, path, code in FAULTS:
        if way[0] == "needs" and way[1:2] == (1,) and len(way) == 3 and way[2] != "id":
            data["needs"].append(copy.deepcopy(content()["needs"][1]))
            index = len(data["needs"]) - 1
            data["needs"][index]["id"] = f"extra{index}"
            change(data, ("needs", index, way[2]), value)
            wanted.append((path.replace("[1]", f"[{index}]"), code))
    assert faults_of(data) == wanted


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b'{"asOf": NaN}', "malformed_json"),
        (b'{"asOf": 1e999}', "malformed_json"),
        (b'{"asOf": "2026-03-02",}', "malformed_json"),
        (b"[" * 100_000, "malformed_json"),
        (b"\xff\xfe", "not_utf8"),
        ('{"asOf": "é"}'.encode("latin-1"), "not_utf8"),
        (b"[]", "wrong_type"),
        (b"null", "wrong_type"),
    ],
)
def test_not_an_instance_at_all(raw, code):
    found = faults_of(raw)
    assert [fault for _, fault in found] == [code] or "1e999" in raw.decode("latin-1")
    assert found


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_value_anywhere_is_used_or_reported(data):
    """Never a crash: an instance that passes the checks can be matched."""
    broken = content()
    for _ in range(data.draw(st.integers(1, 3))):
        part = data.draw(st.sampled_from(("asOf", "policy", "needs", "offers")))
        if part == "asOf" or not broken.get(part) or not isinstance(broken[part], (dict, list)):
            broken[part] = data.draw(ANY_JSON)
            continue
        target = broken[part]
        if isinstance(target, list):
            row = data.draw(st.integers(0, len(target) - 1))
            if not isinstance(target[row], dict):
                continue
            target = target[row]
        key = data.draw(st.sampled_from(sorted(target)))
        target[key] = data.draw(ANY_JSON | st.sampled_from(("9999-12-31", "0001-01-01", 0, 1e6)))
    try:
        made = parse_instance(orjson.dumps(broken))
    except InstanceInvalidError as error:
        found = [str(fault) for fault in error.faults]
        event("refused" if found else "refused without a fault")
        if not found:
            raise
    else:
        result = run_batch(made.needs, made.offers, made.policy, made.as_of)
        assert orjson.loads(result_json(result))["summary"]["optimal"]


def test_null_is_allowed_where_the_format_says_so():
    data = content()
    data["needs"][0] |= {"deadline": None, "maxTravelKm": None}
    data["offers"][0] |= {"markValidTo": None, "ceiling": None}
    assert len(parse_instance(orjson.dumps(data)).needs) == 3


def run(*args):
    """Runs the command as a user does, where no database can be reached."""
    environment = os.environ | {
        "DATABASE_URL": "postgresql://nobody:none@127.0.0.1:1/none",
        "DJANGO_SETTINGS_MODULE": "backend.settings.test",
    }
    return subprocess.run(
        [sys.executable, "-m", "backend.manage", "match_file", *map(str, args)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )


def test_command_without_a_database(tmp_path):
    data = region_instance(60, 30, seed=2, ceilings=2)
    source, out, table = tmp_path / "in.json", tmp_path / "out.json", tmp_path / "pairs.csv"
    source.write_bytes(orjson.dumps(data))
    done = run(source, "--out", out, "--candidates", table)
    assert done.returncode == 0, done.stderr
    result = orjson.loads(out.read_bytes())
    assert set(result) == {"summary", "assignments", "unplaced", "seatValues", "worseThanFifo"}
    summary = result["summary"]
    assert set(summary) == {
        "needs", "offers", "feasiblePairs", "placed", "placedByTier", "totalScore", "solver",
        "optimal", "seconds",
    }  # fmt: skip
    assert (summary["solver"], summary["optimal"]) == ("lemon", True)
    assert summary["placed"] == len(result["assignments"]) == 60 - len(result["unplaced"])
    assert sum(summary["placedByTier"].values()) == summary["placed"]
    pairs = list(csv.DictReader(table.open()))
    assert len(pairs) == summary["feasiblePairs"]
    scores = {(pair["need"], pair["offer"]): int(pair["score"]) for pair in pairs}
    for record in result["assignments"]:
        assert set(record) == {"need", "offer", "score", "tier", "factors", "alternatives"}
        assert sum(record["factors"].values()) == record["score"]
        assert scores[record["need"], record["offer"]] == record["score"]
        for other in record["alternatives"]:
            assert scores[record["need"], other["offer"]] == other["score"]
    assert sum(r["score"] for r in result["assignments"]) == summary["totalScore"]
    for record in result["unplaced"]:
        assert set(record) == {"need", "tier", "cause", "reasons", "nearMisses"}
    assert [v["offer"] for v in result["seatValues"]] == [o["id"] for o in data["offers"]]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.json", "out.json", "pairs.csv"]
    # A malformed instance leaves what was there.
    data["needs"][3]["level"] = "C2"
    source.write_bytes(orjson.dumps(data))
    before = out.read_bytes()
    done = run(source, "--out", out)
    assert done.returncode == 2
    assert done.stderr.startswith("$.needs[3].level: ")
    assert out.read_bytes() == before


@pytest.mark.parametrize("solver", ["lemon", "ortools", "highs", "fallback"])
def test_command_with_each_solver(tmp_path, solver, capsys):
    data = instance(
        [need_record(n, waitingSince=day(-n)) for n in range(4)],
        [offer_record(n, seats=1) for n in range(2)],
        priority="strict",
    )
    source, out = tmp_path / "in.json", tmp_path / "out.json"
    source.write_bytes(orjson.dumps(data))
    call_command("match_file", str(source), "--out", str(out), "--solver", solver)
    result = orjson.loads(out.read_bytes())
    assert result["summary"]["solver"] == solver
    assert result["summary"]["optimal"] == (solver != "fallback")
    assert [r["need"] for r in result["assignments"]] == ["n2", "n3"]
    assert ("niet" in capsys.readouterr().err) == (solver == "fallback")
    assert best_objective(data, {(i, j): 0 for i in range(4) for j in range(2)})[0] == (1, 1, 0, 0)


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["missing.json", "--out", "out.json"], "bestaat niet"),
        (["in.json", "--out", "no/where.json"], "die map bestaat niet"),
        (["in.json", "--out", "a.json", "--candidates", "a.json"], "twee verschillende"),
        ([".", "--out", "a.json"], "niet lezen"),
    ],
)
def test_command_says_what_is_wrong(tmp_path, monkeypatch, capsys, args, sentence):
    monkeypatch.chdir(tmp_path)
    Path("in.json").write_bytes(orjson.dumps(content()))
    with pytest.raises(SystemExit) as ended:
        call_command("match_file", *args)
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["in.json"]


def test_no_file_is_left_when_the_second_cannot_be_written(tmp_path, monkeypatch, capsys):
    source = tmp_path / "in.json"
    source.write_bytes(orjson.dumps(content()))
    calls = []

    def full(handle):
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("matching.engine.result_file.os.fsync", full)
    with pytest.raises(SystemExit):
        call_command(
            "match_file", str(source), "--out", str(tmp_path / "o.json"),
            "--candidates", str(tmp_path / "c.csv"),
        )  # fmt: skip
    assert "No space left" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["in.json"]


FORBIDDEN = (
    "nationality", "birth", "country", "tongue", "language", "sex", "gender", "religion",
    "postcode", "postal", "zip", "bsn", "name", "age",
)  # fmt: skip


def test_no_forbidden_field_can_enter():
    names = [f.name for table in (NeedTable, OfferTable) for f in fields(table)]
    names += [*NEED_SCHEMA, *OFFER_SCHEMA, *POLICY_SCHEMA, *content()["policy"]["weights"]]
    for name in names:
        words = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).split("_")
        assert not set(words) & set(FORBIDDEN), name


def test_the_engine_imports_no_framework():
    root = Path(matching.engine.__file__).parent
    allowed = {
        "matching",
        "numpy",
        "orjson",
        "scipy",
        "pylmcf",
        "ortools",
    } | sys.stdlib_module_names
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module]
            for module in modules:
                assert module.split(".")[0] in allowed, f"{path.name} imports {module}"
                if module.startswith("matching"):
                    assert module.startswith("matching.engine"), f"{path.name} imports {module}"
