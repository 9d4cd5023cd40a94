"""Connections that go only where an endpoint may lead: to the very addresses that were looked up and checked.

A name is resolved once; the connection is made to what it resolved to, while the certificate is still checked against the
name. So a name that is turned round after the check leads nowhere. Where the machine's environment names a proxy, the
proxy resolves: what can be looked up here is checked, and the operator's proxy decides the rest.
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx

from apps.serving.addresses import Inside, check_address, permitted

_Found = list[
    tuple[
        socket.AddressFamily,
        socket.SocketKind,
        int,
        str,
        tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes],
    ]
]


@lru_cache(maxsize=1)
def certificates() -> ssl.SSLContext:
    """Return the certificates to trust: reading them takes some 30 ms, which no answer should wait for."""
    return httpx.create_ssl_context()


def transport_for(url: str, inside: Inside | None) -> httpx.BaseTransport | None:
    """Return the transport for an address; None, httpx's own, where everything is allowed."""
    if inside is None:
        return None
    if proxy := _proxy_for(url):
        check_address(url, inside)
        return httpx.HTTPTransport(verify=certificates(), proxy=proxy)
    return _Checked(inside)


def async_transport_for(url: str, inside: Inside | None) -> httpx.AsyncBaseTransport | None:
    """Return the same for a client that awaits."""
    if inside is None:
        return None
    if proxy := _proxy_for(url):
        check_address(url, inside)
        return httpx.AsyncHTTPTransport(verify=certificates(), proxy=proxy)
    return _AsyncChecked(inside)


class _Checked(httpx.BaseTransport):
    def __init__(self, inside: Inside) -> None:
        self._inside, self._inner = inside, httpx.HTTPTransport(verify=certificates())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(str(error), request=request) from error
        failure: httpx.TransportError | None = None
        for address in permitted(host, _texts(found), self._inside):
            try:
                return self._inner.handle_request(_aimed(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure or httpx.ConnectError(f"{host} leads nowhere", request=request)

    def close(self) -> None:
        self._inner.close()


class _AsyncChecked(httpx.AsyncBaseTransport):
    def __init__(self, inside: Inside) -> None:
        self._inside, self._inner = inside, httpx.AsyncHTTPTransport(verify=certificates())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(str(error), request=request) from error
        failure: httpx.TransportError | None = None
        for address in permitted(host, _texts(found), self._inside):
            try:
                return await self._inner.handle_async_request(_aimed(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure or httpx.ConnectError(f"{host} leads nowhere", request=request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _aimed(request: httpx.Request, address: str) -> httpx.Request:
    """Return the request sent to an address, under the name that it was made for: in its Host header and its certificate."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )


def _texts(found: Sequence[tuple[Any, ...]]) -> list[str]:
    return [str(entry[4][0]) for entry in found]


def _proxy_for(url: str) -> str | None:
    parts = httpx.URL(url)
    if proxy_bypass(parts.host):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")
