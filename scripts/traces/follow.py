"""Runs a client, the proxy and a server over each pair of transports, and compares the spans that a collector got from all three."""

import os
import sys
import time
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

import collector
import processes

HERE = Path(__file__).resolve().parent

TIMEOUT = 60  # seconds for each step
# The tools that the client calls, and whether the call fails.
CALLS = {"add": False, "fail": True}


class Decoder(collector.Decoder):
    """Keeps the spans, each with the service that sent it."""

    spans = {}

    def decode(self, body):
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = attributes(resource.resource).get("service.name")
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.spans[span.span_id] = (service, span)


def attributes(holder):
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in holder.attributes}


def environment(endpoint, service):
    return {
        **os.environ,
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{endpoint}/v1/traces",
        "OTEL_SERVICE_NAME": service,
        "NO_PROXY": "127.0.0.1",
    }


def run_client(endpoint, *target):
    client = processes.start("client", [sys.executable, HERE / "client.py", *target], env=environment(endpoint, "client"))
    if client.wait(TIMEOUT) != 0:
        raise RuntimeError(f"the client failed: see client.log in {processes.LOGS}")


def named(service, *command):
    """Returns a command that runs with another service name."""
    return ["env", f"OTEL_SERVICE_NAME={service}", *map(str, command)]


def over_pipes(endpoint):
    server = named("server", sys.executable, HERE / "server.py", "stdio")
    run_client(endpoint, *named("proxy", processes.PROXY, "stdio", "--metrics", "off", "--", *server))


def over_http(endpoint):
    ports = [processes.free_port() for _ in range(2)]
    server = [sys.executable, HERE / "server.py", "streamable-http", ports[0]]
    server = processes.start("server", server, env=environment(endpoint, "server"))
    processes.wait_for_port(ports[0], server)
    proxy = [processes.PROXY, "serve", "--metrics", "off", "--listen", f"127.0.0.1:{ports[1]}"]
    proxy += ["--upstream", f"http://127.0.0.1:{ports[0]}/mcp"]
    proxy = processes.start("proxy", proxy, env=environment(endpoint, "proxy"))
    processes.wait_for_port(ports[1], proxy)
    run_client(endpoint, f"http://127.0.0.1:{ports[1]}/mcp")
    processes.end(proxy)
    processes.end(server)


def problems(spans):
    """Returns what is wrong with the spans of one run."""
    found = []
    ours = {span_id: span for span_id, (service, span) in spans.items() if service == "proxy"}
    for tool, fails in CALLS.items():
        last = [
            span
            for service, span in spans.values()
            if service == "server" and attributes(span).get("gen_ai.tool.name") == tool
        ]
        if len(last) != 1:
            found.append(f"{tool}: the server has {len(last)} spans")
            continue
        path = [last[0]]
        while (parent := spans.get(path[-1].parent_span_id)) is not None:
            path.append(parent[1])
        services = [spans[span.span_id][0] for span in path]
        kinds = [span.kind for span in path]
        expected = [
            ("server", Span.SPAN_KIND_SERVER),
            ("proxy", Span.SPAN_KIND_CLIENT),
            ("proxy", Span.SPAN_KIND_SERVER),
            ("client", Span.SPAN_KIND_CLIENT),
        ]
        if list(zip(services, kinds))[: len(expected)] != expected:
            found.append(f"{tool}: the path from the server to the client is {list(zip(services, kinds))}")
            continue
        if len({span.trace_id for span in path}) != 1:
            found.append(f"{tool}: the path has several traces")
        for span in path[1:3]:
            if span.name != f"tools/call {tool}" or attributes(span)["shadowcat.outcome"] != ("tool_error" if fails else "ok"):
                found.append(f"{tool}: {span.name} has {attributes(span)}")
            if (span.status.code == Status.STATUS_CODE_ERROR) != fails:
                found.append(f"{tool}: {span.name} has the status {span.status.code}")
        children = [span.name for span in ours.values() if span.parent_span_id == path[2].span_id]
        if sorted(children) != ["forward", f"tools/call {tool}"]:
            found.append(f"{tool}: the spans of the proxy are {children}")
        sessions = {link.span_id for link in path[2].links} & set(ours)
        if [ours[session].name for session in sessions] != ["session"]:
            found.append(f"{tool}: the links are {path[2].links}")
    return found


def main():
    failed = False
    endpoint = collector.start(Decoder)
    for name, run in (("pipes", over_pipes), ("HTTP", over_http)):
        with Decoder.lock:
            Decoder.spans.clear()
        run(endpoint)
        deadline = time.monotonic() + TIMEOUT
        while True:
            with Decoder.lock:
                spans = dict(Decoder.spans)
            wrong = problems(spans)
            if not wrong or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        for problem in wrong:
            print(f"{name}: {problem}")
        services = [service for service, _ in spans.values()]
        counts = ", ".join(f"{services.count(service)} of the {service}" for service in ("client", "proxy", "server"))
        print(f"{name}: spans: {counts}; {len(wrong)} problems")
        failed |= bool(wrong)
    sys.exit(failed)


if __name__ == "__main__":
    main()
