"""Runs every query of every dashboard on Debian's Prometheus while it scrapes the demo. Each panel and each variable must
have a result, except those that idle.txt lists with a reason."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "peers"))
import processes  # noqa: E402

DASHBOARDS = Path("docs/operations/dashboards")
RULES = Path("docs/operations/rules.yml").resolve()
IDLE = Path(__file__).resolve().parent / "idle.txt"
TRAFFIC = 20  # seconds
WITHIN = 40  # seconds in which each query must have a result; children are absent between restarts


class Prometheus:
    """A separate server that scrapes the demo every second and evaluates the rules."""

    def __init__(self, target):
        self.port = processes.free_port()
        settings = processes.LOGS / "prometheus.yml"
        settings.write_text(
            "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
            f"rule_files: ['{RULES}']\n"
            "scrape_configs:\n"
            f"  - {{job_name: shadowcat, static_configs: [{{targets: ['127.0.0.1:{target}']}}]}}\n"
        )
        command = [os.environ["PEERS_PROMETHEUS"], f"--config.file={settings}"]
        command += [f"--storage.tsdb.path={processes.LOGS}/data", f"--web.listen-address=127.0.0.1:{self.port}"]
        self.process = processes.start("prometheus", command)
        processes.wait_until_ready(self.port, self.process)

    def api(self, path, **parameters):
        """Returns the API's result. An error means an invalid query."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                answer = json.load(answer)
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from error
        if answer["status"] != "success" or answer.get("warnings"):
            raise ValueError(str(answer))
        return answer["data"]


def filled(query, variables):
    """Returns a query as Grafana sends it with everything selected."""
    query = query.replace("$__rate_interval", "4s")
    for name, value in sorted(variables.items(), key=lambda pair: -len(pair[0])):
        query = query.replace(f"${name}", value)
    if "$" in query:
        raise ValueError(f"a variable that the dashboard has not: {query}")
    return query


def questions(path):
    """Returns a dashboard's queries, with a name and a kind of request for each."""
    dashboard = json.loads(path.read_text())
    variables = dashboard["templating"]["list"]
    # A variable without a current value stands for every value in its list; here there is one proxy.
    values = {one["name"]: one.get("allValue", ".+") for one in variables if one["type"] == "query"}
    for one in variables:
        if one["type"] == "query":
            series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", one["query"]["query"]).groups()
            yield f"{path.stem}: ${one['name']}", ("label", label, filled(series, values))
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            name = f"{path.stem}: {panel['title']} {target['refId']}"
            yield name, ("query", None, filled(target["expr"], values))


def answered(server, question):
    """Returns whether the query has a result now."""
    kind, label, query = question
    if kind == "label":
        return bool(server.api(f"label/{label}/values", **{"match[]": query}))
    return bool(server.api("query", query=query)["result"])


def main():
    port = processes.free_port()
    command = [processes.PROXY, "demo", "--for", f"{TRAFFIC}s", "--linger", "60s", "--metrics", f"127.0.0.1:{port}"]
    demo = processes.start("demo", command, stdout=subprocess.DEVNULL)
    processes.wait_for_port(port, demo)
    server = Prometheus(port)
    asked = [question for path in sorted(DASHBOARDS.glob("*.json")) for question in questions(path)]
    if len(asked) < 100 or len({name for name, _ in asked}) != len(asked):
        raise SystemExit(f"{len(asked)} queries, some under one name: is this all?")
    # Two queries that must fail, to prove that the check works.
    asked += [("a query of nothing", ("query", None, "shadowcat_no_such_metric")), ("no query", ("query", None, "sum by (("))]
    idle = dict(line.split(" # ") for line in IDLE.read_text().splitlines() if line and line[0] != "#")
    silent, broken, deadline = dict(asked), [], time.time() + WITHIN
    while silent and time.time() < deadline:
        for name, question in list(silent.items()):
            try:
                if answered(server, question):
                    del silent[name]
            except ValueError as error:
                broken.append(f"{name}: {question[2]}: {error}")
                del silent[name]
        # Queries that are expected to be idle get the whole time.
        time.sleep(0.5)
        if set(silent) <= {*idle, "a query of nothing"} and time.time() > deadline - WITHIN + TRAFFIC:
            break
    refused = [complaint for complaint in broken if complaint.startswith("no query:")]
    if silent.pop("a query of nothing", None) is None or len(refused) != 1:
        broken.append("a query of nothing, or none at all, was let pass")
    complaints = [complaint for complaint in broken if complaint not in refused]
    complaints += [f"{name}: no answer to {silent[name][2]}" for name in silent if name not in idle]
    complaints += [f"{name}: has an answer, so it does not belong into idle.txt" for name in idle if name not in silent]
    for complaint in complaints:
        print(complaint)
    print(f"{len(asked)} queries, {len(silent)} without an answer, {len(complaints)} complaints")
    return 1 if complaints else 0


sys.exit(main())
