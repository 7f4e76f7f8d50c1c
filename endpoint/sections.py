"""The sections of a thing's page, in their order for each kind. A section with nothing to show is left out.

Whatever no section shows is still on the page: its last part lists every statement (`endpoint.statements`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from catalogue import code_lists
from catalogue.entries import INDEXED
from catalogue.model import KINDS
from catalogue.rdf import IRI, Term
from catalogue.search import FACETS, Question
from catalogue.vocabulary import (
    ADMS,
    DCAT,
    DCATAP,
    DCT,
    DOAP,
    FOAF,
    ORG,
    OSC,
    PROV,
    SCHEMA,
    SKOS,
    V_ORGANIZATION_NAME,
    V,
    concept,
)
from endpoint import facets, markdown, quality
from endpoint.description import Description
from endpoint.facts import VERSION
from endpoint.licence_words import meaning
from endpoint.show import Link, Shown, Text
from endpoint.view import Card, View

_SHOWN_CARDS = 6
_SHOWN_LINKS = 60


@dataclass(frozen=True)
class Item:
    """One entry of a section: what it is called, details in a line, and a text below."""

    title: Shown
    details: tuple[Shown, ...] = ()
    note: Shown | None = None


@dataclass(frozen=True)
class Section:
    """A part of a page, with what it shows: prose, bullets, chips, items or cards; `languages` switches its text."""

    id: str
    heading: str
    prose: Markup | None = None
    language: str = ""
    languages: tuple[Link, ...] = ()
    bullets: tuple[Shown, ...] = ()
    chips: tuple[Shown, ...] = ()
    items: tuple[Item, ...] = ()
    timeline: bool = False
    cards: tuple[Card, ...] = ()
    more: Link | None = None

    def __bool__(self) -> bool:
        return bool(self.prose or self.bullets or self.chips or self.items or self.cards)


Builder = Callable[[Description, View], Iterable[Section]]

# Sections of all kinds


def _description(about: Description, view: View) -> Iterator[Section]:
    """The long text in the reader's language, with a switch to the others."""
    texts = about.texts(DCT.description, DOAP.description, SKOS.definition)
    best = view.choose(texts)
    if best is None:
        return
    others = sorted({text.language for text in texts if text.language} - {best.language})
    switch = tuple(Link(_language(tag, view), f"?lang={tag.partition('-')[0]}") for tag in others)
    yield Section("description", "Description", markdown.html(best.value), best.language, switch)


def _language(tag: str, view: View) -> Text:
    known = code_lists.language(tag)
    return view.name(known) if known else Text(tag)


def _properties(section_id: str, heading: str, *properties: IRI, show: str = "bullets") -> Builder:
    """A section of the values of some properties."""

    def build(about: Description, view: View) -> Iterator[Section]:
        shown = view.shown(about.all(*properties))
        if show == "chips":
            yield Section(section_id, heading, chips=shown)
        else:
            yield Section(section_id, heading, bullets=shown)

    return build


def _nodes(section_id: str, heading: str, *properties: IRI) -> Builder:
    """A section of the things that some properties lead to, each with the text that it has."""

    def build(about: Description, view: View) -> Iterator[Section]:
        nodes = sorted(about.iris(*properties), key=lambda node: str(view.publication.store.value(node, SKOS.notation)))
        yield Section(section_id, heading, items=tuple(_item(node, about, view) for node in nodes))

    return build


def _item(node: IRI, about: Description, view: View) -> Item:
    note = view.choose(about.texts(DCT.description, SKOS.definition, SKOS.scopeNote, node=node))
    return Item(view.name(node) if node.value.startswith(f"{about.thing.value}#") else view.link(node), (), note)


def _contacts(about: Description, view: View) -> Iterator[Section]:
    items = []
    for node in about.iris(DCAT.contactPoint):
        name = view.choose(about.texts(V.fn, node=node)) or view.name(node)
        details = about.all(V_ORGANIZATION_NAME, V.hasEmail, V.hasTelephone, V.hasURL, node=node)
        items.append(Item(name, view.shown(details)))
    yield Section("contact", "Contact", items=tuple(items))


