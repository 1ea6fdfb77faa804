"""Receives webhooks on this machine, and checks them as your own system should."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

OLDEST_SECONDS = 300


def is_genuine(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> bool:
    """Standard Webhooks: the right signature, and not older than five minutes (a replay)."""
    identity, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not moment.isdigit() or abs(now - int(moment)) > OLDEST_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{identity}.{moment}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    offered = [one.partition(",") for one in headers.get("webhook-signature", "").split(" ")]
    return any(
        version == "v1" and hmac.compare_digest(value, expected) for version, _, value in offered
    )


class Receiver:
    """Listens until it is closed, and keeps what came in."""

    def __init__(self, port: int) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append((headers, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", port), Handler)
        self.thread = Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/passend"

    def wait_for(self, kind: str, seconds: float) -> tuple[dict[str, str], bytes] | None:
        """The first message of this kind; None when it has not come in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for headers, body in list(self.received):
                if f'"nl.passend.{kind}"'.encode() in body:
                    return headers, body
            time.sleep(0.1)
        return None

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
