"""The presses that print papers: here and now, or in a process of their own beside a window.

ReportLab takes half a second to import, and holds Python's lock while it prints. This module
imports nothing of it, so that services may know a press; it comes by name with the first paper.

The process is a plain one with a pipe, not a pool's: a pool cannot end the work it has begun, and
a person who cancels a long report must not wait for it.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
import traceback
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing.connection import Connection
from typing import Protocol

from vln_desktop.domain.interrupts import interrupted_by
from vln_desktop.domain.invoice_papers import InvoicePaper
from vln_desktop.domain.report_content import (
    NO_PICTURES,
    Pictures,
    ReportContent,
)
from vln_desktop.errors import Cancelled, Unavailable, VlnError


@dataclass(frozen=True, slots=True)
class _ReportPaper:
    content: ReportContent
    pictures: Pictures


@dataclass(frozen=True, slots=True)
class _ArchivedInvoice:
    paper: InvoicePaper
    xml: bytes
    issued_on: date


Paper = _ReportPaper | InvoicePaper | _ArchivedInvoice

_SPAWN = multiprocessing.get_context("spawn")
_NICENESS = 10
"""Where processors are scarce the window goes first."""
_DIED = "The paper could not be printed: the process that prints ended. Try it again."


class Press(Protocol):
    """Prints papers; every press gives the same bytes for the same content."""

    def report(self, content: ReportContent, pictures: Pictures = NO_PICTURES) -> bytes:
        """Print a report with the pictures of its evidence."""

    def invoice(self, paper: InvoicePaper) -> bytes:
        """Print an invoice."""

    def archived_invoice(self, paper: InvoicePaper, xml: bytes, issued_on: date) -> bytes:
        """Print an issued invoice as an archive file with its XML inside."""


class InlinePress:
    """Prints on the calling thread: for commands, which have no window to keep waiting."""

    def report(self, content: ReportContent, pictures: Pictures = NO_PICTURES) -> bytes:
        """Print a report with the pictures of its evidence."""
        return _printed(_ReportPaper(content, dict(pictures)))

    def invoice(self, paper: InvoicePaper) -> bytes:
        """Print an invoice."""
        return _printed(paper)

    def archived_invoice(self, paper: InvoicePaper, xml: bytes, issued_on: date) -> bytes:
        """Print an issued invoice as an archive file with its XML inside."""
        return _printed(_ArchivedInvoice(paper, xml, issued_on))


class SpawnedPress:
    """Prints in one process of its own, which begins with the first paper and is kept.

    Safe to share by threads: papers are printed one after the other. Printing blocks its thread and
    stops with the surrounding work (`domain.interrupts`), also while it waits for its turn. A
    process that died is replaced for the next paper.
    """

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._worker: _Worker | None = None
        self._job: _Job | None = None
        self._closed = False

    def report(self, content: ReportContent, pictures: Pictures = NO_PICTURES) -> bytes:
        """Print a report; raises Unavailable if the process ends meanwhile, Cancelled."""
        return self._print(_ReportPaper(content, dict(pictures)))

    def invoice(self, paper: InvoicePaper) -> bytes:
        """Print an invoice; errors as `report`."""
        return self._print(paper)

    def archived_invoice(self, paper: InvoicePaper, xml: bytes, issued_on: date) -> bytes:
        """Print an issued invoice as an archive file with its XML inside; errors as `report`."""
        return self._print(_ArchivedInvoice(paper, xml, issued_on))

    @property
    def pid(self) -> int | None:
        """The process that prints, None while there is none."""
        with self._turn:
            return self._worker.pid if self._worker else None

    def close(self) -> None:
        """End the process, with the paper it prints if there is one; nothing prints afterwards."""
        with self._turn:
            self._closed = True
            if self._worker is not None:
                self._worker.kill()
            self._turn.notify_all()
            self._turn.wait_for(lambda: self._job is None)  # its thread puts the process away
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()

    def _print(self, paper: Paper) -> bytes:
        job = _Job()
        with interrupted_by(partial(self._stop, job)):
            worker = self._begin(job)
            answer: _Answer = None
            try:
                answer = worker.ask(paper)
            finally:
                self._finish(job, worker, answered=answer is not None)
        if job.stopped:
            raise Cancelled("Cancelled.")
        if answer is None:
            raise Unavailable(_DIED)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _begin(self, job: _Job) -> _Worker:
        """Wait for the job's turn and return a process that lives."""
        with self._turn:
            self._turn.wait_for(lambda: self._job is None or job.stopped or self._closed)
            if job.stopped:
                raise Cancelled("Cancelled.")
            if self._closed:
                raise Unavailable("Nothing is printed after signing out.")
            if self._worker is not None and not self._worker.alive:
                self._worker.end()
                self._worker = None
            if self._worker is None:
                self._worker = _started()
            self._job = job
            return self._worker

    def _finish(self, job: _Job, worker: _Worker, *, answered: bool) -> None:
        """Give the turn back; a process that was stopped or did not answer is put away."""
        with self._turn:
            spent = job.stopped or not answered
            if spent:
                self._worker = None
                worker.end()
            self._job = None
            self._turn.notify_all()

    def _stop(self, job: _Job) -> None:
        """End a job on behalf of who cancelled it: called on another thread."""
        with self._turn:
            job.stopped = True
            if self._job is job and self._worker is not None:
                self._worker.kill()
            self._turn.notify_all()


@dataclass(slots=True, eq=False)
class _Job:
    stopped: bool = False


_Answer = bytes | Exception | None


class _Worker:
    """The process and our end of the pipe to it. `ask` belongs to one thread at a time."""

    def __init__(self) -> None:
        self._pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs,), name="press", daemon=True)
        try:
            self._process.start()
        except OSError:
            self._pipe.close()
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def ask(self, paper: Paper) -> _Answer:
        """Return the printed bytes or what went wrong with them, None if the process ended."""
        try:
            self._pipe.send(paper)
            answer: bytes | Exception = self._pipe.recv()
        except (EOFError, OSError):
            return None
        return answer

    def kill(self) -> None:
        """End the process in the middle of whatever it does; `ask` then returns."""
        self._process.kill()

    def end(self) -> None:
        """Leave nothing of it behind."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self._pipe.close()


def _started() -> _Worker:
    try:
        return _Worker()
    except OSError as error:
        raise Unavailable(
            f"The paper could not be printed: no process could be started ({error.strerror})."
        ) from error


def _serve(pipe: Connection) -> None:
    """Print what comes through the pipe until its other end is gone: the process's whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the window, which ends us then
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    with suppress(EOFError, OSError):
        while True:
            pipe.send(_answer(pipe.recv()))


def _answer(paper: Paper) -> bytes | Exception:
    try:
        return _printed(paper)
    except VlnError as error:
        return error
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told where it was asked
        told = RuntimeError(f"The paper could not be printed: {type(error).__name__}: {error}")
        told.add_note(traceback.format_exc())
        return told


def _printed(paper: Paper) -> bytes:
    """Print on this thread, importing what prints."""
    if isinstance(paper, _ReportPaper):
        report = importlib.import_module("vln_desktop.documents.report")
        return bytes(report.render_report(paper.content, paper.pictures))
    invoice = importlib.import_module("vln_desktop.documents.invoice")
    if isinstance(paper, InvoicePaper):
        return bytes(invoice.render_invoice(paper))
    facturx = importlib.import_module("vln_desktop.documents.facturx")
    return bytes(facturx.with_xml(invoice.render_invoice(paper.paper), paper.xml, paper.issued_on))
