"""Real receivers on this machine: a web server and a mail server that keep what they get, and can behave badly."""

from __future__ import annotations

import json
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Hook(ThreadingHTTPServer):
    """A webhook: answers with the codes it is given, one a request, the last one for ever."""

    daemon_threads = True

    def __init__(self, codes: tuple[int, ...] = (200,), drip_seconds: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.codes, self.drip_seconds = codes, drip_seconds
        self.got: list[dict[str, Any]] = []
        self.asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks/s3cr3t-path"


class _Answer(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        code = self.server.codes[min(self.server.asked, len(self.server.codes) - 1)]
        self.server.asked += 1
        for letter in "HTTP/1.0 " if self.server.drip_seconds else "":
            self.wfile.write(letter.encode())
            time.sleep(self.server.drip_seconds)
        if code < 300:
            self.server.got.append(json.loads(body))
        self.send_response(code)
        if 300 <= code < 400:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Post(socketserver.ThreadingTCPServer):
    """A mail server of the fewest words that a client understands."""

    daemon_threads, allow_reuse_address = True, True

    def __init__(self, *, login: str = "", refuse: int = 0, trusted: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.login, self.refuse, self.trusted = login, refuse, trusted
        self.letters: list[str] = []
        self.heard: list[str] = []


class _Talk(socketserver.StreamRequestHandler):
    server: Post

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        server = self.server
        self.say("220 sink")
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            word = line.split()[0].upper()
            server.heard.append(line.upper())
            if word == "EHLO":
                self.say("250-sink")
                self.say("250-STARTTLS" if server.trusted else "250-SIZE 1000000")
                self.say("250 AUTH PLAIN")
            elif word == "STARTTLS" and server.trusted:
                self.say("220 go")
                self.request.settimeout(5)
                try:
                    secure = server.trusted.wrap_socket(self.request, server_side=True)
                except ssl.SSLError:  # the client does not trust this server
                    return
                self.finish()
                self.request = secure
                self.setup()
            elif word == "AUTH":
                self.say("235 in" if server.login else "535 5.7.8 wrong password hunter2")
            elif word == "RCPT" and server.refuse:
                self.say(f"{server.refuse} no such box")
            elif word == "DATA":
                self.say("354 go on")
                text = []
                while (row := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                    text.append(row)
                server.letters.append("\n".join(text))
                self.say("250 kept")
            elif word == "QUIT":
                self.say("221 bye")
                break
            else:
                self.say("250 fine")
        self.request.close()


@contextmanager
def at_work(server: Any) -> Iterator[Any]:
    """The server answers while the block runs."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate of this machine that nobody has vouched for, and its file for those who shall trust it."""
    key, paper = folder / "key.pem", folder / "paper.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", paper]
    subprocess.run([*made, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paper, key)
    return context, paper
