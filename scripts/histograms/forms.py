"""Scrapes the demo with Prometheus servers that store classic histograms, and native ones converted from these. Every recording
rule and every panel of a histogram must have a result in its form, and those for both forms on each server. The error ratios of
the objectives must agree. Each step waits for its condition, up to a timeout for slow machines."""

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

DOCUMENTS = Path(os.environ["HISTOGRAMS_DOCUMENTS"])
TRAFFIC = 20  # seconds
PATIENCE = 120  # seconds in which each query must have a result
# Converted histograms have the bounds of the classic ones. The shares differ only because Prometheus extrapolates a counter to
# its zero, by half an interval in the time of the traffic at most.
TOLERANCE = 0.03
CONVERT = ", convert_classic_histograms_to_nhcb: true"


class Prometheus:
    """A server that scrapes the demo every second and evaluates the rules of a form."""

    def __init__(self, name, target, form, more):
        self.name, self.port = name, processes.free_port()
        settings = processes.LOGS / f"{name}.yml"
        rules = DOCUMENTS / form / "operations"
        settings.write_text(
            "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
            f"rule_files: ['{rules}/rules.yml', '{rules}/alerts.yml']\n"
            "scrape_configs:\n"
            f"  - {{job_name: shadowcat, static_configs: [{{targets: ['127.0.0.1:{target}']}}]{more}}}\n"
        )
        command = [os.environ["PEERS_PROMETHEUS"], f"--config.file={settings}", f"--storage.tsdb.path={processes.LOGS}/{name}"]
        command += [f"--web.listen-address=127.0.0.1:{self.port}", "--enable-feature=native-histograms"]
        self.process = processes.start(name, command)

    def api(self, path, **parameters):
        """Returns the API's result. An error means an invalid query."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                answer = json.load(answer)
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from error
        return answer["data"]

    def ask(self, query):
        return self.api("query", query=query)["result"]

    def rules(self):
        return [rule for group in self.api("rules")["groups"] for rule in group["rules"]]


def filled(query, variables):
    """Returns a query as Grafana sends it with everything selected."""
    query = query.replace("$__rate_interval", "10s")
    for name, value in sorted(variables.items(), key=lambda pair: -len(pair[0])):
        query = query.replace(f"${name}", value)
    return query


def panels(form):
    """Returns the name and the query of each panel and each variable of a form's dashboards."""
    for path in sorted((DOCUMENTS / form / "operations/dashboards").glob("*.json")):
        dashboard = json.loads(path.read_text())
        variables = [one for one in dashboard["templating"]["list"] if one["type"] == "query"]
        values = {one["name"]: one.get("allValue", ".+") for one in variables}
        for one in variables:
            series, _ = re.fullmatch(r"label_values\((.*), (\w+)\)", one["query"]["query"]).groups()
            yield f"{path.stem}: ${one['name']}", filled(series, values)
        for panel in dashboard["panels"]:
            for target in panel.get("targets", []):
                yield f"{path.stem}: {panel['title']} {target['refId']}", filled(target["expr"], values)


def wait_for_results(asked):
    """Returns a complaint for each query without a result. `asked` has servers, names and queries."""
    silent, deadline, complaints = list(asked), time.monotonic() + PATIENCE, []
    while silent and time.monotonic() < deadline:
        left = []
        for one in silent:
            server, name, query = one
            try:
                if not server.ask(query):
                    left.append(one)
            except ValueError as error:
                complaints.append(f"{server.name}: {name}: {query}: {error}")
        silent = left
        time.sleep(1)
    return complaints + [f"{server.name}: {name}: no result of {query}" for server, name, query in silent]


def ratios(server, rules, moment):
    """Returns the error ratios of the objectives over their whole windows, by record and labels."""
    found = {}
    for rule in rules:
        if "_slo_" in rule["name"] and rule["name"].endswith("_errors:ratio_rate30d"):
            for one in server.api("query", query=rule["query"], time=moment)["result"]:
                found[rule["name"], json.dumps(one["metric"], sort_keys=True)] = float(one["value"][1])
    return found


def judge_objectives(server, classic, native):
    """Compares the objectives on the server that stores both forms, so that both are computed from the same scrapes."""
    moment = time.time() - 2
    one, other = (ratios(server, of.rules(), moment) for of in (classic, native))
    complaints = [] if any("forwarding" in name for name, _ in one) else ["there is no objective about a histogram"]
    for key in sorted(one.keys() | other.keys()):
        values = one.get(key), other.get(key)
        print(f"{key}: classic {values[0]}, native {values[1]}")
        # A ratio without events is not a number.
        if None in values or (values[0] == values[0] and not abs(values[0] - values[1]) <= TOLERANCE):
            complaints.append(f"{key}: {values[0]} in classic histograms, {values[1]} in native ones")
    return complaints


def main():
    target = processes.free_port()
    classic = Prometheus("classic", target, "classic", "")
    native = Prometheus("native", target, "native", CONVERT)
    both = Prometheus("both", target, "both", f"{CONVERT}, always_scrape_classic_histograms: true")
    servers = [classic, native, both]
    for server in servers:
        processes.wait_until_ready(server.port, server.process)
    command = [processes.PROXY, "demo", "--lead", "5s", "--for", f"{TRAFFIC}s", "--linger", "600s"]
    demo = processes.start("demo", [*command, "--metrics", f"127.0.0.1:{target}"], stdout=subprocess.DEVNULL)
    processes.wait_for_port(target, demo)

    asked = [(server, rule["name"], rule["name"]) for server in servers for rule in server.rules() if rule["type"] == "recording"]
    # On the servers with one of the forms, too.
    expressions = [rule for rule in both.rules() if rule["type"] == "recording"]
    asked += [(server, f"{rule['name']} for both", rule["query"]) for server in (classic, native) for rule in expressions]
    # The other panels are the same in each form; dashboards.sh runs their queries.
    forms = {form: dict(panels(form)) for form in ("classic", "native", "both")}
    of_histograms = [name for name, query in forms["classic"].items() if query != forms["native"].get(name)]
    for server, form in [(classic, "classic"), (classic, "both"), (native, "native"), (native, "both")]:
        asked += [(server, f"{name} for {form}", forms[form][name]) for name in of_histograms]
    if len(of_histograms) < 20 or len(asked) < 200:
        raise SystemExit(f"{len(of_histograms)} panels of histograms, {len(asked)} queries: is this all?")
    complaints = wait_for_results(asked)
    for server in servers:
        broken = [rule for rule in server.rules() if rule["health"] == "err"]
        complaints += [f"{server.name}: {rule['name']}: {rule['lastError']}" for rule in broken]
    # The setting matters: no form has results on a server without it.
    complaints += [f"{native.name} stores {name}" for name in classic_series(native)]
    complaints += [f"{server.name} stores no classic histograms" for server in (classic, both) if not classic_series(server)]
    complaints += judge_objectives(both, classic, native)
    for complaint in complaints:
        print(complaint)
    print(f"{len(asked)} queries, {len(complaints)} complaints")
    return 1 if complaints else 0


def classic_series(server):
    """Returns the labels of the classic histograms of a server."""
    return [one["metric"] for one in server.ask('count by (__name__) ({__name__=~"shadowcat_.*_bucket"})')]


sys.exit(main())
