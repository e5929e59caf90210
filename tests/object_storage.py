"""A stand-in for object storage on this machine: enough of S3 for whole, partial and multipart reads and writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class _Bucket(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]
    parts: dict[str, dict[int, bytes]]

    def do_PUT(self) -> None:
        path, query = self._asked()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "uploadId" in query:
            self.parts.setdefault(path, {})[int(query["partNumber"][0])] = body
        else:
            self.objects[path] = body
        self._say(200, b"", ETag='"e"')

    def do_POST(self) -> None:
        path, query = self._asked()
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "uploads" in query:
            self._say(200, b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
            return
        parts = self.parts.pop(path)
        self.objects[path] = b"".join(parts[number] for number in sorted(parts))
        self._say(200, b"<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>")

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path, query = self._asked()
        if "list-type" in query:
            self._say(200, self._list(path, query["prefix"][0] if "prefix" in query else ""))
            return
        if path not in self.objects:
            self._say(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        body, asked = self.objects[path], self.headers.get("Range")
        if asked is None:
            self._say(200, body, ETag='"e"')
            return
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start, end = (int(first), min(int(last or len(body)), len(body) - 1)) if first else (
            max(len(body) - int(last), 0), len(body) - 1)  # fmt: skip
        told = f"bytes {start}-{end}/{len(body)}"
        self._say(206, body[start : end + 1], **{"ETag": '"e"', "Content-Range": told})

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def _list(self, bucket: str, prefix: str) -> bytes:
        """What lies in the bucket below the prefix, as ListObjectsV2 tells it."""
        told = [
            f"<Contents><Key>{path.removeprefix(f'{bucket}/')}</Key><Size>{len(body)}</Size><ETag>&quot;e&quot;</ETag>"
            "<LastModified>2026-11-02T10:00:00.000Z</LastModified></Contents>"
            for path, body in sorted(self.objects.items())
            if path.startswith(f"{bucket}/{prefix}")
        ]
        found = f"<KeyCount>{len(told)}</KeyCount><IsTruncated>false</IsTruncated>{''.join(told)}"
        return f"<ListBucketResult>{found}</ListBucketResult>".encode()

    def _asked(self) -> tuple[str, dict[str, list[str]]]:
        assert "Credential=a-key/" in self.headers["Authorization"], "nobody reads or writes without the key"
        told = urlsplit(self.path)
        return told.path, parse_qs(told.query, keep_blank_values=True)

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Last-Modified": "Mon, 02 Nov 2026 10:00:00 GMT"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def object_storage() -> Iterator[tuple[dict[str, str], dict[str, bytes]]]:
    """Environment variables that lead to the stand-in, and what is stored in it by path."""
    stored: dict[str, bytes] = {}
    handler = type("Bucket", (_Bucket,), {"objects": stored, "parts": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield (
            {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
                "AWS_ALLOW_HTTP": "true",
                "AWS_REGION": "nowhere-1",
                "AWS_ACCESS_KEY_ID": "a-key",
                "AWS_SECRET_ACCESS_KEY": "a-secret",
            },
            stored,
        )
        server.shutdown()
