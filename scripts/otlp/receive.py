"""Compares what receivers of OTLP got from the demo with the demo's page: VictoriaMetrics, and rotel, which forwards to a decoder."""

import math
import os
import re
import sys
import time
import urllib.request

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

import collector
import distributions
import processes
import prometheus
from catalog import CATALOG

HOME = processes.LOGS
TIMEOUT = 60  # seconds for each step
PRECISION = 1e-11  # VictoriaMetrics stores twelve digits
# Gauges that are read anew for each page and push, such as the number of open descriptors.
MOVING = {metric["name"] for metric in CATALOG["metrics"] if metric["type"] == "gauge" and metric["callback"]}
SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def key(name, labels):
    """Returns a series as something to look it up by. Bounds are numbers, because their spellings differ."""
    labels = {name: float(value) if name == "le" else value for name, value in labels.items() if value != ""}
    return name, frozenset(labels.items())


def page(url):
    """Returns the samples of the page."""
    with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
        text = response.read().decode()
    samples = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            unescape = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
            labels = {
                name: re.sub(r'\\[\\"n]', lambda found: unescape[found[0]], value) for name, value in LABEL.findall(labels or "")
            }
            samples[key(name, labels)] = float(value)
    return samples


def translations():
    """Returns the names of the page for those that receivers make of OpenTelemetry's names, of metrics and of labels."""
    words = lambda name: re.sub(r"[^A-Za-z0-9]+", "_", name)  # noqa: E731
    labels = {words(label["otel_name"]): label["name"] for label in CATALOG["labels"]}
    metrics = {}
    for metric in CATALOG["metrics"]:
        translated = words(metric["otel_name"])
        if metric["unit"] in ("seconds", "bytes") and not translated.endswith(metric["unit"]):
            translated += "_" + metric["unit"]
        metrics[translated] = metric["name"]
    return metrics, labels


def translated(samples):
    """Returns received samples under the names of the page."""
    metrics, labels = translations()
    for (name, own), value in samples.items():
        suffix = next((suffix for suffix in ("_bucket", "_sum", "_count") if name.endswith(suffix)), "")
        base = name.removesuffix(suffix)
        name = metrics.get(name) or (metrics[base] + suffix if base in metrics else name)
        yield (name, frozenset((labels.get(label, label), value) for label, value in own)), value


class Decoder(collector.Decoder):
    """Keeps the last value of each series."""

    samples = {}
    # The points of exponential histograms, by name and attributes.
    exponential = {}

    def decode(self, body):
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    if metric.HasField("exponential_histogram"):
                        self.exponential.update(distributions.decoded(metric))
                    else:
                        self.samples.update(decoded(metric))


