"""publiccode.yml 0.2 to 0.7: files in a directory, one file, or one address, as solutions.

https://yml.publiccode.tools/ is the standard. Nothing but a broken identity keeps a file out: it cannot be read, names
no repository, has no name, or is a technical fork (a copy whose `url` is that of another repository). All else that is
wrong is a finding with key path, line and column, and what is right beside it is published.

Texts keep the language of their block of `description`; the name is the title in each of these languages, and under
"und" when there is none. Other names (of organisations, suites, dependencies) have no language in the standard, so they
are "und", too. Codes, versions, persons' names and platforms are plain literals. Markdown stays as written.
"""

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from catalogue.code_lists import country, language, notations
from catalogue.errors import DocumentError
from catalogue.harvesters import _publiccode_terms as terms
from catalogue.harvesters._publiccode_draft import Draft, Place, Reader, Section, is_empty, web_fault
from catalogue.harvesters._publiccode_files import WEB, documents, found_in
from catalogue.harvesters._publiccode_values import (
    check_length,
    email,
    file_address,
    language_tag,
    list_code,
    phone,
    phrases,
    prose,
    unread,
    web_page,
)
from catalogue.identity import Minter, Repository, key, organisation_identity, repository
from catalogue.licences import Licence, licence, suggestions
from catalogue.model import Document, Finding, Reading, Record, Report, Severity
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

__all__ = ["PRECEDENCE", "documents", "readings"]

PRECEDENCE = 10


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """One reading: a record, or a report with the violation that keeps the file out."""
    on_web = document.url.lower().startswith(WEB)
    origin = document.url if on_web else key
    try:
        root = read(document.content)
        repo = _repository(root, found_in(document.url) if on_web else None)
        _check_name(root)
    except DocumentError as error:
        violation = Finding(Severity.VIOLATION, str(error), None, None, error.fix, error.line, error.column)
        yield Reading(key, origin, Report((violation,)))
        return
    except _Unusable as error:
        yield Reading(key, origin, Report((error.finding,)))
        return
    draft = Draft(minter, repo, document.url if on_web else None)
    version = _describe(draft, root)
    record = Record(
        key=key,
        iri=draft.solution,
        triples=frozenset(draft.triples),
        origin=origin,
        conforms_to=terms.STANDARD + version if version in terms.VERSIONS else None,
        inferred=(DCT.publisher,) if not draft.owner else (),
        original=document.content.decode(),
        document_hash=hashlib.sha256(document.content).hexdigest(),
    )
    yield Reading(key, origin, Report(draft.findings), record)


class _Unusable(Exception):
    """A file without the identity that a record needs."""

    def __init__(self, message: str, path: str, node: Node, fix: str) -> None:
        value = node.text[:200] if isinstance(node, Scalar) else None
        self.finding = Finding(Severity.VIOLATION, message, path, value, fix, node.line, node.column)


# On these hosts a repository is below the account that it belongs to.
_ACCOUNT_HOSTS = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"})


def _repository(root: YamlMapping, found_in: str | None) -> Repository:
    """The repository of a file; raises _Unusable where there is none, or the file belongs to another."""
    fix = "Write the address of the repository, such as https://example.org/account/repository."
    node = root.get("url")
    if node is None or is_empty(node):
        raise _Unusable("The address of the repository is missing.", "url", node or root, fix)
    try:
        repo = repository(node.text if isinstance(node, Scalar) else "")
    except ValueError as error:
        raise _Unusable("This is no address of a repository.", "url", node, fix) from error
    host, _, path = repo.url.removeprefix("https://").partition("/")
    if host in _ACCOUNT_HOSTS and "/" not in path:
        raise _Unusable("This is the address of an account, not of a repository.", "url", node, fix)
    if not is_iri(repo.url):
        raise _Unusable("This is no address of a repository.", "url", node, fix)
    if found_in is not None and found_in != repo.url:
        message = f"technical fork: the file was found in {found_in}."
        raise _Unusable(message, "url", node, "Change the address if this is a variant to be listed for itself.")
    return repo


