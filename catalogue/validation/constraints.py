"""The constraint components of SHACL Core that the packaged shapes use, compiled to functions.

https://www.w3.org/TR/shacl/#core-components. `COMPONENTS` is the whole list: the name of a parameter, the function that
compiles its value, and what else has to be known of it.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from catalogue.errors import DocumentError
from catalogue.rdf import IRI, BlankNode, Literal, Term
from catalogue.validation.facts import Facts
from catalogue.validation.literals import Incomparable, at_most, compare, well_formed
from catalogue.vocabulary import RDF, RDFS, SH, XSD

# From a focus node and its value nodes to the values of the results; None stands for a result without sh:value.
Check = Callable[[Facts, Term, Collection[Term]], Iterable[Term | None]]
_Accepts = Callable[[Facts, Term], bool]


class Conforming(Protocol):
    """A shape, as other shapes see it."""

    def conforms(self, facts: Facts, focus: Term) -> bool: ...


class Declaration(Protocol):
    """The shape that has a parameter, while it is compiled."""

    def refuse(self, reason: str) -> DocumentError: ...
    def parameters(self, name: str) -> list[Term]: ...
    def members(self, head: Term) -> list[Term]: ...
    def nested(self, node: Term) -> Conforming: ...


@dataclass(frozen=True)
class Component:
    """`compile` makes the check of one value of the parameter. `absent`: it has something to say of no value nodes.
    `single`: the parameter has one value at most. `paths`: it is for property shapes only."""

    compile: Callable[[Declaration, Term], Check]
    absent: bool = False
    single: bool = True
    paths: bool = False


def _each(accepts: _Accepts) -> Check:
    """A result for each value node that is not accepted."""

    def check(facts: Facts, _: Term, values: Collection[Term]) -> Iterable[Term]:
        return [value for value in values if not accepts(facts, value)]

    return check


def _integer(declaration: Declaration, value: Term) -> int:
    if isinstance(value, Literal) and value.datatype == XSD.integer and well_formed(value) and int(value.value) >= 0:
        return int(value.value)
    raise declaration.refuse(f"{value} is not an xsd:integer of 0 or more")


def _iri(declaration: Declaration, value: Term) -> IRI:
    if isinstance(value, IRI):
        return value
    raise declaration.refuse(f"{value} is not an IRI")


def _literal(declaration: Declaration, value: Term) -> Literal:
    if isinstance(value, Literal):
        return value
    raise declaration.refuse(f"{value} is not a literal")


def truth(declaration: Declaration, value: Term) -> bool:
    """The value of an xsd:boolean."""
    if isinstance(value, Literal) and value.datatype == XSD.boolean and well_formed(value):
        return value.value in ("true", "1")
    raise declaration.refuse(f"{value} is not an xsd:boolean")


def _min_count(declaration: Declaration, value: Term) -> Check:
    least = _integer(declaration, value)
    return lambda _, __, values: (None,) if len(values) < least else ()


def _max_count(declaration: Declaration, value: Term) -> Check:
    most = _integer(declaration, value)
    return lambda _, __, values: (None,) if len(values) > most else ()


def _class(_: Declaration, value: Term) -> Check:
    return _each(lambda facts, node: not isinstance(node, Literal) and facts.is_instance(node, value))


def _datatype(declaration: Declaration, value: Term) -> Check:
    datatype = _iri(declaration, value)
    if datatype == RDFS.Literal:  # no literal has it, but every literal is one, and pySHACL says so
        return _each(lambda _, node: isinstance(node, Literal))
    if datatype in (XSD.string, RDF.langString):
        return _each(lambda _, node: isinstance(node, Literal) and node.datatype == datatype)
    return _each(lambda _, node: isinstance(node, Literal) and node.datatype == datatype and well_formed(node))


_NODE_KINDS: Mapping[IRI, tuple[type, ...]] = {
    SH.IRI: (IRI,),
    SH.BlankNode: (BlankNode,),
    SH.Literal: (Literal,),
    SH.BlankNodeOrIRI: (BlankNode, IRI),
    SH.BlankNodeOrLiteral: (BlankNode, Literal),
    SH.IRIOrLiteral: (IRI, Literal),
}


def _node_kind(declaration: Declaration, value: Term) -> Check:
    kinds = _NODE_KINDS.get(_iri(declaration, value))
    if kinds is None:
        raise declaration.refuse(f"{value} is no kind of node")
    return _each(lambda _, node: isinstance(node, kinds))


def _in(declaration: Declaration, value: Term) -> Check:
    members = frozenset(declaration.members(value))
    return _each(lambda _, node: node in members)


def _has_value(_: Declaration, value: Term) -> Check:
    return lambda _, __, values: () if value in values else (None,)


# What XPath's regular expressions have and Python's have not, or the other way round: such a pattern would not mean the
# same everywhere.
_FOREIGN = re.compile(r"\\[pPiIcCbBAZ]|\(\?[^:]|\[[^\]]*-\[")
_FLAGS: Mapping[str, re.RegexFlag] = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
# An escaped character, a class, or the end that XPath matches at the very end only, and Python before a last newline.
_END = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$", re.DOTALL)


def _pattern(declaration: Declaration, value: Term) -> Check:
    flags = "".join(_literal(declaration, flag).value for flag in declaration.parameters("flags"))
    search = _expression(declaration, _literal(declaration, value).value, flags).search
    return _each(lambda _, node: not isinstance(node, BlankNode) and search(node.value) is not None)


def _expression(declaration: Declaration, text: str, flags: str) -> re.Pattern[str]:
    """The regular expression of SPARQL's REGEX, https://www.w3.org/TR/xpath-functions/#regex-syntax."""
    if _FOREIGN.search(text) or not set(flags) <= set(_FLAGS):
        raise declaration.refuse(f"the pattern {text!r} with flags {flags!r} has what is not supported here")
    if "m" not in flags:
        text = _END.sub(lambda match: r"\Z" if match[0] == "$" else match[0], text)
    combined = re.RegexFlag(0)
    for flag in flags:
        combined |= _FLAGS[flag]
    try:
        return re.compile(text, combined)
    except re.error as error:
        raise declaration.refuse(f"the pattern {text!r}: {error}") from error


