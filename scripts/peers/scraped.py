"""Debian's Prometheus scrapes the demo, in its default mode (OpenMetrics) and with native histograms (protobuf). The results
of its API must agree with the demo's own clients, series by series."""

import json
import os
import signal
import subprocess
import sys
import time

import processes
import prometheus
from catalog import METRICS
from findings import Findings
from page import key, same, scrape

SCRAPES = 3  # during the traffic
INTERVAL = 5  # seconds between two scrapes, and for one of them on a busy machine
TIMEOUT = 120  # seconds until a scrape is stored
LINGER = 1800  # seconds that an idle demo continues: longer than the whole run
MODES = {
    "default": ["--enable-feature=exemplar-storage"],
    "native": ["--enable-feature=native-histograms,exemplar-storage"],
}
RANGE = "10m"  # longer than the whole run


class Prometheus(prometheus.Prometheus):
    """A server that scrapes one target every few seconds."""

    def __init__(self, mode, target):
        self.mode = mode
        settings = prometheus.settings("demo", prometheus.target(target), f"{INTERVAL}s")
        super().__init__(f"prometheus-{mode}", settings, *MODES[mode])

    def query(self, expression):
        """Returns the result of an instant query, by series."""
        found = {}
        for sample in super().query(expression):
            labels = {name: value for name, value in sample["metric"].items() if name not in ("job", "instance")}
            found[key(labels.pop("__name__", ""), labels)] = float(sample["value"][1])
        return found

    def scraped_since(self, then):
        """Waits until a scrape that started after this time is stored."""
        deadline = time.time() + TIMEOUT
        while time.time() < deadline:
            newest = self.query("timestamp(up)").values()
            if newest and max(newest) > then:
                return
            time.sleep(0.2)
        raise RuntimeError("Prometheus scrapes no more")

    def complaints(self):
        """Returns the lines of its log above the info level."""
        return [line for line in self.log().splitlines() if "level=info" not in line.lower()]


def parts(metric):
    """Returns the names under which a metric of the catalog is stored."""
    name = metric["name"]
    return [f"{name}_bucket", f"{name}_sum", f"{name}_count"] if metric["type"] == "histogram" else [name]


def judge_families(findings, server):
    """Checks that every family has data, and that counters only increase."""
    for metric in METRICS:
        for name in parts(metric):
            found = server.query(f"count(count_over_time({name}[{RANGE}]))")
            findings.check(found and max(found.values()) >= 1, f"{server.mode}: no series of {name}")
            if metric["type"] in ("counter", "histogram"):
                found = server.query(f"sum(resets({name}[{RANGE}]))")
                findings.check(set(found.values()) <= {0.0}, f"{server.mode}: {name} went down: {found}")
        if metric["type"] == "ratio":
            judge_ratio(findings, server, metric)
        if metric["type"] == "histogram":
            judge_histogram(findings, server, metric["name"])


def judge_ratio(findings, server, metric):
    """Checks that a ratio equals the result of Prometheus for its operands."""
    over = " + ".join(metric["denominator"])
    computed = server.query(f"({' + '.join(metric['numerator'])}) / ({over})")
    stored = {("", labels): value for (_, labels), value in server.query(metric["name"]).items()}
    agree = stored.keys() == computed.keys() and all(same(stored[one], computed[one]) for one in stored)
    findings.check(agree, f"{server.mode}: {metric['name']} is {stored}, and computed {computed}")


def judge_histogram(findings, server, name):
    """Checks that the last bucket equals the count, that buckets are cumulative, and that quantiles can be computed."""
    apart = server.query(f'{name}_bucket{{le="+Inf"}} - ignoring(le) {name}_count')
    findings.check(set(apart.values()) <= {0.0}, f"{server.mode}: {name}: +Inf is not the count: {apart}")
    used = server.query(f"{name}_count > 0")
    median = server.query(f"histogram_quantile(0.5, {name}_bucket)")
    unknown = [dict(labels) for _, labels in used if not median.get(("", labels), -1) >= 0]
    findings.check(not unknown, f"{server.mode}: {name} has no median for {unknown}")


