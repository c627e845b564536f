"""A client's trace is followed into Prometheus: a `tools/call` with a sampled `traceparent` goes through the proxy, Debian's
Prometheus scrapes the proxy, and the exemplar that it stores has the trace id of the client."""

import json
import secrets
import sys
import time
import urllib.request

import processes
from findings import Findings
from scraped import Prometheus

DURATIONS = ("shadowcat_request_duration_seconds_bucket", "shadowcat_request_answer_duration_seconds_bucket")
TIMEOUT = 90  # seconds until an exemplar is stored
NEW = "2026-07-28"


def call(url, flags, **fields):
    """Calls a tool in a new trace. Returns the id of the trace."""
    trace = secrets.token_hex(16)
    meta = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-{flags}"}
    meta["io.modelcontextprotocol/protocolVersion"] = NEW
    meta["io.modelcontextprotocol/clientCapabilities"] = {}
    params = {"name": "echo", "arguments": {"text": "hello"}, "_meta": meta}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    fields = {"MCP-Protocol-Version": NEW, "Mcp-Method": "tools/call", "Mcp-Name": "echo", **fields}
    fields |= {"Content-Type": "application/json", "Accept": "application/json"}
    request = urllib.request.Request(url, json.dumps(message).encode(), fields)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        assert json.load(answer)["result"]["content"][0]["text"] == "hello"
    return trace


def stored(server, name):
    """Returns the trace ids of all exemplars of a histogram."""
    query = f'{name}{{method="tools/call"}}'
    found = server.api("query_exemplars", query=query, start=time.time() - 3600, end=time.time() + 60)
    return {exemplar["labels"]["trace_id"] for series in found for exemplar in series["exemplars"]}


def main():
    findings = Findings("exemplars")
    listen, metrics = processes.free_port(), processes.free_port()
    command = [processes.PROXY, "serve", "--listen", f"127.0.0.1:{listen}", "--metrics", f"127.0.0.1:{metrics}"]
    proxy = processes.start("serve", [*command, "--upstream", f"stdio:{processes.PROXY} server"])
    # One reads OpenMetrics, the other protobuf.
    servers = [Prometheus(mode, metrics) for mode in ("default", "native")]
    processes.wait_for_port(listen, proxy)
    for server in servers:
        server.ready()
    url = f"http://127.0.0.1:{listen}/mcp"
    # Only sampled traces can be looked up. The one in a header field is not the message's.
    call(url, "00")
    sampled = call(url, "01", Traceparent=f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01")
    deadline = time.monotonic() + TIMEOUT
    for server in servers:
        for name in DURATIONS:
            while sampled not in (found := stored(server, name)) and time.monotonic() < deadline:
                time.sleep(0.5)
            findings.equal(f"{server.mode}: traces of {name}", found, {sampled})
    findings.equal("the proxy's exit code", processes.end(proxy), 0)
    for server in servers:
        processes.end(server.process)
    return findings.finish()


if __name__ == "__main__":
    sys.exit(main())