def _check_name(root: YamlMapping) -> None:
    if not any(True for _ in _names(root)):
        fix = "Add a line such as `name: Medusa`."
        raise _Unusable("The name of the software is missing.", "name", root.get("name") or root, fix)


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
    for tag, own in (draft.languages or {"und": None}).items():
        if title := own or name:
            value = text(title, tag)
            draft.say(draft.distribution, DCT.title, value)
            for predicate in (DCT.title, SCHEMA.name, DOAP.name):
                draft.say(draft.solution, predicate, value)


def _say_repository(draft: Draft, url: str) -> None:
    """The repository as the author writes it where that is a web address, else in its canonical form."""
    solution, node, identifier = draft.solution, draft.node("repository"), draft.node("identifier")
    address = IRI(url if web_fault(url)[0] is None else draft.repository.url)
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
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:\S+", re.IGNORECASE)


def _say_owner(draft: Draft, url: str) -> None:
    """The publisher by what the file says of it, else the account that the repository belongs to (inferred)."""
    owner = draft.owner
    name = owner.get("name") or (owner.get("repository owner") if "uri" not in owner else None)
    if "uri" in owner or "name" in owner:
        agent = _organisation(draft, name, owner.get("uri"))
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
    value = draft.text(node, place)
    if value is None:
        return None
    if value.lower().startswith("urn:"):
        usable = _URN.fullmatch(value) is not None and is_iri(value)
    else:
        usable = draft.address(node, place) is not None
        if not usable:
            return None
    if usable and _has_identity(value):
        return value
    draft.warn("This cannot be the URI of an organisation.", place, node, "Write a web address or a URN.")
    return None


def _has_identity(uri: str) -> bool:
    try:
        organisation_identity(uri, "")
    except ValueError:
        return False
    return True


def _organisation_section(draft: Draft, node: Node, place: Place) -> None:
    values = draft.section(node, place, _ORGANISATION)
    draft.owner.update({name: values[name] for name in ("uri", "name") if name in values})


def _used_by(draft: Draft, node: Node, place: Place) -> None:
    for item, where in draft.items(node, place):
        if isinstance(item, YamlMapping):
            draft.warn("This should be a name only.", where, item, "Write the name behind `- `, without keys.")
            item = item.get("name") or item
        name = draft.text(item, where)
        if name is not None:
            _attribute(draft, _organisation(draft, name), "user", "used-by")


def _funded_by(draft: Draft, node: Node, place: Place) -> None:
    for item, where in draft.items(node, place):
        values = _named(draft, item, where, _FUNDER)
        if values:
            agent = _organisation(draft, values.get("name"), values.get("uri"))
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
        if "email" in values:
            draft.say(agent, FOAF.mbox, IRI(values["email"]))
        if "website" in values:
            draft.say(agent, FOAF.homepage, IRI(values["website"]))
            draft.say(IRI(values["website"]), RDF.type, FOAF.Document)


def _named(draft: Draft, node: Node, place: Place, section: Section) -> dict[str, str]:
    """The values of a mapping that has a name; of a text in its place, the text as the name."""
    if not isinstance(node, Scalar):
        return draft.section(node, place, section)
    name = draft.text(node, place)
    draft.warn("This should have keys of its own; it was read as a name.", place, node, "Write `name: ` before it.")
    return {"name": name} if name else {}


def _contacts(draft: Draft, node: Node, place: Place) -> None:
    for item, where in draft.items(node, place):
        values = _named(draft, item, where, _CONTACT)
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
    if "email" in values:
        draft.say(node, V.hasEmail, IRI(values["email"]))
    if "phone" in values:
        draft.say(node, V.hasTelephone, IRI(values["phone"]))
    if "affiliation" in values:
        draft.say(node, V_ORGANIZATION_NAME, text(values["affiliation"]))


def _videos(draft: Draft, node: Node, place: Place) -> None:
    for item, where in draft.items(node, place):
        if address := draft.address(item, where):
            draft.say(draft.solution, SCHEMA.video, IRI(address))


def _logo(draft: Draft, node: Node, place: Place) -> None:
    if address := file_address(draft, node, place):
        draft.say(draft.solution, SCHEMA.image, IRI(address))
        draft.say(draft.solution, FOAF.logo, IRI(address))


