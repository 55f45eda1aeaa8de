"""A line on loopback that breaks: it hands on to another port until so many bytes have gone, then is cut or stalls."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self


class Cutting:
    """Hands on to `port`. `up` bytes towards the server may pass, or `down` from it; then the line is cut.

    Without `again` it takes no further connections after the first cut. `stall`: it stays open, and nothing passes.
    """

    def __init__(
        self, port: int, *, up: int | None = None, down: int | None = None, again: bool = False, stall: bool = False
    ) -> None:
        self._to, self._again, self._stall = port, again, stall
        self._left = {"up": up, "down": down}
        self.passed = {"up": 0, "down": 0}
        self.cuts = 0
        self._turn = threading.Lock()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end(self._listener)
        for one in list(self._open):
            self._end(one)
        for thread in self._threads:
            thread.join(10)

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                self._end(near)
                continue
            for one in (near, far):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open += [near, far]
            for way, pair in (("up", (near, far)), ("down", (far, near))):
                thread = threading.Thread(target=self._hand_on, args=(way, *pair), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _hand_on(self, way: str, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                with self._turn:
                    left = self._left[way]
                    part = data if left is None else data[:left]
                    if left is not None:
                        self._left[way] = left - len(part)
                    self.passed[way] += len(part)
                target.sendall(part)
                if len(part) < len(data):
                    if self._stall:
                        continue
                    self._cut()
                    break
        if not self._stall:
            self._end(source)
            self._end(target)

    def _cut(self) -> None:
        self.cuts += 1
        self._left = {"up": None, "down": None}
        if not self._again:
            self._end(self._listener)

    @staticmethod
    def _end(one: socket.socket) -> None:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
