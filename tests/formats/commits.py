"""Two commits of the same contracts, and what Slither says of each, made from marks in the code.

A comment `//@ check impact` marks the statement of its line; `//@@ check impact` the whole file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_MARK = re.compile(r"//@(@?) (\S+) (\w+)")
_CONTRACT = re.compile(r"^contract (\w+)")
_FUNCTION = re.compile(r"function (\w+)\(([^)]*)\)")

BEFORE = {
    "contracts/Vault.sol": """pragma solidity ^0.8.0; //@@ solc-version Informational

contract Vault {
    mapping(address => uint256) public balances;

    function deposit() external payable {
        balances[msg.sender] += msg.value;
    }

    function withdraw(uint256 amount) external {
        require(balances[msg.sender] >= amount);
        (bool ok, ) = msg.sender.call{value: amount}(""); //@ reentrancy-eth High
        token.transfer(msg.sender, amount); //@ unchecked-transfer High
        balances[msg.sender] -= amount;
    }

    function sweep(address to) external {
        token.transfer(to, token.balanceOf(address(this))); //@ unchecked-transfer High
        token.transfer(owner, 1); //@ unchecked-transfer High
        if (block.timestamp > end) { end = 0; } //@ timestamp Low
    }
}
""",
    "contracts/Owned.sol": """pragma solidity ^0.8.0; //@@ solc-version Informational

contract Owned {
    address public owner;

    function give(address to) external {
        require(tx.origin == owner); //@ tx-origin Medium
        owner = to; //@ missing-zero-check Low
    }
}
""",
}
"""The first commit."""

AFTER = {
    "src/core/Treasury.sol": """// SPDX-License-Identifier: MIT
// The vault, moved into the core and formatted anew.
pragma solidity ^0.8.0; //@@ solc-version Informational

import "./Owned.sol";

contract Vault {
    mapping(address => uint256) public balances;

    // It stands before withdraw now.
    function sweep(address to)
        external
    {
        token.transfer( to, token.balanceOf( address( this ) ) ); //@ unchecked-transfer High
        token.transfer(owner, 1); /* one wei */ //@ unchecked-transfer High
        if (block.timestamp > end) { //@ timestamp Low
            end = 0;
        }
    }

    function withdraw(uint256 amount) external {
        require(balances[msg.sender] >= amount, "too much");
        (bool ok, )  =  msg.sender.call{ value: amount }(""); //@ reentrancy-eth High
        token.transfer(msg.sender, amount); //@ unchecked-transfer High
        balances[msg.sender] -= amount;
    }

    function deposit() external payable {
        balances[msg.sender] += msg.value;
    }
}
""",
    "contracts/Owned.sol": """pragma solidity ^0.8.0; //@@ solc-version Informational

contract Owned {
    address public owner;
    address public heir;

    function name(address to) external {
        heir = to;
    }

    function give(address to) external {
        require(
            tx.origin == owner //@ tx-origin Medium
        );
        owner = to; //@ missing-zero-check Low
    }
}
""",
}
"""The second: a file renamed, functions in another order, lines moved, code formatted anew."""


def slither_of(sources: dict[str, str]) -> dict[str, Any]:
    """Return the JSON that Slither would write of the marks in some sources."""
    detectors = [
        _detector(path, number, line, lines, *mark)
        for path, text in sources.items()
        for lines in [text.splitlines()]
        for number, line in enumerate(lines, start=1)
        for mark in _MARK.findall(line)
    ]
    return {"success": True, "error": None, "results": {"detectors": detectors}}


def write_sources(sources: dict[str, str], folder: Path) -> Path:
    """Write sources into a folder, as an audited tree."""
    for path, text in sources.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


def _detector(
    path: str, number: int, line: str, lines: list[str], whole: str, check: str, impact: str
) -> dict[str, Any]:
    code = " ".join(line[: line.index("//@")].replace("/* one wei */", "").split())
    mapping = {"filename_relative": path, "lines": [number], "starting_column": 1,
               "ending_column": len(line)}  # fmt: skip
    if whole:
        element = {"type": "pragma", "name": code, "source_mapping": mapping}
        told = f"{code} ({path}#{number}) allows old versions"
    else:
        contract = next(m[1] for one in lines if (m := _CONTRACT.match(one)))
        heads = [(at, m) for at, one in enumerate(lines, start=1) if (m := _FUNCTION.search(one))]
        name, given = next(m.groups() for at, m in reversed(heads) if at <= number)
        types = ",".join(part.split()[0] for part in given.split(",") if part.strip())
        function = {"type": "function", "name": name, "type_specific_fields": {
            "signature": f"{name}({types})",
            "parent": {"type": "contract", "name": contract}}}  # fmt: skip
        element = {"type": "node", "name": code, "source_mapping": mapping,
                   "type_specific_fields": {"parent": function}}  # fmt: skip
        told = f"{contract}.{name}({types}) ({path}#{number}) does: {code}"
    return {"check": check, "impact": impact, "confidence": "High", "description": told,
            "markdown": told, "elements": [element]}  # fmt: skip