def _screenshots(draft: Draft, node: Node, place: Place) -> None:
    for item, where in draft.items(node, place):
        if address := file_address(draft, item, where):
            draft.say(draft.solution, SCHEMA.screenshot, IRI(address))


def _development_status(draft: Draft, node: Node, place: Place) -> None:
    if code := list_code(draft, node, place, "development-status"):
        draft.say(draft.solution, ADMS.status, terms.STATUSES[code])
        draft.say(draft.solution, OSC.developmentStatus, notations("development-status")[code])


def _software_type(draft: Draft, node: Node, place: Place) -> str | None:
    value = draft.text(node, place)
    if value == "standalone":
        draft.warn("This value is deprecated.", place, node, "Write standalone/web, standalone/desktop and so on.")
        return value
    code = list_code(draft, node, place, "software-type")
    if code:
        draft.say(draft.solution, OSC.softwareType, notations("software-type")[code])
        draft.say(draft.solution, DCT.type, notations("software-type")[code])
    return code


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
    code = list_code(draft, node, place, code_list)
    if code is None and isinstance(node, Scalar):
        draft.say(draft.solution, DCAT.keyword, text(node.text.strip(), place.language))
    return code


def _keyword(draft: Draft, node: Node, place: Place) -> None:
    value = draft.text(node, place)
    if value is not None:
        check_length(draft, value, node, place, most=35)
        draft.say(draft.solution, DCAT.keyword, text(value, place.language))


def _platforms(draft: Draft, node: Node, place: Place) -> str | None:
    """The platforms, with a space between them."""
    found = [draft.text(node, place)] if isinstance(node, Scalar) else [v for v, _, _ in draft.texts(node, place)]
    names = [name for name in found if name]
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


def _country_codes(draft: Draft, node: Node, place: Place) -> Iterator[tuple[str, IRI]]:
    for value, item, where in draft.texts(node, place):
        code, found = value.upper(), country(value)
        if found is None:
            better = terms.COUNTRY_MISTAKES.get(code)
            fix = f"Write {better}." if better else "Write two letters, such as IT."
            draft.warn("This is not a country code of ISO 3166-1 with two letters.", where, item, fix)
            continue
        if code != value:
            draft.warn("Country codes in lower case are deprecated.", where, item, f"Write {code}.")
        yield code, found


def _maintenance_type(draft: Draft, node: Node, place: Place) -> str | None:
    code = list_code(draft, node, place, "maintenance-type")
    if code:
        draft.say(draft.solution, OSC.maintenanceModel, notations("maintenance-type")[code])
    return code


def _available_languages(draft: Draft, node: Node, place: Place) -> None:
    for _, item, where in draft.texts(node, place):
        tag = language_tag(draft, item, where) if isinstance(item, Scalar) else None
        if tag is None:
            continue
        draft.say(draft.solution, SCHEMA.inLanguage, text(tag))
        if found := language(tag):
            draft.say(draft.solution, DCT.language, found)


def _localisation_ready(draft: Draft, node: Node, place: Place) -> None:
    if value := draft.boolean(node, place):
        draft.say(draft.solution, OSC.localisationReady, Literal(value, datatype=XSD.boolean))


def _description(draft: Draft, node: Node, place: Place) -> None:
    """The blocks of texts, one a language; texts that are in none are read as of an unknown language."""
    if not isinstance(node, YamlMapping):
        draft.warn("This should have a block for each language.", place, node, "Write `en:` and the texts below it.")
        return
    draft.repeated(node, place)
    stray = tuple((name, child) for name, child in node.entries if name.text in _BLOCK.keys)
    if stray:
        fix = "Write the language, such as `en:`, above the texts."
        draft.warn("These texts are in no language.", place, stray[0][0], fix)
        draft.section(YamlMapping(stray, node.line, node.column), place, Section(_BLOCK.keys, (), _BLOCK.deprecated))
    found = {"longDescription": False, "features": False}
    for name, block in node.entries:
        if name.text not in _BLOCK.keys:
            values = _block(draft, name, block, place.key(name.text))
            found = {wanted: seen or wanted in values for wanted, seen in found.items()}
    for wanted, seen in found.items():
        if not seen and not any(name.text == wanted for name, _ in stray):
            draft.warn(f"No language has the mandatory {wanted}.", place, node, f"Add {wanted} to a language.")


