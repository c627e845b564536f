"""Measures what a target and a series cost Prometheus: CPU time, memory and the duration of scrapes. A server on loopback serves
the pages of a real proxy for all targets, which have different values of `instance`. CPU time and memory are those of Prometheus
alone. Fails if Prometheus misses a target or a series."""

import argparse
import re
import shutil
import sys
import threading
import time
import urllib.request

import processes
import prometheus

# What Prometheus 2.42 sends.
ACCEPT = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
# A name and labels at the start of a line. Label values may contain any characters.
SERIES = re.compile(r'^[a-zA-Z_:][\w:]*(?:{(?:"(?:\\.|[^"\\])*"|[^"}])*})?', re.MULTILINE)
PAGES = 20
BETWEEN_PAGES = 0.5  # seconds
WARM_UP = 5  # seconds until the proxy's traffic has recorded most series
TIMEOUT = 300  # seconds, in addition to the scrape intervals
BYTES_PER_SERIES = 8 * 1024  # more than measured, to refuse what would not fit into memory
OF_SCRAPING = 5  # series that Prometheus adds for each target
COLUMNS = [
    "targets", "series each", "samples/s", "CPU cores", "CPU us/sample", "memory MiB", "peak MiB", "KiB/series",
    "scrape p50 ms", "max ms",
]


def series(page):
    """Returns the series of a page."""
    return set(SERIES.findall(page))


def shortened(page, most):
    """Returns a page with the first families of another one, and at most `most` series."""
    kept, family, count = [], [], 0
    for line in [*page.splitlines(), "# EOF"]:
        if line.startswith("#") and family and not family[-1].startswith("#"):
            count += sum(not line.startswith("#") for line in family)
            if count > most:
                break
            kept, family = kept + family, []
        family.append(line)
    return "\n".join([*kept, "# EOF", ""])


def capture():
    """Returns the content type and some pages of a proxy under load, all with the same series."""
    port = processes.free_port()
    demo = processes.start("demo", [processes.PROXY, "demo", "--metrics", f"127.0.0.1:{port}"])
    processes.wait_for_port(port, demo)
    time.sleep(WARM_UP)
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers={"Accept": ACCEPT})
    pages = []
    for _ in range(PAGES):
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            content_type = answer.headers["Content-Type"]
            pages.append(answer.read().decode())
        time.sleep(BETWEEN_PAGES)
    demo.kill()
    demo.wait()
    return content_type, [page for page in pages if series(page) == series(pages[-1])]


class Served:
    """The pages by target, for `prometheus.serve`. Each scrape of a target gets the next page."""

    def __init__(self, content_type):
        self.content_type = content_type
        self.pages = []
        self.scrapes = {}
        self.lock = threading.Lock()

    def show(self, pages):
        with self.lock:
            self.pages, self.scrapes = [page.encode() for page in pages], {}

    def __getitem__(self, target):
        with self.lock:
            scrape = self.scrapes[target] = self.scrapes.get(target, -1) + 1
            return self.content_type, self.pages[scrape % len(self.pages)]


class Measured:
    """The figures of a running Prometheus, from its own page."""

    def __init__(self, server):
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=prometheus.TIMEOUT) as answer:
            self.page = answer.read().decode()
        self.cpu = self.sum("process_cpu_seconds_total")
        self.memory = self.sum("process_resident_memory_bytes")
        self.series = self.sum("prometheus_tsdb_head_series")
        self.samples = self.sum("prometheus_tsdb_head_samples_appended_total")
        self.time = time.monotonic()

    def sum(self, name):
        found = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", self.page, re.MULTILINE)
        return sum(map(float, found))


def peak_memory(process):
    """Returns the highest resident memory of a process, in bytes."""
    with open(f"/proc/{process.pid}/status") as status:
        return 1024 * int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])


def available_memory():
    with open("/proc/meminfo") as memory:
        return 1024 * int(re.search(r"MemAvailable:\s+(\d+)", memory.read())[1])


def measure(port, targets, of_page, interval, scrapes):
    """Returns the row of the table for a number of targets with `of_page` series each."""
    expected = targets * (of_page + OF_SCRAPING)
    if expected * BYTES_PER_SERIES > available_memory():
        sys.exit(f"{expected} series need more memory than is available")
    jobs = [
        {"targets": [f"127.0.0.1:{port}"], "labels": {"instance": f"proxy-{count:04}:9464", "__metrics_path__": f"/{count}"}}
        for count in range(targets)
    ]
    settings = prometheus.settings("shadowcat", jobs, f"{interval}s")
    server = prometheus.Prometheus(f"prometheus-{targets}-{of_page}", settings).ready()
    deadline = time.monotonic() + TIMEOUT + interval
    while Measured(server).series < expected and time.monotonic() < deadline:
        time.sleep(0.5)
    # One more interval, so that every target has been scraped twice, and nothing is counted of creating series.
    time.sleep(interval)
    before = Measured(server)
    time.sleep(interval * scrapes)
    after = Measured(server)
    queries = "sum(up)", "sum(scrape_samples_scraped)", "quantile(0.5, scrape_duration_seconds)", "max(scrape_duration_seconds)"
    up, scraped, middle, longest = (float(server.query(query)[0]["value"][1]) for query in queries)
    peak = peak_memory(server.process)
    processes.end(server.process)
    shutil.rmtree(processes.LOGS / server.name)
    if (up, scraped, after.series) != (targets, targets * of_page, expected):
        sys.exit(f"{up} targets of {targets} are up, with {scraped} samples and {after.series} series instead of {expected}")
    samples, cpu, seconds = after.samples - before.samples, after.cpu - before.cpu, after.time - before.time
    mib = 1024 * 1024
    return [
        targets, of_page, samples / seconds, cpu / seconds, 1e6 * cpu / samples,
        after.memory / mib, peak / mib, after.memory / 1024 / expected, 1e3 * middle, 1e3 * longest,
    ]


def main():
    parser = argparse.ArgumentParser(prog="scripts/scale.sh targets", description=__doc__)
    parser.add_argument("targets", nargs="+", metavar="TARGETS[:SERIES]", help="number of targets, and at most this many series of each")
    parser.add_argument("--interval", type=int, default=15, help="seconds between scrapes of a target (default: 15)")
    parser.add_argument("--scrapes", type=int, default=4, help="scrapes of each target that are measured (default: 4)")
    arguments = parser.parse_args()
    content_type, pages = capture()
    served = Served(content_type)
    port = prometheus.serve(served)
    print(f"{len(pages)} pages of {len(series(pages[-1]))} series and {len(pages[-1]) // 1024} KiB, every {arguments.interval} s")
    print(" ".join(f"{column:>14}" for column in COLUMNS))
    for text in arguments.targets:
        targets, _, most = text.partition(":")
        shown = [shortened(page, int(most)) for page in pages] if most else pages
        served.show(shown)
        row = measure(port, int(targets), len(series(shown[-1])), arguments.interval, arguments.scrapes)
        print(" ".join(f"{value:14.0f}" if float(value).is_integer() else f"{value:14.3f}" for value in row), flush=True)


main()
