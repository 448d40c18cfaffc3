"""Contracts as they are deployed: networks by chain id, and addresses as people paste them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vln_desktop.errors import UserError

NETWORKS: dict[int, str] = {
    1: "Ethereum", 10: "Optimism", 25: "Cronos", 56: "BNB Smart Chain", 100: "Gnosis",
    137: "Polygon PoS", 146: "Sonic", 250: "Fantom", 324: "zkSync Era", 480: "World Chain",
    1101: "Polygon zkEVM", 5000: "Mantle", 8453: "Base", 34443: "Mode", 42161: "Arbitrum One",
    42220: "Celo", 43114: "Avalanche C-Chain", 59144: "Linea", 81457: "Blast",
    534352: "Scroll", 7777777: "Zora", 11155111: "Sepolia", 84532: "Base Sepolia",
    421614: "Arbitrum Sepolia", 17000: "Holesky",
}  # fmt: skip
"""Chain ids of EIP-155 with the networks' own names (chainid.network)."""

LONGEST_PATH = 500
_EVM = re.compile(r"0x[0-9a-fA-F]{40}")


def network_name(chain_id: int | None) -> str:
    """Return what a chain is called; one that is not listed by its number."""
    if chain_id is None:
        return ""
    return NETWORKS.get(chain_id, f"chain {chain_id}")


@dataclass(frozen=True, slots=True)
class DeploymentDraft:
    """A deployed contract as it is typed: what it is called in the code, where it stands."""

    contract: str
    address: str
    chain_id: int

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        if not self.contract.strip():
            raise UserError("Say which contract it is, by its file or name.", field="contract")
        if len(self.contract) > LONGEST_PATH or not self.contract.strip().isprintable():
            raise UserError(f"It takes at most {LONGEST_PATH} characters.", field="contract")
        if not _EVM.fullmatch(self.address.strip()):
            raise UserError("An address is 0x and 40 hexadecimal digits.", field="address")
        if not 0 < self.chain_id < 2**53:
            raise UserError("A chain id is a positive number.", field="chain")
