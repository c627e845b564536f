"""Several proxies under one Prometheus, which writes on into VictoriaMetrics, by the configuration of docs/operations/scale:
what stands still on the proxies' pages is the same in both stores, and every rule across instances records something."""

import json
import os
import re
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "peers"))
import processes  # noqa: E402

SCALE = Path("docs/operations/scale")
INSTANCES = 3
TRAFFIC = 15  # seconds
LINGER = 90  # longer than everything below takes; the demos are ended when it is done
PATIENCE = 20  # seconds for a scrape, and for what was scraped to be written on
WORST_CASE = json.loads(Path("docs/metrics.json").read_text())["series"]
SUMS = [
    "sum(shadowcat_request_completed_total)",
    "sum(shadowcat_request_duration_seconds_count)",
    "sum(shadowcat_transport_message_size_bytes_sum)",
    "count(shadowcat_build_info)",
]


def ask(port, query):
    url = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)["data"]["result"]


def number(port, query):
    result = ask(port, query)
    return float(result[0]["value"][1]) if len(result) == 1 else None


def page(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return answer.read().decode()


def counted(pages, query):
    """What a query of SUMS comes to, from the pages themselves."""
    name = re.search(r"\((\w+)\)", query)[1]
    values = [float(value) for text in pages for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE)]
    return float(len(values)) if query.startswith("count") else sum(values)


def in_store(query):
    """A query of SUMS as the long-term store is asked, where other clusters write as well."""
    return query.replace(")", '{cluster="one"})')


def agree(query, pages, server, store):
    """Whether both stores have of a query of SUMS what is on the pages, which is something."""
    return 0 < counted(pages, query) == number(server, query) == number(store, in_store(query))


def settings(targets, store):
    """The configuration as it is in the documents, with other addresses and a quicker clock."""
    text = (SCALE / "prometheus.yml").read_text().replace("15s", "1s")
    for port, target in zip((9464, 9465, 9466), targets):
        assert f"127.0.0.1:{port}" in text
        text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{target}")
    assert "127.0.0.1:8428" in text
    path = processes.LOGS / "prometheus.yml"
    path.write_text(text.replace("127.0.0.1:8428", f"127.0.0.1:{store}"))
    for name in ("rules.yml", "alerts.yml"):
        (processes.LOGS / name).write_text((SCALE.parent / name).read_text())
    (processes.LOGS / "aggregate.yml").write_text((SCALE / "aggregate.yml").read_text().replace("[5m]", "[10s]"))
    return path


def main():
    targets = [processes.free_port() for _ in range(INSTANCES)]
    server, store = processes.free_port(), processes.free_port()
    process = processes.start(
        "victoria-metrics",
        [os.environ["SCALE_STORE"], f"-httpListenAddr=127.0.0.1:{store}", f"-storageDataPath={processes.LOGS}/store",
         "-retentionPeriod=5y", "-search.latencyOffset=0s"],
    )
    processes.wait_until_ready(store, process)
    for number_, target in enumerate(targets):
        command = [processes.PROXY, "demo", "--for", f"{TRAFFIC}s", "--linger", f"{LINGER}s"]
        processes.start(f"demo-{number_}", [*command, "--metrics", f"127.0.0.1:{target}"])
    for target in targets:
        processes.wait_for_port(target)
    path = settings(targets, store)
    process = processes.start(
        "prometheus",
        [os.environ["PEERS_PROMETHEUS"], f"--config.file={path}", f"--storage.tsdb.path={processes.LOGS}/data",
         f"--web.listen-address=127.0.0.1:{server}"],
    )
    processes.wait_until_ready(server, process)
    complaints = []

    # Rules are asked while there is traffic.
    rules = re.findall(r"record: (\S+)", (SCALE / "aggregate.yml").read_text())
    silent, deadline = set(rules), time.monotonic() + TRAFFIC + 10
    while silent and time.monotonic() < deadline:
        silent = {rule for rule in silent if not ask(server, rule)}
        time.sleep(0.5)
    complaints += [f"{rule} records nothing" for rule in sorted(silent)]
    with_instance = [rule for rule in rules if any("instance" in one["metric"] for one in ask(server, rule))]
    complaints += [f"{rule} is of single instances" for rule in with_instance]

    # Counts stand still once the traffic is over, and then what was scraped and written on is the same.
    time.sleep(TRAFFIC)
    deadline = time.monotonic() + PATIENCE
    while True:
        pages = [page(target) for target in targets]
        unlike = [query for query in SUMS if not agree(query, pages, server, store)]
        if not unlike or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    for query in unlike:
        found = number(server, query), number(store, in_store(query))
        complaints.append(f"{query}: {counted(pages, query)} on the pages, {found[0]} in Prometheus, {found[1]} in VictoriaMetrics")
    for rule in rules:
        if not ask(store, rule + '{cluster="one"}') and rule not in silent:
            complaints.append(f"{rule} was not written on")

    series = number(server, 'count({job="shadowcat", instance!=""})')
    if not series or series > INSTANCES * WORST_CASE:
        complaints.append(f"{INSTANCES} proxies have {series} series, and may have {INSTANCES * WORST_CASE}")
    for complaint in complaints:
        print(complaint)
    print(f"{INSTANCES} proxies, {series:.0f} series, {len(SUMS)} sums and {len(rules)} rules, {len(complaints)} complaints")
    return 1 if complaints else 0


sys.exit(main())
