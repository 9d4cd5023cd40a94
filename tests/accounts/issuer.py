"""An OpenID Connect issuer that runs in the test: discovery, tokens with PKCE, userinfo."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

CLIENT_ID, CLIENT_SECRET = "toulmin", "a secret between two"


@dataclass(slots=True)
class Issuer:
    """The issuer's address, and what it will say about whoever signs in next."""

    address: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    audience: str = CLIENT_ID
    codes: dict[str, str] = field(default_factory=dict)

    def sign_in(self, authorize_url: str) -> dict[str, str]:
        """Do what the issuer's own page does: check the request, and return what the browser carries back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(authorize_url).query).items()}
        assert authorize_url.startswith(f"{self.address}/authorize?")
        assert (query["client_id"], query["response_type"]) == (CLIENT_ID, "code")
        assert query["code_challenge_method"] == "S256"
        assert {"openid", "email"} <= set(query["scope"].split())
        code = secrets.token_urlsafe(16)
        self.codes[code] = query["code_challenge"]
        return {"code": code, "state": query["state"]}

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Return the tokens for a code, once, to whoever began the sign-in; None to anybody else."""
        challenge = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != challenge or form["client_secret"] != CLIENT_SECRET:
            return None
        now = int(time.time())
        told = {"iss": self.address, "aud": self.audience, "iat": now, "exp": now + 300, **self.claims}
        signed = jwt.encode(told, "not checked over a direct connection, as the standard allows", "HS256")
        return {"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": signed}


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """Run an issuer on a free port for the length of the block."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
                endpoints = {f"{name}_endpoint": f"{issuer.address}/{path}" for name, path in names.items()}
                self._answer({"issuer": issuer.address, "jwks_uri": f"{issuer.address}/jwks", **endpoints})
            elif self.path == "/userinfo" and self.headers["Authorization"] == "Bearer access":
                self._answer(issuer.claims)
            else:
                self._answer({"error": "invalid_request"}, 400)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            tokens = issuer.token({name: values[0] for name, values in parse_qs(body).items()})
            self._answer(tokens or {"error": "invalid_grant"}, 200 if tokens else 400)

        def _answer(self, value: dict[str, Any], status: int = 200) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
