"""The newest libraries and older ones on both sides of the proxy. Each client calls the tools of each server, over each transport
of both. Each pair speaks the newest revision that both know, as it does without the proxy. The metrics agree with the clients'
calls, and with the messages that taps next to the servers have counted."""

import json
import os
import shlex
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import page
import processes
from books import Tally
from findings import Findings
from world import HERE, PATHS

TODAY, OLDER, RMCP = os.environ["PEERS_TODAY_PYTHON"], sys.executable, os.environ["PEERS_TODAY_RMCP"]
FILES = HERE / "today"
NEW, OLD = "2026-07-28", "2025-11-25"  # the newest revision of each era
ALL = ("stdio", "http", "sse")
# The calls of each client to each server, and its report of them.
CALLS = 3
SEEN = {"tools": ["add", "fail"], "add": CALLS, "fail": 1}
# The peers: their command, their newest revision, and the transports that they speak.
CLIENTS = {
    "mcp": ([TODAY, FILES / "client.py", "mcp"], NEW, ALL),
    "mcp1": ([OLDER, FILES / "client.py", "mcp1"], OLD, ALL),
    "fastmcp": ([TODAY, FILES / "client.py", "fastmcp"], NEW, ALL),
    "client": (["node", FILES / "client.mjs", "client"], NEW, ALL),
    "sdk": (["node", FILES / "client.mjs", "sdk"], OLD, ALL),
    "rmcp": ([RMCP, "client"], NEW, ("stdio", "http")),
    "inspector": ([OLDER, FILES / "inspector.py"], NEW, ALL),
}
SERVERS = {
    "mcp": ([TODAY, FILES / "server.py", "mcp"], NEW, ALL),
    "mcp1": ([OLDER, FILES / "server.py", "mcp1"], OLD, ALL),
    "fastmcp": ([TODAY, FILES / "server.py", "fastmcp"], NEW, ALL),
    "server": (["node", FILES / "server.mjs", "server"], NEW, ("stdio", "http")),
    "sdk": (["node", FILES / "server.mjs", "sdk"], OLD, ("stdio", "http")),
    "rmcp": ([RMCP, "server"], NEW, ("stdio", "http")),
}
LISTEN = "subscriptions/listen"
UNANSWERED = {LISTEN, "rejected", "cancelled"}  # a method and outcomes for which the counts of taps may differ
TAP = [sys.executable, HERE / "books.py"]
TIMEOUT = 600  # seconds for one client with all servers


def words(command):
    return [str(word) for word in command]


class Upstream:
    """A server over one transport."""

    def __init__(self, library, kind):
        command, self.revision, _ = SERVERS[library]
        self.kind = kind
        self.name = f"{library}-{kind}"
        self.books = processes.LOGS / f"books-{self.name}"
        self.command, self.target, self.process = words(command), None, None
        if kind == "stdio":
            self.target = self.command
        else:
            port = processes.free_port()
            self.process = processes.start(self.name, [*self.command, kind, port]), port
            self.target = [f"http://127.0.0.1:{port}/{PATHS[kind]}"]

    def ready(self):
        if self.process is not None:
            process, port = self.process
            processes.wait_for_port(port, process)

    def spec(self, tapped=False):
        """Returns the proxy's argument for this server. With `tapped`, each of its children is behind a tap."""
        if self.kind != "stdio":
            return f"{self.name}={self.kind}:{self.target[0]}"
        command = shlex.join(self.command)
        if tapped:
            self.books.mkdir()
            command = shlex.join(["sh", "-c", f"exec {shlex.join(words(TAP))} {self.books}/$$.json 0 {command}"])
        return f"{self.name}=stdio:{command}"


def revision(client, front, upstream):
    """Returns the revision that a client and a server speak. Over the older transport, clients speak only older ones; servers
    speak newer ones, too."""
    return OLD if front == "sse" else min(CLIENTS[client][1], upstream.revision)


def run(findings, what, client, upstreams, targets):
    """Lets a client call every server, and compares its reports with the expected ones."""
    command = [*CLIENTS[client][0], CALLS, json.dumps([[kind, *target] for kind, target in targets])]
    done = subprocess.run(
        words(command), capture_output=True, text=True, timeout=TIMEOUT, check=False, stdin=subprocess.DEVNULL
    )
    (processes.LOGS / f"{what}.log").write_text(done.stderr)
    lines = done.stdout.splitlines()
    findings.equal(f"{what}: number of servers tried", len(lines), len(upstreams))
    for upstream, (kind, _), line in zip(upstreams, targets, lines):
        expected = {"add": 1} if client == "inspector" else {"revision": revision(client, kind, upstream), **SEEN}
        findings.equal(f"{what} to {upstream.name}", json.loads(line), expected)


def without_proxy(findings, upstreams, client):
    """Checks the tables of peers: connects a client to each server directly."""
    reached = [upstream for upstream in upstreams if upstream.kind in CLIENTS[client][2]]
    targets = [(upstream.kind, upstream.target) for upstream in reached]
    run(findings, f"{client} without the proxy", client, reached, targets)


