// A client of npm's `client` 2.x or `sdk` 1.x: `client.mjs LIBRARY CALLS TARGETS` does the same as client.py.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [library, calls, targets] = process.argv.slice(2);
// The packages are installed in another folder than this file.
const packages = createRequire(`${process.env.PEERS_TODAY_NODE}/`);
const load = (name) => import(pathToFileURL(packages.resolve(`@modelcontextprotocol/${name}`)));
const parts = library === "sdk"
  ? ["sdk/client/index.js", "sdk/client/streamableHttp.js", "sdk/client/sse.js", "sdk/client/stdio.js"]
  : ["client", "client/stdio"];
const { Client, StreamableHTTPClientTransport, SSEClientTransport, StdioClientTransport } =
  Object.assign({}, ...(await Promise.all(parts.map(load))));
const make = {
  http: (url) => new StreamableHTTPClientTransport(new URL(url)),
  sse: (url) => new SSEClientTransport(new URL(url)),
  stdio: (command, ...args) => new StdioClientTransport({ command, args, env: process.env, stderr: "ignore" }),
};

async function see(kind, ...target) {
  // The older transport has only the older revisions.
  const options = library === "sdk" || kind === "sse" ? {} : { versionNegotiation: { mode: "auto" } };
  const transport = make[kind](...target);
  const client = new Client({ name: library, version: "1" }, options);
  // `sdk` gives the revision only to the transport.
  let revision;
  const told = transport.setProtocolVersion?.bind(transport);
  transport.setProtocolVersion = (version) => { revision = version; told?.(version); };
  await client.connect(transport);
  const { tools } = await client.listTools();
  for (let number = 0; number < Number(calls); number++) {
    const { content } = await client.callTool({ name: "add", arguments: { a: number, b: 1 } });
    if (content[0].text !== String(number + 1)) throw new Error(JSON.stringify(content));
  }
  const failed = await client.callTool({ name: "fail", arguments: {} });
  if (failed.isError !== true) throw new Error(JSON.stringify(failed));
  revision = client.getNegotiatedProtocolVersion?.() ?? revision;
  await client.close();
  return { revision, tools: tools.map((tool) => tool.name).sort(), add: Number(calls), fail: 1 };
}

for (const target of JSON.parse(targets)) {
  console.log(JSON.stringify(await see(...target).catch(String)));
}
process.exit();
