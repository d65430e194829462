"""Fetching from real servers on this machine, honest and hostile ones."""

from __future__ import annotations

import errno
import hashlib
import http.server
import os
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kxsh.errors import (
    Denied,
    Failure,
    FormatFailure,
    IoFailure,
    NotFound,
    TimedOut,
    VerifyFailure,
)
from kxsh.machine.linux import LinuxMachine, download
from kxsh.machine.protocol import Download
from kxsh.text import GIB, MIB

DATA = os.urandom(600_000)
DIGEST = hashlib.sha256(DATA).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """An honest server, but for what its paths are named after."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self.path.partition("?")[0].strip("/")
        if name == "file":
            self._answer(200, {"Content-Length": str(len(DATA))}, DATA)
        elif name == "chunked":
            self._answer(
                200, {"Transfer-Encoding": "chunked"}, b"5\r\nhello\r\n3\r\n, x\r\n0\r\n\r\n"
            )
        elif name == "closed":
            self.close_connection = True
            self._answer(200, {"Connection": "close"}, b"until it closes")
        elif name == "moved":
            self._answer(302, {"Location": "/file", "Content-Length": "0"})
        elif name.isdigit():
            self._answer(int(name), {"Content-Length": "0"})
        elif name == "circle":
            self._answer(301, {"Location": "/circle", "Content-Length": "0"})
        elif name.startswith("to-"):
            self._answer(302, {"Location": self.path.partition("?")[2], "Content-Length": "0"})
        elif name == "empty":
            self._answer(200, {"Content-Length": "0"})

    def _answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        made.handle_error = lambda *_: None  # type: ignore[method-assign]
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


@contextmanager
def raw_server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that reads a request's first bytes and then does what it likes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            try:
                connected, _ = listening.accept()
            except OSError:
                return
            with connected:
                connected.recv(4096)
                try:
                    answer(connected)
                except OSError:  # the client hung up, as it should
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        listening.close()
        thread.join(20)
        assert not thread.is_alive(), "the client never hung up"


def fetch(
    url: str,
    folder: Path,
    *,
    sha256: str = "",
    timeout: float = 20.0,
    limit: int = GIB,
    available: int = GIB,
) -> bytes:
    """Fetch; what fails leaves no file."""
    path = folder / "fetched"
    try:
        wanted = Download(url, sha256, timeout, limit)
        download.download(wanted, str(path), available, lambda done, total: None)
    except Failure:
        assert not path.exists()
        raise
    data = path.read_bytes()
    path.unlink()
    return data


def test_files_come_whole(server: str, tmp_path: Path) -> None:
    assert fetch(f"{server}/file", tmp_path) == DATA
    assert fetch(f"{server}/file", tmp_path, sha256=DIGEST.upper()) == DATA
    assert fetch(f"{server}/chunked", tmp_path) == b"hello, x"
    assert fetch(f"{server}/closed", tmp_path) == b"until it closes"
    assert fetch(f"{server}/moved", tmp_path) == DATA
    assert fetch(f"{server}/empty?a=b", tmp_path) == b""


def test_progress_is_told(server: str, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    wanted = Download(f"{server}/file", "", 20, GIB)
    download.download(wanted, str(tmp_path / "f"), GIB, lambda *now: told.append(now))
    assert told[-1] == (len(DATA), len(DATA))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, NotFound),
        (410, NotFound),
        (403, Denied),
        (401, Denied),
        (500, IoFailure),
        (206, IoFailure),
    ],
)
def test_a_refusal_has_its_class(
    server: str, tmp_path: Path, status: int, kind: type[Failure]
) -> None:
    with pytest.raises(kind, match=f"answered {status}"):
        fetch(f"{server}/{status}", tmp_path)


def test_another_file_than_meant(server: str, tmp_path: Path) -> None:
    with pytest.raises(VerifyFailure) as caught:
        fetch(f"{server}/file", tmp_path, sha256="0" * 64)
    assert DIGEST in caught.value.hint


def test_more_than_is_allowed_or_there_is_room_for(server: str, tmp_path: Path) -> None:
    with pytest.raises(FormatFailure, match=r"585\.9 KiB, more than the 1\.0 KiB"):
        fetch(f"{server}/file", tmp_path, limit=1024)
    with pytest.raises(FormatFailure):
        fetch(f"{server}/closed", tmp_path, limit=10)
    with pytest.raises(FormatFailure):
        fetch(f"{server}/file", tmp_path, available=48 * MIB + 1000)


def test_redirects_end(server: str, tmp_path: Path) -> None:
    with pytest.raises(FormatFailure, match="more than 5 times"):
        fetch(f"{server}/circle", tmp_path)
    for place in ("file:///etc/passwd", "ftp://host/x", "http://", "http://u:p@127.0.0.1/x"):
        with pytest.raises(FormatFailure):
            fetch(f"{server}/to-?{place}", tmp_path)
    with pytest.raises(Denied, match="not encrypted"):
        download._followed("https://host/x", "http://host/x")


@pytest.mark.parametrize(
    "url",
    ["", "x", "file:///etc/passwd", "http:///x", "http://host:99999/", "http://host:x/",
     "http://[::1", "http://a b/", "http://host/\r\nX: y", "http://u:p@host/", "http://ü/"],
)  # fmt: skip
def test_what_is_no_url(url: str, tmp_path: Path) -> None:
    with pytest.raises(FormatFailure):
        fetch(url, tmp_path)


def test_nobody_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(IoFailure, match="connection refused"):
        fetch(f"http://127.0.0.1:{port}/", tmp_path)
    with pytest.raises(NotFound, match=r"there is no server nowhere\.invalid"):
        fetch("http://nowhere.invalid/", tmp_path)


# -- hostile servers


HEAD = b"HTTP/1.1 200 OK\r\n"


def test_an_endless_file(tmp_path: Path) -> None:
    def answer(connected: socket.socket) -> None:
        connected.sendall(HEAD + b"\r\n")
        while True:
            connected.sendall(bytes(MIB))

    with raw_server(answer) as url, pytest.raises(FormatFailure, match=r"more than the 8\.0 MiB"):
        fetch(url, tmp_path, limit=8 * MIB)


def test_a_file_that_breaks_off(tmp_path: Path) -> None:
    def answer(connected: socket.socket) -> None:
        connected.sendall(HEAD + b"Content-Length: 1000\r\n\r\nshort")

    with raw_server(answer) as url, pytest.raises(IoFailure, match="ended after 5 B of 1000 B"):
        fetch(url, tmp_path)


def test_more_than_was_announced_is_left(tmp_path: Path) -> None:
    def answer(connected: socket.socket) -> None:
        connected.sendall(HEAD + b"Content-Length: 5\r\n\r\nshort and then more")

    with raw_server(answer) as url:
        assert fetch(url, tmp_path) == b"short"


@pytest.mark.parametrize(
    "first", [b"", HEAD, HEAD + b"X: y\r\n\r\n", HEAD + b"Content-Length: 900\r\n\r\n"]
)
def test_a_byte_now_and_then(tmp_path: Path, first: bytes) -> None:
    def answer(connected: socket.socket) -> None:
        connected.sendall(first)
        while True:
            connected.sendall(b"a")
            time.sleep(0.05)

    begin = time.monotonic()
    with raw_server(answer) as url, pytest.raises(Failure):
        fetch(url, tmp_path, timeout=1)
    assert time.monotonic() - begin < 15


def test_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_SILENCE", 0.2)
    with (
        raw_server(lambda connected: time.sleep(2)) as url,
        pytest.raises(TimedOut, match="the server is silent"),
    ):
        fetch(url, tmp_path)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00" * 5000,
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 200 " + b"x" * 100_000,
        HEAD + b"A: b\r\n" * 500,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhe",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 70_000,
    ],
)  # fmt: skip
def test_answers_that_make_no_sense(tmp_path: Path, answer: bytes) -> None:
    with raw_server(lambda connected: connected.sendall(answer)) as url, pytest.raises(Failure):
        fetch(url, tmp_path)


@pytest.mark.parametrize("length", [b"-5", b"x", b"99999999999999999999999"])
def test_lengths_that_make_no_sense(tmp_path: Path, length: bytes) -> None:
    def answer(connected: socket.socket) -> None:
        connected.sendall(HEAD + b"Content-Length: " + length + b"\r\n\r\nabc")

    with raw_server(answer) as url:
        try:
            assert fetch(url, tmp_path) == b"abc"
        except FormatFailure as error:
            assert length.startswith(b"9"), error


def test_no_room_left(server: str) -> None:
    wanted = Download(f"{server}/file", "", 20, GIB)
    with pytest.raises(IoFailure, match="not enough memory"), full_disk():
        download.download(wanted, "/dev/shm/kxsh-full", GIB, lambda done, total: None)


@contextmanager
def full_disk() -> Iterator[None]:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    patch = pytest.MonkeyPatch()
    patch.setattr(download.hashlib, "sha256", refuse)
    try:
        yield
    finally:
        patch.undo()


# -- https


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=x"
    argv = ["openssl", *words.split(), "-addext", "subjectAltName=IP:127.0.0.1"]
    argv += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(argv, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def secure(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        made.socket = context.wrap_socket(made.socket, server_side=True)
        made.handle_error = lambda *_: None  # type: ignore[method-assign]
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield f"https://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


def test_https_with_a_certificate_to_trust(
    secure: str, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_CERTIFICATES", str(certificate / "cert.pem"))
    assert fetch(f"{secure}/file", tmp_path) == DATA


def test_https_without_one(secure: str, tmp_path: Path) -> None:
    with pytest.raises(VerifyFailure, match="no certificate to trust") as caught:
        fetch(f"{secure}/file", tmp_path)
    assert "clock" in caught.value.hint


def test_http_where_https_was_meant(server: str, tmp_path: Path) -> None:
    with pytest.raises(IoFailure):
        fetch(server.replace("http:", "https:") + "/file", tmp_path)


# -- the machine


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://h/a/vmlinuz?x=/y", "vmlinuz"),
        ("http://h/", "file"),
        ("http://h/..", "file"),
        ("http://h/a%2f..%2fb", "a_2f.._2fb"),
        ("http://h/" + "x" * 500, "x" * 100),
    ],
)
def test_names_of_files(url: str, name: str) -> None:
    assert download.file_name(url) == name


def test_the_machine_keeps_each_file(server: str, tmp_path: Path) -> None:
    machine = LinuxMachine(runtime=str(tmp_path))
    wanted = Download(f"{server}/file", DIGEST, 20, GIB)
    first, second = (machine.fetch(wanted, lambda done, total: None) for _ in range(2))
    assert first != second
    root, inside = machine.locate(second)
    assert root.read(inside, MIB) == DATA
