"""Lets Prometheus scrape a page with native histograms, and compares the results of its functions with what was observed.

usage: judge.py FOLDER PROMETHEUS...

FOLDER contains `page.pb`, and `expected.json` with the count, the sum and exact quantiles of each series.
"""

import http.server
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

PROTOBUF = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
# Timeout in seconds, on a busy machine.
PATIENCE = 120


def serve(page):
    """Serves the page. Returns the port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if "application/vnd.google.protobuf" not in self.headers.get("Accept", ""):
                self.send_error(406)
                return
            self.send_response(200)
            self.send_header("Content-Type", PROTOBUF)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

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


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Prometheus:
    """A server with its own store that scrapes the page."""

    def __init__(self, binary, home, port):
        self.port = free_port()
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        settings = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
            "scrape_configs": [{"job_name": "judged", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}],
        }
        # JSON is YAML.
        (home / "prometheus.yml").write_text(json.dumps(settings))
        command = [binary, f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/data"]
        command += [f"--web.listen-address=127.0.0.1:{self.port}", "--enable-feature=native-histograms"]
        self.log = home / "prometheus.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def query(self, expression):
        """Returns the value of each series, by its label `data`."""
        parameters = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/query?{parameters}", timeout=30) as answer:
            result = json.load(answer)["data"]["result"]
        return {sample["metric"].get("data", ""): float(sample["value"][1]) for sample in result}

    def await_scrape(self):
        """Waits until the page is stored."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                if self.query("max(up{job='judged'})").get("") == 1.0:
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass
            time.sleep(0.5)
        raise SystemExit(f"Prometheus did not scrape the page:\n{self.log.read_text()}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def faults(server, expected):
    """Returns what differs from the expected values."""
    found = []

    def check(what, one, is_right, wanted):
        if one is None or not is_right(one):
            found.append(f"{what} is {one}, expected {wanted}")

    names = sorted({series["name"] for series in expected})
    for name in names:
        rows = {series["data"]: series for series in expected if series["name"] == name}
        counts = server.query(f"histogram_count({name})")
        sums = server.query(f"histogram_sum({name})")
        # Classic buckets are not stored next to native ones.
        check(f"number of {name}_bucket", len(server.query(f"{name}_bucket")), lambda count: count == 0, 0)
        for data, series in rows.items():
            of = f"{name}{{{data}}}"
            check(f"count of {of}", counts.get(data), lambda count: count == series["count"], series["count"])
            wanted = series["sum"]
            check(f"sum of {of}", sums.get(data), lambda one: abs(one - wanted) <= 1e-9 * wanted, wanted)
        shares = sorted({share for series in expected for share in series["quantiles"]})
        for share in shares:
            quantiles = server.query(f"histogram_quantile({share}, {name})")
            for data, series in rows.items():
                exact = series["quantiles"].get(share)
                if exact is not None and series["factor"] > 0:
                    # A rank between two observations may be in the next bucket.
                    limit = series["factor"] * 1.001
                    is_near = lambda one: exact / limit <= one <= exact * limit
                    check(f"quantile {share} of {name}{{{data}}}", quantiles.get(data), is_near, exact)
        # Half of these values are in the bucket with zero, and half of them count in the last bucket.
        outside = server.query(f'histogram_quantile(0.99, {name}{{data="outside"}})').get("outside")
        check(f"highest quantile of {name}{{outside}}", outside, lambda one: 0 < one < float("inf"), "finite")
    return found


def main():
    home, binaries = pathlib.Path(sys.argv[1]), sys.argv[2:]
    expected = json.loads((home / "expected.json").read_text())
    port = serve((home / "page.pb").read_bytes())
    failed = 0
    for number, binary in enumerate(binaries):
        server = Prometheus(binary, home / f"prometheus-{number}", port)
        try:
            server.await_scrape()
            found = faults(server, expected)
            version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
            version = (version.stdout + version.stderr).split(",")[1].split()[1]
        finally:
            server.stop()
        for fault in found:
            print(f"Prometheus {version}: {fault}")
        failed += len(found)
        print(f"Prometheus {version}: {len(expected)} series, {len(found)} differ")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
