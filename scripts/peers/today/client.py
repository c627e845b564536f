"""A client of PyPI's `mcp` 2.x, `mcp` 1.x or `fastmcp`: `client.py LIBRARY CALLS TARGETS` calls tools of each server in a JSON
list of targets, such as `["http", URL]` or `["stdio", COMMAND, ARGUMENT]`. It prints a report of each, one line of JSON."""

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager


@asynccontextmanager
async def mcp(kind, target):
    from mcp import Client, StdioServerParameters
    from mcp.client.sse import sse_client

    make = {
        "stdio": lambda command, *words: StdioServerParameters(command=command, args=words, env={**os.environ}),
        "sse": sse_client,
        "http": str,
    }
    # The older transport has only the older revisions.
    async with Client(make[kind](*target), mode="legacy" if kind == "sse" else "auto") as client:
        yield client, client.protocol_version


@asynccontextmanager
async def mcp1(kind, target):
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.sse import sse_client
    from mcp.client.stdio import stdio_client
    from mcp.client.streamable_http import streamablehttp_client

    make = {
        "stdio": lambda command, *words: stdio_client(
            StdioServerParameters(command=command, args=words, env={**os.environ})
        ),
        "sse": sse_client,
        "http": streamablehttp_client,
    }
    async with make[kind](*target) as (incoming, outgoing, *_), ClientSession(incoming, outgoing) as client:
        yield client, (await client.initialize()).protocolVersion


@asynccontextmanager
async def fastmcp(kind, target):
    from fastmcp import Client
    from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport

    make = {
        "stdio": lambda command, *words: StdioTransport(command=command, args=list(words), env={**os.environ}),
        "sse": SSETransport,
        "http": StreamableHttpTransport,
    }
    async with Client(make[kind](*target)) as client:
        yield client, client.protocol_version


async def see(library, calls, kind, *target):
    """Calls tools of the server at this target, and returns a report."""
    options = {"raise_on_error": False} if library == "fastmcp" else {}
    async with globals()[library](kind, target) as (client, revision):
        listed = await client.list_tools()
        for number in range(calls):
            answer = await client.call_tool("add", {"a": number, "b": 1})
            assert answer.content[0].text == str(number + 1), answer
        failed = await client.call_tool("fail", {}, **options)
        assert getattr(failed, "is_error", None) or getattr(failed, "isError", None), failed
    tools = sorted(tool.name for tool in getattr(listed, "tools", listed))
    return {"revision": str(revision), "tools": tools, "add": calls, "fail": 1}


async def main(library, calls, targets):
    for target in json.loads(targets):
        try:
            seen = await see(library, int(calls), *target)
        except Exception as error:  # whatever went wrong with this server, the others are still tried
            seen = repr(error)
        print(json.dumps(seen), flush=True)


asyncio.run(main(*sys.argv[1:]))
