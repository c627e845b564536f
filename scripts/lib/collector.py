"""Starts rotel, a collector of OTLP, which forwards what it gets to a decoder in this process."""

import gzip
import http.server
import threading
from pathlib import Path

import processes
import rotel


class Decoder(http.server.BaseHTTPRequestHandler):
    """Receives the forwarded requests. A subclass decodes them in `decode`, which runs under its lock."""

    protocol_version = "HTTP/1.1"
    lock = threading.Lock()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        with self.lock:
            self.decode(body)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def start(decoder):
    """Starts the collector, and returns its endpoint without a path."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), decoder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ports = [processes.free_port() for _ in range(2)]
    command = [
        Path(rotel.__file__).parent / "rotel-agent",
        "start",
        f"--otlp-http-endpoint=127.0.0.1:{ports[0]}",
        f"--otlp-grpc-endpoint=127.0.0.1:{ports[1]}",
        "--exporter=otlp",
        f"--otlp-exporter-endpoint=http://127.0.0.1:{server.server_address[1]}",
        "--otlp-exporter-protocol=http",
        "--batch-timeout=200ms",
    ]
    processes.wait_for_port(ports[0], processes.start("rotel", command))
    return f"http://127.0.0.1:{ports[0]}"
