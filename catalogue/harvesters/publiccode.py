"""publiccode.yml 0.2 to 0.7: of forges, repositories, directories, files and addresses, as solutions.

The report is that of `catalogue.publiccode`, milder: nothing but a broken identity keeps a file out, so only that is a
violation: it cannot be read, names no repository, or has no name. All else that is wrong is a warning, and what is
right beside it is published; so is what has a key of 0.1, which files of all versions still have. A technical fork (a
copy whose `url` is that of another repository, and not one that its own had before) is not for here, and skipped.

Texts keep the language of their block of `description`; the name is the title in each of these languages, and under
"und" when there is none. Other names (of organisations, suites, dependencies) have no language in the standard, so they
are "und", too. Codes, versions, persons' names and platforms are plain literals. Markdown stays as written.
"""

import hashlib
import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from catalogue.code_lists import country, language, notations
from catalogue.errors import DocumentError
from catalogue.harvesters import _forge_others as others
from catalogue.harvesters import _json, _licence_names
from catalogue.harvesters import _publiccode_terms as terms
from catalogue.harvesters._forge_found import Place as FoundPlace
from catalogue.harvesters._forge_found import as_publiccode, more, same, unpacked
from catalogue.harvesters._forge_visit import OPTIONS
from catalogue.harvesters._git import is_repository
from catalogue.harvesters._publiccode_draft import Draft, Place, Reader, Section, plain, reader
from catalogue.harvesters._publiccode_files import WEB, documents, is_list, is_on_forge, is_page_of_forge
from catalogue.harvesters._publiccode_values import file_itself, phrases, prose, web_page
from catalogue.harvesters._split import beginnings, names
from catalogue.identity import Minter, Repository, key, repository
from catalogue.model import Document, Finding, Reading, Record, Report, Severity
from catalogue.publiccode import values as value_of
from catalogue.publiccode.forges import found_in, repository_named
from catalogue.publiccode.standard import LANGUAGE_MISTAKES, RENAMED, VERSIONS
from catalogue.publiccode.validator import findings, unreadable
from catalogue.publiccode.values import is_empty
from catalogue.rdf import IRI, Literal, Triple, is_iri, text
from catalogue.vocabulary import (
    ADMS,
    COUNTRY,
    CV,
    DCAT,
    DCATAP,
    DCT,
    DOAP,
    FOAF,
    OSC,
    OWL,
    PROV,
    RDF,
    SCHEMA,
    SKOS,
    V_ORGANIZATION_NAME,
    XSD,
    V,
    concept,
)
from catalogue.yaml import Mapping as YamlMapping
from catalogue.yaml import Node, Scalar, Sequence, read

__all__ = ["OPTIONS", "PRECEDENCE", "documents", "readings", "recognises"]

PRECEDENCE = 10
_SAYS_VERSION = re.compile(rb"^[\"']?publiccodeYmlVersion[\"']?\s*:", re.MULTILINE)


def recognises(location: str, document: Document | None) -> bool:
    """By its name or the version that it says; a directory by one such file in it, or in a folder of it; accounts and
    repositories by their forge, by its name or its pages; a list of these."""
    if document is None and Path(location).is_dir():
        path = Path(location)
        inside = [path, *(entry for entry in sorted(path.iterdir()) if entry.is_dir() and entry.name[0] != ".")]
        return is_repository(path) or any(_is_described(str(folder), None) for folder in inside)
    is_said = is_on_forge(location) or is_page_of_forge(location, document)
    return is_said or _is_described(location, document) or is_list(location, document)


def _is_described(location: str, document: Document | None) -> bool:
    heads = beginnings(location, document, (".yml", ".yaml"))
    return any(map(_is_named, names(location))) or any(_SAYS_VERSION.search(head) for head in heads)


def _is_named(location: str) -> bool:
    return bool(re.search(r"publiccode\.ya?ml(?:[?#].*)?$", location, re.IGNORECASE))


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """One reading: a record, or a report with the violation that keeps the file out."""
    found = unpacked(document)
    if found is None:
        yield _read_file(key, document, minter, _places(document))
        return
    file, place = found
    if not place.file:
        yield _described(key, file, place, minter)
    elif place.file in others.FILES:
        yield others.reading(key, file, place, minter)
    else:
        yield _read_file(key, file, minter, place.addresses if place.repository else ())


def _places(document: Document) -> tuple[str, ...]:
    """The repository that a file was found in by the file's address, and its address before that for good."""
    addresses = (document.url, document.asked if document.moved else None)
    return tuple(filter(None, map(found_in, filter(None, addresses)))) if document.is_remote else ()


