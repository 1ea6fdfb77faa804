"""A system that listens on this machine, and answers as it is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any


class Receiver:
    def __init__(self) -> None:
        self.answers: list[int] = []
        # Ids of messages that it will never take.
        self.refused: set[str] = set()
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    @contextmanager
    def listening(self) -> Iterator["Receiver"]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append((headers, body))
                answer = receiver.answers.pop(0) if receiver.answers else 204
                refused = headers.get("webhook-id") in receiver.refused
                self.send_response(400 if refused else answer)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}/passend?from=test"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
