"""A known issue covers results by tool, rule and file; too wide a one is refused."""

from __future__ import annotations

import pytest

from vln_desktop.domain.deployments import DeploymentDraft, network_name
from vln_desktop.domain.known_issues import KnownIssueDraft
from vln_desktop.errors import UserError

RULES = ("0-0-timestamp", "timestamp")
PATHS = ("src/legacy/Router.sol", "src/Vault.sol")


@pytest.mark.parametrize(
    ("tool", "rule", "path", "covered"),
    [
        ("slither", "TIMESTAMP", "", True),
        ("", "timestamp", "", True),
        ("Mythril", "timestamp", "", False),
        ("", "reentrancy-eth", "", False),
        ("", "", "src/legacy/*", True),
        ("", "", "src/Vault.sol", True),
        ("", "", "src/vault.sol", False),
        ("", "", "legacy/*", False),
        ("", "timestamp", "test/*", False),
    ],
)
def test_what_is_covered(tool: str, rule: str, path: str, covered: bool) -> None:
    draft = KnownIssueDraft("Known", tool, rule, path)
    draft.validate()
    assert draft.covers("Slither", RULES, PATHS) is covered


def test_a_result_without_a_place_is_known_by_its_rule_alone() -> None:
    assert KnownIssueDraft("Known", rule_id="timestamp").covers("Slither", RULES, ())
    assert not KnownIssueDraft("Known", path="*").covers("Slither", RULES, ())


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (KnownIssueDraft(" ", rule_id="x"), "title"),
        (KnownIssueDraft("All", tool="Slither"), "rule_id"),
        (KnownIssueDraft("All", rule_id=" ", path=" "), "rule_id"),
        (KnownIssueDraft("x" * 301, rule_id="x"), "title"),
        (KnownIssueDraft("x", rule_id="a\nb"), "rule_id"),
        (KnownIssueDraft("x", rule_id="x", note="x" * 2001), "note"),
    ],
)
def test_what_is_missing_too_wide_or_too_long_is_refused(
    draft: KnownIssueDraft, field: str
) -> None:
    with pytest.raises(UserError) as caught:
        draft.validate()
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("contract", "address", "chain", "field"),
    [
        ("", "0x" + "a" * 40, 1, "contract"),
        ("Vault", "0x" + "a" * 39, 1, "address"),
        ("Vault", "0x" + "g" * 40, 1, "address"),
        ("Vault", "vitalik.eth", 1, "address"),
        ("Vault", "0x" + "a" * 40, 0, "chain"),
        ("Vault", "0x" + "a" * 40, 2**60, "chain"),
    ],
)
def test_a_deployment_that_cannot_be_is_refused(
    contract: str, address: str, chain: int, field: str
) -> None:
    with pytest.raises(UserError) as caught:
        DeploymentDraft(contract, address, chain).validate()
    assert caught.value.field == field


def test_networks_have_names_and_others_their_number() -> None:
    assert [network_name(one) for one in (1, 8453, 999_999, None)] == [
        "Ethereum", "Base", "chain 999999", "",
    ]  # fmt: skip
