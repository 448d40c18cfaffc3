"""Finds secrets in text: keys, tokens, passwords in addresses; keys and seed phrases of wallets.

What is common is found by detect-secrets' own patterns; what guesses by entropy is left out, since
reports are full of hashes. What that library does not know of this field is found here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from vln_desktop.domain.leaks import FoundSecret

_KEY_WORDS = re.compile(
    r"private[\s_-]*key|priv[\s_-]*key|secret[\s_-]*key|signing[\s_-]*key|deployer[\s_-]*key"
    r"|geheimer?[\s_-]*schl[üu]ssel|privater?[\s_-]*schl[üu]ssel|startBroadcast|vm\.sign\(",
    re.IGNORECASE,
)
_OTHER_DIGITS = re.compile(
    r"\b(?:hash\w*|digest|sha\w*|commit|address|salt|root|selector|slot|topic|transaction|tx\w*)\b"
    r"|[.;!?]\s",
    re.IGNORECASE,
)
"""Between such a word and the digits, these say that they are something else."""
_HEX_KEY = re.compile(r"(?<![0-9a-fA-F])(?:0x)?([0-9a-fA-F]{64})(?![0-9a-fA-F])")
_NEAR = 90
"""So far before the digits a word may stand that says they are a key."""
_NODE_ADDRESSES = re.compile(
    r"(?:https?|wss?)://[\w.-]{0,80}(?:infura\.io/(?:ws/)?v3/|alchemy\.com/v2/|alchemyapi\.io/v2/"
    r"|quiknode\.pro/|moralis-nodes\.com/v1/|blastapi\.io/)([0-9A-Za-z_-]{16,80})"
)
_ASSIGNED = re.compile(
    r"(?:password|passwd|passphrase|api[_-]?key|auth[_-]?token|client[_-]?secret|passwort)"
    r"[\"']?\s*[:=]\s*[\"']([^\s\"'<>{}$]{8,100})[\"']",
    re.IGNORECASE,
)
_STAND_INS = re.compile(
    r"example|changeme|your|placeholder|dummy|sample|x{4,}|\*{3,}|\.{3}", re.IGNORECASE
)
_WORD = re.compile(r"[a-z]+")
_LENGTHS = (24, 21, 18, 15, 12)
_MOST_TRIED = 5_000
"""No prose has so many of the listed words in a row; a checksum costs a fifth of a millisecond."""
PUBLIC_KEYS = frozenset(
    (
        "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
        "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
    )
)
"""The keys that every copy of Anvil and Hardhat begins with: everybody knows them."""
PUBLIC_PHRASE = "test test test test test test test test test test test junk"


def find_secrets(text: str) -> Iterator[FoundSecret]:
    """Yield the secrets of a text, each once."""
    found: dict[str, FoundSecret] = {}
    for line in text.splitlines():
        for kind, detector in _detectors():
            for value in detector.analyze_string(line):
                found.setdefault(value, FoundSecret(kind, value))
    for secret in (*_wallet_keys(text), *_node_keys(text), *_assigned(text), *_phrases(text)):
        found.setdefault(secret.value, secret)
    yield from found.values()


@cache
def _detectors() -> tuple[tuple[str, Any], ...]:
    """Return detect-secrets' detectors that go by form, not by entropy."""
    from detect_secrets.plugins import (
        aws,
        azure_storage_key,
        basic_auth,
        discord,
        github_token,
        gitlab_token,
        jwt,
        mailchimp,
        npm,
        openai,
        private_key,
        pypi_token,
        sendgrid,
        slack,
        square_oauth,
        stripe,
        telegram_token,
        twilio,
    )  # fmt: skip

    detectors = (
        aws.AWSKeyDetector, azure_storage_key.AzureStorageKeyDetector,
        basic_auth.BasicAuthDetector, discord.DiscordBotTokenDetector,
        github_token.GitHubTokenDetector, gitlab_token.GitLabTokenDetector, jwt.JwtTokenDetector,
        mailchimp.MailchimpDetector, npm.NpmDetector, openai.OpenAIDetector,
        private_key.PrivateKeyDetector, pypi_token.PypiTokenDetector, sendgrid.SendGridDetector,
        slack.SlackDetector, square_oauth.SquareOAuthDetector, stripe.StripeDetector,
        telegram_token.TelegramBotTokenDetector, twilio.TwilioKeyDetector,
    )  # fmt: skip
    return tuple((str(one.secret_type), one()) for one in detectors)


def _wallet_keys(text: str) -> Iterator[FoundSecret]:
    """Yield 64 hexadecimal digits that a word before them calls a key; hashes look the same."""
    for match in _HEX_KEY.finditer(text):
        before = text[max(match.start() - _NEAR, 0) : match.start()]
        words = list(_KEY_WORDS.finditer(before))
        if not words or _OTHER_DIGITS.search(before, words[-1].end()):
            continue
        if match[1].lower() not in PUBLIC_KEYS:
            yield FoundSecret("Private key of a wallet", match[1])


def _node_keys(text: str) -> Iterator[FoundSecret]:
    for match in _NODE_ADDRESSES.finditer(text):
        if not _STAND_INS.search(match[1]):
            yield FoundSecret("Key of a node provider", match[1])


def _assigned(text: str) -> Iterator[FoundSecret]:
    for match in _ASSIGNED.finditer(text):
        if not _STAND_INS.search(match[1]):
            yield FoundSecret("Password or key in quotes", match[1])


def _phrases(text: str) -> Iterator[FoundSecret]:
    """Yield seed phrases: words of BIP-39's list in a row whose checksum is right."""
    words = " ".join(_WORD.findall(text.lower())).replace(PUBLIC_PHRASE, "-").split()
    known = _phrase_words()
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and words[end] in known:
            end += 1
        if end - at >= _LENGTHS[-1]:
            yield from _phrases_within(words[at:end])
        at = max(end, at) + 1


def _phrases_within(words: list[str]) -> Iterator[FoundSecret]:
    """Yield the phrases in a run of listed words; what repeats itself is tried once."""
    tried: set[str] = set()
    at = 0
    while at + _LENGTHS[-1] <= len(words) and len(tried) < _MOST_TRIED:
        for length in _LENGTHS:
            phrase = " ".join(words[at : at + length])
            if at + length > len(words) or phrase in tried:
                continue
            tried.add(phrase)
            if _checks(phrase):
                yield FoundSecret("Seed phrase of a wallet", phrase)
                at += length - 1
                break
        at += 1


@cache
def _mnemonic() -> Any:
    from mnemonic import Mnemonic

    return Mnemonic("english")


@cache
def _phrase_words() -> frozenset[str]:
    return frozenset(_mnemonic().wordlist)


def _checks(phrase: str) -> bool:
    return bool(_mnemonic().check(phrase))
