"""A server of PyPI's `mcp` 2.x: over standard input and output, or over streamable HTTP on the given port."""

import sys

from mcp.server import MCPServer

server = MCPServer("today")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def fail() -> str:
    """Fails."""
    raise ValueError("no")


if len(sys.argv) > 1:
    server.run("streamable-http", port=int(sys.argv[1]))
else:
    server.run()
