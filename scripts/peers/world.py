"""The environment of every part: the reference server over each transport, and the proxy in front of it."""

import os
import shlex
from pathlib import Path

import page
import processes
from catalog import LEVELS

HERE = Path(__file__).resolve().parent
PACKAGES = Path(os.environ["PEERS_NODE_HOME"]) / "node_modules" / "@modelcontextprotocol"
EVERYTHING = PACKAGES / "server-everything" / "dist" / "index.js"
INSPECTOR = PACKAGES / "inspector" / "cli" / "build" / "cli.js"
CHILD = ["node", EVERYTHING, "stdio"]
FRONTS = ("http", "sse")  # of `serve`; over stdio, each client has its own proxy
UPSTREAMS = ("stdio", "http", "sse")
PATHS = {"http": "mcp", "sse": "sse"}
LAUNCHED = {"http": "streamableHttp", "sse": "sse"}
IDLE = 3  # seconds after which `serve` ends the session of a client that disconnected without closing it
# Names of the servers in metrics.
NAMES = {"stdio": "child", "http": "web", "sse": "old"}


def everything(transport, port):
    """Starts server-everything over `streamableHttp` or `sse`, on loopback only."""
    command = ["node", "--require", HERE / "loopback.cjs", EVERYTHING, transport]
    server = processes.start(f"everything-{transport}", command, env={**os.environ, "PORT": str(port)})
    processes.wait_for_port(port, server)
    return server


class World:
    """server-everything over HTTP and SSE, and the ways to reach all three servers, directly and through the proxy."""

    def __init__(self):
        self.ports = {kind: processes.free_port() for kind in LAUNCHED}
        self.servers = {}
        for kind in LAUNCHED:
            self.start_server(kind)
        self.listen = processes.free_port()
        self.metrics = processes.free_port()
        self.proxy = None
        self.fresh = None  # the series before the first session

    def start_server(self, kind):
        """Starts one of the two servers that the proxy does not start, on its fixed port."""
        self.servers[kind] = everything(LAUNCHED[kind], self.ports[kind])

    def direct(self, upstream):
        """Returns the target of a client without the proxy."""
        return CHILD if upstream == "stdio" else f"http://127.0.0.1:{self.ports[upstream]}/{PATHS[upstream]}"

    def spec(self, upstream):
        """Returns the proxy's argument for a server."""
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
        if self.fresh is None:  # after a restart, clients may connect first
            self.fresh = self.scrape().series.keys()

    def through(self, front, upstream, metrics="off"):
        """Returns the target of a client through the proxy: a URL of `serve`, or the command of a new proxy."""
        if front == "stdio":
            return [processes.PROXY, "stdio", "--metrics", metrics, "--upstream", self.spec(upstream)]
        return f"http://127.0.0.1:{self.listen}/{NAMES[upstream]}/{PATHS[front]}"

    def first(self, front):
        """Returns the URL under which `serve` offers the first server without a name."""
        return f"http://127.0.0.1:{self.listen}/{PATHS[front]}"

    def scrape(self):
        """Scrapes the page of `serve`."""
        return page.scrape(self.metrics)

    def check_nothing_left(self, findings, timeout=60 + IDLE):
        """Checks that after all clients have left, every level is zero, every child has ended, and the page has no new series
        except those of servers."""
        def changed(now):
            # A configured server keeps its series, so that its last counts can still be scraped.
            changed = now.series.keys() ^ self.fresh
            return [(name, labels) for name, labels in changed if dict(labels).get("server") not in NAMES.values()]

        def settled(now):
            return not now.up() and not changed(now)

        now = page.until(self.metrics, settled, timeout)
        (processes.LOGS / "last-page.txt").write_text(now.text)
        findings.check(LEVELS & {name for name, _ in now.series}, "no level is on the page")
        findings.check(not now.up(), f"still up after {timeout} s: {now.up()}")
        grown = sorted(f"{name}{dict(labels)}" for name, labels in changed(now))
        findings.check(not grown, f"not the series that there were before the first session: {grown[:10]}")
        left = processes.survivors(processes.descendants(self.proxy.pid))
        findings.check(not left, f"children of the proxy live on: {left}")

    def finish(self, findings):
        """Checks that the proxy stops normally."""
        findings.equal("the proxy's exit code", processes.end(self.proxy), 0)
