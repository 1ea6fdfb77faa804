"""Does this installation of Passend, with these keys, do what the API promises?

Plain Python 3.11, nothing to install. It makes its own people, groups and starts, marked with
"conformance", so use it on a sandbox and never on a production system:

    python docs/api/conformance --url http://127.0.0.1:8000 --key KEY --provider-key KEY

`--key` belongs to a system of a municipality (role caseworker), `--provider-key` to one of a
provider (role planner) that has a contract with it. Without the second key, scenarios that need a
provider are left out, and the result says so.
"""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from client import Api, FaultError
from listed import SCENARIOS, MissingError, Scenario
from world import World

BADGE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" '
    'aria-label="Passend conformance: {text}"><rect width="140" height="20" fill="#333"/>'
    '<rect x="140" width="{right}" height="20" fill="{colour}"/>'
    '<g fill="#fff" font-family="Verdana,sans-serif" font-size="11">'
    '<text x="8" y="14">Passend conformance</text><text x="148" y="14">{text}</text></g></svg>\n'
)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help="address of the site, without /api/v1")
    parser.add_argument("--key", required=True, help="key of a municipality's system")
    parser.add_argument("--provider-key", default="", help="key of a provider's system")
    parser.add_argument(
        "--webhook-url",
        default="",
        help="public https address that leads to --listen; left out: this machine itself",
    )
    parser.add_argument("--listen", type=int, default=0, help="port to receive webhooks on")
    parser.add_argument("--wait", type=float, default=20, help="seconds to wait for a webhook")
    parser.add_argument("--only", default="", help="names of scenarios, separated by commas")
    parser.add_argument("--out", default="", help="folder for conformance.json and .svg")
    return parser.parse_args()


def run_one(scenario: Scenario, world: World) -> dict[str, str]:
    """The outcome of a scenario: ok, fault (with what to do) or left_out (with the reason)."""
    try:
        scenario.run(world)
    except MissingError as missing:
        return {"outcome": "left_out", "detail": str(missing), "advice": ""}
    except FaultError as fault:
        return {"outcome": "fault", "detail": str(fault), "advice": scenario.advice}
    except (KeyError, IndexError, TypeError, OSError) as error:
        detail = f"unexpected answer: {type(error).__name__}: {error}"
        return {"outcome": "fault", "detail": detail, "advice": scenario.advice}
    return {"outcome": "ok", "detail": "", "advice": ""}


def write_result(folder: str, result: dict[str, object]) -> None:
    counts = result["summary"]
    assert isinstance(counts, dict)
    text = f"{counts['ok']} of {counts['total']}"
    green = counts["ok"] == counts["total"]
    right = 16 + 8 * len(text)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    (target / "conformance.json").write_text(json.dumps(result, indent=2) + "\n")
    (target / "conformance.svg").write_text(
        BADGE.format(
            text=text, width=140 + right, right=right, colour="#2e7d32" if green else "#c62828"
        )
    )


def main() -> int:
    given = arguments()
    wanted = {one.strip() for one in given.only.split(",") if one.strip()}
    unknown = wanted - {one.name for one in SCENARIOS}
    if unknown:
        print(f"There is no scenario {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    provider = Api(given.url, given.provider_key) if given.provider_key else None
    world = World(
        api=Api(given.url, given.key),
        nobody=Api(given.url, ""),
        provider_api=provider,
        webhook_url=given.webhook_url,
        listen=given.listen,
        wait=given.wait,
    )
    outcomes = []
    try:
        for number, scenario in enumerate(SCENARIOS, start=1):
            if wanted and scenario.name not in wanted:
                continue
            one = run_one(scenario, world)
            outcomes.append({"scenario": scenario.name, "title": scenario.title, **one})
            print(f"{number:>3}  {one['outcome']:<8}  {scenario.name:<26} {scenario.title}")
            if one["detail"]:
                print(f"               {one['detail']}")
            if one["advice"]:
                print(f"               What to do: {one['advice']}")
    finally:
        world.close()
    count = {
        outcome: sum(one["outcome"] == outcome for one in outcomes)
        for outcome in ("ok", "fault", "left_out")
    }
    print(
        f"\n{count['ok']} ok, {count['fault']} with a fault, {count['left_out']} left out, "
        f"of {len(outcomes)} scenarios."
    )
    if given.out:
        summary = {**count, "total": len(outcomes)}
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        result = {"url": given.url, "at": moment, "summary": summary, "scenarios": outcomes}
        write_result(given.out, result)
        print(f"Written: {given.out}/conformance.json and conformance.svg")
    return 1 if count["fault"] else 0


if __name__ == "__main__":
    sys.exit(main())
