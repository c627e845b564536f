"""Processes: starting them on loopback, ending them by their number, and seeing in /proc which are still there."""

import atexit
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
NODE_HOME = Path(os.environ["PEERS_NODE_HOME"])
PROXY = os.environ["PEERS_PROXY"]
LOGS = Path(os.environ["PEERS_LOGS"])
PACKAGES = NODE_HOME / "node_modules" / "@modelcontextprotocol"
EVERYTHING = PACKAGES / "server-everything" / "dist" / "index.js"
INSPECTOR = PACKAGES / "inspector" / "cli" / "build" / "cli.js"
PATIENCE = 15
STARTUP = 60  # seconds until something listens, on a machine with much else to do

_started = []


def start(name, command, **options):
    """Starts a process whose output goes to a log of this name. It is killed when this program ends, if not before."""
    log = open(LOGS / f"{name}.log", "ab")
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("stdout", log)
    process = subprocess.Popen([str(word) for word in command], stderr=log, **options)
    log.close()
    _started.append(process)
    return process


@atexit.register
def _end_all():
    # Ctrl-C comes twice: from the terminal, and from `timeout`, which hands on what it gets. The second must not stop this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for process in _started:
        if process.poll() is None:
            process.kill()
            process.wait()


# Without this, whoever ends this program or closes its terminal leaves behind what it has started.
for _number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(_number, lambda number, _: sys.exit(128 + number))


def end(process, number=signal.SIGTERM):
    """Asks a process to end, waits, and gives its exit code; kills it if it does not."""
    process.send_signal(number)
    try:
        return process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def free_port():
    """A port on loopback that was free just now, and that no client gets as its own while a killed server is away."""
    first_ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10_000, first_ephemeral)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def wait_for_port(port, process=None, patience=STARTUP):
    """Waits until something listens on loopback there; fails if the process that should has ended."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode}")
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


def wait_until_ready(port, process, patience=STARTUP):
    """Waits until Prometheus, Alertmanager or VictoriaMetrics says so: each listens before it can answer a query."""
    wait_for_port(port, process, patience)
    deadline = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=patience):
                return
        except urllib.error.HTTPError as error:
            if error.code != 503 or time.monotonic() > deadline:
                raise
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def everything(transport, port):
    """server-everything over `streamableHttp` or `sse`, on loopback alone."""
    command = ["node", "--require", HERE / "loopback.cjs", EVERYTHING, transport]
    server = start(f"everything-{transport}", command, env={**os.environ, "PORT": str(port)})
    wait_for_port(port, server)
    return server


def identity(pid):
    """A living process's parent, and what tells it from a later one with its number; none if there is no such."""
    try:
        # The second field is the program's name, in brackets, and may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else (int(fields[1]), (pid, fields[19]))


def descendants(pid):
    """All living processes that this one has started, and theirs."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (known := identity(int(entry))):
            parents.setdefault(known[0], []).append(known[1])
    found, ask = [], [pid]
    while ask:
        children = parents.get(ask.pop(), [])
        found += children
        ask += [child for child, _ in children]
    return found


def is_proxy(pid):
    """Whether this is a proxy of one client."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return words[:2] == [PROXY.encode(), b"stdio"]


def alive(process):
    """Whether a process that `descendants` found is still there."""
    known = identity(process[0])
    return known is not None and known[1] == process


def survivors(processes, patience=PATIENCE):
    """Which of these are alive after that time; those are killed, as they were started on our behalf."""
    deadline = time.monotonic() + patience
    while (left := [process for process in processes if alive(process)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid, _ in left:
        os.kill(pid, signal.SIGKILL)
    return left


def listens_elsewhere(pid):
    """Addresses off loopback on which a process listens, as the kernel writes them."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(os.readlink(descriptor).removeprefix("socket:[").removesuffix("]"))
        except OSError:
            continue
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes and not fields[1].startswith("0100007F:"):
                found.append(fields[1])
    return found