def judge_values(findings, server, after, callbacks):
    """Checks that each series is stored with the page's value, except those that are read at each scrape and change by
    themselves."""
    stored = server.query('{job="demo"}')
    for one, value in after.series.items():
        name, labels = one
        found = stored.get(one)
        if name in callbacks:
            findings.check(found is not None, f"{server.mode}: {name}{dict(labels)} is not stored")
        else:
            findings.check(
                found is not None and same(found, value), f"{server.mode}: {name}{dict(labels)}: {found}, not {value}"
            )


def judge_report(findings, server, report, callbacks):
    """Checks each value that the demo's clients know, summed over labels that they do not distinguish."""
    compared = 0
    for known in report["checks"]:
        if "seen=" in known["labels"] or known["metric"] in callbacks:
            continue  # a peak between two scrapes, or a value that has changed since
        found = server.query(f"sum({known['metric']}{{{known['labels']}}})")
        findings.equal(f"{server.mode}: {known['metric']}{{{known['labels']}}}", list(found.values()), [known["recorded"]])
        compared += 1
    findings.check(compared >= 40, f"only {compared} values of the demo's report were compared")


def judge_format(findings, server):
    """Checks that creation times are not stored as series by default."""
    created = server.query('count({__name__=~".+_created"})')
    findings.check(not created, f"{server.mode}: the times of creation are {created}")


def judge_scraping(findings, server, samples):
    """Checks that the target was up at every scrape, and that Prometheus reports no problem."""
    target = server.api("targets")["activeTargets"][0]
    findings.equal(f"{server.mode}: health of the target", (target["health"], target["lastError"]), ("up", ""))
    findings.equal(f"{server.mode}: least of up", list(server.query(f"min_over_time(up[{RANGE}])").values()), [1.0])
    scrapes = max(server.query(f"count_over_time(up[{RANGE}])").values())
    findings.check(scrapes > SCRAPES, f"{server.mode}: only {scrapes} scrapes")
    taken = max(server.query("scrape_samples_scraped").values())
    findings.check(taken >= samples, f"{server.mode}: {taken} samples, and {samples} on the page")
    complaints = server.complaints()
    findings.check(not complaints, f"{server.mode}: Prometheus says: {complaints}")
    findings.say(f"{server.mode}: {scrapes:.0f} scrapes, {taken:.0f} samples in the last")


def read_report(demo):
    """Returns the report that the demo prints after its traffic."""
    line = demo.stdout.readline()
    if not line:
        raise RuntimeError("the demo printed no report")
    return json.loads(line)


def main():
    findings = Findings("prometheus")
    port = processes.free_port()
    command = [processes.PROXY, "demo", "--linger", f"{LINGER}s", "--format", "json"]
    demo = processes.start("demo", [*command, "--metrics", f"127.0.0.1:{port}"], stdout=subprocess.PIPE)
    processes.wait_for_port(port, demo)
    servers = [Prometheus(mode, port) for mode in MODES]
    for server in servers:
        server.ready()
    for _ in range(SCRAPES):
        now = time.time()
        for server in servers:
            server.scraped_since(now)
    demo.send_signal(signal.SIGINT)
    report = read_report(demo)
    amiss = [check for check in report["checks"] if not check["holds"]]
    findings.check(report["passed"], f"the demo failed: {amiss or 'a client failed'}")
    before = scrape(port)
    over = time.time()
    for server in servers:
        server.scraped_since(over)
    after = scrape(port)

    callbacks = {name for metric in METRICS if metric["callback"] for name in parts(metric)}
    # After the traffic, only values that are read at a scrape may change.
    moved = {name for name, labels in before.series if not same(before.series[name, labels], after.series.get((name, labels)))}
    findings.check(moved <= callbacks, f"moved after the traffic: {moved - callbacks}")
    for server in servers:
        judge_families(findings, server)
        judge_values(findings, server, after, callbacks)
        judge_report(findings, server, report, callbacks)
        judge_format(findings, server)
        judge_scraping(findings, server, len(after.series))
    judged = subprocess.run(
        [os.environ["PEERS_PROMTOOL"], "check", "metrics"], input=scrape(port, "text/plain"), capture_output=True, text=True, check=False
    )
    findings.equal("what promtool says", (judged.returncode, judged.stdout, judged.stderr), (0, "", ""))
    findings.equal("the demo's exit code", processes.end(demo, signal.SIGINT), 0)
    for server in servers:
        processes.end(server.process)
    return findings.finish()


if __name__ == "__main__":
    sys.exit(main())
