"""Runs the tour on a fresh demo database of its own, without a display."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QSize, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from vln_desktop.config import Environment, Profile, load_settings
from vln_desktop.errors import UserError
from vln_desktop.services.connections import Connections
from vln_desktop.services.desk import Desk, open_desk
from vln_desktop.tools.demo.opening import open_demo
from vln_desktop.tools.tour.making import Tour
from vln_desktop.tools.tour.route import walk
from vln_desktop.tools.tour.signing_in import invite_newcomer
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.ui.theme import Mode

TOUR = Profile("demo", environment=Environment.DEMO, cluster="tour")
"""A cluster of the tour's own: the person's demo database stays as it is."""


_KNOWN = "This plugin does not support"
"""What the platform without a display says of every window it cannot hint at or raise."""


def _tell_what_matters(_kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    if not message.startswith(_KNOWN):
        sys.stderr.write(f"{message}\n")


def run(out: Path, mode: Mode, size: QSize, progress: Callable[[str], None]) -> Path:
    """Fill a folder with pictures and papers, and return its tour.json.

    Needs no display. Raises UserError if the folder cannot be written, Unavailable if something
    does not appear.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    began = time.monotonic()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{out} cannot be written: {error.strerror}.") from error
    tour = Tour(out)
    settings = load_settings()
    with tempfile.TemporaryDirectory() as state, Connections(settings) as connections:
        os.environ["XDG_STATE_HOME"] = state  # preferences of the pictures are nobody's
        people = open_demo(connections, TOUR, progress, reset=True)
        newcomer = invite_newcomer(connections.owner_url(TOUR))

        desks = ExitStack()

        def desk_of(email: str) -> Desk:
            private_keys = connections.private_keys(TOUR, email)
            desk = open_desk(connections.sign_in(TOUR, email, ""), private_keys=private_keys)
            desks.callback(desk.close)
            return desk

        progress("Taking pictures")
        qInstallMessageHandler(_tell_what_matters)
        app = QApplication.instance() or QApplication(["vln-desktop"])
        if not isinstance(app, QApplication):
            raise TypeError("the tour needs an application with widgets")
        with desks, Stage(app, load_settings(), TOUR, size, mode) as stage:
            walk(stage, tour, people, newcomer, desk_of)
    report = {
        "theme": mode.value,
        "width": size.width(),
        "height": size.height(),
        "seconds": round(time.monotonic() - began, 3),
        "files": tour.files,
    }
    path = out / "tour.json"
    path.write_text(json.dumps(report, indent=2) + "\n")
    return path
