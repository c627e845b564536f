"""Runs every query of every dashboard on Debian's Prometheus while it scrapes the demo. Each panel and each variable must
have a result, except those that idle.txt lists with a reason."""

import subprocess
import sys
import time
from pathlib import Path

import dashboards
import processes
import prometheus

DASHBOARDS = Path("docs/operations/dashboards")
RULES = Path("docs/operations/rules.yml").resolve()
IDLE = Path(__file__).resolve().parent / "idle.txt"
TRAFFIC = 20  # seconds
WITHIN = 40  # seconds in which each query must have a result; children are absent between restarts


def answered(server, label, query):
    """Returns whether the query has a result now."""
    if label:
        return bool(server.api(f"label/{label}/values", **{"match[]": query}))
    return bool(server.query(query))


def main():
    port = processes.free_port()
    command = [processes.PROXY, "demo", "--for", f"{TRAFFIC}s", "--linger", "60s", "--metrics", f"127.0.0.1:{port}"]
    demo = processes.start("demo", command, stdout=subprocess.DEVNULL)
    processes.wait_for_port(port, demo)
    settings = prometheus.settings("shadowcat", prometheus.target(port), rules=[RULES])
    server = prometheus.Prometheus("prometheus", settings).ready()
    paths = sorted(DASHBOARDS.glob("*.json"))
    asked = [(name, (label, query)) for path in paths for name, label, query in dashboards.queries(path, "4s")]
    if len(asked) < 100 or len(dict(asked)) != len(asked):
        raise SystemExit(f"{len(asked)} queries, some under one name: is this all?")
    # Two queries that must fail, to prove that the check works.
    asked += [("a query of nothing", (None, "shadowcat_no_such_metric")), ("no query", (None, "sum by (("))]
    idle = dict(line.split(" # ") for line in IDLE.read_text().splitlines() if line and line[0] != "#")
    silent, broken, deadline = dict(asked), [], time.time() + WITHIN
    while silent and time.time() < deadline:
        for name, (label, query) in list(silent.items()):
            try:
                if answered(server, label, query):
                    del silent[name]
            except ValueError as error:
                broken.append(f"{name}: {query}: {error}")
                del silent[name]
        # Queries that are expected to be idle get the whole time.
        time.sleep(0.5)
        if set(silent) <= {*idle, "a query of nothing"} and time.time() > deadline - WITHIN + TRAFFIC:
            break
    refused = [complaint for complaint in broken if complaint.startswith("no query:")]
    if silent.pop("a query of nothing", None) is None or len(refused) != 1:
        broken.append("a query of nothing, or none at all, was let pass")
    complaints = [complaint for complaint in broken if complaint not in refused]
    complaints += [f"{name}: no answer to {silent[name][1]}" for name in silent if name not in idle]
    complaints += [f"{name}: has an answer, so it does not belong into idle.txt" for name in idle if name not in silent]
    for complaint in complaints:
        print(complaint)
    print(f"{len(asked)} queries, {len(silent)} without an answer, {len(complaints)} complaints")
    return 1 if complaints else 0


sys.exit(main())
