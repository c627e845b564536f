"""Runs the generated rules, with windows a hundred times shorter, in Debian's Prometheus while the proxy's demo causes
faults. The right alerts must fire, Debian's Alertmanager must deliver them to a webhook with their runbooks, and they must be
resolved after the faults. The recorded error budgets must agree with the demo's clients and with the counts on the page. Each
step waits for its condition, up to a timeout for slow machines."""

import collections
import http.server
import json
import math
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import processes
import prometheus

RULES = Path(os.environ["ALERTS_RULES"])
RUNBOOK_URL = os.environ["ALERTS_RUNBOOK_URL"]
RUNBOOKS = Path("docs/operations/runbooks")
LEAD = 30  # seconds in which Prometheus sees the counts at zero
TRAFFIC = 15  # minimum number of seconds
TIMEOUT = 180  # seconds for each step
LINGER = 900  # seconds that an idle demo continues: longer than the whole run
# Alerts that the demo's faults cause, and that are resolved once the faults end.
FAULTS = [
    "ShadowcatForcedShutdowns",
    "ShadowcatSseReconnectStorm",
    "ShadowcatForwardingFastBurn",
]
# The demo loses about one request in a hundred. This always triggers the slow burn rate of the budget of answers, whose
# windows are too long to wait for the resolution. Whether it also triggers the fast burn rate depends on when the losses
# happen.
SLOW_FAULTS = ["ShadowcatAnswersSlowBurn"]
# Alerts caused by the demo's end.
END = "ShadowcatScrapeMissing"
# Alerts that must not fire.
QUIET = ["ShadowcatFileDescriptorsNearLimit", "ShadowcatLabelOverflow"]
OBJECTIVES = {"answers": 0.995, "forwarding": 0.999}
BUDGETS = {"answers": "server", "forwarding": "transport"}  # the label by whose values each objective has budgets


class Webhook(http.server.BaseHTTPRequestHandler):
    """Records the alerts that it receives."""

    notifications = 0
    firing = {}  # the names of what fires now, by Alertmanager's own mark for an alert with its labels
    fired = {}  # the annotations of every alert that has fired, by name
    lock = threading.Lock()

    def do_POST(self):
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.lock:
            for alert in told["alerts"]:
                name = alert["labels"]["alertname"]
                Webhook.notifications += 1
                if alert["status"] == "firing":
                    self.fired[name] = alert["annotations"]
                    self.firing[alert["fingerprint"]] = name
                else:
                    self.firing.pop(alert["fingerprint"], None)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def wait_until(holds):
    """Returns whether the condition became true in time."""
    deadline = time.monotonic() + TIMEOUT
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def wait_for_firing(names):
    """Returns a complaint for each alert that did not fire in time."""

    def left():
        with Webhook.lock:
            return sorted(set(names) - Webhook.fired.keys())

    wait_until(lambda: not left())
    return [f"{name} did not fire" for name in left()]


def wait_for_resolved(names):
    """Returns a complaint for each alert that still fires after the timeout, with any labels."""

    def left():
        with Webhook.lock:
            return sorted(set(names) & set(Webhook.firing.values()))

    wait_until(lambda: not left())
    return [f"{name} was not resolved" for name in left()]


def ask(server, query, label):
    """Returns the values of a query by a label."""
    return {one["metric"].get(label, ""): float(one["value"][1]) for one in server.query(query)}


def wait_for_up(server, value):
    """Waits until a scrape has this result. The first scrape comes seconds after the start of Prometheus."""
    if not wait_until(lambda: ask(server, "up", "job") == {"shadowcat": value}):
        raise RuntimeError(f"`up` has not become {value} in {TIMEOUT} s")


def series(page, name):
    """Returns the labels and the value of every line with a name."""
    for labels, value in re.findall(rf"^{name}\{{(.*)\}} (\d+)$", page, re.MULTILINE):
        yield dict(re.findall(r'(\w+)="([^"]*)"', labels)), int(value)


class Books:
    """Counts bad events and all events, by objective and by the server or transport of its budgets."""

    def __init__(self):
        self.bad, self.total = collections.Counter(), collections.Counter()

    def request(self, server, outcome, count):
        of = "answers", server
        self.total[of] += count
        self.bad[of] += count if outcome in ("lost", "timed_out") else 0

    def budgets(self):
        """Returns the remaining share of each budget."""
        return {of: 1 - self.bad[of] / self.total[of] / (1 - OBJECTIVES[of[0]]) for of in self.total if self.total[of]}


def on_page(port):
    """Returns the books of the proxy's page."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=TIMEOUT) as answer:
        page = answer.read().decode()
    books = Books()
    for labels, value in series(page, "shadowcat_request_completed_total"):
        books.request(labels["server"], labels["outcome"], value)
    for labels, value in series(page, "shadowcat_transport_phase_duration_seconds_bucket"):
        of = "forwarding", labels["transport"]
        if labels["phase"] != "transfer":
            continue
        if labels["le"] == "+Inf":
            books.total[of] += value
            books.bad[of] += value
        elif labels["le"] == "0.1024":
            books.bad[of] -= value
    return books.budgets()


def of_clients(report):
    """Returns the books of the demo's clients. They cannot know how long a message took inside the proxy."""
    books = Books()
    for server, sent in report["sent"].items():
        for request in sent["requests"]:
            books.request(server, request["outcome"], request["count"])
    return books.budgets()


