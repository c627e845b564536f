"""Starts Prometheus servers, queries them, and serves pages on loopback for them to scrape."""

import http.server
import json
import os
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import processes

TIMEOUT = 120  # seconds for a response, on a busy machine
PROTOBUF = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"


def get(port, path, **parameters):
    """Returns a response of the API of Prometheus or VictoriaMetrics. Raises `ValueError` if a query is invalid."""
    url = f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise ValueError(error.read().decode()) from error


def settings(job, targets, interval="1s", rules=(), **more):
    """Returns settings that scrape targets and evaluate rules. `more` belongs to the job."""
    return {
        "global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
        "rule_files": [str(rule) for rule in rules],
        "scrape_configs": [{"job_name": job, "static_configs": targets, **more}],
    }


def target(port):
    """Returns the settings of one target on loopback."""
    return [{"targets": [f"127.0.0.1:{port}"]}]


class Prometheus:
    """A server with its own store."""

    def __init__(self, name, config, *options, program=None):
        """Starts the server. `config` has its settings, or the path of its file with settings."""
        self.name, self.port = name, processes.free_port()
        if not isinstance(config, Path):
            path = processes.LOGS / f"{name}.yml"
            # JSON is YAML.
            path.write_text(json.dumps(config))
            config = path
        command = [program or os.environ["PROMETHEUS"], f"--config.file={config}", f"--storage.tsdb.path={processes.LOGS}/{name}"]
        command += [f"--web.listen-address=127.0.0.1:{self.port}", *options]
        self.process = processes.start(name, command)

    def ready(self):
        """Waits until the server is ready. Returns the server."""
        processes.wait_until_ready(self.port, self.process)
        return self

    def api(self, path, **parameters):
        """Returns data of the API. Raises `ValueError` if a query is invalid or has warnings."""
        answer = get(self.port, path, **parameters)
        if answer.get("warnings"):
            raise ValueError(str(answer))
        return answer["data"]

    def query(self, expression, **parameters):
        """Returns the result of an instant query."""
        return self.api("query", query=expression, **parameters)["result"]

    def rules(self):
        return [rule for group in self.api("rules")["groups"] for rule in group["rules"]]

    def log(self):
        """Returns the log."""
        return (processes.LOGS / f"{self.name}.log").read_text()


def serve(pages):
    """Serves pages by name, each with its content type. Returns the port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            content_type, body = pages[self.path.lstrip("/")]
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            # Prometheus closes connections when it stops.
            if not isinstance(sys.exc_info()[1], ConnectionError):
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]
