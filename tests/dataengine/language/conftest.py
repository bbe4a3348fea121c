"""A real server on the loopback interface that speaks the chat-completions protocol from a script."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

KEY = "sk-secret-0123456789abcdef"


@dataclass(frozen=True)
class Reply:
    """What the server answers to one request; `content` is the model's text, `body` replaces the whole body."""

    content: str = ""
    status: int = 200
    body: str | None = None
    delay_s: float = 0.0


@dataclass
class ChatServer:
    """Replies in turn, the last one for ever; keeps what it was asked."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    requests: list[dict] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def next_reply(self) -> Reply:
        return self.replies[min(len(self.requests), len(self.replies)) - 1]


def completion(content: str) -> str:
    message = {"role": "assistant", "content": content}
    return json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "served",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        }
    )


def handler(script: ChatServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            script.requests.append(json.loads(self.rfile.read(length)))
            script.keys.append(self.headers["Authorization"])
            reply = script.next_reply()
            time.sleep(reply.delay_s)
            body = (reply.body if reply.body is not None else completion(reply.content)).encode()
            try:
                self.send_response(reply.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except BrokenPipeError:
                self.close_connection = True

        def log_message(self, *_):
            pass

    return Handler


@pytest.fixture
def chat_server():
    script = ChatServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(script))
    script.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield script
    server.shutdown()
    thread.join()
    server.server_close()
