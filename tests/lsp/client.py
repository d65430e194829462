"""A client of `kxsh --lsp` over its standard input and output, as an editor is one."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import Any

SECONDS = 20


class Client:
    """Starts the server, and speaks with it; `uri` is the document that it opens."""

    def __init__(self, folder: Path, capabilities: dict[str, Any] | None = None) -> None:
        self.uri = (folder / "boot.kxs").as_uri()
        self._folder = folder
        self._capabilities = capabilities or {}
        self._answers: dict[int, Any] = {}
        self._messages: Queue[dict[str, Any]] = Queue()
        self._next = 0
        self._versions: dict[str, int] = {}
        self.text = ""
        self.findings_now: list[dict[str, Any]] = []

    def __enter__(self) -> Client:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kxsh.cli", "--lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._errors: list[bytes] = []
        assert self._process.stderr
        stream = self._process.stderr
        self._error_reader = threading.Thread(
            target=lambda: self._errors.append(stream.read()), daemon=True
        )
        self._error_reader.start()
        self.server = self.ask(
            "initialize",
            processId=None,
            rootUri=self._folder.as_uri(),
            capabilities=self._capabilities,
        )
        self.tell("initialized")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self.ask("shutdown")
                self.tell("exit")
                assert self._process.wait(SECONDS) == 0
        finally:
            self._process.kill()
            self._process.wait()
            self._reader.join()
            self._error_reader.join()
            for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
                if stream:
                    stream.close()
        if error is None:
            told = b"".join(self._errors).decode()
            raised = told.split("Traceback (most recent call last)")[1:]
            assert all("\npygls.exceptions.JsonRpcInvalidParams: " in one for one in raised), told

    # -- messages

    def tell(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, **params: Any) -> Any:
        """Return the answer; an error of the server fails."""
        answer = self.ask_for_all(method, **params)
        assert "error" not in answer, answer
        return answer["result"]

    def ask_for_all(self, method: str, **params: Any) -> dict[str, Any]:
        self._next += 1
        number = self._next
        message: dict[str, Any] = {"id": number, "method": method}
        if params:
            message["params"] = params
        self._send(message)
        return self._wait(lambda item: item.get("id") == number)

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        self._process.stdin.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream
        while header := stream.readline():
            length = int(header.partition(b":")[2]) if header.startswith(b"Content-Len") else None
            while header.strip():
                header = stream.readline()
                if header.startswith(b"Content-Len"):
                    length = int(header.partition(b":")[2])
            if length is not None:
                self._messages.put(json.loads(stream.read(length)))

    def _wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            try:
                message = self._messages.get(timeout=SECONDS)
            except Empty:
                raise AssertionError("the server says nothing") from None
            if wanted(message):
                return message

    # -- documents

    def open(self, text: str, uri: str | None = None) -> list[dict[str, Any]]:
        """Open a document; return its findings."""
        uri = uri or self.uri
        if uri == self.uri:
            self.text = text
        self._versions[uri] = 1
        item = {"uri": uri, "languageId": "kxs", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=item)
        return self.findings(uri)

    def change(self, *changes: dict[str, Any], uri: str | None = None) -> None:
        uri = uri or self.uri
        self._versions[uri] += 1
        document = {"uri": uri, "version": self._versions[uri]}
        self.tell("textDocument/didChange", textDocument=document, contentChanges=list(changes))

    def replace(self, text: str, uri: str | None = None) -> list[dict[str, Any]]:
        """Give a document another text; return its findings."""
        self.text = text
        self.change({"text": text}, uri=uri)
        return self.findings(uri or self.uri)

    def findings(self, uri: str | None = None) -> list[dict[str, Any]]:
        """Return the findings of a document's present version, when they come."""
        uri = uri or self.uri

        def wanted(message: dict[str, Any]) -> bool:
            params = message.get("params", {})
            return (
                message.get("method") == "textDocument/publishDiagnostics"
                and params["uri"] == uri
                and params.get("version") == self._versions[uri]
            )

        found: list[dict[str, Any]] = self._wait(wanted)["params"]["diagnostics"]
        self.findings_now = found
        return found

    def next_findings(self, uri: str) -> list[dict[str, Any]]:
        """Return the findings of a document that come next, of whatever version."""

        def wanted(message: dict[str, Any]) -> bool:
            told = message.get("method") == "textDocument/publishDiagnostics"
            return told and message["params"]["uri"] == uri

        found: list[dict[str, Any]] = self._wait(wanted)["params"]["diagnostics"]
        return found

    def at(self, place: str, method: str, **params: Any) -> Any:
        """Ask about the place in the text where `|` stands in `place`."""
        return self.ask(f"textDocument/{method}", **self.place(place), **params)

    def place(self, place: str) -> dict[str, Any]:
        before, after = place.split("|")
        offset = self.text.index(before + after) + len(before)
        line = self.text.count("\n", 0, offset)
        start = self.text.rfind("\n", 0, offset) + 1
        units = len(self.text[start:offset].encode("utf-16-le")) // 2
        position = {"line": line, "character": units}
        return {"textDocument": {"uri": self.uri}, "position": position}

    def within(self, item: dict[str, Any]) -> str:
        """Return the text of a range."""
        lines = self.text.split("\n")
        start, end = item["start"], item["end"]
        if start["line"] != end["line"]:
            first = lines[start["line"]][start["character"] :]
            middle = lines[start["line"] + 1 : end["line"]]
            return "\n".join([first, *middle, lines[end["line"]][: end["character"]]])
        raw = lines[start["line"]].encode("utf-16-le")
        return raw[start["character"] * 2 : end["character"] * 2].decode("utf-16-le")

    def edited(self, edit: dict[str, Any]) -> str:
        """Return the text after a workspace edit."""
        return self.with_edits(edit["changes"][self.uri])

    def with_edits(self, edits: list[dict[str, Any]]) -> str:
        text = self.text
        starts = [0]
        for line in text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)

        def offset(place: dict[str, int]) -> int:
            line = text[starts[place["line"]] :].split("\n")[0]
            raw = line.encode("utf-16-le")[: place["character"] * 2]
            return starts[place["line"]] + len(raw.decode("utf-16-le"))

        spans = [(offset(e["range"]["start"]), offset(e["range"]["end"]), e) for e in edits]
        for start, end, item in sorted(spans, key=lambda span: -span[0]):
            text = text[:start] + item["newText"] + text[end:]
        return text
