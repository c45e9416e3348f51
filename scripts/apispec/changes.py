"""Comparing two normalized OpenAPI 3.1 documents, by operation id.

References are expanded, so renaming a component is not a change. ``RULES`` decides whether a change
is breaking for a caller who does not change their code.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from apispec.document import Document


def _each(broken: str, *kinds: str) -> dict[str, str]:
    return dict.fromkeys(kinds, broken)


_BOTH = "request response"
# For each kind of change: whether it breaks valid requests, the reading of responses, or both.
RULES: Mapping[str, str] = {
    # Existing callers do not use anything new.
    **_each("", "operation added", "added, optional"),
    # Something that callers use is gone or has moved.
    **_each(_BOTH, "operation removed", "operation moved", "servers changed", "removed"),
    # A required value must be sent in a request, and is always present in a response.
    **_each("request", "added, required", "becomes required"),
    **_each("response", "no longer required"),
    # Fewer values are valid: a request may be refused. Readers know all remaining values.
    **_each("request", "no longer nullable", "type narrowed", "variant removed", "pattern added"),
    **_each("request", "enum value removed", "now limited to", "bound tightened"),
    # More values are valid: a reader that waits for a known value may wait forever.
    **_each("response", "becomes nullable", "type widened", "variant added", "pattern removed"),
    **_each("response", "enum value added", "no longer limited to", "bound loosened"),
    # Other values are valid. (Whether one pattern includes another cannot be computed.)
    **_each(_BOTH, "type changed", "pattern changed"),
    # Clients choose the type of a value by its format, in requests and responses.
    **_each(_BOTH, "format changed"),
    # Readers ignore unknown keys; a request with unknown keys may be refused.
    **_each("request", "other keys removed"),
    **_each("", "other keys added"),
    # A caller who omits a value relies on its default, if the document names one.
    **_each("request", "default changed", "default removed"),
    **_each("", "default added"),
    # Callers name the type that they send and the types that they accept.
    **_each(_BOTH, "content type removed"),
    **_each("", "content type added"),
    # Another successful status is still successful; errors may have undocumented statuses.
    **_each("response", "success status removed"),
    **_each("", "success status added", "error status added", "error status removed"),
    # Tightened: known credentials may no longer be enough. Loosened: they still are.
    **_each("request", "security tightened"),
    **_each("", "security loosened"),
    # A deprecated call still works.
    **_each("", "becomes deprecated", "no longer deprecated"),
    # Callers must write the same value in another form.
    **_each(_BOTH, "written as changed"),
    # A client must not resend a request that is no longer repeatable.
    **_each("request", "no longer repeatable"),
    **_each("", "becomes repeatable"),
    # The meaning is unknown here: a person has to check it.
    **_each(_BOTH, "keyword changed"),
}

_WEBHOOK = "webhook "
_FLOORS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_CEILINGS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_NO_FACTS = (
    *("title", "summary", "description", "example", "examples", "externalDocs", "tags"),
    *("operationId", "parameters", "requestBody", "responses", "content", "headers"),
    *("name", "in", "schema", "$ref", "allOf", "anyOf", "oneOf"),
)
# Keywords that mean the same when false and when missing.
_FLAGS = (
    *("required", "nullable", "deprecated", "uniqueItems", "readOnly", "writeOnly"),
    *("allowReserved", "allowEmptyValue", "exclusiveMinimum", "exclusiveMaximum", "x-repeatable"),
)
_TYPES = frozenset({"array", "boolean", "integer", "number", "object", "string"})
# Place in the operation, place in a schema, kind of change, what it applies to.
_Difference: TypeAlias = tuple[str, str, str, str]


@dataclass(frozen=True, order=True)
class Change:
    """One difference between two documents.

    Args:
        operation: The operation's id, or its method and path if it has none.
        place: Where in the operation, such as ``query limit`` or ``response 200 results[].id``.
        what: The rule that applies, and its details.
        breaking: Whether it may break a caller who does not change their code.
        schema: Where in a named schema, such as ``Prediction.deadline``; empty elsewhere. Changes
            that differ only in ``schema`` are equal: callers do not see the names of schemas.
    """

    operation: str
    place: str
    what: str
    breaking: bool
    schema: str = field(default="", compare=False)

    @property
    def mark(self) -> str:
        """The effect on a caller: "breaking" or "compatible"."""
        return "breaking" if self.breaking else "compatible"

    def __str__(self) -> str:
        return f"{self.mark}: {self.operation}: {self.place}: {self.what}"


def changes(old: Document, new: Document) -> list[Change]:
    """List the differences between two documents, sorted and without duplicates.

    Args:
        old: The earlier normalized document.
        new: The later normalized document.
    """
    before, after = _Expander(old).operations(), _Expander(new).operations()
    found: set[Change] = set()
    for operation, node in (before | after).items():
        if operation in before and operation in after:
            differences = _sides(before[operation], after[operation])
        else:
            kind = _presence(node, "added" if operation in after else "removed")
            differences = iter([("request", (node.facts["call"], "", kind, ""))])
        for side, (place, schema, kind, detail) in differences:
            # For a webhook, callers read the request and write the response.
            reads = (side == "response") != operation.startswith(_WEBHOOK)
            broken = ("response" if reads else "request") in RULES[kind]
            what = f"{kind}: {detail}" if detail else kind
            found.add(Change(operation, place, what, broken, schema))
    return sorted(found)


class _Node(NamedTuple):
    """A part of a document, with its references expanded."""

    kind: str
    facts: Document
    parts: dict[str, _Node]
    schema: str = ""


class _Expander:
    """Makes nodes of the operations of a document."""

    def __init__(self, document: Document) -> None:
        self._paths, self._webhooks = document["paths"], document.get("webhooks", {})
        self._inherited = {key: document.get(key, []) for key in ("servers", "security")}
        self._schemas = document.get("components", {}).get("schemas", {})
        schemes = document.get("components", {}).get("securitySchemes", {})
        self._credentials = {name: _credential(scheme) for name, scheme in schemes.items()}

    def operations(self) -> dict[str, _Node]:
        found: dict[str, _Node] = {}
        for kind, items in (("", self._paths), (_WEBHOOK, self._webhooks)):
            for path, item in items.items():
                inherited = {"servers": item["servers"]} if "servers" in item else {}
                for method, content in item.items():
                    # Do not filter by known methods: this would hide the operations of a new
                    # method.
                    if isinstance(content, dict) and not method.startswith("x-"):
                        call = f"{method.upper()} {path}"
                        name = f"{kind}{call}" if kind else content.get("operationId", call)
                        found[name] = self._operation(call, {**inherited, **content})
        return found

    def _operation(self, call: str, content: Document) -> _Node:
        facts = _facts({**self._inherited, **content, "call": call})
        facts["security"] = sorted(map(self._words, facts["security"] or [{}]))
        given = content.get("parameters", ())
        parts = {f"{one['in']} {one['name']}": self._member(one, "field") for one in given}
        if "requestBody" in content:
            parts["request"] = self._message(content["requestBody"], "field")
        for status, response in content.get("responses", {}).items():
            outcome = "success" if status[0] in "23" else "error"
            parts[f"response {status}"] = self._message(response, f"{outcome} status")
        return _Node("operation", facts, parts)

    def _words(self, choice: dict[str, list[str]]) -> str:
        words = [" ".join([self._credentials.get(name, name), *choice[name]]) for name in choice]
        return " and ".join(sorted(words)) or "none"

    def _message(self, message: Document, kind: str) -> _Node:
        headers, content = message.get("headers", {}), message.get("content", {})
        parts = {f" header {name}": self._member(headers[name], "field") for name in headers}
        parts |= {f" ({name})": self._member(content[name], "content type") for name in content}
        return _Node(kind, _facts(message), parts)

    def _member(self, member: Document, kind: str) -> _Node:
        media, content = next(iter(member.get("content", {}).items()), ("", member))
        node = self._schema(content.get("schema", {}), kind)
        how = {"written as": media} if media else {}
        return node._replace(facts={**node.facts, **_facts(member), **how})

    def _schema(self, schema: Document, kind: str, outer: frozenset[str] = frozenset()) -> _Node:
        seen = set(outer)
        facts = self._merged(schema, outer, seen)
        inner = frozenset(seen)
        fields, required = facts.pop("properties", {}), facts.pop("required", ())
        variants = [self._schema(one, "variant", inner) for one in facts.pop("variants", ())]
        if variants and all("type" in node.facts for node in variants):
            facts["type"] = sorted({name for node in variants for name in node.facts["type"]})
        if fields or "items" in facts:
            facts.setdefault("type", ["object" if fields else "array"])
        others = facts.pop("additionalProperties", True)
        parts = {f".{name}": self._schema(fields[name], "field", inner) for name in fields}
        for name in required:
            parts.setdefault(f".{name}", _Node("field", {}, {})).facts["required"] = True
        if others is not False and "object" in facts.get("type", ()):
            parts[".*"] = self._schema({} if others is True else others, "other keys", inner)
        if "array" in facts.get("type", ()):
            parts["[]"] = self._schema(facts.pop("items", {}), "items", inner)
        for node in variants:
            label = f" ({_label(node.facts.get('type'))}"
            twins = sum(name.startswith(label) for name in parts)
            parts[f"{label} {twins + 1})" if twins else f"{label})"] = node
        return _Node(kind, facts, parts, " & ".join(sorted(inner - outer)))

    def _merged(self, schema: Any, outer: frozenset[str], seen: set[str]) -> Document:
        """Return one schema that combines all schemas that a value has to match."""
        if isinstance(schema, bool):
            return {} if schema else {"not": {}}
        own = _facts(schema)
        choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        variants = [choice for choice in choices if choice != {"type": "null"}]
        if len(variants) < len(choices):
            own["nullable"] = True
        if len(variants) > 1:
            own["variants"] = variants
        bases = [*schema.get("allOf", ()), *(variants if len(variants) == 1 else ())]
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            bases.append({"type": "recursive"} if name in outer else self._schemas[name])
            seen.add(name)
        return reduce(_both, [*(self._merged(base, outer, seen) for base in bases), own])


def _credential(scheme: Document) -> str:
    words = [scheme[key] for key in ("type", "scheme", "in", "name") if key in scheme]
    rest = [_show(scheme[key]) for key in ("flows", "openIdConnectUrl") if key in scheme]
    return " ".join([*words, *rest])


def _facts(source: Document) -> Document:
    facts = {
        key: value
        for key, value in source.items()
        if not (key in _NO_FACTS or (key.startswith("x-") and key != "x-repeatable"))
        and (value is not False or key not in _FLAGS)
    }
    if "type" in source:
        types = {source["type"]} if isinstance(source["type"], str) else set(source["type"])
        facts |= {"nullable": True} if "null" in types else {}
        facts["type"] = sorted(types - {"null"})
    return facts


def _both(one: Document, other: Document) -> Document:
    fields = one.get("properties", {}) | other.get("properties", {})
    required = [*one.get("required", ()), *other.get("required", ())]
    return one | other | {"properties": fields, "required": required}


def _sides(old: _Node, new: _Node) -> Iterator[tuple[str, _Difference]]:
    responses: dict[_Difference, list[str]] = {}
    for place, schema, kind, detail in _differences(old, new):
        # Most content is JSON, so only other content types are listed.
        short = re.sub(r"( \(application/json\)|(?<=\)))\.", " ", place)
        if status := re.match(r"response (\w+)", short):
            rest = short[status.end() :]
            responses.setdefault((rest, schema, kind, detail), []).append(status[1])
        else:
            yield "request", (short or "operation", schema, kind, detail)
    # A response with several statuses is described for each of them, but listed once.
    for (place, schema, kind, detail), statuses in responses.items():
        yield "response", (f"response {'/'.join(sorted(statuses))}{place}", schema, kind, detail)


def _differences(
    old: _Node, new: _Node, place: str = "", schema: str = ""
) -> Iterator[_Difference]:
    schema = new.schema or old.schema or schema
    before, after = _types(old.facts.get("type")), _types(new.facts.get("type"))
    variants = [any(part.kind == "variant" for part in node.parts.values()) for node in (old, new)]
    # If either one allows any type, or they have no type in common, list only the change of the
    # type.
    comparable = ("type" in old.facts) == ("type" in new.facts) and before & after
    for key in old.facts.keys() | new.facts.keys():
        pair = old.facts.get(key), new.facts.get(key)
        implied = all(variants) and comparable if key == "type" else not comparable
        if pair[0] != pair[1] and (key == "required" or not implied):
            yield from ((place, schema, *judged) for judged in _judged(key, *pair))
    if not comparable or (before ^ after) & {"object", "array"}:
        return
    for name, part in (old.parts | new.parts).items():
        inside = schema and schema + name
        if name in old.parts and name in new.parts:
            yield from _differences(old.parts[name], new.parts[name], place + name, inside)
        elif part.kind != "variant" or all(variants):
            kind = _presence(part, "added" if name in new.parts else "removed")
            yield place + name, inside, kind, ""


def _presence(node: _Node, verb: str) -> str:
    if node.kind != "field" or verb == "removed":
        return f"{node.kind} {verb}".removeprefix("field ")
    return "added, required" if "required" in node.facts else "added, optional"


def _judged(key: str, old: Any, new: Any) -> Iterator[tuple[str, str]]:
    """Yield the rules that apply to a fact, with details. None means that it is missing."""
    detail = f"{_show(old)} → {_show(new)}"
    if key == "type":
        yield from _type(old, new)
    elif key == "enum":
        yield from _enum(old, new)
    elif key in ("required", "nullable", "deprecated", "x-repeatable"):
        word = key.removeprefix("x-")
        yield f"becomes {word}" if new else f"no longer {word}", ""
    elif key in ("pattern", "default"):
        verb = "added" if old is None else "removed" if new is None else "changed"
        yield f"{key} {verb}", detail
    elif key in (*_FLOORS, *_CEILINGS):
        tightened = new is not None and (old is None or (new > old) == (key in _FLOORS))
        yield f"bound {'tightened' if tightened else 'loosened'}", f"{key} {detail}"
    elif key == "security":
        enough = "none" in new or set(old) <= set(new)
        words = f"{' or '.join(old)} → {' or '.join(new)}"
        yield f"security {'loosened' if enough else 'tightened'}", words
    elif key == "call":
        # The name of a path parameter is not part of the URL.
        if re.sub(r"{.*?}", "{}", old) != re.sub(r"{.*?}", "{}", new):
            yield "operation moved", f"{old} → {new}"
    else:
        known = f"{key} changed" in RULES
        yield f"{key if known else 'keyword'} changed", detail if known else f"{key} {detail}"


def _type(old: list[str] | None, new: list[str] | None) -> Iterator[tuple[str, str]]:
    before, after = _types(old), _types(new)
    if before != after:
        word = "narrowed" if after < before else "widened" if after > before else "changed"
        yield f"type {word}", f"{_label(old)} → {_label(new)}"


def _enum(old: list[Any] | None, new: list[Any] | None) -> Iterator[tuple[str, str]]:
    if old is None or new is None:
        yield f"{'now' if old is None else 'no longer'} limited to", _show(old or new)
        return
    before, after = {_show(value) for value in old}, {_show(value) for value in new}
    yield from (("enum value removed", value) for value in before - after)
    yield from (("enum value added", value) for value in after - before)


def _types(names: list[str] | None) -> frozenset[str]:
    known = _TYPES if names is None else frozenset(names)
    return known | {"integer"} if "number" in known else known


def _label(names: list[str] | None) -> str:
    return "any" if names is None else " | ".join(names) or "null"


def _show(value: object) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