def decoded(metric):
    """Yields the samples of a metric as a page has them."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", metric.name)
    unit = {"s": "seconds", "By": "bytes"}.get(metric.unit)
    if unit and not name.endswith(unit):
        name += "_" + unit
    data = getattr(metric, metric.WhichOneof("data"))
    is_counter = metric.HasField("sum") and metric.sum.is_monotonic
    if is_counter:
        name = name.removesuffix("_total") + "_total"
    if metric.HasField("gauge") and metric.unit == "1":
        name = name.removesuffix("_ratio") + "_ratio"
    for point in data.data_points:
        labels = {re.sub(r"[^A-Za-z0-9]+", "_", label.key): label.value.string_value for label in point.attributes}
        if metric.HasField("histogram"):
            total = 0
            for bound, count in zip([*point.explicit_bounds, float("inf")], point.bucket_counts):
                total += count
                yield key(name + "_bucket", {**labels, "le": bound}), float(total)
            yield key(name + "_sum", labels), point.sum
            yield key(name + "_count", labels), float(point.count)
        else:
            yield key(name, labels), float(getattr(point, point.WhichOneof("value")))


def victoria_samples(port):
    """Returns the current samples of VictoriaMetrics."""
    samples = {}
    for result in prometheus.get(port, "query", query='{__name__=~".+"}', nocache=1)["data"]["result"]:
        labels = result["metric"]
        samples[key(labels.pop("__name__"), labels)] = float(result["value"][1])
    return samples


def run_demo(endpoint, received):
    """Runs the demo with a receiver. Returns what differs between its page and what was received, and the number of samples."""
    log = HOME / "demo.log"
    log.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": endpoint,
        "OTEL_METRIC_EXPORT_INTERVAL": "500",
        "NO_PROXY": "127.0.0.1",
    }
    command = [processes.PROXY, "demo", "--for", "5s", "--linger", "200s", "--metrics", "127.0.0.1:0"]
    demo = processes.start("demo", command, env=environment)
    url = wait_for(lambda: re.search(r"http://127\.0\.0\.1:\d+/metrics", log.read_text()), "its address")[0]
    wait_for(lambda: "RECORDED" in log.read_text(), "the table that follows the traffic")

    def pushes(samples):
        return samples[key("shadowcat_otlp_pushes_total", {})]

    # A push that begins after the first page and ends before the second has the values that are equal on both.
    def compare():
        before = page(url)
        wait_for(lambda: pushes(page(url)) >= pushes(before) + 2, "two pushes")
        got = dict(translated(received()))
        after = page(url)
        steady = {
            series: value
            for series, value in before.items()
            if after.get(series) == value and series[0] not in MOVING
        }
        return [
            f"{series[0]}{dict(series[1])}: {value} on the page, {got.get(series)} received"
            for series, value in steady.items()
            if not math.isclose(got.get(series, math.nan), value, rel_tol=PRECISION)
        ], len(steady)

    deadline = time.monotonic() + TIMEOUT
    while True:
        wrong, compared = compare()
        if not wrong or time.monotonic() > deadline:
            break
    processes.end(demo)
    return wrong, compared


def wait_for(found, what):
    deadline = time.monotonic() + TIMEOUT
    while not (result := found()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"there was no sign of {what} within {TIMEOUT} s")
        time.sleep(0.1)
    return result


def victoria():
    port = processes.free_port()
    command = [
        os.environ["OTLP_VICTORIA"],
        f"-httpListenAddr=127.0.0.1:{port}",
        f"-storageDataPath={HOME / 'victoria'}",
        "-opentelemetry.usePrometheusNaming",
        "-opentelemetry.promoteAllResourceAttributes=false",
        "-opentelemetry.promoteScopeMetadata=false",
        "-search.latencyOffset=0s",
    ]
    server = processes.start("victoria-metrics", command)
    processes.wait_until_ready(port, server)

    def received():
        # Samples can be queried after they are flushed.
        urllib.request.urlopen(f"http://127.0.0.1:{port}/internal/force_flush", timeout=TIMEOUT).close()
        return victoria_samples(port)

    return f"http://127.0.0.1:{port}/opentelemetry/v1/metrics", received, distributions.Victoria(port)


def rotel_and_decoder():
    endpoint = collector.start(Decoder)

    def received():
        with Decoder.lock:
            return dict(Decoder.samples)

    return f"{endpoint}/v1/metrics", received, distributions.Decoded(Decoder)


def main():
    failed = False
    for name, receiver in (("VictoriaMetrics", victoria), ("rotel", rotel_and_decoder)):
        endpoint, received, histograms = receiver()
        wrong, compared = run_demo(endpoint, received)
        wrong_native, native = distributions.compare(endpoint, histograms, HOME / "native", wait_for)
        for line in wrong[:20] + wrong_native[:20]:
            print(f"{name}: {line}")
        print(f"{name}: {compared} samples compared, {len(wrong)} wrong")
        print(f"{name}: {native} native histograms compared, {len(wrong_native)} wrong")
        failed |= bool(wrong) or compared < 1000 or bool(wrong_native) or native < 10
    sys.exit(failed)


if __name__ == "__main__":
    main()
