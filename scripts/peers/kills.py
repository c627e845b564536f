"""Kills each part in turn with SIGKILL, at random times, while clients call continuously: the proxy must recover, its
counters must not decrease while it lives, and no process may be left at the end.

As `kills.py TIMEOUT TRANSPORT TARGET...`, it is one of these clients: it calls until its input ends, prints a line of JSON
for each call, and opens a new session after losing one."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

import clients
import processes
import world
from mcp import McpError
from findings import Findings
from page import Page, fallen, fetch

TIMEOUT = 60  # seconds for one response; then the call counts as hung
PAUSE = 0.02  # seconds between two calls of a client
SERVER_GONE = -32001  # the proxy's error for a call whose server is gone
ROUNDS = 3
MAX_PAUSE = 1.6  # seconds between two kills
MAX_ABSENCE = 0.8  # seconds until a killed server is started again
RECOVERY = 120  # seconds in which every client must get responses again
CALM = 3  # seconds without kills in which no client may lose a session
SCRAPE_PAUSE = 0.25
# Metrics that must increase when servers are killed; otherwise the kills had no effect.
MOVED = ("shadowcat_process_restarts_total", "shadowcat_process_lifetime_seconds_count")


def tell(what, began, **more):
    """Prints a line of JSON for the parent process."""
    print(json.dumps({"what": what, "began": began, "took": time.time() - began, **more}), flush=True)


class _Calls:
    """The current call of the child process, and its start."""

    def __init__(self, kind, target, timeout):
        self.kind = kind
        self.target = target
        self.timeout = timeout
        self.stop = threading.Event()
        self.began = self.first = time.time()

    async def call_until_lost(self):
        """Calls in one session until it is lost."""
        async with clients.session(self.kind, self.target, self.timeout) as (client, _):
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
                    # The proxy reports the call as lost, but the session continues.
                    tell("failed", self.began, error=str(error))
                else:
                    heard = answer.content[0].text
                    tell("ok" if heard == f"Echo: {text}" else "wrong", self.began, heard=heard)
                await asyncio.sleep(PAUSE)

    async def call(self):
        """Opens one session after another."""
        while not self.stop.is_set():
            self.began = time.time()
            try:
                await self.call_until_lost()
            except Exception as error:  # any error of a killed peer is possible, but the next session must work
                tell("lost", self.began, error=repr(error)[:200])
                await asyncio.sleep(0.1)


def call(timeout, kind, *target):
    """The child process of a caller: calls until standard input ends."""
    calls = _Calls(kind, list(target) if kind == "stdio" else target[0], float(timeout))
    threading.Thread(target=lambda: (sys.stdin.read(), calls.stop.set()), daemon=True).start()
    asyncio.run(calls.call())


class Caller:
    """A client that calls continuously, and is restarted when it is killed."""

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
        command = [sys.executable, __file__, TIMEOUT, self.front, *self.target]
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
        """Kills the process. Returns its children, which must end, too."""
        started = processes.descendants(self.process.pid)
        self.process.kill()
        self.process.wait()
        return started

    def proxies(self):
        """Returns the proxy of a client with its own proxy on standard input and output."""
        return [started for started in processes.descendants(self.process.pid) if processes.is_proxy(started[0])]

    def kill_proxy(self):
        """Kills that proxy. Returns its children."""
        started = []
        for pid, _ in self.proxies():
            started += processes.descendants(pid)
            os.kill(pid, signal.SIGKILL)
        return started

    def ok_since(self, then):
        """Returns the number of correct responses to calls that started after this time."""
        return sum(said["what"] == "ok" and said["began"] > then for said in self.said)

    def others(self, what, then=0):
        """Returns the events of this kind after this time."""
        return [said for said in self.said if said["what"] == what and said["began"] > then]

    def outlived(self):
        """Returns how often a session lost a call to a killed server and continued with the next call."""
        said = [said["what"] for said in self.said]
        return sum(pair == ("failed", "ok") for pair in zip(said, said[1:]))

    def leave(self):
        """Closes the session normally. Returns the exit code."""
        self.process.stdin.close()
        try:
            return self.process.wait(processes.TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "hung"


class Watch:
    """A thread that scrapes the proxy. It must be told about each restart of the proxy. The pages are parsed at the end, because
    parsing takes longer than the pause between two scrapes."""

    def __init__(self, port):
        self.port = port
        self.pages = []  # the life of the proxy and the text, for each scrape
        self.fallen = []
        self.failed = []
        self.most = dict.fromkeys(MOVED, 0)
        self._life = 0
        self._alive = True
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def dies(self):
        """Call this before killing the proxy."""
        self._alive = False

    def lives(self):
        """Call this after restarting the proxy."""
        self._life += 1
        self._alive = True

    def finish(self):
        """Stops watching, scrapes once more, and compares the pages."""
        self._end.set()
        self._thread.join()
        self.pages.append((self._life, fetch(self.port)))
        before, before_life = None, None
        for life, text in self.pages:
            now = Page(text, by_family=True)
            if before is not None and before_life == life:
                self.fallen += fallen(before, now)
            for name in MOVED:
                self.most[name] = max(self.most[name], now.total(name))
            before, before_life = now, life

    def _watch(self):
        while not self._end.wait(SCRAPE_PAUSE):
            life, alive = self._life, self._alive
            try:
                text = fetch(self.port)
            except OSError as error:
                if alive and self._alive and life == self._life:
                    self.failed.append(f"{time.strftime('%H:%M:%S')}: {error!r}")
                continue
            if life != self._life or not alive or not self._alive:
                continue
            self.pages.append((life, text))


class Chaos:
    """All running processes, and the ways to kill them."""

    def __init__(self, findings, chance):
        self.findings = findings
        self.chance = chance
        self.here = world.World()
        self.here.serve()
        self.watch = Watch(self.here.metrics)
        ways = [(front, upstream) for front in ("stdio", *world.FRONTS) for upstream in world.UPSTREAMS]
        self.callers = [Caller(*way, self.here.through(*way)) for way in ways]
        self.deaths = []  # of the shared proxy
        self.doomed = []  # processes that must end because their parent was killed

    def kill_child(self):
        """Kills a server that the proxy has started."""
        children = processes.descendants(self.here.proxy.pid)
        if not children:
            return 0
        pid, _ = self.chance.choice(children)
        os.kill(pid, signal.SIGKILL)
        return 1

    def kill_server(self, kind):
        """Kills a server that the proxy has not started, and restarts it after a while."""
        server = self.here.servers[kind]
        server.kill()
        server.wait()
        time.sleep(self.chance.uniform(0, MAX_ABSENCE))
        self.here.start_server(kind)
        return 1

    def kill_client(self, own_proxy):
        """Kills a client, with or without its own proxy."""
        caller = self.chance.choice([one for one in self.callers if (one.front == "stdio") == own_proxy])
        self.doomed += caller.kill()
        caller.start()
        return 1

    def kill_own_proxy(self):
        """Kills the proxy of one client on standard input and output."""
        caller = self.chance.choice([one for one in self.callers if one.proxies()])
        self.doomed += caller.kill_proxy()
        return 1

    def kill_proxy(self):
        """Kills the shared proxy."""
        children = processes.descendants(self.here.proxy.pid)
        self.watch.dies()
        died = time.time()
        self.here.proxy.kill()
        self.here.proxy.wait()
        self.doomed += children
        time.sleep(self.chance.uniform(0, MAX_ABSENCE))
        self.here.serve()
        self.watch.lives()
        self.deaths.append((died, time.time()))
        return 1

    def victims(self):
        """Returns every way to kill, by name."""
        return {
            "a child of the proxy": self.kill_child,
            "the HTTP server": lambda: self.kill_server("http"),
            "the SSE server": lambda: self.kill_server("sse"),
            "a client": lambda: self.kill_client(own_proxy=False),
            "a client with its own proxy": lambda: self.kill_client(own_proxy=True),
            "a proxy of one client": self.kill_own_proxy,
            "the proxy": self.kill_proxy,
        }

    def wait_for_answers(self, since):
        """Waits until every client got a response to a call that started after this time. Returns the others."""
        deadline = time.time() + RECOVERY
        while (silent := [one.name for one in self.callers if not one.ok_since(since)]) and time.time() < deadline:
            time.sleep(0.1)
        return silent

    def rage(self):
        """Kills every part, in random order, at random times, repeatedly."""
        killed = dict.fromkeys(self.victims(), 0)
        for _ in range(ROUNDS):
            victims = list(self.victims().items())
            self.chance.shuffle(victims)
            for name, kill in victims:
                time.sleep(self.chance.uniform(0, MAX_PAUSE))
                killed[name] += kill()
        self.findings.say(f"killed: {killed}")
        for name, count in killed.items():
            self.findings.check(count, f"never killed {name}")

    def judge_calls(self):
        """Checks that no response belonged to another call, and that no call hung while the proxy lived."""
        calls = sum(caller.ok_since(0) for caller in self.callers)
        lost = sum(len(caller.others("lost")) for caller in self.callers)
        failed = sum(len(caller.others("failed")) for caller in self.callers)
        outlived = sum(caller.outlived() for caller in self.callers)
        self.findings.say(f"{calls} calls answered, {failed} failed, {lost} sessions lost, {outlived} outlived their server")
        self.findings.check(outlived, "no session has outlived its server")
        for caller in self.callers:
            self.findings.equal(f"{caller.name}: wrong answers", caller.others("wrong"), [])
            for lost in caller.others("lost"):
                excused = caller.front == "stdio" or any(
                    died < lost["began"] + lost["took"] and lost["began"] < back for died, back in self.deaths
                )
                hung = lost["took"] > TIMEOUT and not excused
                self.findings.check(not hung, f"{caller.name}: waited {lost['took']:.1f} s in vain: {lost['error']}")


def main():
    findings = Findings("kills")
    seed = int(os.environ.get("PEERS_SEED") or time.time())
    findings.say(f"PEERS_SEED={seed}")
    chaos = Chaos(findings, random.Random(seed))
    findings.equal("clients without an answer at the start", chaos.wait_for_answers(0), [])
    chaos.rage()
    silent = chaos.wait_for_answers(time.time())
    findings.check(not silent, f"no answers in {RECOVERY} s after the last kill: {silent}")
    # The shared proxy may be younger than the other kills, but its counters must show one.
    chaos.kill_child()
    findings.equal("clients without an answer after a child was killed", chaos.wait_for_answers(time.time()), [])
    calm = time.time()
    time.sleep(CALM)
    silent = chaos.wait_for_answers(calm)
    findings.check(not silent, f"no answer while nobody was killed: {silent}")
    for caller in chaos.callers:
        findings.equal(f"{caller.name}: lost while nobody was killed", caller.others("lost", calm), [])
    left = processes.survivors(chaos.doomed)
    findings.check(chaos.doomed and not left, f"left behind by what was killed: {left}")
    for caller in chaos.callers:
        findings.equal(f"{caller.name}: exit code", caller.leave(), 0)
    chaos.judge_calls()
    chaos.here.check_nothing_left(findings)
    chaos.watch.finish()
    findings.check(not chaos.watch.fallen, f"went down: {chaos.watch.fallen[:20]}")
    findings.check(not chaos.watch.failed, f"scrapes failed while the proxy lived: {chaos.watch.failed[:5]}")
    findings.say(f"{len(chaos.watch.pages)} scrapes compared; most seen of {chaos.watch.most}")
    for name, most in chaos.watch.most.items():
        findings.check(most, f"{name} was never seen above 0")
    chaos.here.finish(findings)
    return findings.finish()


if __name__ == "__main__":
    sys.exit(main() if len(sys.argv) == 1 else call(*sys.argv[1:]))
