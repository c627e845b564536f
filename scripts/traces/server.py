"""A server that exports spans: `server.py stdio` or `server.py streamable-http PORT`."""

import sys

import exporting
from mcp.server import MCPServer

exporting.start()
server = MCPServer("traced")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def fail() -> str:
    """Fails."""
    raise ValueError("no")


kind, *port = sys.argv[1:]
server.run(kind, **({"port": int(port[0])} if port else {}))