def _attributions(about: Description, view: View) -> Iterator[Section]:
    """Who has which part in a thing: a section for each role."""
    roles: dict[Term | None, list[Item]] = {}
    for node in about.iris(PROV.qualifiedAttribution):
        agent = about.value(PROV.agent, node=node)
        if isinstance(agent, IRI):
            until = about.values(SCHEMA.endDate, node=node)
            details = tuple(Text(f"until {value}") for value in view.shown(until))
            roles.setdefault(about.value(DCAT.hadRole, node=node), []).append(Item(view.link(agent), details))
    for role, items in roles.items():
        heading = _ROLES.get(role) or (view.name(role).value if isinstance(role, IRI) else "Others who take part")
        yield Section(f"role-{len(items)}-{heading.lower().replace(' ', '-')}", heading, items=tuple(items))


_ROLES: Mapping[Term | None, str] = {
    concept("role", "user"): "Who uses it",
    concept("role", "funder"): "Who pays for it",
    concept("role", "contractor"): "Contractors",
    concept("role", "maintainer"): "Who maintains it",
    concept("role", "partner"): "Partners",
}


def _cards(section_id: str, heading: str, things: list[IRI], view: View, more: Link | None = None) -> Section:
    """Cards of the first things, and names of the others and of those that the index does not have."""
    found = {thing: view.publication.search.entry(thing.value) for thing in things[:_SHOWN_CARDS]}
    entries = [entry for entry in found.values() if entry is not None]
    rest = tuple(view.link(thing) for thing in things[:_SHOWN_LINKS] if found.get(thing) is None)
    return Section(section_id, heading, cards=view.cards(entries), bullets=rest, more=more)


def _inverse(view: View, thing: IRI, *properties: IRI) -> list[IRI]:
    """The catalogued things that refer to a thing, the catalogue itself left out."""
    store = view.publication.store
    found = {triple.subject for name in properties for triple in store.triples(None, name, thing)}
    nodes = {view.publication.minter.entity(node) for node in found if isinstance(node, IRI)} - {thing}
    return sorted((node for node in nodes if view.path(node)), key=lambda node: view.name(node).value.casefold())


def _referring(section_id: str, heading: str, *properties: IRI) -> Builder:
    """A section of the things that refer to a thing: of those with a list, else (a release) of all."""

    def build(about: Description, view: View) -> Iterator[Section]:
        found = _inverse(view, about.thing, *properties)
        yield _cards(section_id, heading, _by_kind(view, found, *INDEXED) or found, view)

    return build


def _by_kind(view: View, things: Iterable[IRI], *kinds: str) -> list[IRI]:
    """Those of some kinds; `kinds` in the order of importance does not sort."""
    return [thing for thing in things if (kind := view.publication.store.kind(thing)) and kind.name in kinds]


# Solutions


def _get_it(about: Description, view: View) -> Iterator[Section]:
    """Where the software is: its distributions, and its repository unless one of them is that."""
    # Two sources may describe the same copy; one of them says enough here.
    items = list(
        {
            item.details: item for node in about.iris(DCAT.distribution) if (item := _distribution(node, about, view))
        }.values()
    )
    addresses = set(about.iris(DCAT.distribution))
    reached = {address for node in addresses for address in about.iris(DCAT.accessURL, DCAT.downloadURL, node=node)}
    repositories = [address for address in about.iris(SCHEMA.codeRepository) if address not in reached]
    items[:0] = [Item(Text("Source code repository"), (view.link(address),)) for address in repositories]
    yield Section("get", "How to get it", items=tuple(items))


def _distribution(node: IRI, about: Description, view: View) -> Item:
    title = view.choose(about.texts(DCT.title, node=node)) or Text("Distribution")
    details = about.all(DCAT.downloadURL, DCAT.accessURL, DCT.license, DCAT.mediaType, SCHEMA.fileSize, node=node)
    path = view.path(node)
    return Item(Link(title, path) if path else title, view.shown(details))


def _documentation(about: Description, view: View) -> Iterator[Section]:
    items = []
    for page in about.iris(FOAF.page, SCHEMA.softwareHelp):
        store = view.publication.store
        kinds = about.iris(DCT.type, node=page) or [t for t in store.objects(page, DCT.type) if isinstance(t, IRI)]
        items.append(Item(view.link(page), tuple(view.name(kind) for kind in kinds)))
    yield Section("documentation", "Documentation", items=tuple(items))


