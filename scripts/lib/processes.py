"""Starts processes on loopback, stops them by their process id, and finds survivors in /proc."""

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

LOGS = Path(os.environ["LOGS"])
PROXY = os.environ.get("PROXY")
TIMEOUT = 60
STARTUP = 60  # seconds until a port is open, on a busy machine

_started = []


def start(name, command, **options):
    """Starts a process that writes its output to a log with this name. It is killed at the end of this program at the
    latest."""
    log = open(LOGS / f"{name}.log", "ab")
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("stdout", log)
    process = subprocess.Popen([str(word) for word in command], stderr=log, **options)
    log.close()
    _started.append(process)
    return process


@atexit.register
def _end_all():
    # Ctrl-C arrives twice: from the terminal, and from `timeout`, which forwards signals. The second one must not interrupt
    # this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for process in _started:
        if process.poll() is None:
            process.kill()
            process.wait()


# Without this, a signal to this program or a closed terminal would leave its processes running.
for _number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(_number, lambda number, _: sys.exit(128 + number))


def end(process, number=signal.SIGTERM, timeout=TIMEOUT):
    """Asks a process to stop and waits. Kills it after a timeout. Returns its exit code."""
    process.send_signal(number)
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def free_port():
    """Returns a free port on loopback that no client gets as a local port while a killed server is down."""
    first_ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10_000, first_ephemeral)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def wait_for_port(port, process=None, timeout=STARTUP):
    """Waits until the port on loopback is open. Fails if the given process has exited."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode}")
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


def wait_until_ready(port, process, timeout=STARTUP):
    """Waits until Prometheus, Alertmanager or VictoriaMetrics is ready: each opens its port before it can answer queries."""
    wait_for_port(port, process, timeout)
    deadline = time.monotonic() + timeout
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=timeout):
                return
        except urllib.error.HTTPError as error:
            if error.code != 503 or time.monotonic() > deadline:
                raise
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def identity(pid):
    """Returns a running process's parent and start time, which distinguishes it from a later process with the same id.
    Returns None if there is no such process."""
    try:
        # The second field is the program's name in parentheses, which may contain any characters.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else (int(fields[1]), (pid, fields[19]))


def descendants(pid):
    """Returns all running descendants of a process."""
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
    """Returns whether this is a proxy of one client."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return words[:2] == [PROXY.encode(), b"stdio"]


def alive(process):
    """Returns whether a process that `descendants` found still exists."""
    known = identity(process[0])
    return known is not None and known[1] == process


def survivors(processes, timeout=TIMEOUT):
    """Returns the processes that still run after the timeout. Kills them, because they belong to this run."""
    deadline = time.monotonic() + timeout
    while (left := [process for process in processes if alive(process)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid, _ in left:
        os.kill(pid, signal.SIGKILL)
    return left


def listens_elsewhere(pid):
    """Returns addresses other than loopback on which a process listens, as in /proc."""
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
