"""OAI-PMH 2.0: the records of a repository, as DCAT in RDF/XML where it has that, else as Dublin Core.

A first visit, and every so often another, lists everything; visits between ask for what has changed since the one
before, by the server's own clock. A server that does not keep deletions is asked for everything each time. Of a list
that breaks off, a later visit goes on where the earlier one ended; what it has not seen is then not taken for gone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from catalogue.errors import FetchError, SourceError
from catalogue.harvesters import _oai_dc, _oai_metadata
from catalogue.harvesters._entry import record_key
from catalogue.harvesters._oai_protocol import (
    Answer,
    Refusal,
    Service,
    child,
    children,
    elements,
    local_name,
    moment_of,
    text_of,
)
from catalogue.identity import Minter
from catalogue.model import Checkpoint, Deleted, Document, Finding, Found, Partial, Reading, Report, Severity
from catalogue.sandbox import Batch, Element
from catalogue.visit import MAX_PAGES, TOKEN, Option, Visit, is_missing

PRECEDENCE = 60
OPTIONS: Mapping[str, Option] = {
    "prefix": Option("", "The metadata prefix to ask for; without it, the best that the repository has."),
    "set": Option("", "The one set whose records are taken, by its setSpec."),
    "types": Option(_oai_dc.SOFTWARE, "Words in the `dc:type` of software; other Dublin Core is left out."),
    "all": Option(False, "Take all records in Dublin Core, whatever their type."),
    "full_every": Option(10, "Every how many visits everything is listed, and not just what has changed."),
    "token": TOKEN,
}

# The best first.
_PREFIXES = tuple(re.compile(pattern, re.IGNORECASE) for pattern in ("dcat.?ap", "dcat", "adms", "rdf", "oai_dc"))
# A format of this name may be RDF of any kind.
_VAGUE = re.compile("rdf", re.IGNORECASE)
# The server gives this many pages without anything new before it is taken to give them without end.
_MAX_STALE = 3
_SINCE, _VISITS, _RESUME, _RDF = "since", "visits", "resume", "rdf"


def recognises(location: str, document: Document | None) -> bool:
    """By a request of the protocol in its address, or an answer of it."""
    if any(name == "verb" for name, _ in parse_qsl(urlsplit(location).query)):
        return True
    return document is not None and b"http://www.openarchives.org/OAI/2.0/" in document.content[:4096]


def documents(visit: Visit) -> Iterator[Found]:
    """The records, each with a key made of its OAI identifier, and the address of its GetRecord.

    Raises SourceError for a repository without a format or set that can be taken, for lists that never end, and with
    the repository's words where it refuses.
    """
    harvest = _Harvest.begun(visit)
    if not harvest.is_full:
        yield Partial()
    if harvest.token:
        # A token is tried once: if it is what fails, the next visit begins anew.
        visit.memory.pop(_RESUME)
        yield Checkpoint()
    yield from harvest.found()
    visit.memory.pop(_RESUME, None)
    visit.memory[_VISITS] = 0 if harvest.is_full else int(visit.memory.get(_VISITS, 0)) + 1
    if moment_of(harvest.began):
        visit.memory[_SINCE] = harvest.began


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """Of Dublin Core, one reading; of RDF, one for each thing that nothing else in it leads to."""
    read = _oai_dc.readings if document.media_type == _oai_dc.MEDIA_TYPE else _oai_metadata.readings
    yield from read(key, document, minter)


def _service(visit: Visit) -> tuple[Service, dict[str, str]]:
    """The repository, identified, and the arguments that its location has, if it is that of a request."""
    parts = urlsplit(visit.location)
    asked = dict(parse_qsl(parts.query))
    own = {name: value for name, value in asked.items() if name not in _ARGUMENTS}
    base = parts._replace(query=urlencode(own), fragment="").geturl()
    service = Service(visit, base)
    return replace(service, identity=service.ask("Identify").content), asked


_EVERYWHERE = "oai_dc"
_ARGUMENTS = frozenset(["verb", "metadataPrefix", "set", "from", "until", "identifier", "resumptionToken"])


def _prefix(service: Service, wanted: str, spec: str) -> str:
    """The format to ask for; raises SourceError where the repository has none that can be read."""
    offered = _offered(service)
    known = [name for p in _PREFIXES for name in offered if p.search(name)]
    choices = [wanted] if wanted else list(dict.fromkeys(known))
    if not choices or choices[0] not in offered:
        what = f"no format {wanted}" if wanted else "no format that can be read (DCAT as RDF/XML, oai_dc)"
        raise SourceError(f"{service.visit.source.id}: the repository has {what}; it has {', '.join(offered)[:500]}")
    while len(choices) > 1 and _VAGUE.fullmatch(choices[0]) and not _is_of_catalogues(service, choices[0], spec):
        del choices[0]
    return choices[0]


def _offered(service: Service) -> list[str]:
    """The formats that a repository lists; where it has no such list, the one that all repositories have."""
    try:
        formats = children(service.ask("ListMetadataFormats").content, "metadataFormat")
    except SourceError as error:
        if isinstance(error, FetchError) and not is_missing(error):
            raise
        return [_EVERYWHERE]
    return [text_of(name) for entry in formats if (name := child(entry, "metadataPrefix"))]


def _is_of_catalogues(service: Service, prefix: str, spec: str) -> bool:
    """Whether RDF is more than what DSpace and EPrints have, in which everything is a publication. It is remembered,
    since another format would make other records."""
    memory = service.visit.memory
    if _RDF not in memory:
        try:
            answer = service.ask("ListRecords", metadataPrefix=prefix, set=spec)
        except Refusal as refusal:
            return refusal.code != "cannotDisseminateFormat"
        told = list(filter(None, (child(record, "metadata") for record in elements(answer.content))))
        if not told:
            return True
        memory[_RDF] = any(map(_oai_metadata.is_of_catalogues, told))
    return bool(memory[_RDF])


def _check_set(service: Service, wanted: str) -> None:
    """Raises SourceError for a set that is not there: a repository answers for it as for one that is empty."""
    answer, names, tokens = service.ask("ListSets"), [], set[str]()
    for _ in range(MAX_PAGES):
        names += [text_of(name) for entry in children(answer.content, "set") if (name := child(entry, "setSpec"))]
        if wanted in names or not answer.token or answer.token in tokens:
            break
        tokens.add(answer.token)
        answer = service.ask("ListSets", resumptionToken=answer.token)
    if wanted not in names:
        known = ", ".join(names)[:500]
        raise SourceError(f"{service.visit.source.id}: the repository has no set {wanted}; it has {known}")


@dataclass
class _Harvest:
    """One list of records, under way."""

    service: Service
    prefix: str
    spec: str
    since: str
    token: str
    began: str
    """When the list began, by the server's clock."""
    is_full: bool
    verb: str = "ListRecords"
    _seen: set[str] = field(default_factory=set)
    _size: int = 0

    @classmethod
    def begun(cls, visit: Visit) -> "_Harvest":
        """What to ask for, by the options and by what is remembered of the visit before."""
        service, asked = _service(visit)
        spec = str(visit.option("set", OPTIONS)) or asked.get("set", "")
        prefix = _prefix(service, str(visit.option("prefix", OPTIONS)) or asked.get("metadataPrefix", ""), spec)
        resumed = visit.memory.get(_RESUME) or {}
        keeps = service.said("deletedRecord").lower() in ("persistent", "transient")
        is_due = int(visit.memory.get(_VISITS, 0)) + 1 >= int(visit.option("full_every", OPTIONS))
        since = "" if is_due or not keeps else service.overlapping(str(visit.memory.get(_SINCE, "")))
        begins = resumed.get("since", since), resumed.get("token", ""), resumed.get("began", "")
        verb = resumed.get("verb", "ListRecords")
        return cls(service, prefix, spec, *begins, is_full=not (begins[0] or begins[1]), verb=verb)

    @property
    def visit(self) -> Visit:
        return self.service.visit

    def found(self) -> Iterator[Found]:
        """What is in the list, page by page; Partial where it ended before its end."""
        may_restart, stale, tokens = True, 0, set[str]()
        for _ in range(MAX_PAGES):
            try:
                answer = self._next()
            except Refusal as refusal:
                if refusal.code == "noRecordsMatch":
                    yield from self._ended()
                    return
                may_restart, tokens = self._restarted(refusal, may_restart), set()
                continue
            known = len(self._seen)
            records = self._page(answer)
            # All at once, so that what is in them is parsed together; but not what is asked for one by one.
            yield from list(records) if self.verb == "ListRecords" else records
            stale = stale + 1 if len(self._seen) == known else 0
            self.token, self._size = answer.token, answer.size or self._size
            if not self.token:
                yield from self._ended()
                return
            self._check_progress(tokens, stale if may_restart else 0, is_new=len(self._seen) > known)
            self._remember()
            yield Checkpoint()
        raise SourceError(f"{self.visit.source.id}: the repository has more than {MAX_PAGES:,} pages")

    def _ended(self) -> Iterator[Partial]:
        """Whether the list had all that it said it had; some say so on its first page only, in a number that need not
        be right. Raises SourceError where it is empty since there is no such set."""
        if self.is_full and self.spec and not self._seen:
            _check_set(self.service, self.spec)
        if self.is_full and len(self._seen) < self._size:
            message = f"The repository says that its list has {self._size:,} records; {len(self._seen):,} came."
            fix = "Have the repository give all that it counts; until then nothing that is missing is taken for gone."
            finding = Finding(Severity.WARNING, message, "completeListSize", fix=fix)
            yield Partial(self.service.address(self.verb, metadataPrefix=self.prefix, set=self.spec), (finding,))

    def _next(self) -> Answer:
        if self.token:
            return self.service.ask(self.verb, resumptionToken=self.token)
        answer = self.service.ask(self.verb, metadataPrefix=self.prefix, set=self.spec, from_=self.since)
        self.began = self.began or answer.time
        return answer

    def _restarted(self, refusal: Refusal, may_restart: bool) -> bool:
        """Begins again in the way that the refusal asks for, if there is one; whether it may do so once more."""
        if refusal.code == "badVerb" and self.verb == "ListRecords" and not self.token:
            self.verb = "ListIdentifiers"
            return may_restart
        if not may_restart or refusal.code not in ("badResumptionToken", "badArgument"):
            raise refusal
        if not self.token:
            if not self.since:
                raise refusal
            self.since = ""  # it does not take `from`
        self.token = ""
        return False

    def _check_progress(self, tokens: set[str], stale: int, is_new: bool) -> None:
        if self.token in tokens and not is_new:
            raise SourceError(f"{self.visit.source.id}: the list goes in a circle: a resumption token comes again")
        if stale >= _MAX_STALE:
            raise SourceError(f"{self.visit.source.id}: the list goes on, but {stale} pages have brought nothing new")
        tokens.add(self.token)

    def _remember(self) -> None:
        self.visit.memory[_RESUME] = {
            "token": self.token,
            "since": self.since,
            "began": self.began,
            "verb": self.verb,
        }

    def _page(self, answer: Answer) -> Iterator[Found]:
        page = _oai_metadata.new_page()
        for record in elements(answer.content):
            header = record if local_name(record) == "header" else child(record, "header")
            named = header and child(header, "identifier")
            identifier = text_of(named) if named else ""
            if header and identifier not in self._seen:
                self._seen.add(identifier)
                if identifier:
                    yield from self._record(identifier, header, record, answer.document, page)
                else:
                    url = self.service.address(self.verb, metadataPrefix=self.prefix)
                    yield _rejected("", url, "There is a record without an identifier in its header.")

    def _record(
        self, identifier: str, header: Element, record: Element, answer: Document, page: Batch
    ) -> Iterator[Found]:
        url = self.service.address("GetRecord", metadataPrefix=self.prefix, identifier=identifier)
        if header.attributes.get("status", "").strip().lower() == "deleted":
            yield Deleted(url)
            return
        try:
            metadata = child(self._whole(identifier, record), "metadata")
        except (Refusal, FetchError) as error:
            yield _rejected(identifier, url, str(error))
            return
        content = next(elements(metadata), None) if metadata else None
        if content is None:
            yield _rejected(identifier, url, "The record has no metadata.")
        elif _oai_metadata.is_rdf(content):
            yield record_key(identifier), _oai_metadata.document(content, url, answer, page)
        elif not _oai_dc.is_dublin_core(content):
            yield _rejected(identifier, url, f"The metadata are a <{content.name}>, neither RDF nor Dublin Core.")
        elif self.visit.option("all", OPTIONS) or _oai_dc.is_of_type(content, self._types()):
            yield record_key(identifier), _oai_dc.document(identifier, content, url, answer)
        elif url in self.visit.known:
            yield Deleted(url)

    def _types(self) -> tuple[str, ...]:
        return tuple(self.visit.option("types", OPTIONS))

    def _whole(self, identifier: str, record: Element) -> Element:
        """The record, asked for by itself where the list has only headers."""
        if self.verb == "ListRecords":
            return record
        answer = self.service.ask("GetRecord", metadataPrefix=self.prefix, identifier=identifier)
        return child(answer.content, "record") or answer.content


def _rejected(identifier: str, origin: str, message: str) -> Reading:
    return Reading(record_key(identifier), origin, Report((Finding(Severity.VIOLATION, message),)))
