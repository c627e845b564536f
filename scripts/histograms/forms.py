"""Scrapes the demo with Prometheus servers that store classic histograms, and native ones converted from these; then a demo whose
histograms all have native buckets. Every recording rule and every panel of a histogram must have a result in its form, and those
for both forms on each server. The error ratios of the objectives must agree. Each step waits for its condition, up to a timeout
for slow machines."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import dashboards
import processes
import prometheus

DOCUMENTS = Path(os.environ["HISTOGRAMS_DOCUMENTS"])
TRAFFIC = 20  # seconds
PATIENCE = 120  # seconds in which each query must have a result
# Converted histograms have the bounds of the classic ones. The shares differ only because Prometheus extrapolates a counter to
# its zero, by half an interval in the time of the traffic at most.
TOLERANCE = 0.03
# The native buckets of the second demo, as in histograms.sh.
FACTOR = float(os.environ["HISTOGRAMS_FACTOR"])
CONVERT = {"convert_classic_histograms_to_nhcb": True}
KEEP_CLASSIC = {"always_scrape_classic_histograms": True}
OLDER, NEWER = os.environ["HISTOGRAMS_OLDER"], os.environ["HISTOGRAMS_NEWER"]


class Prometheus(prometheus.Prometheus):
    """A server that scrapes a demo every second and evaluates the rules of a form."""

    def __init__(self, name, target, form, more={}, program=NEWER):
        rules = [DOCUMENTS / form / "operations" / file for file in ("rules.yml", "alerts.yml")]
        settings = prometheus.settings("shadowcat", prometheus.target(target), rules=rules, **more)
        super().__init__(name, settings, "--enable-feature=native-histograms", program=program)

    def api(self, path, **parameters):
        """Returns data of the API. Queries for another form may have warnings."""
        return prometheus.get(self.port, path, **parameters)["data"]


def panels(form):
    """Returns the name and the query of each panel and each variable of a form's dashboards."""
    for path in sorted((DOCUMENTS / form / "operations/dashboards").glob("*.json")):
        yield from ((name, query) for name, _, query in dashboards.queries(path, "10s"))


def wait_for_results(asked):
    """Returns a complaint for each query without a result. `asked` has servers, names and queries."""
    silent, deadline, complaints = list(asked), time.monotonic() + PATIENCE, []
    while silent and time.monotonic() < deadline:
        left = []
        for one in silent:
            server, name, query = one
            try:
                if not server.query(query):
                    left.append(one)
            except ValueError as error:
                complaints.append(f"{server.name}: {name}: {query}: {error}")
        silent = left
        time.sleep(1)
    return complaints + [f"{server.name}: {name}: no result of {query}" for server, name, query in silent]


def ratios(server, rules, moment, factor=1):
    """Returns the error ratios of the objectives over their whole windows, by record and labels. A factor moves the limits."""

    def moved(match):
        return f"{match[1]}{float(match[2]) * factor!r},"

    found = {}
    for rule in rules:
        if "_slo_" in rule["name"] and rule["name"].endswith("_errors:ratio_rate30d"):
            query = rule["query"] if factor == 1 else re.sub(r"(histogram_fraction\(-Inf, )([0-9.e+-]+),", moved, rule["query"])
            for one in server.query(query, time=moment):
                found[rule["name"], json.dumps(one["metric"], sort_keys=True)] = float(one["value"][1])
    return found


def judge_objectives(server, classic, native, factor=1):
    """Compares the objectives on the server that stores both forms, so that both are computed from the same scrapes. The classic
    value must be between the native ones for limits that are a bucket higher and lower."""
    moment = time.time() - 2
    exact = ratios(server, classic.rules(), moment)
    least, most = (ratios(server, native.rules(), moment, by) for by in (factor, 1 / factor))
    complaints = [] if any("forwarding" in name for name, _ in exact) else ["there is no objective about a histogram"]
    for key in sorted(exact.keys() | least.keys()):
        values = exact.get(key), least.get(key), most.get(key)
        print(f"{key}: classic {values[0]}, native {values[1]} to {values[2]}")
        # A ratio without events is not a number.
        if None in values or (values[0] == values[0] and not values[1] - TOLERANCE <= values[0] <= values[2] + TOLERANCE):
            complaints.append(f"{key}: {values[0]} in classic histograms, {values[1]} to {values[2]} in native ones")
    return complaints