def _dependencies(about: Description, view: View) -> Iterator[Section]:
    roles = {
        about.value(DCT.relation, node=node): about.iris(DCAT.hadRole, node=node)
        for node in about.iris(DCAT.qualifiedRelation)
    }
    items = []
    for node in about.iris(DCT.requires, SCHEMA.softwareRequirements):
        versions = tuple(
            Text(f"{words} {value.value}".strip())
            for words, name in (("", SCHEMA.softwareVersion), ("from", OSC.versionMin), ("up to", OSC.versionMax))
            for value in about.texts(name, node=node)
        )
        items.append(Item(view.name(node), (*(view.name(role) for role in roles.get(node, ())), *versions)))
    yield Section("dependencies", "What it needs", items=tuple(items))


def _releases(about: Description, view: View) -> Iterator[Section]:
    current = about.value(DCAT.hasCurrentVersion)
    nodes = about.iris(DCT.hasVersion, DCAT.hasVersion, DCAT.hasCurrentVersion)
    nodes.sort(key=lambda node: (str(about.value(DCT.issued, node=node) or ""), node.value), reverse=True)
    items = []
    for node in nodes:
        version = view.choose(about.texts(*VERSION, node=node)) or view.name(node)
        details = (*view.shown(about.values(DCT.issued, node=node)), *((Text("current"),) if node == current else ()))
        notes = view.choose(about.texts(ADMS.versionNotes, node=node))
        items.append(Item(Link(version, view.path(node)), details, markdown.html(notes.value) if notes else None))
    yield Section("releases", "Releases", items=tuple(items), timeline=True)


def _member_of(about: Description, view: View) -> Iterator[Section]:
    found = _by_kind(view, _inverse(view, about.thing, DCT.relation, DCAT.dataset), "initiative")
    yield _cards("initiatives", "Initiatives that list it", found, view)


def _related(about: Description, view: View) -> Iterator[Section]:
    skipped = set(about.iris(PROV.wasDerivedFrom, SCHEMA.isBasedOn))
    related = [thing for thing in about.iris(DCT.relation) if thing not in skipped]
    cards = _by_kind(view, related, "solution", "initiative")
    yield _cards("related", "Related", cards, view)
    others = tuple(view.link(thing) for thing in related if thing not in cards)
    yield Section("see-also", "See also", bullets=others)


# Initiatives


def _curated(about: Description, view: View) -> Iterator[Section]:
    things = sorted(about.iris(DCAT.dataset), key=lambda thing: view.name(thing).value.casefold())
    yield _cards("solutions", "Solutions", things, view)


def _parts_of(about: Description, view: View) -> Iterator[Section]:
    """What says that it is part of a thing: news, events, documents."""
    parts = _inverse(view, about.thing, DCT.isPartOf)
    for kind, heading in (("article", "News"), ("event", "Events"), ("document", "Documents"), ("initiative", "Parts")):
        items = [_dated(thing, view) for thing in _by_kind(view, parts, kind)]
        items.sort(key=lambda item: str(getattr(item.details[0], "value", "")) if item.details else "", reverse=True)
        yield Section(KINDS[kind].plural, heading, items=tuple(items), timeline=True)


def _dated(thing: IRI, view: View) -> Item:
    store = view.publication.store
    dates = (value for name in (SCHEMA.startDate, DCT.issued, DCT.modified) for value in store.objects(thing, name))
    first = next(dates, None)
    return Item(view.link(thing), (view.show(first),) if first else ())


def _snapshots(about: Description, view: View) -> Iterator[Section]:
    """Figures of an earlier day, as the initiative gave them."""
    for node in about.iris(OSC.snapshot):
        counts = [
            Text(f"{value.value} {one if value.value == '1' else many}")
            for name, one, many in _COUNTS
            for value in about.texts(name, node=node)
        ]
        topics = [(about.texts(SCHEMA.value, node=topic), topic) for topic in about.iris(OSC.topicCount, node=node)]
        topics.sort(key=lambda topic: -int(topic[0][0].value) if topic[0] else 0)
        chips = [Text(f"{view.name(topic)} ({number[0].value})") for number, topic in topics if number]
        yield Section("figures", view.name(node).value, bullets=tuple(counts), chips=tuple(chips))


