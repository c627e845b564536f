"""What a client sent and got, counted by JSON-RPC message: what the proxy's counters must agree with."""

import json
import os
from collections import Counter

with open(os.environ["PEERS_CATALOGUE"], encoding="utf-8") as _file:
    _labels = json.load(_file)["labels"]
_METHODS = {value["value"] for label in _labels if label["name"] == "method" for value in label["values"]}


def method_label(method):
    """The value that a method has in metrics."""
    return method if method in _METHODS else "other"


class Tally:
    """The books of one client. Messages are JSON-RPC as objects of Python."""

    def __init__(self):
        self.messages_sent = 0
        self.messages_received = 0
        self.completed = Counter()  # requests from either side, by (method, outcome)
        self._open = {}

    def sent(self, message):
        """The client sent this."""
        self.messages_sent += 1
        self._note("client", "server", message)

    def received(self, message):
        """The client got this."""
        self.messages_received += 1
        self._note("server", "client", message)

    def _note(self, by, other, message):
        if "method" in message:
            if "id" in message:
                self._open[by, message["id"]] = message["method"]
        elif method := self._open.pop((other, message.get("id")), None):
            outcome = "error" if "error" in message else "ok"
            self.completed[method_label(method), outcome] += 1

    @property
    def unanswered(self):
        """How many requests have no answer yet."""
        return len(self._open)

    def to_json(self):
        """All of it, for another process."""
        completed = [[method, outcome, count] for (method, outcome), count in sorted(self.completed.items())]
        return {"sent": self.messages_sent, "received": self.messages_received, "completed": completed}

    @classmethod
    def from_json(cls, books):
        """What `to_json` gave."""
        tally = cls()
        tally.messages_sent, tally.messages_received = books["sent"], books["received"]
        tally.completed = Counter({(method, outcome): count for method, outcome, count in books["completed"]})
        return tally
