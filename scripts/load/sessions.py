"""1,000 sessions over HTTP: `sessions.py SECONDS`. All of them make every kind of request, others flood the proxy with connections
that send one byte, then some make requests without a pause for this time. At the end, the proxy's counters equal the counts of the
clients and of the server exactly. At every scrape, they are consistent with the clients' counts. Memory does not grow after the
first third of the time, the number of descriptors returns to its first value, and every scrape succeeds."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import page
import processes
from findings import Findings
from wire import Wire, raise_descriptor_limit

HERE = Path(__file__).resolve().parent
SESSIONS = 1000
BUSY = 100  # sessions that make requests without a pause
CANCELLING = 50  # sessions that also cancel a call
FLOOD = 1000  # connections that send one byte
STREAMING = 10  # every tenth session reads event streams; the proxy keeps the last events of each
SETTLING = 60  # seconds for the proxy to close everything
TIMEOUT = 300  # seconds for one answer on a busy machine, or for a page
GROWTH = 16 << 20  # bytes that memory may grow once every session has made every kind of request; kept events take at most 3 MiB
TEXT = 1000  # bytes
KINDS = 5  # of requests
PATH = "/load/mcp"


class Books:
    """The requests of all clients."""

    def __init__(self):
        self.wire = Wire()
        self.begun = 0
        self.ended = 0
        self.completed = Counter()  # by method and outcome


class Connection:
    """One connection of a client."""

    def __init__(self, port, books):
        self.port, self.books = port, books
        self.reader = self.writer = None

    async def exchange(self, method, fields, body=b""):
        """Sends a request and returns the status, the fields and the body of the response."""
        wire = self.books.wire
        first = f"{method} {PATH} HTTP/1.1"
        fields = {"Host": f"127.0.0.1:{self.port}", "Accept": "application/json", **fields}
        while True:
            is_new = self.writer is None
            if is_new:
                self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
            response = await asyncio.wait_for(wire.exchange(self.reader, self.writer, first, fields, body), TIMEOUT)
            if response is not None:
                break
            # The proxy has closed the connection because it was idle.
            if is_new:
                raise AssertionError(f"no response to {first} {body[:200]}")
            self.close()
        wire.connections += is_new
        first, fields, body = response
        return int(first.split()[1]), fields, body

    async def post(self, fields, message, counted=None):
        """Posts a message. For a request, `counted` is its method and its expected outcome."""
        body = message if isinstance(message, bytes) else json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.books.begun += counted is not None
        answered = await self.exchange("POST", {"Content-Type": "application/json", **fields}, body)
        if counted is not None:
            self.books.ended += 1
            self.books.completed[counted] += 1
        return answered

    def close(self):
        if self.writer is not None:
            self.writer.close()
            self.writer = None


class Session:
    """A client with its session."""

    def __init__(self, number, port, books):
        self.number, self.port, self.books = number, port, books
        self.connection = Connection(port, books)
        self.fields = {"Accept": "application/json, text/event-stream"} if number % STREAMING == 0 else {}
        self.ids = 0

    def request(self, method, params):
        self.ids += 1
        return {"id": self.ids, "method": method, "params": params}

    def call(self, tool, **arguments):
        return self.request("tools/call", {"name": tool, "arguments": arguments})

    async def open(self, outcome="ok"):
        """Opens the session; returns the status."""
        params = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "load", "version": "1"}}
        opening = self.request("initialize", params)
        status, fields, _ = await self.connection.post(self.fields, opening, ("initialize", outcome))
        if status == 200:
            self.fields |= {"Mcp-Session-Id": fields["mcp-session-id"], "MCP-Protocol-Version": "2025-06-18"}
            await self.connection.post(self.fields, {"method": "notifications/initialized"})
        return status

    async def step(self, number):
        """Makes a request of one kind. Fails if the response is not the expected one."""
        text = "x" * TEXT
        strangers = {**self.fields, "Mcp-Session-Id": "none"}
        kinds = [
            (self.fields, self.call("echo", text=text), "ok", 200, text),
            (self.fields, self.call("broken"), "tool_error", 200, "isError"),
            (self.fields, self.call("none"), "error", 200, "unknown tool"),
            (strangers, self.call("echo", text=text), "rejected", 404, "session"),
            (self.fields, b'{"jsonrpc": "2.0", ', "rejected", 400, "error"),
        ]
        fields, message, outcome, status, part = kinds[(number + self.number) % KINDS]
        method = "other" if isinstance(message, bytes) else "tools/call"
        found, _, body = await self.connection.post(fields, message, (method, outcome))
        if found != status or part not in body.decode():
            raise AssertionError(f"{outcome}: {found} {body[:200]}")

    async def cancel(self):
        """Cancels a call that the server never answers."""
        call, other = self.call("hang"), Connection(self.port, self.books)
        waiting = asyncio.create_task(self.connection.post(self.fields, call, ("tools/call", "cancelled")))
        # The proxy does not pass on a cancellation that overtakes its request.
        while not waiting.done():
            await asyncio.sleep(0.2)
            cancelled = {"method": "notifications/cancelled", "params": {"requestId": call["id"]}}
            await other.post(self.fields, cancelled)
        await waiting
        other.close()

    async def close(self):
        status, _, _ = await self.connection.exchange("DELETE", self.fields)
        self.connection.close()
        return status


class Watch:
    """Scrapes the page until `finish`. The requests of each page are at least those that had ended before the scrape, and at most
    those that had begun after it."""

    def __init__(self, findings, metrics, books):
        self.findings, self.metrics, self.books = findings, metrics, books
        self.scrapes = 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.scrape_all, daemon=True)
        self.thread.start()

    def scrape_all(self):
        while not self.stop.wait(0.5):
            ended = self.books.ended
            try:
                now = page.Page(page.fetch(self.metrics), by_family=True)
            except (OSError, ValueError) as error:
                self.findings.check(False, f"a scrape failed: {error!r}")
                continue
            begun = self.books.begun
            completed = now.total("shadowcat_request_completed_total")
            arrived = completed + now.total("shadowcat_request_in_flight")
            known = ended <= completed and arrived <= begun
            self.findings.check(known, f"{ended} requests ended, then {completed} completed of {arrived}, then {begun} begun")
            self.scrapes += 1

    def finish(self):
        self.stop.set()
        self.thread.join()
        self.findings.check(self.scrapes, "no page was scraped")
        self.findings.say(f"{self.scrapes} pages scraped")


async def saturate(sessions, seconds):
    """Lets every session make requests without a pause for this time, and each kind of request at least once."""
    end = time.monotonic() + seconds

    async def repeat(session):
        number = 0
        while number < KINDS or time.monotonic() < end:
            await session.step(number)
            number += 1

    await asyncio.gather(*(repeat(session) for session in sessions))


async def flood(findings, port, metrics):
    """Opens connections that send one byte each. The proxy accepts some of them, answers scrapes, and counts all of them."""
    name = "shadowcat_front_empty_connections_total"
    expected = page.scrape(metrics).total(name) + FLOOD
    opened = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(FLOOD)))
    for _, writer in opened:
        writer.write(b"P")
    reached = await asyncio.to_thread(
        page.until, metrics, lambda now: now.total("shadowcat_front_limits_reached_total", limit="connections"), SETTLING
    )
    most = SESSIONS + 2 * CANCELLING
    findings.check(reached.total("shadowcat_front_connections") <= most, "more connections than allowed")
    for _, writer in opened:
        writer.close()
    now = await asyncio.to_thread(page.until, metrics, lambda now: now.total(name) >= expected, SETTLING)
    findings.equal("connections without a request", now.total(name), expected)


def resident(pid):
    """Returns the bytes of memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid):
    """Returns the number of open descriptors of a process."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def judge(findings, now, books, served):
    """Compares the counts of a page with those of the clients and of the server."""
    found = Counter()
    for (name, labels), value in now.series.items():
        if name == "shadowcat_request_completed_total" and value:
            found[dict(labels)["method"], dict(labels)["outcome"]] += value
    findings.equal("requests by method and outcome", dict(found), dict(books.completed))
    clients = vars(books.wire)
    # The bytes that one side sends are those that the proxy receives.
    for side, known in (("client", clients), ("server", served)):
        for direction, key in (("received", "sent"), ("sent", "received")):
            bytes_ = now.total("shadowcat_http_body_bytes_total", side=side, direction=direction)
            findings.equal(f"bytes {direction} by the proxy, {side}", bytes_, known[key])
        opened = now.total("shadowcat_http_connections_opened_total", side=side)
        reused = now.total("shadowcat_http_connections_reused_total", side=side)
        findings.equal(f"connections, {side}", opened, known["connections"])
        findings.equal(f"exchanges, {side}", opened + reused, known["exchanges"])


async def main(seconds):
    findings, books = Findings("load"), Books()
    raise_descriptor_limit()
    port, listen, metrics = (processes.free_port() for _ in range(3))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    server = processes.start("server", [sys.executable, HERE / "server.py", port], **pipes)
    command = [processes.PROXY, "serve", "--listen", f"127.0.0.1:{listen}", "--metrics", f"127.0.0.1:{metrics}"]
    command += ["--max-sessions", SESSIONS, "--max-connections", SESSIONS + 2 * CANCELLING, "--answer-timeout", "1h"]
    command += ["--upstream", f"load=http://127.0.0.1:{port}/mcp"]
    proxy = processes.start("serve", command, env={**os.environ, "RUST_LOG": "error"})
    for at, process in ((port, server), (metrics, proxy), (listen, proxy)):
        processes.wait_for_port(at, process)
    page.scrape(metrics)
    first = descriptors(proxy.pid)

    watch = Watch(findings, metrics, books)
    sessions = [Session(number, listen, books) for number in range(SESSIONS)]
    statuses = Counter(await asyncio.gather(*(session.open() for session in sessions)))
    findings.equal("statuses of new sessions", statuses, {200: SESSIONS})
    further = Session(SESSIONS, listen, books)
    findings.equal("status of one session more", await further.open("rejected"), 503)
    further.connection.close()
    findings.equal("open sessions", page.scrape(metrics).total("shadowcat_active_sessions"), SESSIONS)

    await asyncio.gather(*(session.cancel() for session in sessions[:CANCELLING]))
    await saturate(sessions, 0)
    await flood(findings, listen, metrics)
    before = books.ended
    await saturate(sessions[:BUSY], seconds / 3)
    warm = resident(proxy.pid)
    await saturate(sessions[:BUSY], seconds * 2 / 3)
    findings.say(f"{books.ended - before} requests, with {descriptors(proxy.pid)} descriptors at once")
    end = resident(proxy.pid)
    findings.say(f"memory: {warm >> 20} MiB warm, {end >> 20} MiB at the end")
    findings.check(end <= warm + GROWTH, f"memory grew from {warm} to {end} bytes")

    statuses = Counter(await asyncio.gather(*(session.close() for session in sessions)))
    findings.equal("statuses of ended sessions", statuses, {200: SESSIONS})
    watch.finish()
    now = page.until(metrics, lambda now: not now.up() and descriptors(proxy.pid) <= first, SETTLING)
    findings.equal("levels that are still up", now.up(), {})
    findings.equal("descriptors at the end", descriptors(proxy.pid), first)
    (processes.LOGS / "last-page.txt").write_text(now.text)
    served, _ = server.communicate(timeout=SETTLING)
    judge(findings, now, books, json.loads(served))
    findings.equal("the proxy's exit code", processes.end(proxy, timeout=SETTLING), 0)
    return findings.finish()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(float(sys.argv[1]))))