def through_own_proxies(findings, upstreams, client):
    """Checks a client over standard input and output. Python's clients end their server too soon for a tap to write its books."""
    proxy = [processes.PROXY, "stdio", "--metrics", "off", "--upstream"]
    targets = [("stdio", [*proxy, upstream.spec()]) for upstream in upstreams]
    run(findings, f"{client}, stdio", client, upstreams, targets)


def judge_calls(findings, what, before, now, client, front, upstream):
    """Compares the metrics of a server with the calls of one client."""

    def rise(name, **labels):
        name = f"shadowcat_{name}_total"
        return now.total(name, server=upstream.name, **labels) - before.total(name, server=upstream.name, **labels)

    calls, failures = (1, 0) if client == "inspector" else (CALLS, 1)
    found = {
        "results of add": rise("request_answers", tool="add"),
        "results of fail": rise("request_answers", tool="fail"),
        "failures of add": rise("request_answers", tool="add", answer="tool_error"),
        "failures of fail": rise("request_answers", tool="fail", answer="tool_error"),
        "calls": rise("request_completed", method="tools/call"),
        "handshakes": rise("request_completed", method="initialize", outcome="ok"),
        "in flight": now.total("shadowcat_request_in_flight", server=upstream.name),
    }
    expected = {
        "results of add": calls,
        "results of fail": failures,
        "failures of add": 0,
        "failures of fail": failures,
        "calls": calls + failures,
        "handshakes": 1 if revision(client, front, upstream) == OLD else 0,
        "in flight": 0,
    }
    findings.equal(f"{what} to {upstream.name}: metrics", found, expected)


def judge_taps(findings, now, upstream):
    """Compares requests by method and outcome with the books of the taps. All other requests must be ones that the proxy did not
    forward. Subscriptions are left out: a client cancels them, and some servers answer nevertheless."""
    completed = Counter()
    for file in upstream.books.glob("*.json"):
        completed.update(Tally.from_json(json.loads(file.read_text())).completed["client"])
    completed = {(method, outcome): count for (method, outcome), count in completed.items() if method != LISTEN}
    findings.check(completed, f"the taps of {upstream.name} counted nothing")
    name = "shadowcat_request_completed_total"
    for (method, outcome), count in sorted(completed.items()):
        of = {"server": upstream.name, "method": method, "outcome": outcome}
        findings.equal(f"completed{of}", now.total(name, **of), count)
    forwarded = sum(
        value
        for (found, labels), value in now.series.items()
        if found == name and ("server", upstream.name) in labels and not {value for _, value in labels} & UNANSWERED
    )
    findings.equal(f"forwarded requests to {upstream.name}", forwarded, sum(completed.values()))


def through_serve(findings, upstreams):
    """Checks all clients over HTTP and the older transport, with taps next to the children."""
    listen, metrics = processes.free_port(), processes.free_port()
    command = [processes.PROXY, "serve", "--listen", f"127.0.0.1:{listen}", "--metrics", f"127.0.0.1:{metrics}"]
    # Enough for a tap to write its books after its server has ended.
    command += ["--end-grace", "120s"]
    for upstream in upstreams:
        command += ["--upstream", upstream.spec(tapped=True)]
    proxy = processes.start("serve", command)
    processes.wait_for_port(metrics, proxy)
    processes.wait_for_port(listen, proxy)
    for client, (_, _, fronts) in CLIENTS.items():
        for front in sorted({"http", "sse"} & set(fronts)):
            what = f"{client}, {front}"
            before = page.scrape(metrics)
            targets = [(front, [f"http://127.0.0.1:{listen}/{upstream.name}/{PATHS[front]}"]) for upstream in upstreams]
            run(findings, what, client, upstreams, targets)
            now = page.until(metrics, lambda now: not now.total("shadowcat_request_in_flight"))
            for upstream in upstreams:
                judge_calls(findings, what, before, now, client, front, upstream)
    now = page.scrape(metrics)
    findings.equal("the proxy's exit code", processes.end(proxy, timeout=180), 0)
    for upstream in upstreams:
        if upstream.kind == "stdio":
            findings.equal(f"tools of {upstream.name}", now.total("shadowcat_context_tools", server=upstream.name), 2)
            judge_taps(findings, now, upstream)


def main():
    findings = Findings("today")
    upstreams = [Upstream(library, kind) for library, (_, _, kinds) in SERVERS.items() for kind in kinds]
    for upstream in upstreams:
        upstream.ready()
    # Two at a time, because half of the time is spent on starting programs.
    with ThreadPoolExecutor(2) as pool:
        for part in (without_proxy, through_own_proxies):
            list(pool.map(lambda client, part=part: part(findings, upstreams, client), CLIENTS))
            findings.say(f"{part.__name__}: {len(CLIENTS)} clients and {len(upstreams)} servers")
    through_serve(findings, upstreams)
    return findings.finish()


if __name__ == "__main__":
    sys.exit(main())
