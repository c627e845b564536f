"""A client that calls one tool again and again until its input ends: `caller.py PATIENCE TRANSPORT TARGET...`.
It says one line of JSON for each call, and opens a new session when one is lost."""

import asyncio
import json
import sys
import threading
import time

import clients
from mcp import McpError

PAUSE = 0.02
SERVER_GONE = -32001  # what the proxy answers to a call whose server went away


def tell(what, began, **more):
    """One line, for the program that has started this one."""
    print(json.dumps({"what": what, "began": began, "took": time.time() - began, **more}), flush=True)


class Caller:
    """What goes on now, and when it began."""

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
    caller = Caller(kind, list(target) if kind == "stdio" else target[0], float(patience))
    threading.Thread(target=lambda: (sys.stdin.read(), caller.stop.set()), daemon=True).start()
    asyncio.run(caller.call())


main(*sys.argv[1:])
