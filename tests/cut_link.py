"""A link to the test server that breaks at the worst moment: after COMMIT, before its answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

_PIECE = 65_536


@dataclass
class CutLink:
    """Forwards connections; armed, it lets one COMMIT reach the server and swallows the answer."""

    server: Path
    url: str
    armed: bool = False
    cuts: int = 0
    _threads: list[threading.Thread] = field(default_factory=list)
    _swallowing: socket.socket | None = None

    def serve(self, listener: socket.socket) -> None:
        """Take connections until the listener closes."""
        with suppress(OSError):
            while True:
                client, _address = listener.accept()
                server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                server.connect(str(self.server))
                pair = (client, server)
                for work in (self._to_server, self._to_client):
                    thread = threading.Thread(target=work, args=pair, daemon=True)
                    thread.start()
                    self._threads.append(thread)

    def join(self) -> None:
        """Wait until every connection has ended."""
        for thread in self._threads:
            thread.join(10)

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(_PIECE):
                if self.armed and b"COMMIT\0" in data:
                    self.armed, self._swallowing = False, server
                server.sendall(data)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _to_client(self, client: socket.socket, server: socket.socket) -> None:
        with closing(server), closing(client):
            with suppress(OSError):
                while data := server.recv(_PIECE):
                    if self._swallowing is server:  # it has committed, and nobody learns of it
                        self.cuts += 1
                        break
                    client.sendall(data)
            for end in (client, server):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)


@contextmanager
def cut_link(url: str, folder: Path) -> Iterator[CutLink]:
    """Lend a link to the server of an address; `folder` holds its socket and has a short path."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    name = f".s.PGSQL.{query['port'][0]}"
    query_through = f"host={quote(str(folder))}&port={query['port'][0]}"
    through = urlunsplit(parts._replace(query=query_through))
    link = CutLink(Path(query["host"][0]) / name, through)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(folder / name))
        listener.listen(20)
        thread = threading.Thread(target=link.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield link
        finally:
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    link.join()
