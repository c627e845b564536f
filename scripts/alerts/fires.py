"""The generated rules in Debian's Prometheus, with windows shortened a hundredfold, while the proxy's demo makes its faults:
the right alerts fire, Debian's Alertmanager delivers them to a webhook with their runbooks, and resolves them when the
faults are over. The error budget that is recorded is held against the demo's own counts, which the demo holds against what
its clients saw."""

import collections
import http.server
import json
import math
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
LEAD = 4  # seconds in which Prometheus sees the counts at zero
TRAFFIC = 30
LINGER = 25  # seconds in which the counts stand still and can be compared
# What the demo's faults are meant to set off, and what its end does.
EXPECTED = [
    "ShadowcatForcedShutdowns",
    "ShadowcatSseReconnectStorm",
    "ShadowcatAnswersFastBurn",
    "ShadowcatForwardingFastBurn",
    "ShadowcatScrapeMissing",
]
# What nothing in it gives a reason for.
QUIET = ["ShadowcatFileDescriptorsNearLimit", "ShadowcatLabelOverflow"]
OBJECTIVES = {"answers": 0.995, "forwarding": 0.999}


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


def ask(port, query, label):
    """The values of a query, by a label."""
    url = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        result = json.load(answer)["data"]["result"]
    return {one["metric"].get(label, ""): float(one["value"][1]) for one in result}


def wait_for_up(port, value, patience=30):
    """Waits until a scrape went so; the first comes seconds after Prometheus has started."""
    deadline = time.monotonic() + patience
    while ask(port, "up", "job") != {"shadowcat": value}:
        if time.monotonic() > deadline:
            raise RuntimeError(f"`up` has not become {value} in {patience} s")
        time.sleep(0.1)


def series(page, name):
    """The labels and the value of every line of a name."""
    for labels, value in re.findall(rf"^{name}\{{(.*)\}} (\d+)$", page, re.MULTILINE):
        yield dict(re.findall(r'(\w+)="([^"]*)"', labels)), int(value)


def budgets(port):
    """The share of each budget that is left, by objective and transport, from the counts on the page themselves."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        page = answer.read().decode()
    bad, total = collections.Counter(), collections.Counter()
    for labels, value in series(page, "shadowcat_request_completed_total"):
        of = "answers", labels["transport"]
        total[of] += value
        bad[of] += value if labels["outcome"] in ("lost", "timed_out") else 0
    for labels, value in series(page, "shadowcat_transport_phase_duration_seconds_bucket"):
        of = "forwarding", labels["transport"]
        if labels["phase"] != "transfer":
            continue
        if labels["le"] == "+Inf":
            total[of] += value
            bad[of] += value
        elif labels["le"] == "0.1024":
            bad[of] -= value
    return {of: 1 - bad[of] / total[of] / (1 - OBJECTIVES[of[0]]) for of in total if total[of]}


def judge_budgets(target, server):
    """Waits until the budgets that are recorded are those that were counted. Every series was seen at zero, so nothing is
    extrapolated differently for one than for another, and they agree but for rounding."""
    deadline = time.monotonic() + LINGER - 5
    while True:
        counted = budgets(target)
        recorded = {
            (objective, transport): left
            for objective in OBJECTIVES
            for transport, left in ask(
                server, f"job_transport:shadowcat_slo_{objective}_error_budget:remaining_ratio", "transport"
            ).items()
        }
        unlike = [of for of in counted if not math.isclose(counted[of], recorded.get(of, math.inf), rel_tol=1e-9)]
        if counted and not unlike or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    for (objective, transport), left in counted.items():
        print(f"budget of {objective}, {transport}: recorded {recorded.get((objective, transport))}, counted {left}")
    complaints = [f"the recorded budget of {objective}, {transport}, is not what was counted" for objective, transport in unlike]
    missing = [name for name in OBJECTIVES if not any(name == objective for objective, _ in counted)]
    return complaints + [f"the demo counted nothing for {name}" for name in missing]


def start_demo(port, lead, seconds, linger):
    command = [processes.PROXY, "demo", "--lead", f"{lead}s", "--for", f"{seconds}s", "--linger", f"{linger}s"]
    return processes.start("demo", [*command, "--metrics", f"127.0.0.1:{port}"])


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
    process = processes.start(
        "alertmanager",
        [os.environ["ALERTS_MANAGER"], f"--config.file={settings}", f"--storage.path={processes.LOGS}/alertmanager",
         f"--web.listen-address=127.0.0.1:{manager}", "--cluster.listen-address="],
    )
    processes.wait_until_ready(manager, process)
    settings = processes.LOGS / "prometheus.yml"
    settings.write_text(
        "global: {scrape_interval: 500ms, scrape_timeout: 400ms, evaluation_interval: 500ms}\n"
        f"rule_files: ['{RULES}/rules.yml', '{RULES}/alerts.yml']\n"
        f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{manager}']}}]}}]}}\n"
        "scrape_configs:\n"
        f"  - {{job_name: shadowcat, static_configs: [{{targets: ['127.0.0.1:{target}']}}]}}\n"
    )
    process = processes.start(
        "prometheus",
        [os.environ["PEERS_PROMETHEUS"], f"--config.file={settings}", f"--storage.tsdb.path={processes.LOGS}/data",
         f"--web.listen-address=127.0.0.1:{server}"],
    )
    processes.wait_until_ready(server, process)
    # Only when Prometheus has looked in vain, so that it sees the counts begin at zero.
    wait_for_up(server, 0)
    demo = start_demo(target, LEAD, TRAFFIC, LINGER)
    wait_for_up(server, 1)
    time.sleep(LEAD + TRAFFIC)
    complaints = judge_budgets(target, server)
    # What was told of the time before the demo is no proof that its end is noticed.
    with Webhook.lock:
        for status in ("firing", "resolved"):
            Webhook.seen.pop(("ShadowcatScrapeMissing", status), None)

    code = demo.wait(60)
    if code != 0:
        complaints.append(f"the demo's own comparison with its clients ended with {code}")
    complaints += [f"{name} did not fire" for name in wait_for("firing", EXPECTED, 30)]
    # The same proxy again, without time for faults to show: everything is over.
    again = start_demo(target, 0, 1, 90)
    complaints += [f"{name} was not resolved" for name in wait_for("resolved", EXPECTED, 75)]
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
