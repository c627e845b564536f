"""Clients that call one tool without end, each in a child process: what it has said so far, and when.

As a program it is that child: `callers.py PATIENCE TRANSPORT TARGET...` calls until its input ends, prints a line of JSON for each call,
and opens a new session when one is lost."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time

import clients
import processes
from mcp import McpError

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
        command = [sys.executable, __file__, PATIENCE, self.front, *self.target]
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


PAUSE = 0.02
SERVER_GONE = -32001  # what the proxy answers to a call whose server went away


def tell(what, began, **more):
    """One line, for the program that has started this one."""
    print(json.dumps({"what": what, "began": began, "took": time.time() - began, **more}), flush=True)


class _Calls:
    """What the child process does now, and when it began."""

    def __init__(self, kind, target, patience):
        self.kind = kind
        self.target = target
        self.patience = patience
        self.stop = threading.Event()
        self.began = self.first = time.time()

    async def call_until_lost(self):
        """One session."""
        async with clients.session(self.kind, self.target, self.patience) as (client, _):
            await client.initialize()
            for number in range(sys.maxsize):
                self.began, text = time.time(), f"{number} of {self.first}"
                if self.stop.is_set():
                    return
                try:
                    answer = await client.call_tool("echo", {"message": text})
                except McpError as error:
                    if error.error.code != SERVER_GONE:
                        raise
                    # The proxy says that the call is lost; the session is not.
                    tell("failed", self.began, error=str(error))
                else:
                    heard = answer.content[0].text
                    tell("ok" if heard == f"Echo: {text}" else "wrong", self.began, heard=heard)
                await asyncio.sleep(PAUSE)

    async def call(self):
        """One session after the other."""
        while not self.stop.is_set():
            self.began = time.time()
            try:
                await self.call_until_lost()
            except Exception as error:  # whatever a peer does when it is killed, the next session must work
                tell("lost", self.began, error=repr(error)[:200])
                await asyncio.sleep(0.1)


def main(patience, kind, *target):
    """Calls until standard input ends."""
    calls = _Calls(kind, list(target) if kind == "stdio" else target[0], float(patience))
    threading.Thread(target=lambda: (sys.stdin.read(), calls.stop.set()), daemon=True).start()
    asyncio.run(calls.call())


if __name__ == "__main__":
    main(*sys.argv[1:])