def recorded(server):
    """Returns the remaining budgets from the generated rules."""
    found = {}
    for objective, label in BUDGETS.items():
        record = f"job_{label}:shadowcat_slo_{objective}_error_budget:remaining_ratio"
        found |= {(objective, value): left for value, left in ask(server, record, label).items()}
    return found


def judge_budgets(target, server, report):
    """Waits until the recorded budgets equal the counted ones. Prometheus saw every series at zero, so extrapolation affects
    all of them equally, and they agree except for rounding."""
    counted = on_page(target)
    counts = [(of, "page", left) for of, left in counted.items()]
    counts += [(of, "clients", left) for of, left in of_clients(report).items()]

    def unlike(records):
        return [one for one in counts if not math.isclose(one[2], records.get(one[0], math.inf), rel_tol=1e-9)]

    wait_until(lambda: not unlike(recorded(server)))
    records = recorded(server)
    for (objective, value), whose, left in counts:
        print(f"budget of {objective}, {value}: recorded {records.get((objective, value))}, by the {whose} {left}")
    complaints = [f"the recorded budget of {of[0]}, {of[1]}, is not that of the {whose}" for of, whose, _ in unlike(records)]
    spent = {objective for (objective, _), _, left in counts if left < 1}
    return complaints + [f"the demo spent nothing of {name}" for name in OBJECTIVES if name not in spent]


def start_demo(name, port, lead):
    """Runs the demo: with traffic until told to stop, then idle until told again."""
    command = [processes.PROXY, "demo", "--lead", f"{lead}s", "--linger", f"{LINGER}s", "--format", "json"]
    return processes.start(name, [*command, "--metrics", f"127.0.0.1:{port}"], stdout=subprocess.PIPE)


def start_alertmanager(port, webhook):
    settings = processes.LOGS / "alertmanager.yml"
    settings.write_text(
        "route: {receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}\n"
        "receivers:\n"
        f"  - {{name: hook, webhook_configs: [{{url: 'http://127.0.0.1:{webhook}/', send_resolved: true}}]}}\n"
    )
    command = [os.environ["ALERTS_MANAGER"], f"--config.file={settings}", f"--storage.path={processes.LOGS}/alertmanager"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    processes.wait_until_ready(port, processes.start("alertmanager", command))


def start_prometheus(target, manager):
    rules = [RULES / "rules.yml", RULES / "alerts.yml"]
    settings = prometheus.settings("shadowcat", prometheus.target(target), "500ms", rules)
    settings["alerting"] = {"alertmanagers": [{"static_configs": prometheus.target(manager)}]}
    return prometheus.Prometheus("prometheus", settings).ready()


def judge_annotations():
    """Checks that every alert that fired links to its runbook, and that the page exists."""
    complaints = []
    for name, annotations in sorted(Webhook.fired.items()):
        link = annotations.get("runbook_url", "")
        print(f"{name}: {annotations.get('summary')} {link}")
        before, after = RUNBOOK_URL.split("{alert}")
        of = link.removeprefix(before).removesuffix(after)
        if link != before + of + after or not (RUNBOOKS / f"{of}.md").is_file():
            complaints.append(f"{name}: there is no runbook `{link}`")
        if name in QUIET:
            complaints.append(f"{name} has no reason to fire")
    return complaints


def main():
    webhook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    threading.Thread(target=webhook.serve_forever, daemon=True).start()
    target, manager = (processes.free_port() for _ in range(2))
    start_alertmanager(manager, webhook.server_port)
    server = start_prometheus(target, manager)
    # Starts only after a failed scrape, so that Prometheus sees the counts at zero.
    wait_for_up(server, 0)
    demo = start_demo("demo", target, LEAD)
    wait_for_up(server, 1)

    time.sleep(LEAD + TRAFFIC)
    complaints = wait_for_firing([*FAULTS, *SLOW_FAULTS])
    demo.send_signal(signal.SIGINT)
    report = json.loads(demo.stdout.readline())
    complaints += judge_budgets(target, server, report)
    # The demo still runs, so alerts are resolved because no further faults occur.
    complaints += wait_for_resolved([*FAULTS, END])

    # Earlier notifications do not prove that the demo's end is noticed.
    with Webhook.lock:
        Webhook.fired.pop(END, None)
    code = processes.end(demo, signal.SIGINT)
    if code != 0:
        complaints.append(f"the demo's own comparison with its clients ended with {code}")
    complaints += wait_for_firing([END])
    start_demo("demo-again", target, LINGER)
    complaints += wait_for_resolved([END])

    complaints += judge_annotations()
    for complaint in complaints:
        print(complaint)
    print(f"{len(Webhook.fired)} alerts in {Webhook.notifications} notifications, {len(complaints)} complaints")
    return 1 if complaints else 0


sys.exit(main())