def _described(key: str, document: Document, place: FoundPlace, minter: Minter) -> Reading:
    """What the forge says of a repository, under the standard's keys; its owner is the account."""
    root = as_publiccode(place)
    draft = Draft(minter, _stated(root), None)
    _describe(draft, root)
    record = Record(
        key=key,
        iri=draft.solution,
        triples=frozenset((*draft.triples, *more(draft.solution, place))),
        origin=document.url,
        inferred=(DCT.publisher,),
        original=json.dumps({"repository": place.repository, **place.about}, ensure_ascii=False, indent=1),
        same=same(minter, draft.repository, place.addresses),
    )
    return Reading(key, document.url, Report(tuple(draft.findings)), record)


def _read_file(key: str, document: Document, minter: Minter, places: tuple[str, ...]) -> Reading:
    """A publiccode.yml that was found in a repository with these addresses; none where that is not known."""
    on_web = document.url.lower().startswith(WEB)
    origin = document.url if on_web else key
    try:
        root = read(document.content)
    except DocumentError as error:
        return Reading(key, origin, Report((unreadable(error),)))
    found = findings(root)
    try:
        repo, told = _repository(root, places)
        _check_name(root)
    except _Unusable as error:
        remaining = (finding for finding in found if finding.path != error.finding.path)
        return Reading(key, origin, Report((error.finding, *map(_milder, remaining))))
    found = (told, *(finding for finding in found if finding.path != "url")) if told else found
    draft = Draft(minter, repo, document.url if on_web else None)
    version = _describe(draft, root)
    record = Record(
        key=key,
        iri=draft.solution,
        triples=frozenset(draft.triples),
        origin=origin,
        conforms_to=terms.STANDARD + version if version in VERSIONS else None,
        inferred=(DCT.publisher,) if not draft.owner else (),
        original=document.content.decode(),
        document_hash=hashlib.sha256(document.content).hexdigest(),
        same=same(minter, repo, places),
    )
    return Reading(key, origin, Report((*map(_milder, found), *draft.findings)), record)


def _milder(finding: Finding) -> Finding:
    """A finding on a file that is published all the same."""
    return replace(finding, severity=Severity.WARNING) if finding.severity is Severity.VIOLATION else finding


class _Unusable(Exception):
    """A file without the identity that a record needs."""

    def __init__(
        self, message: str, path: str, root: YamlMapping, fix: str, severity: Severity = Severity.VIOLATION
    ) -> None:
        key, node = next((entry for entry in root.entries if entry[0].text == path), (root, None))
        value = node.text[:200] if isinstance(node, Scalar) else None
        self.finding = Finding(severity, message, path, value, fix, key.line, key.column)


# On these hosts a repository is below the account that it belongs to.
_ACCOUNT_HOSTS = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"})


def _repository(root: YamlMapping, places: tuple[str, ...]) -> tuple[Repository, Finding | None]:
    """The repository of a file, else the one that the file was found in, with what to say of that.

    Raises _Unusable where there is none, or the file belongs to another.
    """
    try:
        repo = _stated(root)
    except _Unusable as error:
        if not places:
            raise
        message = f"{error.finding.message} The file is read as that of {places[0]}, where it was found."
        return Repository(places[0]), replace(error.finding, severity=Severity.WARNING, message=message)
    if places and repo.url not in places:
        # Nothing is wrong with the file: it is for where its address leads, and what was read of it here before goes.
        message = f"technical fork: the file was found in {places[0]}."
        fix = "Change the address if this is a variant to be listed for itself."
        raise _Unusable(message, "url", root, fix, Severity.WARNING)
    return repo, None


def _stated(root: YamlMapping) -> Repository:
    """The repository that a file names; raises _Unusable where there is none."""
    fix = "Write the address of the repository, such as https://example.org/account/repository."
    node = root.get("url")
    if node is None or is_empty(node):
        raise _Unusable("The address of the repository is missing.", "url", root, fix)
    try:
        repo = repository(repository_named(plain(node) or ""))
    except ValueError as error:
        raise _Unusable("This is no address of a repository.", "url", root, fix) from error
    host, _, path = repo.url.removeprefix("https://").partition("/")
    if value_of.is_site(repo.url):
        raise _Unusable("This is the address of a whole site, not of a repository.", "url", root, fix)
    if host in _ACCOUNT_HOSTS and "/" not in path:
        raise _Unusable("This is the address of an account, not of a repository.", "url", root, fix)
    if not is_iri(repo.url):
        raise _Unusable("This is no address of a repository.", "url", root, fix)
    return repo