def start_demo(name, proxy, target, servers):
    """Starts a demo once its servers are ready to scrape it."""
    for server in servers:
        server.ready()
    command = [proxy, "demo", "--lead", "5s", "--for", f"{TRAFFIC}s", "--linger", "600s", "--metrics", f"127.0.0.1:{target}"]
    demo = processes.start(name, command, stdout=subprocess.DEVNULL)
    processes.wait_for_port(target, demo)
    return demo


def recording(server):
    return [rule for rule in server.rules() if rule["type"] == "recording"]


def panels_of_histograms(forms):
    """Returns the names of the panels that differ between forms. The others are the same; dashboards.sh runs their queries."""
    names = [name for name, query in forms["classic"].items() if query != forms["native"].get(name)]
    if len(names) < 20:
        raise SystemExit(f"{len(names)} panels of histograms: is this all?")
    return names


def judge(servers, asked):
    """Waits until each query has a result. Returns a complaint for each that has none, and for each broken rule."""
    complaints = wait_for_results(asked)
    for server in servers:
        broken = [rule for rule in server.rules() if rule["health"] == "err"]
        complaints += [f"{server.name}: {rule['name']}: {rule['lastError']}" for rule in broken]
    print(f"{len(asked)} queries, {len(complaints)} complaints")
    return complaints


def judge_classic_demo():
    """Classic histograms, on an older server too, and native ones converted from these."""
    target = processes.free_port()
    older = Prometheus("older", target, "classic", program=OLDER)
    classic = Prometheus("classic", target, "classic")
    native = Prometheus("native", target, "native", CONVERT)
    both = Prometheus("both", target, "both", CONVERT | KEEP_CLASSIC)
    servers = [older, classic, native, both]
    demo = start_demo("demo", processes.PROXY, target, servers)

    asked = [(server, rule["name"], rule["name"]) for server in servers for rule in recording(server)]
    # On the servers with one of the forms, too.
    asked += [(server, f"{rule['name']} for both", rule["query"]) for server in (classic, native) for rule in recording(both)]
    forms = {form: dict(panels(form)) for form in ("classic", "native", "both")}
    for server, form in [(older, "classic"), (classic, "classic"), (classic, "both"), (native, "native"), (native, "both")]:
        asked += [(server, f"{name} for {form}", forms[form][name]) for name in panels_of_histograms(forms)]
    if len(asked) < 300:
        raise SystemExit(f"{len(asked)} queries: is this all?")
    complaints = judge(servers, asked)
    # The setting matters: no form has results on a server without it.
    complaints += [f"{native.name} stores {name}" for name in classic_series(native)]
    complaints += [f"{one.name} stores no classic histograms" for one in (older, classic, both) if not classic_series(one)]
    complaints += judge_objectives(both, classic, native)
    for process in (demo, *(server.process for server in servers)):
        processes.end(process)
    return complaints


def judge_native_demo():
    """Native histograms, on an older server too, and stored in both forms."""
    target = processes.free_port()
    older = Prometheus("older-native", target, "declared-native", program=OLDER)
    native = Prometheus("declared-native", target, "declared-native")
    both = Prometheus("declared-both", target, "declared-both", KEEP_CLASSIC)
    classic = Prometheus("declared-classic", target, "classic", KEEP_CLASSIC)
    servers = [older, native, both, classic]
    start_demo("native-demo", os.environ["HISTOGRAMS_NATIVE_PROXY"], target, servers)
    asked = [(server, rule["name"], rule["name"]) for server in servers for rule in recording(server)]
    forms = {"classic": dict(panels("classic")), "native": dict(panels("declared-native")), "both": dict(panels("declared-both"))}
    for server, form in [(older, "native"), (native, "native"), (native, "both"), (both, "both")]:
        asked += [(server, f"{name} for {form}", forms[form][name]) for name in panels_of_histograms(forms)]
    complaints = judge(servers, asked)
    complaints += [f"{server.name} stores {name}" for server in (older, native) for name in classic_series(server)]
    return complaints + judge_objectives(classic, classic, native, FACTOR)


def main():
    complaints = judge_classic_demo() + judge_native_demo()
    for complaint in complaints:
        print(complaint)
    print(f"{len(complaints)} complaints")
    return 1 if complaints else 0


def classic_series(server):
    """Returns the labels of the classic histograms of a server."""
    return [one["metric"] for one in server.query('count by (__name__) ({__name__=~"shadowcat_.*_bucket"})')]


sys.exit(main())
