"""Kills each part in turn, at random moments and as no program can prevent, while clients call without end: the proxy must
recover, its counters must not go down while it lives, and nothing may be left when all is over."""

import json
import os
import random
import signal
import sys
import time

import processes
import world
from callers import PATIENCE, Caller
from world import Findings
from page import Watch

ROUNDS = 3
LONGEST_PAUSE = 1.6  # seconds between two kills
LONGEST_ABSENCE = 0.8  # seconds until a killed server is started again
RECOVERY = 25  # seconds in which every client must get answers again
CALM = 3  # seconds in which none may lose a session when nobody is killed


class Chaos:
    """All that runs, and the ways to kill it."""

    def __init__(self, findings, chance):
        self.findings = findings
        self.chance = chance
        self.here = world.World()
        self.here.serve()
        self.watch = Watch(self.here.metrics)
        ways = [(front, upstream) for front in ("stdio", *world.FRONTS) for upstream in world.UPSTREAMS]
        self.callers = [Caller(*way, self.here.through(*way)) for way in ways]
        self.deaths = []  # of the proxy that all share
        self.doomed = []  # processes that must end because what had started them was killed

    def kill_child(self):
        """A server that the proxy has started."""
        children = processes.descendants(self.here.proxy.pid)
        if not children:
            return 0
        pid, _ = self.chance.choice(children)
        os.kill(pid, signal.SIGKILL)
        return 1

    def kill_server(self, kind):
        """A server that the proxy has not started, and is away for a while."""
        server = self.here.servers[kind]
        server.kill()
        server.wait()
        time.sleep(self.chance.uniform(0, LONGEST_ABSENCE))
        self.here.start_server(kind)
        return 1

    def kill_client(self, own_proxy):
        """A client; of those with a proxy of their own, or of the others."""
        caller = self.chance.choice([one for one in self.callers if (one.front == "stdio") == own_proxy])
        self.doomed += caller.kill()
        caller.start()
        return 1

    def kill_own_proxy(self):
        """A proxy that serves one client on standard input and output."""
        caller = self.chance.choice([one for one in self.callers if one.proxies()])
        self.doomed += caller.kill_proxy()
        return 1

    def kill_proxy(self):
        """The proxy that all others share."""
        children = processes.descendants(self.here.proxy.pid)
        self.watch.dies()
        died = time.time()
        self.here.proxy.kill()
        self.here.proxy.wait()
        self.doomed += children
        time.sleep(self.chance.uniform(0, LONGEST_ABSENCE))
        self.here.serve()
        self.watch.lives()
        self.deaths.append((died, time.time()))
        return 1

    def victims(self):
        """Every way to kill, by name."""
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
        """Waits until every client has got an answer to a call begun after that time; who has not."""
        deadline = time.time() + RECOVERY
        while (silent := [one.name for one in self.callers if not one.ok_since(since)]) and time.time() < deadline:
            time.sleep(0.1)
        return silent

    def rage(self):
        """Kills every part, in a random order, at random moments, and again."""
        killed = dict.fromkeys(self.victims(), 0)
        for _ in range(ROUNDS):
            victims = list(self.victims().items())
            self.chance.shuffle(victims)
            for name, kill in victims:
                time.sleep(self.chance.uniform(0, LONGEST_PAUSE))
                killed[name] += kill()
        self.findings.say(f"killed: {killed}")
        for name, count in killed.items():
            self.findings.check(count, f"never killed {name}")

    def judge_calls(self):
        """No answer was another's, and none was waited for in vain while the proxy lived."""
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
                hung = lost["took"] > PATIENCE and not excused
                self.findings.check(not hung, f"{caller.name}: waited {lost['took']:.1f} s in vain: {lost['error']}")


def main():
    findings = Findings("kills")
    seed = int(os.environ.get("PEERS_SEED") or time.time())
    findings.say(f"PEERS_SEED={seed}")
    with open(os.environ["PEERS_CATALOGUE"], encoding="utf-8") as file:
        levels = world.levels(json.load(file))
    chaos = Chaos(findings, random.Random(seed))
    findings.equal("clients without an answer at the start", chaos.wait_for_answers(0), [])
    chaos.rage()
    silent = chaos.wait_for_answers(time.time())
    findings.check(not silent, f"no answers in {RECOVERY} s after the last kill: {silent}")
    calm = time.time()
    time.sleep(CALM)
    for caller in chaos.callers:
        findings.equal(f"{caller.name}: lost while nobody was killed", caller.others("lost", calm), [])
        findings.check(caller.ok_since(calm), f"{caller.name}: no answer while nobody was killed")
    left = processes.survivors(chaos.doomed)
    findings.check(chaos.doomed and not left, f"left behind by what was killed: {left}")
    for caller in chaos.callers:
        findings.equal(f"{caller.name}: exit code", caller.leave(), 0)
    chaos.judge_calls()
    chaos.here.check_nothing_left(findings, levels)
    chaos.watch.finish()
    findings.check(chaos.watch.scrapes >= 50, f"only {chaos.watch.scrapes} scrapes")
    findings.check(not chaos.watch.fallen, f"went down: {chaos.watch.fallen[:20]}")
    findings.check(not chaos.watch.failed, f"scrapes failed while the proxy lived: {chaos.watch.failed[:5]}")
    findings.say(f"{chaos.watch.scrapes} scrapes compared; most seen of {chaos.watch.most}")
    for name, most in chaos.watch.most.items():
        findings.check(most, f"{name} was never seen above 0")
    chaos.here.finish(findings)
    return findings.finish()


if __name__ == "__main__":
    sys.exit(main())