def _check_name(root: YamlMapping) -> None:
    if any(True for _ in _names(root)):
        return
    node = root.get("name")
    if node is None or is_empty(node):
        raise _Unusable("The name of the software is missing.", "name", root, "Add a line such as `name: Medusa`.")
    raise _Unusable("The name of the software should be a text.", "name", root, "Write one, such as `name: Medusa`.")


def _names(root: YamlMapping) -> Iterator[str]:
    """Every name that a file gives its software."""
    blocks = root.get("description")
    nodes = [root.get("name")]
    if isinstance(blocks, YamlMapping):
        nodes += [block.get("localisedName") for _, block in blocks.entries if isinstance(block, YamlMapping)]
    yield from (node.text for node in nodes if isinstance(node, Scalar) and not is_empty(node))


def _describe(draft: Draft, root: YamlMapping) -> str | None:
    """Says all that a file says; gives the version of the standard that it names."""
    values = draft.section(root, Place(), _FILE)
    solution, distribution = draft.solution, draft.distribution
    draft.say(solution, RDF.type, DCAT.Dataset, ADMS.Asset, DOAP.Project)
    draft.say(solution, RDF.type, _software_class(values))
    draft.say(solution, DCT.type, terms.SOLUTION_BUILDING_BLOCK)
    draft.say(solution, DCAT.distribution, distribution)
    draft.say(distribution, RDF.type, DCAT.Distribution, ADMS.AssetDistribution)
    _say_titles(draft, values.get("name"))
    _say_repository(draft, values.get("url", ""))
    _say_owner(draft, values.get("url", ""))
    _say_release(draft, values.get("softwareVersion"), values.get("releaseDate"))
    return values.get("publiccodeYmlVersion")


def _software_class(values: Mapping[str, str]) -> IRI:
    """The schema.org class: of an application for the web only, and of what has no known type, source code."""
    found = terms.CLASSES.get(values.get("softwareType", ""), SCHEMA.SoftwareSourceCode)
    if found == SCHEMA.SoftwareApplication and values.get("platforms") == "web":
        return SCHEMA.WebApplication
    return found


def _say_titles(draft: Draft, name: str | None) -> None:
    """The name in each language of the description that has none of its own; in no language, as another name."""
    titles = {tag: own or name for tag, own in (draft.languages or {"und": None}).items()}
    for tag, title in titles.items():
        if title:
            value = text(title, tag)
            draft.say(draft.distribution, DCT.title, value)
            for predicate in (DCT.title, SCHEMA.name, DOAP.name):
                draft.say(draft.solution, predicate, value)
    if name and name not in titles.values():
        draft.say(draft.solution, DCT.alternative, text(name, "und"))


def _say_repository(draft: Draft, url: str) -> None:
    """The repository as the author writes it where that is a web address of it, else in its canonical form."""
    solution, node, identifier = draft.solution, draft.node("repository"), draft.node("identifier")
    is_its_own = value_of.address(url) and repository(url).url == draft.repository.url
    address = IRI(url if is_its_own else draft.repository.url)
    draft.say(solution, SCHEMA.codeRepository, address)
    draft.say(draft.distribution, DCAT.accessURL, address)
    draft.say(solution, DOAP.repository, node)
    draft.say(node, RDF.type, DOAP.Repository)
    draft.say(node, DOAP.location, address)
    draft.say(solution, ADMS.identifier, identifier)
    draft.say(identifier, RDF.type, ADMS.Identifier)
    draft.say(identifier, SKOS.notation, text(draft.repository.identity))


# ADMS-AP 2.01 makes these mandatory for every asset, and a release is one.
_REPEATED = frozenset({DCT.title, DCT.description, DCT.publisher, DCT.type, DCAT.contactPoint})


def _say_release(draft: Draft, version: str | None, released: str | None) -> None:
    """The latest release, known by its version, or by its date where the file gives no version."""
    if not (version or released):
        return
    solution = draft.solution
    release = draft.minter.thing("release", f"{draft.repository.identity} {version or released}")
    repeated = [triple for triple in draft.triples if triple.subject == solution and triple.predicate in _REPEATED]
    draft.triples.update(Triple(release, triple.predicate, triple.object) for triple in repeated)
    draft.say(release, RDF.type, DCAT.Dataset, ADMS.Asset, DOAP.Version)
    draft.say(release, DCT.isVersionOf, solution)
    for predicate in (DCT.hasVersion, DCAT.hasVersion, DCAT.hasCurrentVersion):
        draft.say(solution, predicate, release)
    if version:
        for predicate in (OWL.versionInfo, DCAT.version, SCHEMA.softwareVersion):
            draft.say(release, predicate, text(version))
    if released:
        draft.say(release, DCT.issued, Literal(f"{released}T00:00:00Z", datatype=XSD.dateTime))


