"""The team's keys through the services: set-up, letting in, rotation, recovery."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from tests.db.refusal import ask, run
from tests.firm import Firm
from tests.services.keys import Drawer, Person, clear_keys, let_in, set_up, sign_in
from vln_desktop.domain.audits import CredentialDraft
from vln_desktop.domain.findings import FindingComment
from vln_desktop.domain.key_envelopes import (
    fingerprint,
    new_private_key,
    public_half,
    recovery_text,
)
from vln_desktop.domain.keys import DataKeyState, MyKey
from vln_desktop.errors import Cancelled, NotPermitted, UserError

STAGING = CredentialDraft("Staging host", "vln", "s3cret-of-the-client", "until March")


def said(person: Person, finding: UUID) -> list[FindingComment]:
    return [comment for comment in person.findings.get(finding).comments if comment.secret]


def credential(firm: Firm, person: Person, draft: CredentialDraft = STAGING) -> UUID:
    audit = firm.a.id("audit_requests")
    before = {c.id for c in person.audits.get(audit).credentials}
    person.credentials.add(audit, draft)
    (new,) = {c.id for c in person.audits.get(audit).credentials} - before
    return new


def test_set_up_once(firm: Firm) -> None:
    founder, paper = set_up(firm)

    status = founder.status
    assert status.mine is MyKey.HOLDER
    assert [(key.key_id, key.state, key.values) for key in status.keys] == [
        (1, DataKeyState.CURRENT, 0)
    ]
    other = sign_in(firm, "admin")
    with pytest.raises(UserError, match="set up already"):
        other.keys.set_up(paper)


def test_a_misread_recovery_key_sets_nothing_up(firm: Firm) -> None:
    clear_keys(firm)
    founder, paper = sign_in(firm, "admin"), recovery_text(new_private_key())

    with pytest.raises(UserError, match="one is wrong") as refused:
        founder.keys.set_up(paper[:-1])
    assert refused.value.field == "recovery"
    assert founder.status.keys == ()


def test_a_secret_comment_is_read_by_holders_only(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    (auditor,) = let_in(firm, founder, "auditor.a")
    finding = firm.a.id("findings")

    auditor.findings.comment(finding, "the key is in the glove box", secret=True)

    assert [c.body for c in said(founder, finding)] == ["the key is in the glove box"]
    (locked,) = said(sign_in(firm, "manager.a"), finding)
    assert (locked.body, "No private key" in locked.locked) == ("", True)


def test_without_keys_the_program_works_and_says_why_it_is_locked(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    finding = firm.a.id("findings")
    founder.findings.comment(finding, "hidden", secret=True)
    broken = Drawer()
    broken.broken = "This machine has no keyring that could keep secrets."
    auditor = sign_in(firm, "auditor.a", broken)

    assert [c.locked for c in said(auditor, finding)] == [broken.broken]
    assert auditor.stands() is MyKey.NO_KEYRING
    auditor.findings.comment(finding, "an open remark")
    with pytest.raises(UserError, match="no keyring"):
        auditor.findings.comment(finding, "a secret remark", secret=True)
    with pytest.raises(UserError, match="no keyring"):
        auditor.keys.publish()


def test_a_keyring_that_refused_is_asked_again_when_somebody_wants_that(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    finding = firm.a.id("findings")
    founder.findings.comment(finding, "hidden", secret=True)
    moved = Drawer()
    moved.private_key, moved.broken = founder.drawer.private_key, "locked"
    again = sign_in(firm, "manager.a", moved)
    assert [c.locked for c in said(again, finding)] == ["locked"]

    moved.broken = ""
    assert [c.locked for c in said(again, finding)] == ["locked"]
    assert again.stands() is MyKey.HOLDER
    assert [c.body for c in said(again, finding)] == ["hidden"]


def test_before_the_set_up_nothing_secret_is_written(firm: Firm) -> None:
    clear_keys(firm)
    auditor = sign_in(firm, "auditor.a")
    auditor.keys.publish()

    with pytest.raises(UserError, match="not set up yet"):
        auditor.findings.comment(firm.a.id("findings"), "secret", secret=True)
    assert auditor.stands() is MyKey.WAITING


def test_a_newcomer_waits_until_a_holder_lets_them_in(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    newcomer = sign_in(firm, "auditor.a")
    newcomer.keys.publish()

    assert [holder.user_id for holder in founder.status.waiting] == [firm.people["auditor.a"].id]
    assert newcomer.stands() is MyKey.WAITING
    with pytest.raises(UserError, match="not been let in"):
        newcomer.credentials.add(firm.a.id("audit_requests"), STAGING)

    assert founder.keys.let_in([firm.people["auditor.a"].id]) == (firm.people["auditor.a"].id,)
    assert founder.keys.let_in([firm.people["auditor.a"].id]) == ()
    assert newcomer.stands() is MyKey.HOLDER


def test_nobody_is_let_in_who_published_no_key(firm: Firm) -> None:
    founder, _paper = set_up(firm)

    with pytest.raises(UserError, match="publish a key"):
        founder.keys.let_in([firm.people["auditor.a"].id])


def test_an_auditor_lets_nobody_in(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    auditor, newcomer = let_in(firm, founder, "auditor.a")[0], sign_in(firm, "auditor.b")
    newcomer.keys.publish()

    with pytest.raises(NotPermitted):
        auditor.keys.let_in([firm.people["auditor.b"].id])
    with pytest.raises(NotPermitted):
        auditor.keys.rotate()


@pytest.mark.parametrize("login", ["finance", "readonly"])
def test_roles_that_read_nothing_encrypted_have_no_keys(firm: Firm, login: str) -> None:
    set_up(firm)
    person = sign_in(firm, login)

    assert person.stands() is MyKey.NOT_MINE
    with pytest.raises(NotPermitted):
        person.keys.publish()


def test_a_credential_is_read_after_it_was_noted(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    (auditor,) = let_in(firm, founder, "auditor.a")
    id_ = credential(firm, auditor)

    assert founder.credentials.reveal(id_) == "s3cret-of-the-client"

    (shown,) = auditor.audits.get(firm.a.id("audit_requests")).credentials
    assert (shown.label, shown.username, shown.note) == ("Staging host", "vln", "until March")
    assert shown.revealed_by == firm.people["manager.a"].id
    noted = "SELECT count(*) FROM vln.activity_logs WHERE entity = 'credential_reveals'"
    assert ask(firm.owner, f"{noted} AND record_id = %s", id_) == 1


def test_a_locked_credential_leaves_no_note(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    id_ = credential(firm, founder)

    with pytest.raises(UserError, match="No private key"):
        sign_in(firm, "auditor.a").credentials.reveal(id_)
    assert ask(firm.owner, "SELECT count(*) FROM vln.credential_reveals") == 0


def test_a_deleted_credential_is_gone(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    id_, audit = credential(firm, founder), firm.a.id("audit_requests")

    founder.credentials.delete(audit, id_)

    assert founder.audits.get(audit).credentials == ()
    with pytest.raises(UserError, match="gone"):
        founder.credentials.delete(audit, id_)
    with pytest.raises(NotPermitted, match="does not exist"):
        founder.credentials.reveal(id_)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"label": " "}, "label"), ({"secret": ""}, "secret"), ({"note": "x" * 2001}, "note"),
     ({"label": "x" * 201}, "label"), ({"username": "x" * 321}, "username")],
)  # fmt: skip
def test_a_bad_credential_is_refused_at_its_field(
    firm: Firm, change: dict[str, str], field: str
) -> None:
    founder, _paper = set_up(firm)

    with pytest.raises(UserError) as refused:
        founder.credentials.add(firm.a.id("audit_requests"), replace(STAGING, **change))
    assert refused.value.field == field


def test_odd_secrets_come_back_as_they_were(firm: Firm) -> None:
    founder, _paper = set_up(firm)

    for secret in (" spaces ", "🗝️ \N{COMBINING ACUTE ACCENT}", "a\nb\r\n", "x" * 65_536, "\0"):
        assert (
            founder.credentials.reveal(credential(firm, founder, replace(STAGING, secret=secret)))
            == secret
        )
    for secret in ("x" * 65_537, "\ud800"):
        with pytest.raises(UserError):
            founder.credentials.add(firm.a.id("audit_requests"), replace(STAGING, secret=secret))


def test_neither_tables_nor_the_log_hold_what_is_secret(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    finding, draft = firm.a.id("findings"), replace(STAGING, note="seed-phrase-by-mistake")
    founder.findings.comment(finding, "glove-box-remark", secret=True)
    id_ = credential(firm, founder, draft)
    founder.credentials.reveal(id_)
    founder.credentials.delete(firm.a.id("audit_requests"), id_)
    id_ = credential(firm, founder, replace(STAGING, note=""))

    for table in ("activity_logs", "finding_comments", "audit_credentials", "credential_reveals",
                  "key_envelopes", "data_keys"):  # fmt: skip
        dump = "\n".join(
            row[0] for row in firm.owner.execute(f"SELECT t::text FROM vln.{table} t".encode())
        )
        for word in ("glove-box-remark", "s3cret-of-the-client", "seed-phrase-by-mistake"):
            assert word not in dump
            assert word.encode().hex() not in dump


def test_rotation_encrypts_two_thousand_values_anew_and_drops_the_old_key(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    (auditor,) = let_in(firm, founder, "auditor.a")
    finding, audit = firm.a.id("findings"), firm.a.id("audit_requests")
    me = firm.people["manager.a"].id
    with founder.database.unit_of_work() as session:
        ring = founder.chain.ring(session.connection())
        for number in range(2_000):
            id_ = UUID(int=(7 << 76) | number)
            text = ring.encrypt("finding_comments.secret_body", id_, f"remark {number}").data
            session.connection().exec_driver_sql(
                "INSERT INTO vln.finding_comments"
                " (id, audit_id, finding_id, author_id, secret_body) VALUES (%s, %s, %s, %s, %s)",
                (id_, audit, finding, me, text),
            )  # fmt: skip
    kept = credential(firm, auditor)
    told: list[int] = []

    done = founder.keys.rotate(progress=told.append)

    assert (done.key_id, done.encrypted_anew, done.left, done.retired) == (2, 2_001, 0, (1,))
    assert told[-1] == 2_001
    assert set(done.wrapped_for) == {me, firm.people["auditor.a"].id}
    used = "SELECT DISTINCT get_byte(secret_body, 1) FROM vln.finding_comments WHERE body = ''"
    assert ask(firm.owner, used) == 2
    assert ask(firm.owner, "SELECT count(*) FROM vln.key_envelopes WHERE key_id = 1") == 0
    bodies = {comment.body for comment in said(auditor, finding)}
    assert bodies == {f"remark {number}" for number in range(2_000)}
    assert auditor.credentials.reveal(kept) == "s3cret-of-the-client"


def test_a_cancelled_rotation_continues_where_it_stopped(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    credential(firm, founder)

    def cancel(_done: int) -> None:
        raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        founder.keys.rotate(progress=cancel)
    assert [key.state for key in founder.status.keys] == [
        DataKeyState.RETIRING, DataKeyState.CURRENT,
    ]  # fmt: skip
    assert founder.keys.renew().retired == (1,)


def test_a_value_of_another_team_waits_for_its_manager(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    (other,) = let_in(firm, founder, "manager.b")
    other.credentials.add(firm.b.id("audit_requests"), STAGING)

    done = founder.keys.rotate()

    assert (done.encrypted_anew, done.left, done.retired) == (0, 1, ())
    assert founder.status.left == 1
    assert other.keys.renew().retired == (1,)


def test_who_left_reads_nothing_that_is_written_later(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    (leaver,) = let_in(firm, founder, "auditor.a")
    with leaver.database.reading() as connection:
        kept = leaver.chain.ring(connection)
    run(firm.owner, "UPDATE vln.users SET active = false WHERE id = %s",
        firm.people["auditor.a"].id)  # fmt: skip

    done = founder.keys.rotate()
    founder.findings.comment(firm.a.id("findings"), "after they left", secret=True)

    assert done.left_out == (firm.people["auditor.a"].id,)
    body = ask(firm.owner, "SELECT secret_body FROM vln.finding_comments WHERE body = ''")
    assert body[1] == 2
    assert kept.key_ids == {1}
    held = "SELECT count(*) FROM vln.key_envelopes WHERE user_id = %s"
    assert ask(firm.owner, held, firm.people["auditor.a"].id) == 0


def test_a_public_key_that_was_swapped_underneath_gets_no_new_key(firm: Firm) -> None:
    """What whoever runs the server could do: put a key of their own in place of a colleague's."""
    founder, _paper = set_up(firm)
    let_in(firm, founder, "auditor.a")
    evil, person = public_half(new_private_key()), firm.people["auditor.a"].id
    run(firm.owner, "ALTER TABLE vln.public_keys DISABLE TRIGGER USER")
    for table in ("public_keys", "key_envelopes"):
        run(firm.owner, f"UPDATE vln.{table} SET public_key = %s WHERE user_id = %s", evil, person)

    assert founder.keys.rotate().left_out == (person,)


