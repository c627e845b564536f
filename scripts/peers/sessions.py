"""Whole conversations between clients and a third-party server through the proxy, from each transport to each. Clients must
receive the same as without the proxy, and its counters must agree with the clients' books exactly."""

import asyncio
import json
import os
import sys
from collections import Counter

import clients
import page
import processes
import world
from catalog import LEVELS
from findings import Findings
from books import Tally

SUM = ["--method", "tools/call", "--tool-name", "get-sum", "--tool-arg", "a=19.5", "--tool-arg", "b=-7"]
INSPECTIONS = {
    "tools": ["--method", "tools/list"],
    "sum": SUM,
    "unknown": ["--method", "tools/call", "--tool-name", "none"],
    "prompts": ["--method", "prompts/list"],
}

# HTTP requests of a client other than sending messages: to receive events, and to end its session.
STREAMS = {"http": 2, "sse": 1}


class Books:
    """The clients' counts, by their transport and by the transport of their server."""

    def __init__(self):
        self.fronts = {}
        self.upstreams = {}

    def enter(self, front, upstream, tally):
        """Adds the books of one session."""
        self.fronts.setdefault(front, []).append(tally)
        self.upstreams.setdefault(upstream, []).append(tally)


def rises(before, now, books):
    """Returns the increases of the counters, and the expected increases according to the clients' books."""
    def rise(name, expected, **labels):
        risen = now.total(name, **labels) - (before.total(name, **labels) if before else 0)
        return f"rise of {name}{labels}", risen, expected

    for transport in world.UPSTREAMS:
        fronts = books.fronts.get(transport, [])
        behind = books.upstreams.get(transport, [])
        for side, tallies in (("client", fronts), ("server", behind)):
            up, down = sum(tally.messages_sent for tally in tallies), sum(tally.messages_received for tally in tallies)
            # The proxy receives a client's messages on one side and sends them on the other.
            received, sent = (up, down) if side == "client" else (down, up)
            of = {"transport": transport, "side": side}
            yield rise("shadowcat_transport_operations_total", received, **of, operation="receive", status="ok")
            yield rise("shadowcat_transport_operations_total", sent, **of, operation="send", status="ok")
            yield rise("shadowcat_transport_message_size_bytes_count", received, **of)
        for status in ("malformed", "too_large", "rejected", "failed"):
            yield rise("shadowcat_transport_operations_total", 0, transport=transport, status=status)
        # All of them go to the only server behind this transport.
        completed = Counter()
        for tally in behind:
            for by in ("client", "server"):
                completed.update(tally.completed[by])
        server = world.NAMES[transport]
        for name in ("duration", "answer_duration"):
            yield rise(f"shadowcat_request_{name}_seconds_count", sum(completed.values()), server=server)
        yield rise("shadowcat_request_completed_total", sum(completed.values()), server=server)
        for (method, outcome), count in completed.items():
            of = {"server": server, "method": method}
            yield rise("shadowcat_request_completed_total", count, **of, outcome=outcome)
            yield rise("shadowcat_request_duration_seconds_count", sum(n for (one, _), n in completed.items() if one == method), **of)


def judge_counters(findings, what, before, now, books):
    """Checks that the counters have increased exactly as the clients' books say."""
    for of, found, expected in rises(before, now, books):
        findings.equal(f"{what}: {of}", found, expected)


def judge(findings, what, port, before, books):
    """Checks the counters once the last messages are counted, which may be after the client has received enough."""
    def agrees(now):
        return all(found == expected for _, found, expected in rises(before, now, books))

    now = page.until(port, agrees)
    judge_counters(findings, what, before, now, books)
    return now


def judge_heard(findings, what, heard, direct):
    """Checks that a client receives the same through the proxy as without it."""
    for part, answer in direct.items():
        findings.check(heard.get(part) == answer, f"{what}: {part}: {str(heard.get(part))[:300]}, not {str(answer)[:300]}")


async def converse(kind, target):
    """Runs a session from start to end."""
    async with clients.session(kind, target) as (client, tally):
        heard = await clients.converse(client)
    return heard, tally


async def through_serve(findings, here, direct):
    """Tests both fronts of `serve` with each server, then all six combinations at once."""
    ways = [(front, upstream) for front in world.FRONTS for upstream in world.UPSTREAMS]
    for front, upstream in ways:
        what = f"python, {front} to {upstream}"
        before = here.scrape()
        heard, tally = await converse(front, here.through(front, upstream))
        judge_heard(findings, what, heard, direct[upstream])
        books = Books()
        books.enter(front, upstream, tally)
        now = judge(findings, what, here.metrics, before, books)
        exchanges = sum(
            now.total(name, side="client") - before.total(name, side="client")
            for name in ("shadowcat_http_connections_opened_total", "shadowcat_http_connections_reused_total")
        )
        findings.equal(f"{what}: exchanges over HTTP", exchanges, tally.messages_sent + STREAMS[front])
        findings.say(f"{what}: {tally.messages_sent} messages sent, {tally.messages_received} received")

    before, books = here.scrape(), Books()
    sessions = await asyncio.gather(*(converse(front, here.through(front, upstream)) for front, upstream in ways))
    for (front, upstream), (heard, tally) in zip(ways, sessions):
        judge_heard(findings, f"python, all at once, {front} to {upstream}", heard, direct[upstream])
        books.enter(front, upstream, tally)
    judge(findings, "python, all at once", here.metrics, before, books)