_COUNTS = (
    (OSC.memberCount, "member", "members"),
    (OSC.solutionCount, "solution", "solutions"),
    (OSC.newsCount, "news item", "news items"),
    (OSC.eventCount, "event", "events"),
)


def _follow(about: Description, view: View) -> Iterator[Section]:
    items = [_item(node, about, view) for node in about.iris(OSC.feed)]
    for node in about.iris(FOAF.account):
        service = about.iris(FOAF.accountServiceHomepage, node=node)
        name = view.choose(about.texts(FOAF.accountName, node=node)) or view.name(node)
        items.append(Item(name, tuple(view.link(page) for page in service)))
    yield Section("follow", "Follow", items=tuple(items))


# Organisations


def _owned(about: Description, view: View) -> Iterator[Section]:
    for kind, heading in (("solution", "Solutions"), ("initiative", "Initiatives")):
        yield _listed(kind, "owner", about.thing, heading, view)


def _quality(about: Description, view: View) -> Iterator[Section]:
    """How well its solutions are described."""
    average = quality.of_owner(view, about.thing)
    if average:
        what = "Its one solution is" if average.count == 1 else f"Its {average.count:,} solutions are"
        words = f"{what} described with {average.points} of 100 points{' on average' if average.count > 1 else ''}."
        yield Section("quality", "Quality of the descriptions", prose=Markup("<p>{}</p>").format(words))


def _listed(kind: str, facet: str, thing: IRI, heading: str, view: View) -> Section:
    """The newest things of a kind that have a facet's value, and where all of them are."""
    question = Question(kind, filters={facet: (thing.value,)}, sort="modified", size=_SHOWN_CARDS)
    found = view.publication.search.ask(question, facets=())
    more = Link(Text(f"All {found.total}"), facets.address(view.edition, kind, facet, thing))
    return Section(
        f"{facet}-{KINDS[kind].plural}",
        f"{heading} ({found.total})",
        cards=view.cards(found.entries),
        more=more if found.total > len(found.entries) else None,
    )


def _takes_part(about: Description, view: View) -> Iterator[Section]:
    """The part that an organisation has in solutions and initiatives of others."""
    store = view.publication.store
    roles: dict[str, list[IRI]] = {}
    nodes = [triple.subject for triple in store.triples(None, PROV.agent, about.thing)]
    for node in (node for node in nodes if isinstance(node, IRI)):
        heading = _PARTS.get(store.value(node, DCAT.hadRole)) or "Takes part in"
        roles.setdefault(heading, []).append(view.publication.minter.entity(node))
    for heading, things in sorted(roles.items()):
        named = sorted(set(things), key=lambda thing: view.name(thing).value.casefold())
        yield _cards(heading.lower().replace(" ", "-"), heading, named, view)


_PARTS: Mapping[Term | None, str] = {
    concept("role", "user"): "Uses",
    concept("role", "funder"): "Pays for",
    concept("role", "contractor"): "Works on contract for",
    concept("role", "maintainer"): "Maintains",
    concept("role", "partner"): "Partner of",
}


def _units(about: Description, view: View) -> Iterator[Section]:
    units = [*about.iris(ORG.hasUnit), *_inverse(view, about.thing, ORG.subOrganizationOf, ORG.unitOf)]
    yield Section("units", "Parts of it", bullets=tuple(view.link(unit) for unit in dict.fromkeys(units)))


def _identifiers(about: Description, view: View) -> Iterator[Section]:
    """Each identifier once, with the body that gave it where a source says so."""
    items: dict[str, Item] = {}
    for node in about.iris(ADMS.identifier):
        agency = view.shown(about.all(ADMS.schemaAgency, ADMS.schemeAgency, node=node)[:1])
        for notation in about.texts(SKOS.notation, node=node):
            if agency or notation.value not in items:
                items[notation.value] = Item(view.show(notation), agency)
    yield Section("identifiers", "Identifiers", items=tuple(items.values()))


