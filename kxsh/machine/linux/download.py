"""A file from a web server (HTTP/1.1, RFC 9110 and 9112), bounded in every way.

The server is hostile: it may never end, send too much, redirect in circles, drip a byte
a second, or claim a length that is none.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import os
import socket
import time
from collections.abc import Callable
from urllib.parse import SplitResult, urljoin, urlsplit

from kxsh import __version__
from kxsh.errors import (
    Denied,
    Failure,
    FormatFailure,
    IoFailure,
    NotFound,
    TimedOut,
    VerifyFailure,
)
from kxsh.machine.protocol import Download
from kxsh.text import MIB, display, duration, size

Progress = Callable[[int, int], None]

_REDIRECTS = 5
_CHUNK = 256 * 1024
# Nothing for this long, in seconds, and the server is taken for dead.
_SILENCE = 30.0
# Left for the system while a file is taken into memory.
_RESERVE = 48 * MIB
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_MOVED = (301, 302, 303, 307, 308)


def download(wanted: Download, path: str, available: int, progress: Progress) -> None:
    """Write what is at a URL to the new file `path`; leave nothing behind on failure.

    `available` are the bytes of memory that there are. `progress` is told the bytes that
    came, and how many there will be (0: unknown).
    """
    deadline = time.monotonic() + wanted.timeout
    limit = min(wanted.limit, max(0, available - _RESERVE))
    try:
        with _opened(wanted.url, deadline) as response:
            total = _length(response, wanted, limit)
            try:
                digest, count = _save(response, path, limit, total, progress)
                _check(wanted, digest, count, total)
            except BaseException:
                _remove(path)
                raise
    except TimeoutError as error:
        raise _timeout(wanted, deadline) from error
    except (OSError, http.client.HTTPException) as error:
        raise _network_failure(wanted.url, error) from error


def file_name(url: str) -> str:
    """Return a name for the file that a URL stands for: nothing that leads elsewhere."""
    last = urlsplit(url).path.rpartition("/")[2]
    kept = "".join(sign if sign.isalnum() or sign in "._-+" else "_" for sign in last[-100:])
    return kept.lstrip(".") or "file"


class _opened:
    """The response to a request, after redirects; closes its connection."""

    def __init__(self, url: str, deadline: float) -> None:
        self._url = url
        self._deadline = deadline
        self._socket: socket.socket | None = None

    def __enter__(self) -> http.client.HTTPResponse:
        url = self._url
        for _ in range(_REDIRECTS + 1):
            parts = _split(url)
            response = self._request(parts)
            if response.status == 200:
                return response
            place = response.getheader("Location", "")
            self._close()
            if response.status not in _MOVED or not place:
                raise _refusal(url, response.status, response.reason)
            url = _followed(url, place)
        raise FormatFailure(f"{display(self._url)} redirects more than {_REDIRECTS} times")

    def __exit__(self, *_: object) -> None:
        self._close()

    def _request(self, parts: SplitResult) -> http.client.HTTPResponse:
        self._socket = _connect(parts, self._deadline)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        connection.sock = _Socket(self._socket, self._deadline)
        target = parts.path or "/"
        try:
            connection.request(
                "GET",
                f"{target}?{parts.query}" if parts.query else target,
                headers={"User-Agent": f"kxsh/{__version__}", "Accept-Encoding": "identity"},
            )
            return connection.getresponse()
        except BaseException:
            self._close()
            raise

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _Stream(io.RawIOBase):
    """Reads a socket until the deadline, and never waits long for the next byte."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._socket = connected
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        _limit(self._socket, self._deadline)
        return self._socket.recv_into(buffer)  # type: ignore[arg-type]


