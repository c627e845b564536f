"""Counts what a client sent and received, by JSON-RPC message: the proxy's counters must agree with these books.

As a program, it counts for a client over stdio: `books.py BOOKS METRICS_PORT COMMAND...` runs the command, forwards
everything unchanged, and writes the counts. With a port other than 0, it also writes the page at the time when the client
closed its side."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

# Clients start this program without most of their environment.
sys.path.append(str(Path(__file__).resolve().parents[1] / "lib"))
import page  # noqa: E402
from catalog import CATALOG  # noqa: E402

_METHODS = {value["value"] for label in CATALOG["labels"] if label["name"] == "method" for value in label["values"]}


def method_label(method):
    """Returns the label value of a method."""
    return method if method in _METHODS else "other"


def outcome(method, answer):
    """Returns the outcome of a request with this response."""
    if "error" in answer:
        return "error"
    result = answer["result"]
    if result.get("resultType") == "input_required":
        return "input_required"
    return "tool_error" if method == "tools/call" and result.get("isError") is True else "ok"


class Tally:
    """The books of one client. Messages are JSON-RPC, parsed to Python objects."""

    def __init__(self):
        self.messages_sent = 0
        self.messages_received = 0
        # Requests by sender, then by (method, outcome).
        self.completed = {"client": Counter(), "server": Counter()}
        self._open = {}

    def sent(self, message):
        """Counts a message that the client sent."""
        self.messages_sent += 1
        self._note("client", "server", message)

    def received(self, message):
        """Counts a message that the client received."""
        self.messages_received += 1
        self._note("server", "client", message)

    def _note(self, by, other, message):
        if "method" in message:
            if "id" in message:
                self._open[by, message["id"]] = message["method"]
        elif method := self._open.pop((other, message.get("id")), None):
            self.completed[other][method_label(method), outcome(method, message)] += 1

    @property
    def unanswered(self):
        """Returns the number of requests without a response so far."""
        return len(self._open)

    def to_json(self):
        """Returns all counts, for another process."""
        completed = [[by, *key, count] for by, counts in self.completed.items() for key, count in sorted(counts.items())]
        return {"sent": self.messages_sent, "received": self.messages_received, "completed": completed}

    @classmethod
    def from_json(cls, books):
        """Restores the counts from `to_json`."""
        tally = cls()
        tally.messages_sent, tally.messages_received = books["sent"], books["received"]
        for by, method, outcome, count in books["completed"]:
            tally.completed[by][method, outcome] = count
        return tally


def settled(port):
    """Returns the page once it no longer changes: a response may reach the client just before the proxy counts it as sent."""

    def operations(text):
        return [line for line in text.splitlines() if line.startswith("shadowcat_transport_operations_total")]

    text = page.scrape(port).text
    for _ in range(20):
        time.sleep(0.25)
        before, text = text, page.scrape(port).text
        if operations(before) == operations(text):
            break
    return text


def main(books, port, *command):
    """Forwards between a client and a server on standard input and output."""
    tally = Tally()
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def from_server():
        for line in server.stdout:
            tally.received(json.loads(line))
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()

    answers = threading.Thread(target=from_server)
    answers.start()
    for line in sys.stdin.buffer:
        tally.sent(json.loads(line))
        server.stdin.write(line)
        server.stdin.flush()
    text = settled(int(port)) if port != "0" else None
    server.stdin.close()
    answers.join()
    code = server.wait()
    with open(books, "w", encoding="utf-8") as file:
        json.dump({**tally.to_json(), "page": text, "code": code}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