def test_a_swapped_recovery_key_is_noticed(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    run(firm.owner, "UPDATE vln.key_envelopes SET public_key = %s WHERE user_id IS NULL",
        public_half(new_private_key()))  # fmt: skip

    with pytest.raises(UserError, match="vouched for the recovery key"):
        founder.keys.rotate()
    paper = recovery_text(new_private_key())
    assert founder.keys.rotate(paper).key_id == 2
    assert sign_in(firm, "admin").keys.recover(paper) == (2,)


def test_the_printed_key_lets_an_admin_in(firm: Firm) -> None:
    founder, paper = set_up(firm)
    founder.findings.comment(firm.a.id("findings"), "found again", secret=True)
    founder.keys.rotate()
    manager = sign_in(firm, "manager.a")  # a new machine: the old one burnt

    manager.keys.publish(replace=True)
    assert manager.stands() is MyKey.WAITING
    assert manager.keys.recover(paper.lower().replace("-", " ")) == (2,)

    assert [c.body for c in said(manager, firm.a.id("findings"))] == ["found again"]


def test_another_printed_key_is_refused(firm: Firm) -> None:
    set_up(firm)

    with pytest.raises(UserError, match="not the recovery key of this team"):
        sign_in(firm, "admin").keys.recover(recovery_text(new_private_key()))


def test_a_second_machine_does_not_replace_the_first_unasked(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    elsewhere = sign_in(firm, "manager.a")

    assert elsewhere.stands() is MyKey.ELSEWHERE
    with pytest.raises(UserError, match="another machine"):
        elsewhere.keys.publish()
    assert elsewhere.drawer.private_key is None
    assert founder.stands() is MyKey.HOLDER


def test_fingerprints_are_those_of_the_machines_key(firm: Firm) -> None:
    founder, paper = set_up(firm)
    kept = founder.drawer.private_key
    assert kept is not None

    assert founder.status.fingerprint == fingerprint(public_half(kept))
    assert founder.status.holders[0].fingerprint == founder.status.fingerprint
    assert founder.status.recovery_fingerprint not in {"", founder.status.fingerprint, paper}


def test_a_damaged_value_is_told_and_keeps_its_key(firm: Firm) -> None:
    founder, _paper = set_up(firm)
    first, second = credential(firm, founder), credential(firm, founder)
    swap = "UPDATE vln.audit_credentials SET secret = %s WHERE id = %s"
    moved = ask(firm.owner, "SELECT secret FROM vln.audit_credentials WHERE id = %s", second)
    run(firm.owner, swap, moved, first)

    with pytest.raises(UserError, match="moved from where it was"):
        founder.credentials.reveal(first)
    assert founder.credentials.reveal(second) == "s3cret-of-the-client"
    with pytest.raises(UserError, match="1 values cannot be decrypted"):
        founder.keys.rotate()
    assert founder.status.left == 1