def _block(draft: Draft, name: Scalar, block: Node, place: Place) -> dict[str, str]:
    known = language_tag(draft, name, place)
    tag = known or "und"
    if not isinstance(block, YamlMapping):
        draft.warn("This language has no texts.", place, block, "Write shortDescription and so on below it.")
        return {}
    if tag in draft.languages:
        twice = "This language is there twice; the first block was read."
        unknown = "Of the blocks without a language, the first was read."
        draft.warn(twice if known else unknown, place, name, "Keep one of them." if known else "Write the language.")
        return {}
    draft.languages[tag] = None
    values = draft.section(block, place.spoken(tag), _BLOCK)
    draft.languages[tag] = values.get("localisedName")
    return values


def _version(draft: Draft, node: Node, place: Place) -> str | None:
    value = draft.text(node, place)
    if value is not None and value not in terms.VERSIONS:
        fix = f"Write {terms.LATEST}, and check the keys."
        draft.warn("This is not a version of publiccode.yml that is accepted.", place, node, fix)
    return value


def _is_based_on(draft: Draft, node: Node, place: Place) -> None:
    entries = draft.items(node, place) if isinstance(node, Sequence) else ((node, place),)
    for item, where in entries:
        if address := _repository_address(draft, item, where):
            for predicate in (PROV.wasDerivedFrom, SCHEMA.isBasedOn, DCT.source, DCT.relation):
                draft.say(draft.solution, predicate, IRI(address))


def _repository_address(draft: Draft, node: Node, place: Place) -> str | None:
    """The address of a repository as written where that is a web address, else (`git@host:path`) in canonical form."""
    value = draft.text(node, place)
    if value is None or value.lower().startswith(WEB):
        return draft.address(node, place) if value else None
    try:
        address = repository(value).url
    except ValueError:
        address = ""
    if is_iri(address):
        return address
    draft.warn("This is no address of a repository.", place, node, "Write an address that begins with https://.")
    return None


def _suite(draft: Draft, node: Node, place: Place) -> None:
    if value := draft.text(node, place):
        draft.say(draft.solution, SCHEMA.applicationSuite, text(value, place.language))


def _licence(draft: Draft, node: Node, place: Place) -> None:
    value = draft.text(node, place)
    if value is None:
        return
    try:
        found = licence(value)
    except ValueError:
        near = suggestions(value)
        fix = (
            f"Did you mean {' or '.join(near)}?" if near else "Write an expression such as EUPL-1.2 or EUPL-1.2 OR MIT."
        )
        draft.warn("This is not an SPDX licence expression.", place, node, fix)
        return
    _check_licence(draft, node, place, found)
    iri = found.iri(draft.minter)
    draft.triples.update(found.triples(draft.minter))
    draft.say(draft.distribution, DCT.license, iri)
    for predicate in (SCHEMA.license, DOAP.license):
        draft.say(draft.solution, predicate, iri)


def _check_licence(draft: Draft, node: Node, place: Place, found: Licence) -> None:
    written = node.text.strip() if isinstance(node, Scalar) else ""
    fix = f"Write {found.expression}."
    if found.guessed:
        draft.warn("This is not how SPDX writes this licence.", place, node, fix)
    elif found.deprecated:
        later = found.expression.replace("-only", "-or-later")
        both = fix if later == found.expression else f"Write {found.expression} or {later}, whichever is meant."
        draft.warn("SPDX has deprecated this identifier.", place, node, both if found.expression != written else None)
    elif found.expression != written.strip("()"):
        draft.find(Severity.INFO, "SPDX writes this in another way.", place, node, fix)


def _copyright_owner(draft: Draft, node: Node, place: Place) -> None:
    if name := draft.text(node, place):
        agent = _organisation(draft, name)
        draft.say(draft.solution, DCT.rightsHolder, agent)
        draft.say(draft.solution, SCHEMA.copyrightHolder, agent)


def _repository_owner(draft: Draft, node: Node, place: Place) -> None:
    if name := draft.text(node, place):
        draft.owner["repository owner"] = name


