// A server of npm's `server` 2.x or `sdk` 1.x: `server.mjs LIBRARY [http PORT]`, over standard input and output by default.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [library, , port] = process.argv.slice(2);
// The packages are installed in another folder than this file.
const packages = createRequire(`${process.env.PEERS_TODAY_NODE}/`);
const load = (name) => import(pathToFileURL(packages.resolve(name)));
const { z } = await load("zod");
const { McpServer, createMcpHandler } =
  await load(`@modelcontextprotocol/${library === "sdk" ? "sdk/server/mcp.js" : "server"}`);

function make() {
  const server = new McpServer({ name: "today", version: "1" });
  const inputSchema = z.object({ a: z.number(), b: z.number() });
  const add = ({ a, b }) => ({ content: [{ type: "text", text: String(a + b) }] });
  server.registerTool("add", { description: "Adds two numbers.", inputSchema }, async (input) => add(input));
  server.registerTool("fail", { description: "Fails." }, async () => { throw new Error("no"); });
  return server;
}

if (library === "sdk") {
  if (port) {
    const { StreamableHTTPServerTransport } = await load("@modelcontextprotocol/sdk/server/streamableHttp.js");
    createServer(async (request, response) => {
      const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
      await make().connect(transport);
      await transport.handleRequest(request, response);
    }).listen(Number(port), "127.0.0.1");
  } else {
    const { StdioServerTransport } = await load("@modelcontextprotocol/sdk/server/stdio.js");
    await make().connect(new StdioServerTransport());
  }
} else if (port) {
  const { toNodeHandler } = await load("@modelcontextprotocol/node");
  createServer(toNodeHandler(createMcpHandler(make))).listen(Number(port), "127.0.0.1");
} else {
  const { serveStdio } = await load("@modelcontextprotocol/server/stdio");
  serveStdio(make);
}
