"""Measures a pull of 100,000 users from a server on this machine: users a second, and memory by the number of pages.

    python tests/bench/pull.py [--users N]

The server is a process of its own that sends pages made beforehand, so that its share is small and is told apart: the
time of only downloading is measured in the same run.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.servers.districts import base, oneroster, reference


def serve(users: int, page: int, ready: Any) -> None:
    """Serve the district for ever; its pages are made before the first is asked for."""
    small = oneroster(0)
    everyone = [
        base(
            f"u-{n}",
            username=f"user{n}",
            enabledUser="true",
            givenName=f"Given{n}",
            familyName=f"Family{n}",
            middleName=None,
            role="student",
            identifier=f"{n:07}",
            email=f"user{n}@district.example",
            sms="",
            phone="",
            grades=["03"],
            userIds=[{"type": "stateID", "identifier": f"{n:09}"}],
            agents=[],
            orgs=[reference("org", "s1")],
        )
        for n in range(users)
    ]
    pages = {
        offset: json.dumps({"users": everyone[offset : offset + page]}).encode() for offset in range(0, users, page)
    }
    one = json.dumps({"users": everyone[:1]}).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            name, query = parts.path.rsplit("/", 1)[-1], parse_qs(parts.query)
            if name == "users":
                total = users
                body = one if query["limit"] == ["1"] else pages.get(int(query["offset"][0]), b'{"users": []}')
            else:
                body = json.dumps({name: small.get(name, [])[int(query["offset"][0]) :]}).encode()
                total = len(small.get(name, []))
            self.send_response_only(200 if "/v1p1/" in parts.path else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Total-Count", str(total))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ready.send(server.server_address[1])
    server.serve_forever()


def pull(address: str, page: int) -> dict[str, float]:
    """One pull in a process of its own: seconds of downloading alone, of fetching, of reading on, and peak MiB."""
    code = f"""
import json, resource, sys, tempfile, time
from pathlib import Path
import keyring
from tests.conftest import MemoryKeyring
keyring.set_keyring(MemoryKeyring())
from rosterdesk import pipeline
from rosterdesk.connections import Connection, Kind, Part, save
from rosterdesk.net.https import Https, Way
from rosterdesk.run import Run
from rosterdesk.sources.read import read
connection = Connection("bench", Kind.ONEROSTER, {address!r}, {{"page-size": "{page}"}})
save(connection, {{Part.TOKEN: "x"}})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start, used = time.perf_counter(), time.process_time()
with pipeline.staged(Run()) as staging:
    reading = read(["connection:bench"], staging, Run())
    users = staging.one(f"select count(*) from {{reading.table('users').relation}}")
    complete = reading.table("users").complete
whole, busy = time.perf_counter() - start, time.process_time() - used
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start, used = time.perf_counter(), time.process_time()
with Https(Run(), Way()) as door:
    offset = 0
    while offset < users:
        door.get({address!r} + f"/users?limit={page}&offset={{offset}}")
        offset += {page}
idle = time.process_time() - used
print(json.dumps({{"download": time.perf_counter() - start, "own": busy - idle, "whole": whole, "users": users,
                   "complete": complete, "mib": peak / 1024}}))
"""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "ROSTERDESK_HOME": home, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
        )
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--page", type=int, default=5_000)
    chosen = parser.parse_args()
    before = (0, 0.0)
    for users in (chosen.users // 4, chosen.users):
        ours, theirs = multiprocessing.Pipe()
        server = multiprocessing.Process(target=serve, args=(users, chosen.page, theirs), daemon=True)
        server.start()
        address = f"http://127.0.0.1:{ours.recv()}/ims/oneroster/v1p1"
        found = pull(address, chosen.page)
        server.terminate()
        server.join()
        print(f"{users:>9,} users on {users // chosen.page} pages: {'whole' if found['complete'] else 'NOT WHOLE'}")
        print(f"    {found['whole']:.2f} s by the clock, of which {found['download']:.2f} s is only downloading")
        # By the processor's time, so that what else runs on this machine does not count.
        print(f"    parse and stage: {found['own']:.2f} s of the processor; peak {found['mib']:.0f} MiB")
        rate = (users - before[0]) / (found["own"] - before[1])
        before = (users, found["own"])
    print(f"each further user: {rate:,.0f} a second")


if __name__ == "__main__":
    main()