def _maintenance(draft: Draft, node: Node, place: Place) -> None:
    values = draft.section(node, place, _MAINTENANCE)
    if not isinstance(node, YamlMapping):
        return
    model, contractors, contacts = values.get("type"), node.get("contractors"), node.get("contacts")
    if model == "contract" and (contractors is None or is_empty(contractors)):
        draft.warn("Maintenance by contract needs contractors.", place.key("contractors"), node, "Add contractors.")
    if model not in (None, "contract") and contractors is not None and not is_empty(contractors):
        where = place.key("contractors")
        draft.warn("There are contractors, but maintenance is not by contract.", where, contractors, "Change the type.")
    if model in ("internal", "community") and (contacts is None or is_empty(contacts)):
        draft.warn("Maintenance of this type needs contacts.", place.key("contacts"), node, "Add contacts.")


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
        if isinstance(item, Scalar):
            draft.warn("This should have the key id.", where, item, "Write `id: ` before it.")
            identifier = _supported(draft, item, where)
        else:
            identifier = draft.section(item, where, _SUPPORTED).get("id")
        if identifier:
            _say_standard(draft, identifier)


_ALIASES = f"The aliases are {', '.join(terms.ALIASES)}."


def _supported(draft: Draft, node: Node, place: Place) -> str | None:
    value = draft.text(node, place)
    if value is None:
        return None
    if value.startswith("alias:"):
        known = {f"alias:{name}": address for name, address in terms.ALIASES.items()}
        if value not in known:
            draft.warn("There is no such alias.", place, node, draft.suggestion(value, known) or _ALIASES)
        return known.get(value)
    if value.lower().startswith("urn:"):
        if _URN.fullmatch(value) and is_iri(value):
            return value
        draft.warn("This is not a URN.", place, node, "Write one like urn:isbn:0451450523.")
        return None
    return draft.address(node, place)


def _say_standard(draft: Draft, address: str) -> None:
    """Something that the software conforms to; European law also as the legislation that applies."""
    standard = IRI(address)
    draft.say(draft.solution, DCT.conformsTo, standard)
    draft.say(standard, RDF.type, DCT.Standard)
    if re.match(r"https?://eur-lex\.europa\.eu/eli/|https?://data\.europa\.eu/eli/", address):
        draft.say(draft.solution, DCATAP.applicableLegislation, standard)


def _italian_flag(address: str) -> Reader:
    """Reads a flag of the Italian section: if true, the software follows what is at the address."""

    def read_flag(draft: Draft, node: Node, place: Place) -> None:
        if draft.boolean(node, place) == "true":
            _say_standard(draft, address)

    return read_flag


def _nested(section: Section) -> Reader:
    """Reads a section that has nothing to be said of it as a whole."""

    def read_nested(draft: Draft, node: Node, place: Place) -> None:
        draft.section(node, place, section)

    return read_nested


def _italian_code(draft: Draft, node: Node, place: Place) -> None:
    value = draft.text(node, place)
    if value is None:
        return
    if _ITALIAN_CODE.fullmatch(f"urn:x-italian-pa:{value}"):
        draft.owner["code"] = value
    else:
        draft.warn("This is not a code of the Italian index of administrations.", place, node, "Write one like c_h501.")