def _min_length(declaration: Declaration, value: Term) -> Check:
    least = _integer(declaration, value)
    return _each(lambda _, node: not least or (not isinstance(node, BlankNode) and len(node.value) >= least))


def _max_length(declaration: Declaration, value: Term) -> Check:
    most = _integer(declaration, value)
    return _each(lambda _, node: not isinstance(node, BlankNode) and len(node.value) <= most)


def _bound(holds: Callable[[int], bool], declaration: Declaration, value: Term) -> Check:
    bound = _literal(declaration, value)

    def accepts(_: Facts, node: Term) -> bool:
        try:
            return isinstance(node, Literal) and holds(compare(node, bound))
        except Incomparable:
            return False

    return _each(accepts)


def _unique_lang(declaration: Declaration, value: Term) -> Check:
    """The terms' language tags are in lower case, whatever the document's are."""
    if not truth(declaration, value):
        return lambda _, __, ___: ()

    def check(_: Facts, __: Term, values: Collection[Term]) -> Iterable[None]:
        tags = [value.language for value in values if isinstance(value, Literal) and value.language]
        return (None,) if len(set(tags)) < len(tags) else ()

    return check


def _language_in(declaration: Declaration, value: Term) -> Check:
    ranges = [_literal(declaration, member).value.lower() for member in declaration.members(value)]
    wanted, prefixes = frozenset(ranges), tuple(f"{tag}-" for tag in ranges)

    def accepts(_: Facts, node: Term) -> bool:
        tag = node.language if isinstance(node, Literal) else None
        return bool(tag) and ("*" in wanted or tag in wanted or str(tag).startswith(prefixes))

    return _each(accepts)


def _equals(declaration: Declaration, value: Term) -> Check:
    other = _iri(declaration, value)

    def check(facts: Facts, focus: Term, values: Collection[Term]) -> Iterable[Term]:
        return set(values) ^ set(facts.objects(focus, other))

    return check


def _disjoint(declaration: Declaration, value: Term) -> Check:
    other = _iri(declaration, value)

    def check(facts: Facts, focus: Term, values: Collection[Term]) -> Iterable[Term]:
        return set(values) & set(facts.objects(focus, other))

    return check


def _less_than_or_equals(declaration: Declaration, value: Term) -> Check:
    other = _iri(declaration, value)

    def check(facts: Facts, focus: Term, values: Collection[Term]) -> Iterable[Term]:
        bounds = facts.objects(focus, other)
        return [value for value in values if not all(_not_after(value, bound) for bound in bounds)]

    return check


def _not_after(one: Term, other: Term) -> bool:
    if isinstance(one, BlankNode) or isinstance(other, BlankNode):
        return False
    literals = [Literal(term.value) if isinstance(term, IRI) else term for term in (one, other)]
    return at_most(literals[0], literals[1])


def _node(declaration: Declaration, value: Term) -> Check:
    return _each(declaration.nested(value).conforms)


def _not(declaration: Declaration, value: Term) -> Check:
    conforms = declaration.nested(value).conforms
    return _each(lambda facts, node: not conforms(facts, node))


def _combined(holds: Callable[[Iterable[bool]], bool], declaration: Declaration, value: Term) -> Check:
    shapes = [declaration.nested(member) for member in declaration.members(value)]
    return _each(lambda facts, node: holds(shape.conforms(facts, node) for shape in shapes))


def _exactly_one(answers: Iterable[bool]) -> bool:
    return sum(answers) == 1


COMPONENTS: Mapping[str, Component] = {
    "minCount": Component(_min_count, absent=True, paths=True),
    "maxCount": Component(_max_count, paths=True),
    "class": Component(_class, single=False),
    "datatype": Component(_datatype),
    "nodeKind": Component(_node_kind),
    "in": Component(_in),
    "hasValue": Component(_has_value, absent=True, single=False),
    "pattern": Component(_pattern),
    "minLength": Component(_min_length),
    "maxLength": Component(_max_length),
    "minInclusive": Component(partial(_bound, lambda order: order >= 0)),
    "maxInclusive": Component(partial(_bound, lambda order: order <= 0)),
    "uniqueLang": Component(_unique_lang, paths=True),
    "languageIn": Component(_language_in),
    "equals": Component(_equals, absent=True, single=False),
    "disjoint": Component(_disjoint, single=False),
    "lessThanOrEquals": Component(_less_than_or_equals, single=False, paths=True),
    "node": Component(_node, single=False),
    "not": Component(_not, single=False),
    "and": Component(partial(_combined, all), single=False),
    "or": Component(partial(_combined, any), single=False),
    "xone": Component(partial(_combined, _exactly_one), single=False),
}
"""By the local name of the parameter; `sh:property` and `sh:closed`, whose results are of another form, are in
`shapes.py`."""


def component(parameter: str) -> IRI:
    """The component of a parameter: sh:minCount is of sh:MinCountConstraintComponent."""
    return IRI(f"{SH.iri}{parameter[0].upper()}{parameter[1:]}ConstraintComponent")