_ITALIAN_CODE = re.compile(r"urn:x-italian-pa:([\w.-]+)", re.IGNORECASE | re.ASCII)


def _say_owner(draft: Draft, url: str) -> None:
    """The publisher by what the file says of it, else the account that the repository belongs to (inferred)."""
    owner = draft.owner
    name = owner.get("name") or (owner.get("repository owner") if "uri" not in owner else None)
    if "uri" in owner or "name" in owner:
        agent = _organisation(draft, name, owner.get("uri"))
        _say_homepage(draft, agent, owner.get("url"))
    elif "code" in owner:
        agent = _organisation(draft, name, f"urn:x-italian-pa:{owner['code']}")
    elif name:
        agent = _organisation(draft, name)
    else:
        agent = _account(draft, url)
    draft.say(draft.solution, DCT.publisher, agent)


def _organisation(draft: Draft, name: str | None, uri: str | None = None) -> IRI:
    """An organisation by URI or name; one in the Italian index of administrations is a public one."""
    node = draft.minter.organisation(uri, name or "")
    draft.say(node, RDF.type, FOAF.Organization, FOAF.Agent)
    if name:
        draft.say(node, FOAF.name, text(name, "und"))
        draft.say(node, SKOS.prefLabel, text(name, "und"))
    if uri:
        identifier = IRI(f"{node.value}#identifier")
        italian = _ITALIAN_CODE.fullmatch(uri)
        draft.say(node, ADMS.identifier, identifier)
        draft.say(identifier, RDF.type, ADMS.Identifier)
        draft.say(identifier, SKOS.notation, text(uri.lower() if italian else uri))
        if italian:
            draft.say(node, RDF.type, CV.PublicOrganisation)
            draft.say(node, DCT.spatial, IRI(COUNTRY + "ITA"))
            draft.say(identifier, ADMS.schemaAgency, text("Agenzia per l’Italia Digitale", "it"))
    return node


def _account(draft: Draft, url: str) -> IRI:
    """Whoever has the account that the repository is in, an organisation or a person: all but the last of its path."""
    host, _, path = draft.repository.url.removeprefix("https://").partition("/")
    account = posixpath.dirname(path)
    page = IRI(f"https://{host}/{account}" if account else f"https://{host}")
    name = unquote(account) or host
    written = re.search(re.escape(name), url, re.IGNORECASE)
    node = draft.minter.organisation(page.value, name)
    draft.say(node, RDF.type, FOAF.Agent)
    draft.say(node, FOAF.name, text(written[0] if written else name, "und"))
    draft.say(node, FOAF.account, page)
    draft.say(page, RDF.type, FOAF.OnlineAccount)
    draft.say(page, FOAF.accountName, text(name))
    return node


def _attribute(draft: Draft, agent: IRI, role: str, fragment: str) -> IRI:
    """The part that an organisation plays for the solution."""
    node = draft.node(f"{fragment}-{agent.value.rsplit('/', 1)[-1]}")
    draft.say(draft.solution, PROV.qualifiedAttribution, node)
    draft.say(node, RDF.type, PROV.Attribution)
    draft.say(node, PROV.agent, agent)
    draft.say(node, DCAT.hadRole, concept("role", role))
    return node


def _organisation_uri(draft: Draft, node: Node, place: Place) -> str | None:
    value = value_of.organisation(plain(node) or "")
    return draft.address(node, place) if value and value.lower().startswith(WEB) else value


def _organisation_section(draft: Draft, node: Node, place: Place) -> None:
    """Who publishes it; a text in the place of the section is the URI, or else the name."""
    uri = _organisation_uri(draft, node, place)
    draft.owner.update({"uri": uri} if uri else _named(draft, node, place, _ORGANISATION))


def _say_homepage(draft: Draft, agent: IRI, address: str | None) -> None:
    if address:
        draft.say(agent, FOAF.homepage, IRI(address))
        draft.say(IRI(address), RDF.type, FOAF.Document)


def _used_by(draft: Draft, node: Node, place: Place) -> None:
    for item, _ in draft.items(node, place):
        named = item.get("name") or item if isinstance(item, YamlMapping) else item
        name = plain(named)
        # "…" at the end of a list is nobody.
        if name and re.search(r"\w", name):
            _attribute(draft, _organisation(draft, name), "user", "used-by")


def _funded_by(draft: Draft, node: Node, place: Place) -> None:
    for item, where in draft.items(node, place):
        values = _named(draft, item, where, _ORGANISATION)
        if "name" in values or "uri" in values:
            agent = _organisation(draft, values.get("name"), values.get("uri"))
            _say_homepage(draft, agent, values.get("url"))
            draft.say(draft.solution, SCHEMA.funder, agent)
            _attribute(draft, agent, "funder", "funded-by")


