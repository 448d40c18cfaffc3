"""The invented code under audit: what its contracts, services and functions are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vln_desktop.tools.demo.chance import Chance

_OPTIONAL = {
    "lending": {
        "vault": "LendingPool", "oracle": "PriceOracle", "staking": "IncentivePool",
        "router": "Gateway",
    },
    "exchange": {
        "vault": "PairVault", "router": "SwapRouter", "factory": "AccountFactory",
        "oracle": "PoolOracle",
        "staking": "LiquidityMining",
    },
    "yield": {
        "vault": "YieldVault", "router": "Zapper", "oracle": "AssetOracle",
        "staking": "RewardPool",
    },
    "staking": {
        "vault": "StakeVault", "staking": "RewardDistributor", "governor": "Governor",
    },
    "bridge": {
        "vault": "BridgeEscrow", "bridge": "MessageInbox", "factory": "WalletFactory",
    },
    "market": {
        "vault": "SaleEscrow", "market": "Marketplace", "staking": "CollectorRewards",
    },
    "lottery": {
        "vault": "PrizePool", "game": "RaffleDraw", "staking": "TicketRewards",
    },
    "treasury": {
        "vault": "Treasury", "governor": "Governor", "staking": "VoteEscrow",
        "factory": "SafeFactory",
    },
}  # fmt: skip
CONTRACT_KINDS = tuple(_OPTIONAL)

_SERVICE_SLOTS = {
    "platform": ("service", "ledger", "signer", "engine"),
    "wallet": ("service", "ledger", "signer"),
    "api": ("service",),
    "generator": ("engine", "game"),
}

_CHAINS = (
    ("Ethereum", 1), ("Optimism", 10), ("Polygon", 137), ("Base", 8453), ("Arbitrum One", 42161),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the code, with its normalised line count; out of scope it says why."""

    path: str
    nsloc: int
    in_scope: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Codebase:
    """One project's code: names by slot, the file of each slot, all files, compiler and chains."""

    kind: str
    slots: Mapping[str, str]
    homes: Mapping[str, str]
    files: tuple[SourceFile, ...]
    compiler: str
    chains: tuple[tuple[str, int], ...]

    def supports(self, needs: frozenset[str]) -> bool:
        """Tell whether every slot that a text needs has a name here."""
        return needs <= self.slots.keys()


def make_codebase(kind: str, project: str, domain: str, chance: Chance) -> Codebase:
    """Invent the code of a project; `domain` is the client's host name."""
    if kind in _OPTIONAL:
        return _contracts(kind, project, chance)
    return _services(kind, project, domain, chance)


def _contracts(kind: str, project: str, chance: Chance) -> Codebase:
    prefix = project.split(maxsplit=1)[0]
    roles = {slot: prefix + name for slot, name in _OPTIONAL[kind].items()}
    roles["token"] = f"{prefix}Token"
    enter, leave = chance.pick((("deposit", "withdraw"), ("provide", "withdraw"), ("join", "exit")))
    owner = chance.pick(("owner", "admin", "governance"))
    compiler = chance.pick(("0.8.24", "0.8.26", "0.8.28"))
    slots = {
        **roles,
        "project": prefix.lower(),
        "deposit": enter,
        "withdraw": leave,
        "shares": chance.pick(("shares", "balances", "deposits", "claims")),
        "claim": chance.pick(("claim", "collect", "claimRewards")),
        "asset": chance.pick(("WETH", "USDX", "EURX")),
        "symbol": prefix[:4].upper(),
        "owner": owner,
        "Owner": owner.capitalize(),
        "keeper": chance.pick(("keeper", "operator", "harvester")),
        "solc": compiler,
    }
    homes = {slot: f"src/{name}.sol" for slot, name in roles.items()}
    files = [SourceFile(path, chance.between(120, 620)) for path in homes.values()]
    files += [
        SourceFile(f"src/base/{name}.sol", chance.between(30, 140))
        for name in ("Pausing", "FeeTaking", "Roles")
    ]
    files += [
        SourceFile(f"src/libraries/{prefix}Math.sol", chance.between(40, 180)),
        SourceFile(f"src/interfaces/I{roles['vault']}.sol", chance.between(20, 60)),
        SourceFile(f"test/{roles['vault']}.t.sol", chance.between(400, 1500), False, "tests"),
        SourceFile("script/Deploy.s.sol", chance.between(60, 160), False, "deployment script"),
    ]
    chains = tuple(chance.random.sample(_CHAINS, chance.between(1, 3)))
    return Codebase(kind, slots, homes, tuple(files), f"solc {compiler}", chains)


def _services(kind: str, project: str, domain: str, chance: Chance) -> Codebase:
    prefix = project.split(maxsplit=1)[0].lower()
    resource = chance.pick(("withdrawals", "payouts", "transfers"))
    service = f"{prefix}-{chance.pick(('api', 'gateway', 'core'))}"
    signer = chance.pick(("signing-service", "custody-signer"))
    ledger = chance.pick(("ledger", "accounts", "book"))
    engine = chance.pick(("DrawEngine", "ResultEngine", "SpinEngine"))
    names = {"service": service, "ledger": ledger, "signer": signer, "engine": engine,
             "game": f"{project.split(maxsplit=1)[0]}Raffle"}  # fmt: skip
    homes = {
        "service": f"services/{service}/src/routes/{resource}.ts",
        "ledger": f"services/{service}/src/{ledger}.ts",
        "signer": f"services/{signer}/src/sign.ts",
        "engine": f"engine/{engine.removesuffix('Engine').lower()}_engine.py",
        "game": f"contracts/{names['game']}.sol",
    }
    used = _SERVICE_SLOTS[kind]
    slots = {
        **{slot: names[slot] for slot in used},
        "project": prefix,
        "resource": resource,
        "Model": resource.removesuffix("s").capitalize(),
        "domain": domain,
        "asset": chance.pick(("USDX", "EURX")),
    }
    if "service" in used and "signer" not in used:
        slots["signer"] = signer
    files = [SourceFile(homes[slot], chance.between(180, 900)) for slot in used]
    files += [
        SourceFile(f"services/{service}/src/{name}.ts", chance.between(60, 400))
        for name in ("session", "address-book", "limits", "serialize")
        if "service" in used
    ]
    files += [
        SourceFile(f"engine/{name}.py", chance.between(40, 260))
        for name in ("source", "mapping", "result_log")
        if "engine" in used
    ]
    files.append(SourceFile("infra/main.tf", chance.between(90, 400), False, "infrastructure"))
    compiler = "Python 3.12" if kind == "generator" else "Node.js 22, TypeScript 5.6"
    return Codebase(kind, slots, {s: homes[s] for s in used}, tuple(files), compiler, ())
