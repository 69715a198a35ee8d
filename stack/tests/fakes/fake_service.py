"""A service without a database driver: it answers, counts its migrations and can be told to misbehave."""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAMES = ("ALPHA", "BETA", "GATEWAY")


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silence."""


def name() -> str:
    """Its own prefix: only the gateway's port may also come from the person's environment."""
    return next(name for name in NAMES if f"{name}_HOST" in os.environ)


def main(command: str) -> None:
    if command == "migrate":
        with Path(f"{name()}.migrations").open("a") as file:
            file.write("migrated\n")
    elif command == "environment":
        print(os.environ.get(f"{name()}_DATABASE_URL"), os.environ["INTERNAL_TOKEN_SECRET"])
    else:
        print(f"{name()} serves", flush=True)
        (Path(os.environ["TMPDIR"]) / str(os.getpid())).touch()
        ThreadingHTTPServer(("127.0.0.1", int(os.environ[f"{name()}_PORT"])), Answer).serve_forever()


main(sys.argv[1])