def _contractors(draft: Draft, node: Node, place: Place) -> None:
    for item, where in draft.items(node, place):
        values = _named(draft, item, where, _CONTRACTOR)
        if "name" not in values:
            continue
        agent = _organisation(draft, values["name"])
        draft.say(draft.solution, SCHEMA.maintainer, agent)
        part = _attribute(draft, agent, "contractor", "contractor")
        if "until" in values:
            draft.say(part, SCHEMA.endDate, Literal(values["until"], datatype=XSD.date))
        draft.say(agent, FOAF.mbox, *map(IRI, values.get("email", "").split()))
        _say_homepage(draft, agent, values.get("website"))


def _named(draft: Draft, node: Node, place: Place, section: Section) -> dict[str, str]:
    """The values of a mapping that has a name; of a text in its place, the text as the name."""
    name = plain(node)
    return {"name": name} if name else draft.section(node, place, section)


def _contacts(draft: Draft, node: Node, place: Place) -> None:
    for item, where in draft.items(node, place):
        values = _named(draft, item, where, _CONTACT)
        if (email := value_of.email(values.get("name", ""))) and "email" not in values:
            values["email"] = email
        if "name" in values or "email" in values:
            _say_contact(draft, values)


def _say_contact(draft: Draft, values: Mapping[str, str]) -> None:
    identity = (draft.repository.identity, values.get("name", ""), values.get("email", ""))
    node = draft.minter.thing("contact", "\n".join(identity))
    draft.say(draft.solution, DCAT.contactPoint, node)
    draft.say(draft.solution, DOAP.maintainer, node)
    draft.say(node, RDF.type, V.Individual, V.Kind)
    if "name" in values:
        draft.say(node, V.fn, text(values["name"]))
    draft.say(node, V.hasEmail, *map(IRI, values.get("email", "").split()))
    if "phone" in values:
        draft.say(node, V.hasTelephone, IRI(values["phone"]))
    if "affiliation" in values:
        draft.say(node, V_ORGANIZATION_NAME, text(values["affiliation"]))


def _videos(draft: Draft, node: Node, place: Place) -> None:
    for item, where in draft.items(node, place):
        if address := draft.address(item, where):
            draft.say(draft.solution, SCHEMA.video, IRI(address))


def _logo(draft: Draft, node: Node, place: Place) -> None:
    if address := file_itself(draft, node, place):
        draft.say(draft.solution, SCHEMA.image, IRI(address))
        draft.say(draft.solution, FOAF.logo, IRI(address))


def _screenshots(draft: Draft, node: Node, place: Place) -> None:
    for item, where in draft.items(node, place):
        if address := file_itself(draft, item, where):
            draft.say(draft.solution, SCHEMA.screenshot, IRI(address))


def _code(node: Node, code_list: str) -> str | None:
    """A code of one of our lists."""
    return value_of.code(code_list, plain(node) or "")


def _development_status(draft: Draft, node: Node, _place: Place) -> None:
    if code := _code(node, "development-status"):
        draft.say(draft.solution, ADMS.status, terms.STATUSES[code])
        draft.say(draft.solution, OSC.developmentStatus, notations("development-status")[code])


def _software_type(draft: Draft, node: Node, _place: Place) -> str | None:
    """The code; `standalone` of 0.1 says no more than which class of thing it is."""
    code = _code(node, "software-type")
    if code:
        draft.say(draft.solution, OSC.softwareType, notations("software-type")[code])
        draft.say(draft.solution, DCT.type, notations("software-type")[code])
    return code or plain(node)


def _categories(draft: Draft, node: Node, place: Place) -> None:
    for item, where in draft.items(node, place):
        if code := _subject(draft, item, where, "category"):
            category = notations("category")[code]
            for predicate in (DCT.subject, DOAP.category, SCHEMA.applicationCategory):
                draft.say(draft.solution, predicate, category)


def _scopes(draft: Draft, node: Node, place: Place) -> None:
    for item, where in draft.items(node, place):
        if code := _subject(draft, item, where, "scope"):
            draft.say(draft.solution, DCT.subject, notations("scope")[code])
            draft.say(draft.solution, DCAT.theme, *terms.THEMES[code])


def _subject(draft: Draft, node: Node, place: Place, code_list: str) -> str | None:
    """A code of a list of subjects; a text that is none is kept as a keyword."""
    code, value = _code(node, code_list), plain(node)
    if code is None and value:
        draft.say(draft.solution, DCAT.keyword, text(value, place.language))
    return code


