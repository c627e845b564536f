"""A page of metrics as a scrape gets it, read by PyPI's prometheus_client."""

import time
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

PATIENCE = 10


class Page:
    """One scrape: the value of every series."""

    def __init__(self, text):
        self.text = text
        self.types = {}
        self.series = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                self.types[sample.name] = family.type
                self.series[key(sample.name, sample.labels)] = sample.value

    def total(self, name, **labels):
        """The sum over all series with these labels; nothing is 0."""
        wanted = labels.items()
        return sum(value for (found, has), value in self.series.items() if found == name and wanted <= set(has))

    def names(self):
        """The names of all series."""
        return {name for name, _ in self.series}

    def only_rises(self, name):
        """True for what must never go down: counters, and all parts of histograms."""
        return self.types[name] in ("counter", "histogram")


def key(name, labels):
    """How a series is looked up."""
    return name, frozenset(labels.items())


def scrape(port):
    """The page at this port."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
        return Page(answer.read().decode())


def until(port, holds, patience=PATIENCE):
    """Scrapes until the page is as wanted, or until patience is at its end; the last page, whichever it is."""
    deadline = time.monotonic() + patience
    while True:
        page = scrape(port)
        if holds(page) or time.monotonic() > deadline:
            return page
        time.sleep(0.1)


def same(one, other):
    """Equal as values of series: NaN is what it is."""
    return one == other or (one != one and other != other)


def fallen(before, after):
    """Series that must only rise and have gone down, or away."""
    return [
        f"{name}{dict(labels)}: {value} -> {after.series.get((name, labels))}"
        for (name, labels), value in before.series.items()
        if before.only_rises(name) and (name, labels) in after.series and after.series[name, labels] < value
    ]
