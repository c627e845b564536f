"""A server of PyPI's `mcp` 2.x, `mcp` 1.x or `fastmcp`: `server.py LIBRARY [TRANSPORT PORT]`, over standard input and output by
default."""

import sys

library, kind, port = (*sys.argv[1:], "stdio", "0")[:3]
options = {} if kind == "stdio" else {"port": int(port)}
if library == "fastmcp":
    from fastmcp import FastMCP

    server = FastMCP("today")
    run = {"show_banner": False, **options}
elif library == "mcp1":
    from mcp.server.fastmcp import FastMCP

    server = FastMCP("today", **options)
    run = {}
else:
    from mcp.server import MCPServer

    server = MCPServer("today")
    run = options


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def fail() -> str:
    """Fails."""
    raise ValueError("no")


server.run({"http": "streamable-http"}.get(kind, kind), **run)