# Licences and topics


def _meaning(about: Description, _: View) -> Iterator[Section]:
    words = meaning(about.thing)
    if words:
        prose = Markup("<p>{}</p><p><small>{}</small></p>").format(
            words, "A summary, not legal advice: the text counts."
        )
        yield Section("meaning", "What it means", prose=prose)


def _having(about: Description, view: View) -> Iterator[Section]:
    """What has this licence, topic, country, language … , by kind of thing."""
    for kind in ("solution", "initiative", "administration", "owner", "article", "event", "document"):
        for facet in FACETS:
            if about.thing.value in facets.codes(view.edition, kind)[facet].by_value:
                yield _listed(kind, facet, about.thing, KINDS[kind].plural.capitalize(), view)


def _other_names(about: Description, view: View) -> Iterator[Section]:
    shown = view.name(about.thing).value
    names = (
        about.texts(SKOS.prefLabel, FOAF.name, DCT.title) + about.texts(SKOS.altLabel) + about.texts(DCT.alternative)
    )
    others = {name.value: Text(name.value, name.language or "") for name in names if name.value != shown}
    yield Section("names", "Other names", chips=tuple(others.values()))


_TOPICS = _properties("topics", "Topics", DCT.subject, show="chips")
_ABOUT: tuple[Builder, ...] = (_description, _TOPICS, _related, _contacts)
SECTIONS: Mapping[str, tuple[Builder, ...]] = {
    "solution": (
        _get_it,
        _description,
        _properties("features", "What it does", SCHEMA.featureList),
        _attributions,
        _documentation,
        _dependencies,
        _properties("based-on", "Built from", PROV.wasDerivedFrom, SCHEMA.isBasedOn),
        _referring("variants", "Built on it", PROV.wasDerivedFrom, SCHEMA.isBasedOn),
        _properties("conforms", "Conforms to", DCT.conformsTo, DCATAP.applicableLegislation),
        _releases,
        _properties("media", "See it", SCHEMA.screenshot, SCHEMA.video),
        _properties("awards", "Awards", SCHEMA.award),
        _member_of,
        _related,
        _TOPICS,
        _properties("keywords", "Keywords", DCAT.keyword, show="chips"),
        _contacts,
    ),
    "initiative": (
        _description,
        _properties("purpose", "What it is for", OSC.purpose),
        _properties("philosophy", "Philosophy", OSC.philosophy),
        _nodes("services", "Services", OSC.service),
        _nodes("groups", "Who it brings together", OSC.stakeholderGroup),
        _nodes("principles", "Principles", OSC.principle),
        _attributions,
        _curated,
        _parts_of,
        _related,
        _TOPICS,
        _snapshots,
        _follow,
        _contacts,
    ),
    "administration": (_description, _owned, _quality, _takes_part, _units, _identifiers, _other_names, _contacts),
    "owner": (_description, _owned, _quality, _takes_part, _units, _identifiers, _other_names, _contacts),
    "licence": (_meaning, _description, _having),
    "topic": (_description, _having, _other_names),
    "release": (
        _get_it,
        _properties("notes", "What is new", ADMS.versionNotes),
        _description,
        _TOPICS,
        _contacts,
    ),
    "distribution": (_referring("of", "What it is of", DCAT.distribution), _description),
    "contact": (_referring("for", "Contact for", DCAT.contactPoint),),
}


def sections(kind: str, about: Description, view: View) -> list[Section]:
    """The sections of a thing's page that have something to show."""
    return [section for build in SECTIONS.get(kind, _ABOUT) for section in build(about, view) if section]


def title(kind: str, about: Description, view: View) -> Text:
    """A thing's name; of a release with its version, which many are named without."""
    name, versions = view.name(about.thing), about.texts(*VERSION)
    if kind != "release" or not versions or versions[0].value in name.value:
        return name
    return Text(f"{name.value} {versions[0].value}", name.language)


def purpose(about: Description, view: View) -> Text | None:
    """The sentence below the title."""
    return view.choose(about.texts(DCT.abstract, DOAP.shortdesc))
