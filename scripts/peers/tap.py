"""Stands between a client and a server on standard input and output, changes nothing, and writes down what passed:
`tap.py BOOKS METRICS_PORT COMMAND...`; with a port other than 0, also the page as it was when the client hung up."""

import json
import subprocess
import sys
import threading
import time

import page
from tally import Tally


def settled(port):
    """The page once it stands still: an answer may reach the client a moment before the proxy has counted that it was sent."""

    def operations(text):
        return [line for line in text.splitlines() if line.startswith("shadowcat_transport_operations_total")]

    text = page.scrape(port).text
    for _ in range(20):
        time.sleep(0.25)
        before, text = text, page.scrape(port).text
        if operations(before) == operations(text):
            break
    return text


def main(books, port, *command):
    tally = Tally()
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def from_server():
        for line in server.stdout:
            tally.received(json.loads(line))
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()

    answers = threading.Thread(target=from_server)
    answers.start()
    for line in sys.stdin.buffer:
        tally.sent(json.loads(line))
        server.stdin.write(line)
        server.stdin.flush()
    text = settled(int(port)) if port != "0" else None
    server.stdin.close()
    answers.join()
    code = server.wait()
    with open(books, "w", encoding="utf-8") as file:
        json.dump({**tally.to_json(), "page": text, "code": code}, file)


main(*sys.argv[1:])
