"""Several proxies under one Prometheus, which forwards to VictoriaMetrics, with the configuration of docs/operations/scale.
Values that do not change must be the same on the pages and in both stores, the number of series must equal that of `budget`,
and every rule across instances must record series for all of them. Each step waits for its condition."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import processes
import prometheus
from catalog import CATALOG

SCALE = Path("docs/operations/scale")
INSTANCES = 3
TIMEOUT = 180  # seconds for each step
LINGER = 900  # seconds that an idle demo continues: longer than the whole run
WORST_CASE = CATALOG["series"]
OF_SCRAPING = 5  # series that Prometheus adds for each target: `up`, and metadata of the scrape
SUMS = [
    "sum(shadowcat_request_completed_total)",
    "sum(shadowcat_request_duration_seconds_count)",
    "sum(shadowcat_transport_message_size_bytes_sum)",
    "count(shadowcat_build_info)",
]
# Pairs of queries with the same result even during traffic, because one is part of the other.
ALIKE = [
    ("sum(job_version_profile:shadowcat_build_info:count)", str(INSTANCES)),
    ("max(job:process_open_fds:max_ratio) <= bool 1", "1"),
    ("sum(job_version_outcome:shadowcat_request_completed:rate5m) > bool 0", "1"),
    (
        "sum by (outcome) (job_version_outcome:shadowcat_request_completed:rate5m)",
        "sum by (outcome) (job_server_method_outcome:shadowcat_request_completed:rate5m)",
    ),
]


def series(port, query):
    found = prometheus.get(port, "query", query=query)["data"]
    return found["result"] if found["resultType"] == "vector" else [{"metric": {}, "value": found["result"]}]


def number(port, query):
    result = series(port, query)
    return float(result[0]["value"][1]) if len(result) == 1 else None


def values(port, query):
    """Returns the values of a query by label. The last digits are dropped, because they depend on the order of a sum."""
    return {tuple(sorted(one["metric"].items())): f"{float(one['value'][1]):.9g}" for one in series(port, query)}


def wait_until_none(left):
    """Returns what is still left after the timeout."""
    deadline = time.monotonic() + TIMEOUT
    while (found := left()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return found


def page(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=TIMEOUT) as answer:
        return answer.read().decode()


def counted(pages, query):
    """Returns the result of a query of SUMS, computed from the pages."""
    name = re.search(r"\((\w+)\)", query)[1]
    found = [float(value) for text in pages for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE)]
    return float(len(found)) if query.startswith("count") else sum(found)


def in_store(query):
    """Returns a query of SUMS for the long-term store, which has data of other clusters, too."""
    return query.replace(")", '{cluster="one"})')


def budget(port):
    """Returns the number of series that `budget` counts on a page."""
    command = [os.environ["SCALE_COMMAND"], "budget", "--format", "json", "--scrape", f"http://127.0.0.1:{port}/metrics"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["now"]


def settings(targets, store):
    """Returns the documented configuration with other addresses and shorter intervals."""
    text = (SCALE / "prometheus.yml").read_text().replace("15s", "1s")
    for port, target in zip((9464, 9465, 9466), targets):
        assert f"127.0.0.1:{port}" in text
        text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{target}")
    assert "127.0.0.1:8428" in text
    path = processes.LOGS / "configuration.yml"
    path.write_text(text.replace("127.0.0.1:8428", f"127.0.0.1:{store}"))
    for name in ("rules.yml", "alerts.yml"):
        (processes.LOGS / name).write_text((SCALE.parent / name).read_text())
    (processes.LOGS / "aggregate.yml").write_text((SCALE / "aggregate.yml").read_text().replace("[5m]", "[10s]"))
    return path


def records(path):
    return re.findall(r"record: (\S+)", path.read_text())


def judge_rules(server, rules):
    """Checks that every rule records series of all instances, and that equivalent queries have the same result."""
    silent = wait_until_none(lambda: [rule for rule in rules if not series(server, rule)])
    complaints = [f"{rule} records nothing" for rule in silent]
    single = [rule for rule in rules if any("instance" in one["metric"] for one in series(server, rule))]
    complaints += [f"{rule} is of single instances" for rule in single]

    # Between two rules of one evaluation, the results differ for a moment.
    def unlike():
        return [both for both in ALIKE if not values(server, both[0]) or values(server, both[0]) != values(server, both[1])]

    complaints += [f"`{one}` is {values(server, one)}, `{other}` {values(server, other)}" for one, other in wait_until_none(unlike)]
    # Two rules of one name would write the same series twice.
    twice = set(rules) & set(records(SCALE.parent / "rules.yml"))
    return complaints + [f"{rule} is in rules.yml as well" for rule in sorted(twice)]


def judge_counts(targets, server, store):
    """Checks that values that do not change are equal on the pages, in Prometheus and in the store."""

    def unlike():
        pages = [page(target) for target in targets]
        found = [(counted(pages, query), number(server, query), number(store, in_store(query))) for query in SUMS]
        return [(query, *both) for query, both in zip(SUMS, found) if not 0 < both[0] == both[1] == both[2]]

    return [
        f"{query}: {on_pages} on the pages, {here} in Prometheus, {there} in VictoriaMetrics"
        for query, on_pages, here, there in wait_until_none(unlike)
    ]


def judge_series(targets, server):
    """Checks that Prometheus has the series that `budget` counts, and no more than the schema allows."""

    def unlike():
        found = {target: (budget(target), number(server, f'count({{instance="127.0.0.1:{target}"}})')) for target in targets}
        return {one: both for one, both in found.items() if not both[1] == both[0] + OF_SCRAPING <= WORST_CASE + OF_SCRAPING}

    return [
        f"the proxy at {target} has {now} series by `budget`, at most {WORST_CASE}, and {here} in Prometheus with {OF_SCRAPING} of its own"
        for target, (now, here) in wait_until_none(unlike).items()
    ]


def main():
    targets = [processes.free_port() for _ in range(INSTANCES)]
    store = processes.free_port()
    process = processes.start(
        "victoria-metrics",
        [os.environ["SCALE_STORE"], f"-httpListenAddr=127.0.0.1:{store}", f"-storageDataPath={processes.LOGS}/store",
         "-retentionPeriod=5y", "-search.latencyOffset=0s"],
    )
    processes.wait_until_ready(store, process)
    demos = []
    for count, target in enumerate(targets):
        command = [processes.PROXY, "demo", "--linger", f"{LINGER}s", "--format", "json", "--metrics", f"127.0.0.1:{target}"]
        demos.append(processes.start(f"demo-{count}", command, stdout=subprocess.PIPE))
    for target, demo in zip(targets, demos):
        processes.wait_for_port(target, demo)
    server = prometheus.Prometheus("prometheus", settings(targets, store)).ready().port

    # Rules are queried during traffic.
    rules = records(SCALE / "aggregate.yml")
    complaints = judge_rules(server, rules)
    for demo in demos:
        demo.send_signal(signal.SIGINT)
    for demo in demos:
        demo.stdout.readline()  # its report, printed after the traffic
    complaints += judge_counts(targets, server, store)
    complaints += judge_series(targets, server)
    unwritten = wait_until_none(lambda: [rule for rule in rules if not series(store, f'last_over_time({rule}{{cluster="one"}}[1h])')])
    complaints += [f"{rule} was not written on" for rule in unwritten]

    for complaint in complaints:
        print(complaint)
    total = number(server, 'count({job="shadowcat", instance!=""})')
    print(f"{INSTANCES} proxies, {total:.0f} series, {len(SUMS)} sums and {len(rules)} rules, {len(complaints)} complaints")
    return 1 if complaints else 0


sys.exit(main())
