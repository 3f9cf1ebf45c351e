#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Validates what `conctrace compare --json` writes: against its schema, against the laws that a
schema cannot say, and each report in it as validate_report.py does.

    validate_compare.py FILE...

Prints one line for each violation. Exit status: 0 all are valid, 1 some are not, 77 the schema
library is absent.
"""
import json
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
import validate_report  # noqa: E402 # exits with 77 itself

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = os.path.join(HERE, "../../docs/compare.schema.json")
LESS_IS_BETTER = {"wall_ns", "running_ns", "runnable_ns", "switches.voluntary",
                  "switches.involuntary", "migrations", "peak_bytes"}


def of_report(metric, report):
    """The number of that name in the median run's report; None: it is not there."""
    s = report["summary"]
    if metric == "wall_ns":
        return report["wall_ns"]
    if metric == "parallelism":
        return s["parallelism"]["average"]
    for key in metric.split("."):
        s = s.get(key) if isinstance(s, dict) else None
    return s


def check_design(i, d, wanted):
    good = d["n"] - d["failed"]
    wall = d["wall_ns"]
    yield d["n"] <= wanted, f"runs[{i}]: more runs than were wanted"
    yield good >= 0, f"runs[{i}]: more failed than ran"
    yield (d["failure"] is not None) == (d["failed"] > 0), f"runs[{i}]: failure and failed disagree"
    yield (d["report"] is not None) == (good > 0), f"runs[{i}]: a report without a good run, or none"
    for v in wall.values():
        yield (v is not None) == (good > 0), f"runs[{i}]: wall_ns without a good run, or none"
    if good > 0:
        yield wall["min"] <= wall["median"] <= wall["max"], f"runs[{i}]: wall_ns is not in order"
        yield wall["min"] <= d["report"]["wall_ns"] <= wall["max"], f"runs[{i}]: the report is of another run"
        if good % 2:
            yield d["report"]["wall_ns"] == wall["median"], f"runs[{i}]: the report is not the median run's"


def check_contrast(c, r):
    m = c["metric"]
    labels = [d["label"] for d in r["runs"]]
    known = [i for i, v in enumerate(c["values"]) if v is not None]
    for key in ("values", "min", "max"):
        yield len(c[key]) == len(labels), f"{m}: {key} has not one entry for each design"
        yield [i for i, v in enumerate(c[key]) if v is not None] == known, f"{m}: {key} has other gaps"
    for i in known:
        yield c["min"][i] <= c["values"][i] <= c["max"][i], f"{m}: {labels[i]} is not in order"
        run = r["runs"][i]
        told = of_report(m, run["report"]) if run["report"] else None
        if told is not None:
            yield c["min"][i] * 0.999999 <= told <= c["max"][i] * 1.000001, f"{m}: {labels[i]}: the report has {told}"
    yield (c["explanation"] is not None) == c["differs"], f"{m}: an explanation without a difference, or none"
    yield (c["best"] is not None) == (c["differs"] and m in LESS_IS_BETTER), f"{m}: best"
    if c["best"] is not None:
        yield c["values"][labels.index(c["best"])] == min(c["values"][i] for i in known), f"{m}: the best is not"
    yield set(c["not_worse"]) <= set(labels) - {c["best"]}, f"{m}: not_worse"


def laws(r):
    labels = [d["label"] for d in r["runs"]]
    yield len(set(labels)) == len(labels), "two designs have the same label"
    yield (r["verdict"] is not None) == any(d["report"] for d in r["runs"]), "a verdict without a run, or none"
    for i, d in enumerate(r["runs"]):
        yield from check_design(i, d, r["runs_wanted"])
        if not r["interrupted"]:
            yield d["n"] == r["runs_wanted"], f"runs[{i}]: {d['n']} runs, not {r['runs_wanted']}"
    for c in r["contrasts"]:
        yield from check_contrast(c, r)


def reports(r, schema):
    for i, d in enumerate(r["runs"]):
        if not d["report"]:
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            json.dump(d["report"], f)
            f.flush()
            for line in validate_report.violations(f.name, schema):
                yield f"runs[{i}].report: {line}"


def violations(path, schema, report_schema):
    with open(path, "rb") as f:
        r = json.loads(f.read().decode("utf-8"), object_pairs_hook=validate_report.no_twins,
                       parse_constant=validate_report.no_constant)
    metrics = schema.schema["properties"]["contrasts"]["items"]["properties"]["metric"]["enum"]
    wrong = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in schema.iter_errors(r)]
    if not wrong:
        wrong = [what for truth, what in laws(r) if not truth]
        if [c["metric"] for c in r["contrasts"]] != metrics:
            wrong.append("contrasts are not those of the schema, in its order")
    return wrong or list(reports(r, report_schema))


def main(paths):
    if not paths:
        print(__doc__.strip())
        return 2
    schemas = []
    for path in (SCHEMA, validate_report.SCHEMA):
        with open(path, encoding="utf-8") as f:
            schemas.append(validate_report.jsonschema.Draft7Validator(json.load(f)))
    bad = 0
    for path in paths:
        try:
            wrong = violations(path, *schemas)
        except (OSError, ValueError) as e:
            wrong = [str(e)]
        for line in wrong:
            print(f"{path}: " + re.sub(r"[^\x20-\x7e]", "?", line))
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
