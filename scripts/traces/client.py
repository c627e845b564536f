"""A client that exports spans: `client.py URL`, or `client.py COMMAND ARGUMENT...` over standard input and output. Calls both tools."""

import asyncio
import os
import sys

import exporting
from mcp import Client, StdioServerParameters


async def main(target, *words):
    if target.startswith("http:"):
        server = target
    else:
        server = StdioServerParameters(command=target, args=words, env={**os.environ})
    async with Client(server) as client:
        answer = await client.call_tool("add", {"a": 1, "b": 2})
        assert answer.content[0].text == "3", answer
        await client.call_tool("fail", {})


exporting.start()
asyncio.run(main(*sys.argv[1:]))