_NO_MORE = "Leave it out."
_COUNTRY_SECTION = "Use supports and organisation."
_BLOCK = Section(
    {
        "localisedName": Draft.text,
        "genericName": _keyword,
        "shortDescription": prose(DCT.abstract, DOAP.shortdesc, most=150),
        "longDescription": prose(DCT.description, DOAP.description, most=10_000, least=150),
        "documentation": web_page(FOAF.page, SCHEMA.softwareHelp, page_type="documentation"),
        "apiDocumentation": web_page(FOAF.page, page_type="api-documentation"),
        "features": phrases(SCHEMA.featureList),
        "screenshots": _screenshots,
        "videos": _videos,
        "awards": phrases(SCHEMA.award),
    },
    mandatory=("shortDescription",),
    deprecated={"genericName": _NO_MORE},
)
_ORGANISATION = Section({"uri": _organisation_uri, "name": Draft.text}, mandatory=("uri",))
_FUNDER = Section({"uri": _organisation_uri, "name": Draft.text}, mandatory=("name",))
_CONTRACTOR = Section(
    {"name": Draft.text, "until": Draft.date, "email": email, "website": Draft.address},
    mandatory=("name", "until"),
)
_CONTACT = Section(
    {"name": Draft.text, "email": email, "phone": phone, "affiliation": Draft.text},
    mandatory=("name",),
)
_DEPENDENCY = Section(
    {
        "name": Draft.text,
        "version": Draft.text,
        "versionMin": Draft.text,
        "versionMax": Draft.text,
        "optional": Draft.boolean,
    },
    mandatory=("name",),
)
_SUPPORTED = Section({"id": _supported}, mandatory=("id",))
_AUDIENCE = Section({"countries": _countries, "unsupportedCountries": _unsupported_countries, "scope": _scopes})
_LEGAL = Section(
    {
        "license": _licence,
        "mainCopyrightOwner": _copyright_owner,
        "repoOwner": _repository_owner,
        "authorsFile": unread,
    },
    mandatory=("license",),
    deprecated={"repoOwner": "Use organisation.name.", "authorsFile": _NO_MORE},
)
_MAINTENANCE = Section(
    {"type": _maintenance_type, "contractors": _contractors, "contacts": _contacts}, mandatory=("type",)
)
_LOCALISATION = Section(
    {"localisationReady": _localisation_ready, "availableLanguages": _available_languages},
    mandatory=("localisationReady", "availableLanguages"),
)
_DEPENDS_ON = Section({kind: _dependencies(kind) for kind in ("open", "proprietary", "hardware")})
_ITALIAN_RULES = Section({name: _italian_flag(address) for name, address in terms.ITALIAN_RULES.items()})
_ITALIAN_PLATFORMS = Section({name: _italian_flag(address) for name, address in terms.ITALIAN_PLATFORMS.items()})
_REUSE = Section({"codiceIPA": _italian_code})
_ITALY = Section(
    {
        "countryExtensionVersion": Draft.text,
        "conforme": _nested(_ITALIAN_RULES),
        "piattaforme": _nested(_ITALIAN_PLATFORMS),
        "riuso": _nested(_REUSE),
    }
)
_FILE = Section(
    {
        "publiccodeYmlVersion": _version,
        "name": Draft.text,
        "applicationSuite": _suite,
        "url": Draft.text,
        "landingURL": web_page(DCAT.landingPage, DOAP.homepage, SCHEMA.url),
        "isBasedOn": _is_based_on,
        "softwareVersion": Draft.text,
        "releaseDate": Draft.date,
        "logo": _logo,
        "monochromeLogo": unread,
        "inputTypes": unread,
        "outputTypes": unread,
        "platforms": _platforms,
        "categories": _categories,
        "usedBy": _used_by,
        "fundedBy": _funded_by,
        "roadmap": web_page(FOAF.page, page_type="roadmap"),
        "developmentStatus": _development_status,
        "softwareType": _software_type,
        "supports": _supports,
        "organisation": _organisation_section,
        "intendedAudience": _nested(_AUDIENCE),
        "description": _description,
        "legal": _nested(_LEGAL),
        "maintenance": _maintenance,
        "localisation": _nested(_LOCALISATION),
        "dependsOn": _nested(_DEPENDS_ON),
        "IT": _nested(_ITALY),
        "it": _nested(_ITALY),
        # The German section is described beside the standard; its keys stay in the document as written.
        "DE": unread,
        "de": unread,
    },
    mandatory=(
        "publiccodeYmlVersion",
        "name",
        "url",
        "platforms",
        "developmentStatus",
        "softwareType",
        "description",
        "legal",
        "maintenance",
        "localisation",
    ),
    deprecated={
        "monochromeLogo": "Use logo.",
        "inputTypes": _NO_MORE,
        "outputTypes": _NO_MORE,
        "IT": _COUNTRY_SECTION,
        "it": _COUNTRY_SECTION,
        "DE": _COUNTRY_SECTION,
        "de": _COUNTRY_SECTION,
    },
)
