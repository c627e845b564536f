"""Third-party clients of the Model Context Protocol, Python's SDK and the inspector, each with its books."""

import json
import os
import shlex
import subprocess
import sys
from contextlib import asynccontextmanager
from datetime import timedelta

import processes
import world
from mcp import ClientSession, McpError, StdioServerParameters, types
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client
from books import Tally

TIMEOUT = 120  # seconds for each response


class _Counted:
    """One direction of a client's connection, which counts each message."""

    def __init__(self, stream, enter):
        self._stream = stream
        self._enter = enter

    async def __aenter__(self):
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *error):
        return await self._stream.__aexit__(*error)

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def __aiter__(self):
        return self

    async def __anext__(self):
        message = await self._stream.__anext__()
        if not isinstance(message, Exception):
            self._enter(_plain(message.message))
        return message

    async def send(self, message):
        self._enter(_plain(message.message))
        await self._stream.send(message)


def _plain(model):
    return model.model_dump(by_alias=True, mode="json", exclude_none=True)


async def _sample(_context, _request):
    """Answers a server's sampling request like a model."""
    content = types.TextContent(type="text", text="sampled")
    return types.CreateMessageResult(role="assistant", content=content, model="none", stopReason="endTurn")


def _transport(kind, target):
    if kind == "stdio":
        # The client passes on only a few environment variables: enough for this test, but not for a venv.
        settings = StdioServerParameters(command=str(target[0]), args=[str(word) for word in target[1:]], env={**os.environ})
        return stdio_client(settings, errlog=open(processes.LOGS / "clients.log", "a", encoding="utf-8"))
    return {"http": streamablehttp_client, "sse": sse_client}[kind](target)


@asynccontextmanager
async def session(kind, target, timeout=TIMEOUT):
    """Opens a session of Python's SDK, before its `initialize`, with its books. `target` is a URL, or a command for stdio."""
    tally = Tally()
    async with _transport(kind, target) as (incoming, outgoing, *_):
        timeout = timedelta(seconds=timeout)
        streams = _Counted(incoming, tally.received), _Counted(outgoing, tally.sent)
        async with ClientSession(*streams, read_timeout_seconds=timeout, sampling_callback=_sample) as client:
            yield client, tally


async def converse(client):
    """Has a whole conversation with server-everything. Returns the responses in a comparable form."""
    heard = {}

    async def hear(what, answer):
        try:
            heard[what] = _plain(await answer)
        except McpError as error:
            heard[what] = _plain(error.error)

    await hear("initialize", client.initialize())
    await hear("ping", client.send_ping())
    # Some tools are registered only after the server knows the client's capabilities.
    for _ in range(50):
        await hear("tools", client.list_tools())
        if any(tool["name"] == "trigger-sampling-request" for tool in heard["tools"]["tools"]):
            break
    await hear("echo", client.call_tool("echo", {"message": "Grüße, 世界 \u2028 \"'\\"}))
    await hear("large echo", client.call_tool("echo", {"message": "x" * 300_000}))
    await hear("sum", client.call_tool("get-sum", {"a": 19.5, "b": -7}))
    await hear("structured", client.call_tool("get-structured-content", {"location": "Chicago"}))
    await hear("image", client.call_tool("get-tiny-image", {}))

    progress = []

    async def advance(done, total, _message):
        progress.append([done, total])

    long = {"duration": 0.5, "steps": 4}
    await hear("long", client.call_tool("trigger-long-running-operation", long, progress_callback=advance))
    heard["progress"] = progress
    await hear("sampling", client.call_tool("trigger-sampling-request", {"prompt": "say", "maxTokens": 7}))
    await hear("wrong arguments", client.call_tool("get-sum", {"a": "one"}))
    await hear("unknown tool", client.call_tool("none", {}))
    await hear("resources", client.list_resources())
    await hear("resource", client.read_resource(heard["resources"]["resources"][0]["uri"]))
    await hear("unknown resource", client.read_resource("peers://none"))
    await hear("prompts", client.list_prompts())
    await hear("prompt", client.get_prompt("simple-prompt"))
    await hear("unknown prompt", client.get_prompt("none"))
    unknown = types.Request(method="peers/none", params=None)
    await hear("unknown method", client.send_request(unknown, types.EmptyResult))
    return heard


def inspector(target, *method, books=None, port=0):
    """Runs one call of the inspector's command line. Returns its output. A command is run through books.py, which writes
    `books`."""
    if books is not None:
        # The inspector would parse options of the command as its own, so a shell wraps the command.
        tap = [sys.executable, world.HERE / "books.py", books, port, *target]
        wrapper = processes.LOGS / f"{books.stem}.sh"
        wrapper.write_text(f"exec {shlex.join(str(word) for word in tap)}\n")
        target = ["bash", wrapper]
    else:
        target = [target]
    command = ["node", world.INSPECTOR, "--cli", *target, *method]
    command = [str(word) for word in command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False, stdin=subprocess.DEVNULL)
    try:
        return done.returncode, json.loads(done.stdout)
    except json.JSONDecodeError:
        return done.returncode, done.stdout + done.stderr
