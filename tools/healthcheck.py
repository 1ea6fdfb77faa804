"""Asks the web server in this container whether it lives; the exit status is the answer."""

import http.client
import os
import sys


def main() -> int:
    port = int(os.environ.get("PASSEND_BIND_PORT", "8000"))
    # Only names that are served are answered, also to ourselves.
    host = os.environ.get("PASSEND_ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/health", headers={"Host": host})
        return 0 if connection.getresponse().status == 200 else 1
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