class _Socket:
    """What http.client takes for a socket, with a deadline for all that is read."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._socket = connected
        self._deadline = deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Stream(self._socket, self._deadline), _CHUNK)

    def sendall(self, data: bytes) -> None:
        _limit(self._socket, self._deadline)
        self._socket.sendall(data)

    def close(self) -> None:
        """Do nothing: http.client closes before the body is read; `_opened` closes."""


def _limit(connected: socket.socket, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connected.settimeout(min(left, _SILENCE))


def _connect(parts: SplitResult, deadline: float) -> socket.socket:
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connected = socket.create_connection((host, port), min(left, _SILENCE))
    if parts.scheme != "https":
        return connected
    try:
        return _secured(connected, host)
    except BaseException:
        connected.close()
        raise


def _secured(connected: socket.socket, host: str) -> socket.socket:
    try:
        import ssl
    except ImportError as error:
        raise IoFailure(
            "this loader cannot do https", hint="one that can: `kximage loader --with net`"
        ) from error
    bundle = _CERTIFICATES if os.path.exists(_CERTIFICATES) else None
    context = ssl.create_default_context(cafile=bundle)
    try:
        return context.wrap_socket(connected, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        raise VerifyFailure(
            f"{display(host)} has no certificate to trust: {display(error.verify_message)}",
            hint="the machine's clock may be wrong (`run date`); "
            "or fetch over http with --sha256, which is as safe",
        ) from error


def _split(url: str) -> SplitResult:
    """Take a URL apart; `FormatFailure` for what is none that can be fetched."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError as error:
        raise FormatFailure(f"{display(url)} is not a URL: {display(str(error))}") from error
    clean = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in ("http", "https") or not parts.hostname or not clean:
        raise FormatFailure(
            f"{display(url)} cannot be fetched", hint="write http://SERVER/PATH, or https://"
        )
    if parts.username is not None:
        raise FormatFailure("a URL with a user name and password is not fetched")
    return parts


def _followed(url: str, place: str) -> str:
    """Return where a redirect leads; never from https to something that is not."""
    target = urljoin(url, place)
    if url.startswith("https:") and not target.startswith("https:"):
        raise Denied(f"{display(url)} redirects to {display(target)}, which is not encrypted")
    return target


def _refusal(url: str, status: int, reason: str) -> Failure:
    kinds: dict[int, type[Failure]] = {401: Denied, 403: Denied, 404: NotFound, 410: NotFound}
    kind = kinds.get(status, IoFailure)
    return kind(f"the server answered {status} {display(reason)} for {display(url)}")


def _length(response: http.client.HTTPResponse, wanted: Download, limit: int) -> int:
    """Return the bytes that will come, 0 where the server does not say."""
    total = response.length or 0
    if total > limit:
        raise _too_large(wanted.url, limit, total)
    return total


def _save(
    response: http.client.HTTPResponse, path: str, limit: int, total: int, progress: Progress
) -> tuple[str, int]:
    """Write the body to a file; return its digest and its length."""
    digest = hashlib.sha256()
    count = 0
    with open(path, "xb") as file:
        while data := response.read1(_CHUNK):
            count += len(data)
            if count > limit:
                raise _too_large(os.path.basename(path), limit, 0)
            digest.update(data)
            file.write(data)
            progress(count, total)
    return digest.hexdigest(), count


def _check(wanted: Download, digest: str, count: int, total: int) -> None:
    if total and count != total:
        raise IoFailure(
            f"{display(wanted.url)} ended after {size(count)} of {size(total)}",
            hint="the connection broke: try again, with `retry 3 { ... }`",
        )
    if wanted.sha256 and digest != wanted.sha256.lower():
        raise VerifyFailure(
            f"{display(wanted.url)} is not the file that was meant",
            hint=f"its SHA-256 is {digest}, not {display(wanted.sha256.lower())}",
        )


def _too_large(url: str, limit: int, total: int) -> FormatFailure:
    much = f"has {size(total)}, more than" if total else "has more than"
    return FormatFailure(
        f"{display(url)} {much} the {size(limit)} that are allowed",
        hint="--limit allows more, as far as there is memory",
    )


def _timeout(wanted: Download, deadline: float) -> TimedOut:
    if time.monotonic() >= deadline:
        return TimedOut(
            f"{display(wanted.url)} took longer than {duration(wanted.timeout)}",
            hint="give it more time with --timeout",
        )
    return TimedOut(f"{display(wanted.url)}: the server is silent")


def _network_failure(url: str, error: Exception) -> Failure:
    shown = display(url)
    if isinstance(error, socket.gaierror):
        host = display(urlsplit(url).hostname or "")
        return NotFound(
            f"there is no server {host}: {display(error.strerror or str(error))}",
            hint="is the network up? `net-up` brings it up, and asks for a name server",
        )
    if isinstance(error, ConnectionRefusedError):
        return IoFailure(f"{shown}: no web server answers there (connection refused)")
    if isinstance(error, OSError) and error.errno == 28:  # ENOSPC: the file is in memory
        return IoFailure(f"{shown}: there is not enough memory to keep it")
    if isinstance(error, http.client.HTTPException):
        name = type(error).__name__
        said = display(str(error) or name)
        return FormatFailure(f"{shown}: the server's answer makes no sense ({said})")
    return IoFailure(f"fetching {shown}: {display(str(error))}")


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
