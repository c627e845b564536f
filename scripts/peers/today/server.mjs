// A server of npm's `server` 2.x over standard input and output.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The packages are installed in another folder than this file.
const packages = createRequire(`${process.env.PEERS_TODAY_NODE}/`);
const load = (name) => import(pathToFileURL(packages.resolve(`@modelcontextprotocol/${name}`)));
const { McpServer, fromJsonSchema } = await load("server");
const { serveStdio } = await load("server/stdio");

serveStdio(() => {
  const server = new McpServer({ name: "today", version: "1" });
  const number = { type: "number" };
  const inputSchema = fromJsonSchema({ type: "object", properties: { a: number, b: number }, required: ["a", "b"] });
  const add = ({ a, b }) => ({
    content: [{ type: "text", text: String(a + b) }],
    structuredContent: { result: a + b },
  });
  server.registerTool("add", { description: "Adds two numbers.", inputSchema }, async (input) => add(input));
  server.registerTool("fail", { description: "Fails." }, async () => { throw new Error("no"); });
  return server;
});
