"""The world of the tests: the reference server over each transport, and the proxy in front of all three."""

import shlex
import time

import page
import processes

CHILD = ["node", processes.EVERYTHING, "stdio"]
FRONTS = ("http", "sse")  # of `serve`; the third, stdio, is a proxy of its own for each client
UPSTREAMS = ("stdio", "http", "sse")
PATHS = {"http": "mcp", "sse": "sse"}
LAUNCHED = {"http": "streamableHttp", "sse": "sse"}
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

    def serve(self, *options):
        """Starts the proxy for HTTP and SSE clients, with all three servers behind it."""
        command = [processes.PROXY, "serve", "--listen", f"127.0.0.1:{self.listen}", *options]
        command += ["--metrics", f"127.0.0.1:{self.metrics}"]
        for upstream in UPSTREAMS:
            command += ["--upstream", self.spec(upstream)]
        self.proxy = processes.start("serve", command)
        processes.wait_for_port(self.metrics, self.proxy)
        processes.wait_for_port(self.listen, self.proxy)

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

    def check_nothing_active(self, findings, levels, patience):
        """Every level is back at zero, and every child is gone."""
        def still(now):
            return {f"{name}{dict(labels)}": value for (name, labels), value in now.series.items() if name in levels and value}

        now = page.until(self.metrics, lambda now: not still(now), patience)
        findings.check(levels & now.names(), "no level is on the page")
        findings.check(not still(now), f"still up after {patience} s: {still(now)}")
        left = processes.survivors(processes.descendants(self.proxy.pid), 5)
        findings.check(not left, f"children of the proxy live on: {left}")
        return now

    def finish(self, findings):
        """The proxy ends in order, and soon."""
        began = time.monotonic()
        findings.equal("the proxy's exit code", processes.end(self.proxy), 0)
        findings.check(time.monotonic() - began < 10, "the proxy takes its time to end")


def levels(catalogue):
    """The metrics that count what is there now, from the catalogue."""
    return {metric["name"] for metric in catalogue["metrics"] if metric["type"] == "updown_counter"}
