"""Rules and taxonomies of a SARIF run, found the way each tool refers to them."""

from __future__ import annotations

from dataclasses import dataclass

from vln_desktop.formats.values import Json, Object, at, items, members, objects, string, whole
from vln_desktop.formats.weaknesses import bare_cwe, cwe_ids

_UNRELATED = frozenset({"disjoint", "incomparable"})


@dataclass(frozen=True, slots=True)
class FoundRule:
    """A rule as a result refers to it; `body` and `component` are empty if the file lacks them."""

    id: str
    body: Object
    component: Object


class Rules:
    """The reporting descriptors of one run: the driver's and those of its extensions."""

    def __init__(self, run: Object) -> None:
        tool = members(run, "tool")
        self._driver = members(tool, "driver")
        self._extensions = items(tool, "extensions")
        components = [self._driver, *(e for e in self._extensions if isinstance(e, dict))]
        self._by_id: dict[str, tuple[Object, Object]] = {}
        self._by_guid: dict[str, tuple[Object, Object]] = {}
        self._components = {string(c, "guid").lower(): c for c in components if string(c, "guid")}
        self._named = {string(c, "name"): c for c in reversed(components)}
        for component in components:
            self._take(component)

    def of(self, result: Object) -> FoundRule:
        """Return the rule of a result: by index, guid, id, or the nearest parent of its id."""
        reference = members(result, "rule")
        rule_id = string(result, "ruleId") or string(reference, "id")
        index = whole(result, "ruleIndex")
        component = self._component(members(reference, "toolComponent"))
        if index is None:
            index = whole(reference, "index")
        body = at(items(component, "rules"), index)
        if body and (not rule_id or _covers(string(body, "id"), rule_id)):
            return FoundRule(rule_id or string(body, "id"), body, component)
        guid = string(reference, "guid").lower()
        if guid in self._by_guid:
            body, component = self._by_guid[guid]
            return FoundRule(rule_id or string(body, "id"), body, component)
        return self._named_rule(rule_id)

    def _take(self, component: Object) -> None:
        for rule in objects(component, "rules"):
            found = (rule, component)
            self._by_id.setdefault(string(rule, "id"), found)
            if string(rule, "guid"):
                self._by_guid.setdefault(string(rule, "guid").lower(), found)

    def _component(self, reference: Object) -> Object:
        if not reference:
            return self._driver
        index = whole(reference, "index")
        if index is not None:
            return at(self._extensions, index)
        by_guid = self._components.get(string(reference, "guid").lower())
        return by_guid or self._named.get(string(reference, "name"), self._driver)

    def _named_rule(self, rule_id: str) -> FoundRule:
        name = rule_id
        while name:
            if name in self._by_id:
                body, component = self._by_id[name]
                return FoundRule(rule_id, body, component)
            name = name.rpartition("/")[0]
        return FoundRule(rule_id, {}, self._driver)


class Taxonomies:
    """The CWE taxonomy of one run, however relationships and taxa point at it."""

    def __init__(self, run: Object) -> None:
        self._all = items(run, "taxonomies")
        supported = objects(members(members(run, "tool"), "driver"), "supportedTaxonomies")
        declared = [*(t for t in self._all if isinstance(t, dict)), *supported]
        self._cwe_guids = {string(t, "guid").lower() for t in declared if _is_cwe(t)} - {""}
        self._taxa = {
            string(taxon, "guid").lower(): taxon
            for taxonomy in self._all
            if isinstance(taxonomy, dict) and _is_cwe(taxonomy)
            for taxon in objects(taxonomy, "taxa")
        }

    def cwes(self, result: Object, rule: Object) -> list[str]:
        """Return the CWE ids that a result's taxa and its rule's relationships name."""
        found = [self._cwe(taxon) for taxon in objects(result, "taxa")]
        for relationship in objects(rule, "relationships"):
            kinds = {kind for kind in items(relationship, "kinds") if isinstance(kind, str)}
            if not kinds & _UNRELATED:
                found.append(self._cwe(members(relationship, "target")))
        return [cwe for cwe in found if cwe]

    def _cwe(self, reference: Object) -> str:
        by_guid = self._taxa.get(string(reference, "guid").lower() or "-")
        if by_guid is not None:
            return bare_cwe(by_guid.get("id"))
        component = members(reference, "toolComponent")
        index = whole(component, "index")
        taxonomy = at(self._all, index)
        if not (_is_cwe(component) or _is_cwe(taxonomy) or self._is_cwe_guid(component)):
            named = cwe_ids((reference.get("id"),))
            return named[0] if named else ""
        taxon = at(items(taxonomy, "taxa"), whole(reference, "index"))
        return bare_cwe(reference.get("id")) or bare_cwe(taxon.get("id"))

    def _is_cwe_guid(self, component: Object) -> bool:
        return string(component, "guid").lower() in self._cwe_guids


def rule_texts(rule: FoundRule, properties: Object) -> list[Json]:
    """Return the texts of a rule, and of its result's properties, where scanners put CWE ids."""
    own = members(rule.body, "properties")
    texts: list[Json] = [rule.id, string(rule.body, "id"), string(rule.body, "name")]
    for bag in (own, properties):
        texts += [value for name, value in bag.items() if name == "tags" or "cwe" in name.lower()]
    return texts


def _is_cwe(component: Object) -> bool:
    return string(component, "name").strip().upper() == "CWE"


def _covers(parent: str, rule_id: str) -> bool:
    return rule_id == parent or rule_id.startswith(parent + "/")
