"""The filter line: what it reads, what it refuses and where, what it suggests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain.filters import (
    MAX_VALUES,
    Choice,
    Condition,
    Days,
    Filter,
    FilterError,
    FilterField,
    Kind,
    Operator,
    Value,
    choices_of,
    parse,
    suggest,
)

FIELDS = (
    FilterField("status", Kind.CHOICE, choices=choices_of(["open", "accepted_risk"])),
    FilterField(
        "severity", Kind.CHOICE, ("sev",), (Choice("high", 4, ("h",)), Choice("critical", 5))
    ),
    FilterField("audit", Kind.TEXT),
    FilterField("lines", Kind.NUMBER),
    FilterField("total", Kind.MONEY),
    FilterField("created", Kind.DATE),
    FilterField("assignee", Kind.PERSON),
    FilterField("reopened", Kind.FLAG),
)


def one(text: str) -> Condition:
    found = parse(text, FIELDS)
    assert not found.words
    (condition,) = found.conditions
    return condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("status:open", Condition("status", Operator.IS, ("open",))),
        ("STATUS:Open", Condition("status", Operator.IS, ("open",))),
        ("sev:h,critical", Condition("severity", Operator.IS, ("high", "critical"))),
        ("sev:high,high", Condition("severity", Operator.IS, ("high",))),
        ("-assignee:me", Condition("assignee", Operator.IS, ("me",), negated=True)),
        ('audit:"Big: Client, Inc"', Condition("audit", Operator.IS, ("Big: Client, Inc",))),
        ("lines:>=10", Condition("lines", Operator.FROM, (10,))),
        ("lines:-5..5", Condition("lines", Operator.BETWEEN, (-5, 5))),
        ("total:<12.50", Condition("total", Operator.BELOW, (Decimal("12.50"),))),
        ("created:>2026-01-01", Condition("created", Operator.ABOVE, (Days("2026-01-01"),))),
        ("created:2026..7d", Condition("created", Operator.BETWEEN, (Days("2026"), Days("7d")))),
        ("reopened:no", Condition("reopened", Operator.IS, (False,))),
    ],
)  # fmt: skip
def test_a_token_is_read(text: str, condition: Condition) -> None:
    assert one(text) == condition


def test_words_and_tokens_stand_side_by_side() -> None:
    found = parse('  reentrancy status:open "free words"  don’t ', FIELDS)
    assert found.words == ("reentrancy", "free words", "don’t")
    assert [condition.token for condition in found.conditions] == ["status"]


def test_an_empty_line_hides_nothing() -> None:
    assert not parse("  \t ", FIELDS)


@pytest.mark.parametrize(
    ("text", "marked", "says"),
    [
        ("x stauts:open", "stauts", "no filter “stauts”"),
        ("http://vln.gg", "http", "quotation marks"),
        ("status:closed", "closed", "choose from open, accepted_risk"),
        ("sev:high,,critical", ",", "empty value"),
        ("status:", "status:", "needs a value"),
        ('a "b c', '"b c', "not closed"),
        ("lines:ten", "ten", "whole number"),
        ("lines:1..2..3", "1..2..3", "two ends"),
        ("total:1e5", "1e5", "not an amount"),
        ("created:2026-02-30", "2026-02-30", "not a date"),
        ("created:>soon", "soon", "not a date"),
        ("created:0000", "0000", "not a date"),
        ("reopened:maybe", "maybe", "yes or no"),
        ("a\0b", "\0", "NUL"),
        ("audit:" + ",".join("x" * (MAX_VALUES + 1)), "x,x", "at most"),
    ],
)
def test_a_fault_is_named_and_marked(text: str, marked: str, says: str) -> None:
    with pytest.raises(FilterError, match=says) as caught:
        parse(text, FIELDS)
    assert text[caught.value.start : caught.value.end].startswith(marked)
    assert caught.value.field == "filter"


def test_a_pasted_book_is_refused() -> None:
    with pytest.raises(FilterError, match="at most"):
        parse("word " * 1000, FIELDS)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", date(2026, 3, 1), date(2026, 3, 2)),
        ("yesterday", date(2026, 2, 28), date(2026, 3, 1)),
        ("7d", date(2026, 2, 22), date(2026, 3, 2)),
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2024-02", date(2024, 2, 1), date(2024, 3, 1)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 3, 1)),
    ],
)
def test_days_cover_whole_days(text: str, start: date, end: date) -> None:
    assert Days(text).range(date(2026, 3, 1)) == (start, end)


texts = st.text(
    st.characters(exclude_characters='"\0', exclude_categories=["Cs"]), min_size=1, max_size=20
).filter(lambda text: text == text.strip())
days = st.one_of(
    st.sampled_from(["today", "yesterday"]),
    st.integers(0, 9999).map(lambda n: f"{n}d"),
    st.dates(date(1, 1, 1), date(9998, 12, 31)).map(str),
).map(Days)
amounts = st.decimals(-(10**12), 10**12, places=2, allow_nan=False)
ordered: dict[str, st.SearchStrategy[Value]] = {
    "lines": st.integers(-(10**17), 10**17),
    "total": amounts,
    "created": days,
}


def comparisons(token: str) -> st.SearchStrategy[Condition]:
    signs = [Operator.ABOVE, Operator.FROM, Operator.BELOW, Operator.UP_TO]
    value, negated = ordered[token], st.booleans()
    single = st.builds(Condition, st.just(token), st.sampled_from(signs), st.tuples(value), negated)
    return single | st.builds(
        Condition, st.just(token), st.just(Operator.BETWEEN), st.tuples(value, value), negated
    )


def equalities(token: str, value: st.SearchStrategy[Value]) -> st.SearchStrategy[Condition]:
    values = st.lists(value, min_size=1, max_size=4, unique=True).map(tuple)
    return st.builds(Condition, st.just(token), st.just(Operator.IS), values, st.booleans())


conditions = st.one_of(
    comparisons("lines"),
    comparisons("total"),
    comparisons("created"),
    equalities("status", st.sampled_from(["open", "accepted_risk"])),
    equalities("audit", texts),
    equalities("assignee", texts),
    equalities("created", days),
    equalities("reopened", st.booleans()),
)


@given(st.lists(conditions, max_size=4), st.lists(texts, max_size=4))
def test_what_is_written_reads_the_same(found: list[Condition], words: list[str]) -> None:
    wanted = Filter(tuple(found), tuple(words))
    assert parse(wanted.text, FIELDS) == wanted


@given(st.text(max_size=60) | st.text(alphabet='ab:,.-><"= 1', max_size=30))
def test_any_line_is_read_or_refused_in_one_sentence(text: str) -> None:
    fault: FilterError | None = None
    try:
        found = parse(text, FIELDS)
    except FilterError as error:
        fault = error
    else:
        assert parse(found.text, FIELDS) == found
    if fault is not None:
        assert str(fault).endswith(".")
        assert 0 <= fault.start < fault.end <= len(text)


def test_token_names_are_suggested() -> None:
    offered = suggest("open -s", 7, FIELDS)
    assert [item.text for item in offered] == ["-status:", "-severity:"]
    assert {(item.start, item.end) for item in offered} == {(5, 7)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sev:", ["high", "critical"]),
        ("sev:high,cr", ["critical"]),
        ("reopened:", ["yes", "no"]),
        ("assignee:", ["me", "none", "ana@vln.gg"]),
        ("created:t", ["today"]),
        ("nothing:", []),
        ("audit:", []),
    ],
)
def test_values_are_suggested(text: str, words: list[str]) -> None:
    offered = suggest(text, len(text), FIELDS, people=["ana@vln.gg"])
    assert [item.text for item in offered] == words


def test_a_suggestion_replaces_what_is_typed() -> None:
    text = "sev:high,cr"
    (offered,) = suggest(text, len(text), FIELDS)
    assert text[: offered.start] + offered.text + text[offered.end :] == "sev:high,critical"