def _keywords(draft: Draft, node: Node, place: Place) -> None:
    for value in draft.texts(node, place):
        draft.say(draft.solution, DCAT.keyword, text(value, place.language))


def _platforms(draft: Draft, node: Node, place: Place) -> str | None:
    """The platforms, with a space between them."""
    names = list(draft.texts(node, place))
    for name in names:
        if name.lower() != "web":
            system = text(terms.OPERATING_SYSTEMS.get(name.lower(), name))
            draft.say(draft.solution, SCHEMA.operatingSystem, system)
            draft.say(draft.solution, DOAP.os, system)
    return " ".join(name.lower() for name in names)


def _countries(draft: Draft, node: Node, place: Place) -> None:
    for code, found in _country_codes(draft, node, place):
        draft.say(draft.solution, DCT.spatial, found)
        draft.say(draft.solution, SCHEMA.countriesSupported, text(code))


def _unsupported_countries(draft: Draft, node: Node, place: Place) -> None:
    for code, _ in _country_codes(draft, node, place):
        draft.say(draft.solution, SCHEMA.countriesNotSupported, text(code))


# What the EU calls countries that have other codes in ISO 3166-1.
_EU_CODES = {"UK": "GB", "EL": "GR"}


def _country_codes(draft: Draft, node: Node, place: Place) -> Iterator[tuple[str, IRI]]:
    for value in draft.texts(node, place):
        code = value_of.country_code(_EU_CODES.get(value.upper(), value))
        found = country(code) if code else None
        if code and found:
            yield code, found


def _maintenance_type(draft: Draft, node: Node, _place: Place) -> str | None:
    code = _code(node, "maintenance-type")
    if code:
        draft.say(draft.solution, OSC.maintenanceModel, notations("maintenance-type")[code])
    return code


def _available_languages(draft: Draft, node: Node, place: Place) -> None:
    for value in draft.texts(node, place):
        tag = value_of.language_tag(value) or LANGUAGE_MISTAKES.get(value.lower())
        if tag is None:
            continue
        draft.say(draft.solution, SCHEMA.inLanguage, text(tag))
        if found := language(tag):
            draft.say(draft.solution, DCT.language, found)


def _localisation_ready(draft: Draft, node: Node, _place: Place) -> None:
    if value := value_of.boolean(node):
        draft.say(draft.solution, OSC.localisationReady, Literal(value, datatype=XSD.boolean))


def _description(draft: Draft, node: Node, place: Place) -> None:
    """The blocks of texts, one a language; texts that are in none are read as of an unknown language."""
    _texts(draft, node, place)
    for name, block in node.entries if isinstance(node, YamlMapping) else ():
        if name.text not in _BLOCK:
            _block(draft, name, block, place)


def _block(draft: Draft, name: Scalar, block: Node, place: Place) -> None:
    known = value_of.language_tag(name.text)
    tag = known or "und"
    where = place.block(name.text, tag)
    if is_empty(block) or isinstance(block, Sequence):
        return
    if tag in draft.languages:
        message = "This language is there twice; the first block was read."
        unknown = "Of the blocks without a language, the first was read."
        fix = "Keep one of them." if known else "Write the language."
        draft.find(Severity.WARNING, message if known else unknown, where, name, fix)
        return
    draft.languages[tag] = _texts(draft, block, where).get("localisedName")


def _texts(draft: Draft, node: Node, place: Place) -> Mapping[str, str]:
    """The texts of a language; a text in the place of all is the short one."""
    if plain(node):
        _BLOCK["shortDescription"](draft, node, place)
    return draft.section(node, place, _BLOCK)


def _is_based_on(draft: Draft, node: Node, place: Place) -> None:
    entries = draft.items(node, place) if isinstance(node, Sequence) else ((node, place),)
    for item, where in entries:
        if address := _repository_address(draft, item, where):
            for predicate in (PROV.wasDerivedFrom, SCHEMA.isBasedOn, DCT.source, DCT.relation):
                draft.say(draft.solution, predicate, IRI(address))


def _repository_address(draft: Draft, node: Node, place: Place) -> str | None:
    """The address of a repository as written where that is a web address, else (`git@host:path`) in canonical form."""
    value = plain(node)
    if value is None or value.lower().startswith(WEB):
        return draft.address(node, place) if value else None
    try:
        address = repository(value).url
    except ValueError:
        return None
    return address if is_iri(address) else None


def _suite(draft: Draft, node: Node, place: Place) -> None:
    if value := plain(node):
        draft.say(draft.solution, SCHEMA.applicationSuite, text(value, place.language))


