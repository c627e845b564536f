"""A client of PyPI's `mcp` 2.x or `fastmcp`: `client.py LIBRARY CALLS TARGET...` calls tools of the server at a URL or behind a
command, and prints what it has seen."""

import asyncio
import json
import os
import sys


def connect(library, target):
    """The client, and whether an error of a tool is a result."""
    if library == "fastmcp":
        from fastmcp import Client
        from fastmcp.client.transports import StdioTransport

        stdio = lambda: StdioTransport(command=target[0], args=target[1:], env={**os.environ})  # noqa: E731
        options = {"raise_on_error": False}
    else:
        from mcp import Client, StdioServerParameters

        stdio = lambda: StdioServerParameters(command=target[0], args=target[1:], env={**os.environ})  # noqa: E731
        options = {}
    return Client(target[0] if target[0].startswith("http") else stdio()), options


async def main(library, calls, target):
    client, options = connect(library, target)
    async with client:
        listed = await client.list_tools()
        for number in range(calls):
            answer = await client.call_tool("add", {"a": number, "b": 1})
            assert answer.structured_content == {"result": number + 1}, answer
        failed = await client.call_tool("fail", {}, **options)
        tools = sorted(tool.name for tool in getattr(listed, "tools", listed))
        print(json.dumps({"revision": str(client.protocol_version), "tools": tools, "failed": failed.is_error}))


asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