def judge_server(findings, what, now, upstream, tally):
    """Checks the series of a server while its only session is open."""
    server = world.NAMES[upstream]
    if upstream == "stdio":
        expected = {"process_active": 1, "stdio_spawn_duration_seconds_count": 1, "process_restarts_total": 0}
    else:
        # The older transport starts with an event that contains the address for messages.
        endpoint = 1 if upstream == "sse" else 0
        expected = {"sse_events_total": tally.messages_received + endpoint, "sse_duplicates_total": 0}
    for name, value in expected.items():
        findings.equal(f"{what}: {name}", now.total(f"shadowcat_{name}", server=server), value)


async def through_own_proxy(findings, here, direct):
    """Tests a client with its own proxy on standard input and output, with each server."""
    for upstream in world.UPSTREAMS:
        what = f"python, stdio to {upstream}"
        port = processes.free_port()
        async with clients.session("stdio", here.through("stdio", upstream, f"127.0.0.1:{port}")) as (client, tally):
            heard = await clients.converse(client)
            books = Books()
            books.enter("stdio", upstream, tally)
            # Its metrics end with the proxy, so they are checked while the session is open.
            now = judge(findings, what, port, None, books)
            judge_server(findings, what, now, upstream, tally)
            proxies = [process for process in processes.descendants(os.getpid()) if processes.is_proxy(process[0])]
            started = [child for proxy, _ in proxies for child in processes.descendants(proxy)]
        judge_heard(findings, what, heard, direct[upstream])
        up = {name for name, _ in now.series if name in LEVELS and now.total(name)}
        findings.check("shadowcat_request_in_flight" not in up, f"{what}: requests in flight, and all are answered")
        findings.equal(f"{what}: open sessions", now.total("shadowcat_active_sessions"), 1)
        left = processes.survivors(proxies + started)
        findings.check(proxies and not left, f"{what}: left behind: {left} of {proxies + started}")
        findings.say(f"{what}: {tally.messages_sent} messages sent, {tally.messages_received} received")


def read_books(file):
    """Reads the books that books.py wrote."""
    return json.loads(file.read_text())


def inspect(findings, here):
    """Compares the inspector's calls without the proxy and through each of its fronts."""
    for name, method in INSPECTIONS.items():
        file = processes.LOGS / f"direct-{name}.json"
        direct = clients.inspector(world.CHILD, *method, books=file)
        tally = Tally.from_json(read_books(file))
        findings.check(tally.completed["client"]["initialize", "ok"] == 1, f"the inspector opens no session: {direct}")
        for front in ("stdio", *world.FRONTS):
            what = f"inspector, {name}, {front}"
            books = Books()
            books.enter(front, "stdio", tally)
            if front == "stdio":
                file = processes.LOGS / f"stdio-{name}.json"
                port = processes.free_port()
                target = here.through("stdio", "stdio", f"127.0.0.1:{port}")
                heard = clients.inspector(target, *method, books=file, port=port)
                told = read_books(file)
                findings.equal(f"{what}: the proxy's exit code", told["code"], 0)
                judge_counters(findings, what, None, page.Page(told["page"]), books)
            else:
                before = here.scrape()
                heard = clients.inspector(here.first(front), *method)
                judge(findings, what, here.metrics, before, books)
            findings.equal(what, heard, direct)
    for front, upstream in (("http", "http"), ("sse", "http"), ("http", "sse"), ("sse", "sse")):
        direct = clients.inspector(here.direct(upstream), *SUM)
        findings.equal(f"inspector, sum, {front} to {upstream}", clients.inspector(here.through(front, upstream), *SUM), direct)


async def main():
    findings = Findings("sessions")
    here = world.World()
    for kind, server in here.servers.items():
        findings.equal(f"what the {kind} server listens on, off loopback", processes.listens_elsewhere(server.pid), [])
    direct = {}
    for upstream in world.UPSTREAMS:
        direct[upstream], tally = await converse(upstream, here.direct(upstream))
        findings.check(tally.completed["server"]["sampling/createMessage", "ok"] == 1, f"{upstream}: the server asks no client")
        findings.equal(f"{upstream}: requests without an answer", tally.unanswered, 0)
    await through_own_proxy(findings, here, direct)
    here.serve()
    await through_serve(findings, here, direct)
    inspect(findings, here)
    here.check_nothing_left(findings)
    here.finish(findings)
    return findings.finish()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