def _licence(draft: Draft, node: Node, _place: Place) -> None:
    written = plain(node) or ""
    # Of a list, the one that is told first would leave the others out.
    named = () if re.search("[,;]", written) else (written,)
    found = value_of.expression(written) or _licence_names.named(*named)
    if found is None:
        return
    iri = found.iri(draft.minter)
    draft.triples.update(found.triples(draft.minter))
    draft.say(draft.distribution, DCT.license, iri)
    for predicate in (SCHEMA.license, DOAP.license):
        draft.say(draft.solution, predicate, iri)


def _copyright_owner(draft: Draft, node: Node, _place: Place) -> None:
    if name := plain(node):
        agent = _organisation(draft, name)
        draft.say(draft.solution, DCT.rightsHolder, agent)
        draft.say(draft.solution, SCHEMA.copyrightHolder, agent)


def _repository_owner(draft: Draft, node: Node, _place: Place) -> None:
    if name := plain(node):
        draft.owner["repository owner"] = name


def _dependencies(kind: str) -> Reader:
    """Reads a list of dependencies: things that the solution requires, each with the part that it plays."""

    def read_dependencies(draft: Draft, node: Node, place: Place) -> None:
        for item, where in draft.items(node, place):
            values = _named(draft, item, where, _DEPENDENCY)
            if "name" in values:
                _say_dependency(draft, values, kind)

    return read_dependencies


def _say_dependency(draft: Draft, values: Mapping[str, str], kind: str) -> None:
    fields = ("name", "version", "versionMin", "versionMax", "optional")
    name = key("\n".join((kind, *(values.get(field, "") for field in fields))))
    thing, relation = draft.node(f"requires-{name}"), draft.node(f"requirement-{name}")
    draft.say(draft.solution, DCT.requires, thing)
    draft.say(draft.solution, SCHEMA.softwareRequirements, thing)
    draft.say(draft.solution, DCAT.qualifiedRelation, relation)
    draft.say(relation, RDF.type, DCAT.Relationship)
    draft.say(relation, DCT.relation, thing)
    draft.say(relation, DCAT.hadRole, concept("role", f"dependency-{kind}"))
    draft.say(thing, RDF.type, SCHEMA.Product if kind == "hardware" else SCHEMA.SoftwareApplication)
    draft.say(thing, SCHEMA.name, text(values["name"], "und"))
    versions = {"version": SCHEMA.softwareVersion, "versionMin": OSC.versionMin, "versionMax": OSC.versionMax}
    for field in versions.keys() & values.keys():
        draft.say(thing, versions[field], text(values[field]))
    if "optional" in values:
        draft.say(thing, OSC.optional, Literal(values["optional"], datatype=XSD.boolean))


def _supports(draft: Draft, node: Node, place: Place) -> None:
    for item, where in draft.items(node, place):
        named = item.get("id") if isinstance(item, YamlMapping) else item
        if identifier := _supported(draft, named or item, where):
            _say_standard(draft, identifier)


def _supported(draft: Draft, node: Node, place: Place) -> str | None:
    written = plain(node) or ""
    return draft.address(node, place) if written.lower().startswith(WEB) else value_of.supported(written)


def _say_standard(draft: Draft, address: str) -> None:
    """Something that the software conforms to; European law also as the legislation that applies."""
    standard = IRI(address)
    draft.say(draft.solution, DCT.conformsTo, standard)
    draft.say(standard, RDF.type, DCT.Standard)
    if re.match(r"https?://eur-lex\.europa\.eu/eli/|https?://data\.europa\.eu/eli/", address):
        draft.say(draft.solution, DCATAP.applicableLegislation, standard)


def _italian_flag(address: str) -> Reader:
    """Reads a flag of the Italian section: if true, the software follows what is at the address."""

    def read_flag(draft: Draft, node: Node, _place: Place) -> None:
        if value_of.boolean(node) == "true":
            _say_standard(draft, address)

    return read_flag


def _nested(section: Section, only: str = "") -> Reader:
    """Reads a section that has nothing to be said of it as a whole; a text in its place as the key that it is without
    doubt."""

    def read_nested(draft: Draft, node: Node, place: Place) -> None:
        draft.section(node, place, section)
        if only and plain(node):
            section[only](draft, node, place)

    return read_nested


def _emails(written: str) -> str | None:
    """The addresses in a text that should be one, with spaces between them."""
    found = map(value_of.email, re.split("[,;]", written))
    return " ".join(dict.fromkeys(filter(None, found))) or None


def _italian_code(draft: Draft, node: Node, _place: Place) -> None:
    value = plain(node)
    if value and value_of.administration_fault(value) is None:
        draft.owner["code"] = value


