"""Callers as child processes: what each of them has said so far, and when."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import processes

CALLER = processes.HERE / "caller.py"
PATIENCE = 12  # seconds for one answer; whoever takes longer counts as hung


class Caller:
    """One client that calls without end, started anew when it is killed."""

    def __init__(self, front, upstream, target):
        self.name = f"{front} to {upstream}"
        self.front = front
        self.target = target if front == "stdio" else [target]
        self.said = []
        self.started = []
        self.process = None
        self.start()

    def start(self):
        """Starts the process."""
        command = [sys.executable, CALLER, PATIENCE, self.front, *self.target]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = processes.start(f"caller-{self.name.replace(' ', '-')}", command, **pipes)
        self.started.append(time.time())
        threading.Thread(target=self._listen, args=(self.process.stdout,), daemon=True).start()

    def _listen(self, lines):
        for line in lines:
            try:
                self.said.append({**json.loads(line), "heard": time.time()})
            except json.JSONDecodeError:
                return  # killed in the middle of a line

    def kill(self):
        """Kills the process; gives those that it had started, which must follow it."""
        started = processes.descendants(self.process.pid)
        self.process.kill()
        self.process.wait()
        return started

    def proxies(self):
        """The proxy that a client on standard input and output has for itself."""
        return [started for started in processes.descendants(self.process.pid) if processes.is_proxy(started[0])]

    def kill_proxy(self):
        """Kills that proxy; gives what it had started."""
        started = []
        for pid, _ in self.proxies():
            started += processes.descendants(pid)
            os.kill(pid, signal.SIGKILL)
        return started

    def ok_since(self, then):
        """How many calls begun after that time were answered as they should."""
        return sum(said["what"] == "ok" and said["began"] > then for said in self.said)

    def others(self, what, then=0):
        """What it said of that kind after that time."""
        return [said for said in self.said if said["what"] == what and said["began"] > then]

    def outlived(self):
        """How often its session lost a call to a server that went away, and went on with the next."""
        said = [said["what"] for said in self.said]
        return sum(pair == ("failed", "ok") for pair in zip(said, said[1:]))

    def leave(self):
        """Has it end its session in order; its exit code."""
        self.process.stdin.close()
        try:
            return self.process.wait(processes.PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "hung"
