"""Why an endpoint could not be asked: one word for each cause that an administrator can do something about. Pure."""

import socket
import ssl
from enum import StrEnum


class Fault(StrEnum):
    NAME = "name_unknown"  # no such host
    NOBODY = "refused"  # nothing listens at the port
    TIMEOUT = "timeout"
    CERTIFICATE = "certificate"
    TLS = "tls"  # plain HTTP spoken where TLS is expected, or the other way round
    ADDRESS = "address_not_allowed"
    REDIRECT = "redirect"
    KEY = "key"
    RIGHTS = "rights"
    MODEL = "model_unknown"
    PLACE = "path_unknown"
    VERSION = "api_version"
    FIELD = "field_refused"
    BUSY = "busy"
    BROKEN = "server_error"
    FORM = "not_openai"


def fault_of_exception(error: BaseException) -> Fault:
    """Return the cause behind a connection that failed; its chain of exceptions tells."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in chain):
        return Fault.CERTIFICATE
    if any(isinstance(one, ssl.SSLError) for one in chain):
        return Fault.TLS
    if any(isinstance(one, socket.gaierror) for one in chain):
        return Fault.NAME
    if any(isinstance(one, TimeoutError) or "Timeout" in type(one).__name__ for one in chain):
        return Fault.TIMEOUT
    return Fault.NOBODY


def fault_of_status(status: int, said: str) -> Fault:
    """Return the cause behind a refusal: its HTTP status, and what the body says where the status has several."""
    words = said.casefold()
    if status == 401:
        return Fault.KEY
    if status == 403:
        return Fault.RIGHTS
    if 300 <= status < 400:
        return Fault.REDIRECT
    if status == 429:
        return Fault.BUSY
    if status >= 500 or status in {408, 409, 425}:
        return Fault.BROKEN
    if "api version" in words or "api-version" in words:
        return Fault.VERSION
    if "api key" in words and status == 400:  # as Google answers a wrong key
        return Fault.KEY
    if any(word in words for word in ("deployment", "model")) and any(
        word in words for word in ("not exist", "not found", "unknown", "notfound", "not_found", "no such")
    ):
        return Fault.MODEL
    return Fault.PLACE if status in {404, 405} else Fault.FIELD
