"""The generated rules in Debian's Prometheus, with windows shortened a hundredfold, while the proxy's demo makes its faults:
the right alerts fire, Debian's Alertmanager delivers them to a webhook with their runbooks, and resolves them when the
faults are over. The error budget that is recorded is held against the demo's own counts, which the demo holds against what
its clients saw."""

import http.server
import json
import os
import re
import sys
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "peers"))
import processes  # noqa: E402

RULES = Path(os.environ["ALERTS_RULES"])
DOCUMENTS = Path("docs/operations")
TRAFFIC = 30  # seconds
LINGER = 12  # seconds in which the counts stand still and can be compared
# What the demo's faults are meant to set off, and what its end does.
EXPECTED = ["ShadowcatForcedShutdowns", "ShadowcatSseReconnectStorm", "ShadowcatAnswersFastBurn", "ShadowcatScrapeMissing"]
# What nothing in it gives a reason for.
QUIET = ["ShadowcatFileDescriptorsNearLimit", "ShadowcatLabelOverflow"]
OBJECTIVE = 0.995  # of `answers`


class Webhook(http.server.BaseHTTPRequestHandler):
    """Notes every alert that it is told of."""

    seen = {}  # by alert and status: its annotations
    lock = threading.Lock()

    def do_POST(self):
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.lock:
            for alert in told["alerts"]:
                self.seen[alert["labels"]["alertname"], alert["status"]] = alert["annotations"]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def wait_for(status, names, patience):
    """Which of the alerts the webhook is not told of in time."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with Webhook.lock:
            left = [name for name in names if (name, status) not in Webhook.seen]
        if not left:
            return []
        time.sleep(0.2)
    return left


def ask(port, query):
    """The values of a query, by transport."""
    url = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        result = json.load(answer)["data"]["result"]
    return {one["metric"].get("transport", ""): float(one["value"][1]) for one in result}


def budgets(page):
    """The share of the budget that is left, and what one bad event takes of it, by transport, from the counts themselves."""
    counts = {}
    for labels, value in re.findall(r"^shadowcat_request_completed_total\{(.*)\} (\d+)$", page, re.MULTILINE):
        labels = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        bad, total = counts.get(labels["transport"], (0, 0))
        lost = int(value) if labels["outcome"] in ("lost", "timed_out") else 0
        counts[labels["transport"]] = bad + lost, total + int(value)
    worth = {name: 1 / total / (1 - OBJECTIVE) for name, (_, total) in counts.items() if total}
    return {name: (1 - counts[name][0] * each, each) for name, each in worth.items()}


def start_demo(port, seconds, linger):
    command = [processes.PROXY, "demo", "--for", f"{seconds}s", "--linger", f"{linger}s", "--metrics", f"127.0.0.1:{port}"]
    return processes.start("demo", command)


def main():
    webhook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    threading.Thread(target=webhook.serve_forever, daemon=True).start()
    target, manager, server = (processes.free_port() for _ in range(3))
    settings = processes.LOGS / "alertmanager.yml"
    settings.write_text(
        "route: {receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}\n"
        "receivers:\n"
        f"  - {{name: hook, webhook_configs: [{{url: 'http://127.0.0.1:{webhook.server_port}/', send_resolved: true}}]}}\n"
    )
    processes.start(
        "alertmanager",
        [os.environ["ALERTS_MANAGER"], f"--config.file={settings}", f"--storage.path={processes.LOGS}/alertmanager",
         f"--web.listen-address=127.0.0.1:{manager}", "--cluster.listen-address="],
    )
    processes.wait_for_port(manager)
    settings = processes.LOGS / "prometheus.yml"
    settings.write_text(
        "global: {scrape_interval: 500ms, scrape_timeout: 400ms, evaluation_interval: 500ms}\n"
        f"rule_files: ['{RULES}/rules.yml', '{RULES}/alerts.yml']\n"
        f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{manager}']}}]}}]}}\n"
        "scrape_configs:\n"
        f"  - {{job_name: shadowcat, static_configs: [{{targets: ['127.0.0.1:{target}']}}]}}\n"
    )
    processes.start(
        "prometheus",
        [os.environ["PEERS_PROMETHEUS"], f"--config.file={settings}", f"--storage.tsdb.path={processes.LOGS}/data",
         f"--web.listen-address=127.0.0.1:{server}"],
    )
    processes.wait_for_port(server)
    # Behind Prometheus, so that it sees the counts begin at zero.
    demo = start_demo(target, TRAFFIC, LINGER)
    processes.wait_for_port(target, demo)
    complaints = []

    # The counts stand still while the demo lingers.
    time.sleep(TRAFFIC + LINGER / 2)
    with urllib.request.urlopen(f"http://127.0.0.1:{target}/metrics", timeout=10) as page:
        counted = budgets(page.read().decode())
    recorded = ask(server, "job_transport:shadowcat_slo_answers_error_budget:remaining_ratio")
    if not counted:
        complaints.append("the demo counted no requests")
    for transport, (left, each) in counted.items():
        found = recorded.get(transport)
        # What is counted before the first scrape is not seen, and Prometheus extrapolates.
        if found is None or abs(found - left) > max(0.1 * (1 - left), 2 * each):
            complaints.append(f"budget of answers, {transport}: recorded {found}, counted {left:.3f}")
        else:
            print(f"budget of answers, {transport}: recorded {found:.3f}, counted {left:.3f}")

    code = demo.wait(60)
    if code != 0:
        complaints.append(f"the demo's own comparison with its clients ended with {code}")
    complaints += [f"{name} did not fire" for name in wait_for("firing", EXPECTED, 20)]
    # The same proxy again, without time for faults to show: everything is over.
    again = start_demo(target, 1, 60)
    complaints += [f"{name} was not resolved" for name in wait_for("resolved", EXPECTED, 45)]
    processes.end(again)
    for (name, status), annotations in sorted(Webhook.seen.items()):
        print(f"{status} {name}: {annotations.get('summary')}")
        runbook = annotations.get("runbook_url", "")
        if not (DOCUMENTS / runbook).is_file():
            complaints.append(f"{name}: there is no runbook `{runbook}`")
        if name in QUIET:
            complaints.append(f"{name} has no reason to fire")
    for complaint in complaints:
        print(complaint)
    print(f"{len(Webhook.seen)} notifications, {len(complaints)} complaints")
    return 1 if complaints else 0


sys.exit(main())
