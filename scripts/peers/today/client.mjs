// A client of npm's `client` 2.x or `sdk` 1.x: `client.mjs LIBRARY CALLS TARGET...` calls tools of the server at a URL or behind a
// command, and prints what it has seen.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [library, calls, ...target] = process.argv.slice(2);
// The packages are installed in another folder than this file.
const packages = createRequire(`${process.env.PEERS_TODAY_NODE}/`);
const load = (name) => import(pathToFileURL(packages.resolve(`@modelcontextprotocol/${name}`)));
const parts = library === "sdk"
  ? ["sdk/client/index.js", "sdk/client/streamableHttp.js", "sdk/client/stdio.js"]
  : ["client", "client/stdio"];
const { Client, StreamableHTTPClientTransport, StdioClientTransport } =
  Object.assign({}, ...(await Promise.all(parts.map(load))));
const transport = target[0].startsWith("http")
  ? new StreamableHTTPClientTransport(new URL(target[0]))
  : new StdioClientTransport({ command: target[0], args: target.slice(1), env: process.env, stderr: "ignore" });
const options = library === "sdk" ? {} : { versionNegotiation: { mode: "auto" } };
const client = new Client({ name: library, version: "1" }, options);
await client.connect(transport);
const { tools } = await client.listTools();
for (let number = 0; number < Number(calls); number++) {
  const { content } = await client.callTool({ name: "add", arguments: { a: number, b: 1 } });
  if (content[0].text !== String(number + 1)) throw new Error(JSON.stringify(content));
}
const failed = await client.callTool({ name: "fail", arguments: {} });
const revision = client.getNegotiatedProtocolVersion?.() ?? "older";
const names = tools.map((tool) => tool.name).sort();
console.log(JSON.stringify({ revision, tools: names, failed: failed.isError === true }));
await client.close();
