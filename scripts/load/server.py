"""A server over streamable HTTP that answers with JSON: `server.py PORT`. Prints its counts when its standard input ends."""

import asyncio
import json
import sys
import uuid

from wire import Wire, raise_descriptor_limit

wire = Wire()
hanging = {}  # calls that are never answered, by session and id


def tool(name, arguments):
    """Returns the response to a call."""
    if name == "echo":
        return {"result": {"content": [{"type": "text", "text": arguments["text"]}]}}
    if name == "broken":
        return {"result": {"content": [{"type": "text", "text": "no"}], "isError": True}}
    return {"error": {"code": -32602, "message": "unknown tool"}}


async def answer(session, message):
    """Returns the status, further header fields and the response to a message, or `None` if the call is cancelled."""
    method, number, params = message.get("method"), message.get("id"), message.get("params", {})
    if method == "notifications/cancelled":
        # The call may have ended already.
        if cancelled := hanging.pop((session, json.dumps(params["requestId"])), None):
            cancelled.set()
    if number is None or method is None:
        return "202 Accepted", {}, None
    if method == "initialize":
        capabilities, info = {"tools": {}}, {"name": "load", "version": "1"}
        result = {"protocolVersion": params["protocolVersion"], "capabilities": capabilities, "serverInfo": info}
        return "200 OK", {"Mcp-Session-Id": str(uuid.uuid4())}, {"result": result}
    if params["name"] == "hang":
        cancelled = hanging[session, json.dumps(number)] = asyncio.Event()
        await cancelled.wait()
        return None
    return "200 OK", {}, tool(params["name"], params.get("arguments"))


async def serve(reader, writer):
    """Serves one connection."""
    used = False
    while message := await wire.read(reader):
        first, fields, body = message
        # The proxy does not count connections without a request either.
        wire.connections += not used
        used = True
        wire.exchanges += 1
        status, more, response = ("200 OK" if first.startswith("DELETE") else "405 Method Not Allowed"), {}, None
        if first.startswith("POST"):
            request = json.loads(body)
            if (answered := await answer(fields.get("mcp-session-id"), request)) is None:
                break
            status, more, response = answered
        body = b""
        if response is not None:
            more["Content-Type"] = "application/json"
            body = json.dumps({"jsonrpc": "2.0", "id": request["id"], **response}).encode()
        await wire.write(writer, f"HTTP/1.1 {status}", more, body)
    writer.close()


async def main():
    raise_descriptor_limit()
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(json.dumps(vars(wire)), flush=True)
    server.close()


asyncio.run(main())
