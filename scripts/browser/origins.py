"""Serves the page under two names. In a browser, the page of the allowed origin opens a session, answers a question on its stream,
ends the session, and calls a tool without one. Of the other page, the proxy rejects every request."""

import http.server
import json
import queue
import subprocess
import sys
import threading
from pathlib import Path

import page
import processes
from findings import Findings

PAGE = (Path(__file__).resolve().parent / "page.html").read_bytes()
# The proxy allows every origin on this machine, so the pages have names of other hosts.
ALLOWED, OTHER = "allowed.test", "other.test"
TIMEOUT = 90  # seconds for a page
REPORTS = queue.Queue()
SEEN = {
    "server": "mcp-proxy server",
    "session": True,
    "stream": 200,
    "asked": ["which color?"],
    "told": '{"told":"blue"}',
    "closed": True,
    "echoed": "hello",
}


class Site(http.server.BaseHTTPRequestHandler):
    """Serves the page, and puts its report into the queue."""

    def do_GET(self):
        self.respond("text/html", PAGE)

    def do_POST(self):
        report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.respond("text/plain", b"")
        REPORTS.put(report)

    def respond(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def visit(host, site, server):
    """Opens the page of a host in a browser, and returns what it reports."""
    command = ["chromium-headless-shell", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
    command += [f"--user-data-dir={processes.LOGS}/{host}", f"--host-resolver-rules=MAP {host} 127.0.0.1"]
    browser = processes.start(host, [*command, f"http://{host}:{site}/?server={server}"])
    try:
        return REPORTS.get(timeout=TIMEOUT)
    except queue.Empty:
        return f"no report; see {processes.LOGS}/{host}.log"
    finally:
        started = processes.descendants(browser.pid)
        processes.end(browser)
        processes.survivors(started, 5)


def requests(now):
    """Returns the counts of requests by method and outcome."""
    found = {}
    for (name, labels), value in now.series.items():
        if name == "shadowcat_request_completed_total" and value:
            key = dict(labels)["method"], dict(labels)["outcome"]
            found[key] = found.get(key, 0) + value
    return found


def main():
    findings = Findings("browser")
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    listen, metrics = processes.free_port(), processes.free_port()
    command = [processes.PROXY, "serve", "--listen", f"127.0.0.1:{listen}", "--metrics", f"127.0.0.1:{metrics}"]
    command += ["--allow-origin", f"http://{ALLOWED}:{site.server_port}", "--upstream", f"stdio:{processes.PROXY} server"]
    proxy = processes.start("serve", command)
    processes.wait_for_port(metrics, proxy)
    processes.wait_for_port(listen, proxy)
    server = f"http://127.0.0.1:{listen}/mcp"

    version = subprocess.run(["chromium-headless-shell", "--version"], capture_output=True, text=True, check=True)
    findings.say(version.stdout.strip())
    refused = {"seen": "TypeError: Failed to fetch", "forced": "opaque"}
    findings.equal("what the other page reports", visit(OTHER, site.server_port, server), refused)
    findings.equal("requests of the other page", requests(page.scrape(metrics)), {("initialize", "rejected"): 1})
    findings.equal("sessions of the other page", page.scrape(metrics).total("shadowcat_active_sessions"), 0)

    # The proxy rejects the page's second `initialize`, because its media type is not JSON.
    report = visit(ALLOWED, site.server_port, server)
    findings.equal("what the allowed page reports", report, {"seen": SEEN, "forced": "opaque"})
    expected = {
        ("initialize", "rejected"): 2,
        ("initialize", "ok"): 1,
        ("tools/call", "ok"): 2,
        ("sampling/createMessage", "ok"): 1,
    }
    findings.equal("requests of both pages", requests(page.scrape(metrics)), expected)
    findings.equal("the proxy's exit code", processes.end(proxy), 0)
    return findings.finish()


if __name__ == "__main__":
    sys.exit(main())
