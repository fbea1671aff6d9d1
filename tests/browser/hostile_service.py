"""A service that is out to run something in the notebook: every text it says is an attack."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["ATTACKS", "running_hostile_service"]

HIT = "window.__hit=(window.__hit||0)+1"
ATTACKS = [
    f"<script>{HIT}</script>",
    f"<img src=x onerror={HIT}>",
    f'"><svg/onload={HIT}>',
    f"'><svg/onload={HIT}>",
    f"</td></tr></table><script>{HIT}</script>",
    f"</pre></div><script>{HIT}</script>",
    f"</textarea></title></style><script>{HIT}</script>",
    f"<iframe srcdoc='<script>parent.{HIT}</script>'>",
    f'<iframe src="javascript:parent.{HIT}"></iframe>',
    f"<details open ontoggle={HIT}>x",
    f"<video><source onerror={HIT}></video>",
    f'" onmouseover="{HIT}" x="',
    f"' onfocus='{HIT}' autofocus tabindex=0 x='",
    f"[click](javascript:{HIT})",
    f"![x](x){{onerror={HIT}}} <b onclick={HIT}>b</b>",
    f"`<img src=x onerror={HIT}>`",
    f"```\n</code></pre><script>{HIT}</script>\n```",
    f"<!--><img src=x onerror={HIT}>-->",
    f"<math><mtext><img src=x onerror={HIT}></mtext></math>",
    f'<a href="javascript:{HIT}">x</a>',
    f"<scr\x00ipt>{HIT}</script>",
    f"&lt;img src=x onerror={HIT}&gt;",
    "![pixel](https://evil.example/pixel.png) <link rel=stylesheet href=https://evil.example/a.css>",
    "<style>@import 'https://evil.example/a.css'</style><base href=https://evil.example/>",
    "\x1b]52;c;cm0gLXJmIC8=\x07\x1b[2J invoice\u202efdp.exe\u2066x\u2069",
]


def _file(number: int) -> dict[str, Any]:
    attack = ATTACKS[number]
    return {
        "name": f"files/attack-{number}",
        "displayName": attack,
        "mimeType": attack,
        "sizeBytes": "1000",
        "createTime": "2026-11-22T00:00:00Z",
        "expirationTime": "2099-11-24T00:00:00Z",
        "uri": attack,
        "sha256Hash": attack,
        "state": "ACTIVE",
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith("/files"):
            self._answer(200, {"files": [_file(number) for number in range(len(ATTACKS))]})
        elif "/files/attack-" in path:
            self._answer(200, _file(int(path.rpartition("-")[2])))
        else:
            self._refuse()

    def do_DELETE(self) -> None:
        self._refuse()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if ":countTokens" in self.path:
            self._answer(200, {"totalTokens": 7})
        elif "GenerateContent" in self.path or ":generateContent" in self.path:
            text = "\n\n".join(ATTACKS)
            answer = {
                "candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": ATTACKS[0]}],
                "modelVersion": ATTACKS[1],
                "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2},
            }
            if "alt=sse" in self.path:
                self._send(200, "text/event-stream", f"data: {json.dumps(answer)}\n\n".encode())
            else:
                self._answer(200, answer)
        else:
            self._refuse()

    def _refuse(self) -> None:
        message = " ".join(ATTACKS)[:400]
        self._answer(400, {"error": {"code": 400, "status": ATTACKS[0], "message": message}})

    def _answer(self, status: int, data: object) -> None:
        self._send(status, "application/json", json.dumps(data).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running_hostile_service() -> Iterator[str]:
    """Run the service, and yield its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
