"""The command line of the inspector 2.x: `inspector.py CALLS TARGETS` does the same as client.py, with only one call for each
target, because each call is a session of its own. It does not report its revision."""

import json
import os
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(os.environ["PEERS_TODAY_NODE"]) / "node_modules" / "@modelcontextprotocol" / "inspector"
CALL = ["--method", "tools/call", "--tool-name", "add", "--tool-args-json", '{"a":1,"b":1}']


def see(kind, *target):
    command = ["node", PACKAGE / "clients" / "cli" / "build" / "index.js", "--format", "json", "--quiet", "--transport", kind]
    command += ["--protocol-era", "legacy" if kind == "sse" else "auto", *CALL]
    for name, value in os.environ.items():
        command += ["-e", f"{name}={value}"] if name.startswith("PEERS_") else []
    command += ["--", *target] if kind == "stdio" else ["--server-url", *target]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    try:
        text = json.loads(done.stdout)["result"]["content"][0]["text"]
    except (ValueError, LookupError):
        return done.stdout[-500:] + done.stderr[-500:]
    return {"add": 1} if text == "2" else text


for one in json.loads(sys.argv[2]):
    print(json.dumps(see(*one)), flush=True)
