"""What every part runs in: the reference server over each transport, the proxy in front of it, and the findings."""

import shlex
import time

import page
import processes

CHILD = ["node", processes.EVERYTHING, "stdio"]
FRONTS = ("http", "sse")  # of `serve`; the third, stdio, is a proxy of its own for each client
UPSTREAMS = ("stdio", "http", "sse")
PATHS = {"http": "mcp", "sse": "sse"}
LAUNCHED = {"http": "streamableHttp", "sse": "sse"}
IDLE = 3  # seconds after which `serve` ends the session of a client that went away without a word
# What each server is called in metrics.
NAMES = {"stdio": "child", "http": "web", "sse": "old"}


class World:
    """server-everything over HTTP and SSE, and how to reach all three, directly and through the proxy."""

    def __init__(self):
        self.ports = {kind: processes.free_port() for kind in LAUNCHED}
        self.servers = {}
        for kind in LAUNCHED:
            self.start_server(kind)
        self.listen = processes.free_port()
        self.metrics = processes.free_port()
        self.proxy = None
        self.fresh = None  # the series that there are before the first session

    def start_server(self, kind):
        """Starts one of the two servers that the proxy does not start, on the port that it always has."""
        self.servers[kind] = processes.everything(LAUNCHED[kind], self.ports[kind])

    def direct(self, upstream):
        """Where a client finds a server without a proxy."""
        return CHILD if upstream == "stdio" else f"http://127.0.0.1:{self.ports[upstream]}/{PATHS[upstream]}"

    def spec(self, upstream):
        """How the proxy is told of a server."""
        if upstream == "stdio":
            where = f"stdio:{shlex.join(str(word) for word in CHILD)}"
        else:
            where = f"{upstream}:{self.direct(upstream)}"
        return f"{NAMES[upstream]}={where}"

    def serve(self):
        """Starts the proxy for HTTP and SSE clients, with all three servers behind it."""
        command = [processes.PROXY, "serve", "--listen", f"127.0.0.1:{self.listen}", "--idle", f"{IDLE}s"]
        command += ["--metrics", f"127.0.0.1:{self.metrics}", "--created-lines"]
        for upstream in UPSTREAMS:
            command += ["--upstream", self.spec(upstream)]
        self.proxy = processes.start("serve", command)
        processes.wait_for_port(self.metrics, self.proxy)
        processes.wait_for_port(self.listen, self.proxy)
        if self.fresh is None:  # later on, clients may be there first
            self.fresh = self.scrape().series.keys()

    def through(self, front, upstream, metrics="off"):
        """Where a client finds a server with the proxy before it: a URL of `serve`, or the command of a proxy of its own."""
        if front == "stdio":
            return [processes.PROXY, "stdio", "--metrics", metrics, "--upstream", self.spec(upstream)]
        return f"http://127.0.0.1:{self.listen}/{NAMES[upstream]}/{PATHS[front]}"

    def first(self, front):
        """Where `serve` has the first server under no name."""
        return f"http://127.0.0.1:{self.listen}/{PATHS[front]}"

    def scrape(self):
        """The page of `serve`."""
        return page.scrape(self.metrics)

    def check_nothing_left(self, findings, levels, patience=15 + IDLE):
        """When all clients have left, every level is back at zero, every child is gone, and the page has grown by servers' series alone."""
        def up(now):
            return {f"{name}{dict(labels)}": value for (name, labels), value in now.series.items() if name in levels and value}

        def changed(now):
            # A configured server keeps its series, so that what ended with a session can still be scraped.
            changed = now.series.keys() ^ self.fresh
            return [(name, labels) for name, labels in changed if dict(labels).get("server") not in NAMES.values()]

        def settled(now):
            return not up(now) and not changed(now)

        now = page.until(self.metrics, settled, patience)
        (processes.LOGS / "last-page.txt").write_text(now.text)
        findings.check(levels & {name for name, _ in now.series}, "no level is on the page")
        findings.check(not up(now), f"still up after {patience} s: {up(now)}")
        grown = sorted(f"{name}{dict(labels)}" for name, labels in changed(now))
        findings.check(not grown, f"not the series that there were before the first session: {grown[:10]}")
        left = processes.survivors(processes.descendants(self.proxy.pid), 5)
        findings.check(not left, f"children of the proxy live on: {left}")

    def finish(self, findings):
        """The proxy ends in order, and soon."""
        began = time.monotonic()
        findings.equal("the proxy's exit code", processes.end(self.proxy), 0)
        findings.check(time.monotonic() - began < 10, "the proxy takes its time to end")


def levels(catalogue):
    """The metrics that count what is there now, from the catalogue."""
    return {metric["name"] for metric in catalogue["metrics"] if metric["type"] == "updown_counter"}


class Findings:
    """Every check goes through here, so that a part that checked nothing cannot pass for one that found nothing."""

    def __init__(self, part):
        self.part = part
        self.checked = 0
        self.wrong = 0

    def check(self, holds, complaint):
        """One fact that must hold; the complaint says what was found instead."""
        self.checked += 1
        if not holds:
            self.wrong += 1
            print(f"{self.part}: WRONG: {complaint}", flush=True)
        return bool(holds)

    def equal(self, what, found, expected):
        """One value that must be this one."""
        return self.check(found == expected, f"{what} is {found!r}, not {expected!r}")

    def say(self, text):
        """What is going on, for whoever reads the log."""
        print(f"{self.part}: {text}", flush=True)

    def finish(self):
        """The exit code; also says how much was looked at."""
        self.say(f"{self.checked} checks, {self.wrong} wrong")
        return 0 if self.checked and not self.wrong else 1