def _boolean(_draft: Draft, node: Node, _place: Place) -> str | None:
    return value_of.boolean(node)


_TEXT = reader()
_BLOCK: Section = {
    "localisedName": _TEXT,
    "genericName": _keywords,
    "freeTags": _keywords,
    "shortDescription": prose(DCT.abstract, DOAP.shortdesc),
    "longDescription": prose(DCT.description, DOAP.description),
    "documentation": web_page(FOAF.page, SCHEMA.softwareHelp, page_type="documentation"),
    "apiDocumentation": web_page(FOAF.page, page_type="api-documentation"),
    "features": phrases(SCHEMA.featureList),
    "featureList": phrases(SCHEMA.featureList),
    "screenshots": _screenshots,
    "videos": _videos,
    "awards": phrases(SCHEMA.award),
}
# An address as `url` is often no more than that of a page, so nobody is known by it.
_ORGANISATION: Section = {"uri": _organisation_uri, "name": _TEXT, "url": Draft.address}
_CONTRACTOR: Section = {
    "name": _TEXT,
    "until": reader(_json.date),
    "email": reader(_emails),
    "website": Draft.address,
}
_CONTACT: Section = {
    "name": _TEXT,
    "email": reader(_emails),
    "phone": reader(value_of.phone),
    "affiliation": _TEXT,
}
_DEPENDENCY: Section = {
    "name": _TEXT,
    "version": _TEXT,
    "versionMin": _TEXT,
    "versionMax": _TEXT,
    "optional": _boolean,
}
_AUDIENCE: Section = {
    "countries": _countries,
    "unsupportedCountries": _unsupported_countries,
    "scope": _scopes,
    "onlyFor": _scopes,
}
_LEGAL: Section = {
    "license": _licence,
    "mainCopyrightOwner": _copyright_owner,
    "repoOwner": _repository_owner,
}
_MAINTENANCE: Section = {"type": _maintenance_type, "contractors": _contractors, "contacts": _contacts}
_LOCALISATION: Section = {"localisationReady": _localisation_ready, "availableLanguages": _available_languages}
_DEPENDS_ON: Section = {kind: _dependencies(kind) for kind in ("open", "proprietary", "hardware")}
_ITALIAN_RULES: Section = {name: _italian_flag(address) for name, address in terms.ITALIAN_RULES.items()}
_ITALIAN_RULES_BEFORE: Section = {old: _ITALIAN_RULES[new] for old, new in RENAMED.items() if new in _ITALIAN_RULES}
_ITALIAN_PLATFORMS: Section = {name: _italian_flag(address) for name, address in terms.ITALIAN_PLATFORMS.items()}
_REUSE: Section = {"codiceIPA": _italian_code}
_ITALY: Section = {
    "countryExtensionVersion": _TEXT,
    "conforme": _nested({**_ITALIAN_RULES, **_ITALIAN_RULES_BEFORE}),
    "piattaforme": _nested(_ITALIAN_PLATFORMS),
    "riuso": _nested(_REUSE),
    **_ITALIAN_PLATFORMS,
}
# What is often written at the margin, though it belongs into a section that is the only one to have such a key.
_MISPLACED: Section = {
    **{name: read for name, read in _BLOCK.items() if name != "localisedName"},
    **_AUDIENCE,
    **_LEGAL,
    **_LOCALISATION,
    "contractors": _contractors,
    "contacts": _contacts,
}
_FILE: Section = {
    **_MISPLACED,
    "publiccodeYmlVersion": _TEXT,
    "name": _TEXT,
    "applicationSuite": _suite,
    "url": reader(repository_named),
    "landingURL": web_page(DCAT.landingPage, DOAP.homepage, SCHEMA.url),
    "isBasedOn": _is_based_on,
    "softwareVersion": _TEXT,
    "releaseDate": reader(_json.date),
    "logo": _logo,
    "platforms": _platforms,
    "categories": _categories,
    "tags": _categories,
    "freeTags": _keywords,
    "usedBy": _used_by,
    "fundedBy": _funded_by,
    "roadmap": web_page(FOAF.page, page_type="roadmap"),
    "developmentStatus": _development_status,
    "softwareType": _software_type,
    "supports": _supports,
    "organisation": _organisation_section,
    "intendedAudience": _nested(_AUDIENCE),
    "description": _description,
    "legal": _nested(_LEGAL, "license"),
    "maintenance": _nested(_MAINTENANCE, "type"),
    "localisation": _nested(_LOCALISATION),
    "dependsOn": _nested(_DEPENDS_ON),
    "IT": _nested(_ITALY),
    "it": _nested(_ITALY),
}
