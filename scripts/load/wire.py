"""HTTP/1.1 on asyncio's streams, with a count of the exchanges and of the bytes of bodies."""

import asyncio
import resource


class Wire:
    """Counts the messages and bytes on all connections of one side."""

    def __init__(self):
        self.connections = 0
        self.exchanges = 0
        self.sent = 0
        self.received = 0

    async def read(self, reader):
        """Returns the first line, the fields and the body of a message, or `None` at the end of the connection."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = b""
        if fields.get("transfer-encoding") == "chunked":
            while size := int(await reader.readline(), 16):
                body += (await reader.readexactly(size + 2))[:-2]
            await reader.readline()
        elif length := int(fields.get("content-length", 0)):
            body = await reader.readexactly(length)
        self.received += len(body)
        return first, fields, body

    async def exchange(self, reader, writer, first, fields, body):
        """Sends a request and returns the response. Without a response, counts nothing."""
        try:
            await self.write(writer, first, fields, body)
            response = await self.read(reader)
        except ConnectionError:
            response = None
        if response is None:
            self.sent -= len(body)
        else:
            self.exchanges += 1
        return response

    async def write(self, writer, first, fields, body):
        """Writes a message."""
        lines = [first, *(f"{name}: {value}" for name, value in fields.items()), f"Content-Length: {len(body)}"]
        self.sent += len(body)
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()


def raise_descriptor_limit():
    """Raises the limit to its maximum, because each session takes several descriptors on each side of the proxy."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
