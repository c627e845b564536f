"""Today's libraries on both sides of the proxy: clients of PyPI's `mcp` 2.x and `fastmcp` 4 and of npm's `client` 2.x and `sdk` 1.x,
over both fronts, to servers of `mcp` 2.x and of npm's `server` 2.x. Each speaks the revision that it speaks without the proxy. The
metrics agree with the clients' calls, and with the messages that taps next to the servers have counted."""

import json
import os
import shlex
import subprocess
import sys
from collections import Counter

import page
import processes
from books import Tally
from world import Findings

PYTHON = os.environ["PEERS_TODAY_PYTHON"]
FILES = processes.HERE / "today"
CALLS = 3
PATIENCE = 60
CLIENTS = {
    "mcp": [PYTHON, FILES / "client.py", "mcp"],
    "fastmcp": [PYTHON, FILES / "client.py", "fastmcp"],
    "client": ["node", FILES / "client.mjs", "client"],
    "sdk": ["node", FILES / "client.mjs", "sdk"],
}
TAP = [sys.executable, processes.HERE / "books.py"]


def words(command):
    return [str(word) for word in command]


class Servers:
    """The servers, and the folder in which the tap of each child writes its books."""

    def __init__(self):
        self.port = processes.free_port()
        over_http = processes.start("server", [PYTHON, FILES / "server.py", self.port])
        processes.wait_for_port(self.port, over_http)
        self.direct = {
            "python": [PYTHON, FILES / "server.py"],
            "node": ["node", FILES / "server.mjs"],
            "web": [f"http://127.0.0.1:{self.port}/mcp"],
        }

    def spec(self, name, books=None):
        """How the proxy is told of a server; with `books`, each of its children is behind a tap."""
        if name == "web":
            return f"{name}={self.direct[name][0]}"
        command = shlex.join(words(self.direct[name]))
        if books is not None:
            books.mkdir()
            tapped = f"exec {shlex.join(words(TAP))} {books}/$$.json 0 {command}"
            command = shlex.join(["sh", "-c", tapped])
        return f"{name}=stdio:{command}"


def run(client, target):
    """What a client has seen of the server at this target."""
    command = words([*CLIENTS[client], CALLS, *target])
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL)
    try:
        return json.loads(done.stdout.splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        return done.stdout[-500:] + done.stderr[-500:]


def judge_tools(findings, what, before, now, server, clients):
    """The calls of so many clients."""
    for name, tool, expected in [
        ("results", "add", CALLS),
        ("results", "fail", 1),
        ("failures", "add", 0),
        ("failures", "fail", 1),
    ]:
        of = {"server": server, "tool": tool}
        name = f"shadowcat_tool_call_{name}_total"
        risen = now.total(name, **of) - (before.total(name, **of) if before else 0)
        findings.equal(f"{what}: rise of {name}{of}", risen, expected * clients)
    findings.equal(f"{what}: requests in flight", now.total("shadowcat_request_in_flight", server=server), 0)
    findings.equal(f"{what}: tools", now.total("shadowcat_context_tools", server=server), 2)


def judge_requests(findings, what, now, server, completed):
    """Requests by method and outcome, and no others but those that the proxy did not forward."""
    for (method, outcome), count in sorted(completed.items()):
        of = {"server": server, "method": method, "outcome": outcome}
        findings.equal(f"{what}: completed{of}", now.total("shadowcat_request_completed_total", **of), count)
    unforwarded = sum(
        now.total("shadowcat_request_completed_total", server=server, outcome=outcome) for outcome in ("rejected", "cancelled")
    )
    total = now.total("shadowcat_request_completed_total", server=server)
    findings.equal(f"{what}: forwarded requests", total - unforwarded, sum(completed.values()))


def through_own_proxy(findings, servers, client, server, direct):
    """A client over standard input and output. Python's clients end their server too soon for a tap to write its books."""
    proxy = [processes.PROXY, "stdio", "--metrics", "off", "--upstream", servers.spec(server)]
    findings.equal(f"{client}, stdio to {server}", run(client, proxy), direct)


def through_serve(findings, servers, direct):
    """All clients over streamable HTTP, with taps next to the children."""
    listen, metrics = processes.free_port(), processes.free_port()
    command = [processes.PROXY, "serve", "--listen", f"127.0.0.1:{listen}", "--metrics", f"127.0.0.1:{metrics}"]
    folders = {server: processes.LOGS / f"books-{server}" for server in servers.direct}
    # Enough for a tap to write its books after its server has ended.
    command += ["--end-grace", "10s"]
    for server, folder in folders.items():
        command += ["--upstream", servers.spec(server, folder)]
    proxy = processes.start("serve", command)
    processes.wait_for_port(metrics, proxy)
    processes.wait_for_port(listen, proxy)
    for server in servers.direct:
        for client in CLIENTS:
            before = page.scrape(metrics)
            seen = run(client, [f"http://127.0.0.1:{listen}/{server}/mcp"])
            what = f"{client}, http to {server}"
            findings.equal(what, seen, direct[client])
            judge_tools(findings, what, before, page.scrape(metrics), server, 1)
    now = page.scrape(metrics)
    findings.equal("the proxy's exit code", processes.end(proxy), 0)
    for server in ("python", "node"):
        completed = Counter()
        for file in folders[server].glob("*.json"):
            completed.update(Tally.from_json(json.loads(file.read_text())).completed["client"])
        findings.check(completed, f"{server}: the taps counted nothing")
        judge_requests(findings, f"taps of {server}", now, server, completed)


def main():
    findings = Findings("today")
    servers = Servers()
    direct = {}
    for client in CLIENTS:
        seen = direct[client] = run(client, servers.direct["python"])
        findings.check(isinstance(seen, dict) and seen["failed"], f"{client}, without the proxy: {seen}")
        findings.say(f"{client} without the proxy: {seen}")
    through_serve(findings, servers, direct)
    for client in CLIENTS:
        for server in ("python", "web"):
            through_own_proxy(findings, servers, client, server, direct[client])
    return findings.finish()


if __name__ == "__main__":
    sys.exit(main())
