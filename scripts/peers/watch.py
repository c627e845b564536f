"""Scrapes a proxy all the time, and notes every counter and bucket that goes down while the proxy lives."""

import threading
import time

import page

PAUSE = 0.1
# What must be seen to rise when servers are killed: else the kills have hit nothing.
MOVED = ("shadowcat_process_restarts_total", "shadowcat_process_lifetime_seconds_count")


class Watch:
    """A watcher in a thread; it is told of each new life of the proxy."""

    def __init__(self, port):
        self.port = port
        self.scrapes = 0
        self.fallen = []
        self.failed = []
        self.most = dict.fromkeys(MOVED, 0)
        self._life = 0
        self._alive = True
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def dies(self):
        """The proxy is about to be killed."""
        self._alive = False

    def lives(self):
        """The proxy was started anew."""
        self._life += 1
        self._alive = True

    def finish(self):
        """Looks no more."""
        self._end.set()
        self._thread.join()

    def _watch(self):
        before, before_life = None, None
        while not self._end.wait(PAUSE):
            life, alive = self._life, self._alive
            try:
                now = page.scrape(self.port)
            except (OSError, ValueError) as error:
                if alive and self._alive and life == self._life:
                    self.failed.append(f"{time.strftime('%H:%M:%S')}: {error!r}")
                continue
            if life != self._life or not alive or not self._alive:
                continue
            if before is not None and before_life == life:
                self.fallen += page.fallen(before, now)
            for name in MOVED:
                self.most[name] = max(self.most[name], now.total(name))
            before, before_life = now, life
            self.scrapes += 1
