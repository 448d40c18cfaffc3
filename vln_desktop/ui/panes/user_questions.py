"""What is asked before an account is changed, with what will happen in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from vln_desktop.domain.users import StaffMember
from vln_desktop.ui.dialogs.confirm import Question


def _tr(text: str, **values: object) -> str:
    return QCoreApplication.translate("Users", text).format(**values)


def disable_question(member: StaffMember) -> Question:
    """Ask before somebody loses access."""
    text = _tr("The login is closed and open sessions ({count}) end at once; what is unsaved "
               "there is lost. Everything {name} made stays, and the account can be enabled "
               "again.", name=member.name, count=_open(member))  # fmt: skip
    return Question(_tr("Disable {name}?", name=member.name), text, _tr("Disable"), danger=True)


def unlock_question(member: StaffMember) -> Question:
    """Ask before wrong codes are forgotten."""
    count = member.access.failures if member.access is not None else 0
    text = _tr("{count} wrong codes were typed with the right password. Make sure that it was "
               "{name}: if not, somebody knows the password, and it should be reset instead.",
               name=member.name, count=count)  # fmt: skip
    return Question(_tr("Unlock {name}?", name=member.name), text, _tr("Unlock"))


def reset_question(member: StaffMember, *, second_factor: bool) -> Question:
    """Ask before somebody gets a new first password."""
    sure = _tr("Make sure that it is {name} who asks: call back on a number you know.",
               name=member.name)  # fmt: skip
    what = (
        _tr("{name} gets a new first password and a new invitation. The old phone and the "
            "recovery codes stop working, and open sessions ({count}) end at once.",
            name=member.name, count=_open(member))
        if second_factor
        else _tr("{name} gets a new first password, to be changed at the next sign-in. The phone "
                 "stays as it is, and open sessions ({count}) end at once.",
                 name=member.name, count=_open(member))
    )  # fmt: skip
    title = (
        _tr("Reset the second factor of {name}?", name=member.name)
        if second_factor
        else _tr("Reset the password of {name}?", name=member.name)
    )
    return Question(title, f"{what} {sure}", _tr("Reset"), danger=True)


def end_question(member: StaffMember) -> Question:
    """Ask before one session ends."""
    text = _tr("That window signs out at once, and what is unsaved there is lost. {name} can sign "
               "in again.", name=member.name)  # fmt: skip
    return Question(_tr("End this session?"), text, _tr("End session"), danger=True)


def end_sessions_question(member: StaffMember, count: int) -> Question:
    """Ask before all sessions of a person end."""
    text = _tr("{count} windows sign out at once, and what is unsaved there is lost. {name} can "
               "sign in again.", count=count, name=member.name)  # fmt: skip
    title = _tr("End all sessions of {name}?", name=member.name)
    return Question(title, text, _tr("End sessions"), danger=True)


def _open(member: StaffMember) -> int:
    return member.access.sessions if member.access is not None else 0
