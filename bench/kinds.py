"""Each kind of source: records a second, harvesting again what has not changed, and memory as the source grows.

The same generated solutions are the input of every kind, as files or served on loopback by this process. Each harvest
runs in a process of its own (`python -m bench.kinds KIND LOCATION HOME`), so that its peak memory is its own.
"""

import csv
import io
import json
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from pyoxigraph import QueryResultsFormat, QueryTriples, RdfFormat
from pyoxigraph import Store as Database

from bench import generate
from bench.harvest import Numbers, peak_memory
from bench.plan import PARENT, SOURCE, Plan, clock, harvesting, settings
from bench.report import figure, megabytes, ratio, table
from catalogue.fetch import Fetch
from catalogue.harvest import Harvest, harvest
from catalogue.harvesters import HARVESTERS
from catalogue.home import Home
from catalogue.identity import Minter
from catalogue.model import Document
from catalogue.operations import Operations
from catalogue.rdf import IRI, SYNTAXES, Literal, Quad, Term, Triple, statement, text, write
from catalogue.vocabulary import AS, DCAT, DCT, FOAF, LDES, PREFIXES, RDF, SCHEMA, TREE
from catalogue.writer import source_at, writing

# Of the plan's size, one in so many, and no more than this: there are many kinds.
_SHARE, _MOST = 5, 1_000
# By how much the source is larger in which memory is to be the same.
_LARGER = 4
_TIMEOUT_S = 3600
_PAGE, _FEED_PAGE = 100, 250
_LOOPBACK = "127.0.0.1"
# Of another catalogue, whose names for things are not ours.
_MINTER = Minter("https://elsewhere.example")
_STAMP = "2026-01-01T00:00:00Z"
_XSD_DATE_TIME = IRI("http://www.w3.org/2001/XMLSchema#dateTime")
_HYDRA = "http://www.w3.org/ns/hydra/core#"


def run(plan: Plan) -> Iterator[str]:
    """The section of this benchmark, in Markdown."""
    count = min(plan.size // _SHARE, _MOST)
    solutions = [Solution.of(number) for number in range(count * _LARGER)]
    rows = [row(name, *_measure(plan.workdir, name, solutions, count)) for name in KINDS]
    yield "## Kinds of sources"
    yield (
        f"The same {count:,} generated solutions as the input of each kind of source, harvested into a new home with"
        " validation on; each organisation or release that a kind knows by itself is a record, too. What is served, is"
        " by one thread on loopback, whose time counts. Harvesting again: nothing has changed; the ratio is of the"
        f" first harvest's time to it. Then {count * _LARGER:,} solutions into another new home: records a second"
        " beside those of the smaller source, and peak memory of the whole process."
    )
    header = (
        "kind",
        "records",
        "records/s",
        "quads",
        "again",
        "first / again",
        "requests",
        "and again",
        f"records/s, {_LARGER} times the source",
        "ratio",
        "peak memory",
        f"{_LARGER} times the source",
        "ratio",
    )
    yield table(header, rows)


def row(name: str, first: Numbers, again: Numbers, larger: Numbers) -> tuple[str, ...]:
    """The row of a kind: of its first harvest, the same again, and the first of a larger source."""
    rates = [numbers["records"] / numbers["seconds"] for numbers in (first, larger)]
    return (
        name,
        f"{first['records']:,}",
        figure(rates[0]),
        figure(first["quads"] / first["records"]),
        f"{figure(again['seconds'])} s",
        ratio(first["seconds"], again["seconds"]),
        f"{first['requests']:,}",
        f"{again['requests']:,}",
        figure(rates[1]),
        ratio(rates[1], rates[0]),
        megabytes(first["memory"]),
        megabytes(larger["memory"]),
        ratio(larger["memory"], first["memory"]),
    )


def _measure(workdir: Path, name: str, solutions: Sequence["Solution"], count: int) -> tuple[Numbers, Numbers, Numbers]:
    """The first harvest of a source, the same harvest again, and the first of a larger source."""
    with _home(workdir) as home, source(name, workdir, solutions[:count]) as location:
        first, again = _apart(name, location, home), _apart(name, location, home)
    with _home(workdir) as home, source(name, workdir, solutions) as location:
        larger = _apart(name, location, home)
    if again["written"] or not first["records"]:
        raise SystemExit(f"bench: {name}: {first['records']} records, {again['written']} more of the same source")
    return first, again, larger


@contextmanager
def _home(workdir: Path) -> Iterator[Path]:
    path = workdir / "home-kinds"
    shutil.rmtree(path, ignore_errors=True)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def _apart(name: str, location: str, home: Path) -> Numbers:
    done = subprocess.run(
        [sys.executable, "-m", "bench.kinds", name, location, str(home)],
        cwd=PARENT,
        stdout=subprocess.PIPE,
        timeout=_TIMEOUT_S,
        check=True,
    )
    numbers: Numbers = json.loads(done.stdout)
    return numbers


# What the processes do


def harvested(name: str, location: str, home: Path) -> Numbers:
    """Harvests a source into a home, with what was remembered of it there; ends the process where that fails."""
    kind = KINDS[name]
    chosen = replace(source_at(kind.harvester, location, SOURCE), options=kind.options)
    with writing(settings(home), "bench", clock) as writer:
        operations = Operations(Home(home).operations)
        how = replace(harvesting(), fetch=Fetch(allow_private=(_LOOPBACK,)), operations=operations)
        before, begin = len(writer.store), time.perf_counter()
        done = harvest(writer.store, chosen, how)
        seconds, quads = time.perf_counter() - begin, len(writer.store) - before
    if done.error or done.rejected:
        raise SystemExit(f"bench: {name}: the harvest failed: {done.error or done.rejected[0]}")
    return {
        "records": done.counts["new"],
        "written": written(done),
        "seconds": seconds,
        "quads": quads,
        "requests": done.traffic.requests,
        "memory": peak_memory(),
    }


def written(done: Harvest) -> int:
    """How many records a harvest found other than they were."""
    return sum(done.counts[outcome] for outcome in ("new", "changed", "gone"))


# The solutions


@dataclass(frozen=True)
class Solution:
    """A generated solution: its publiccode.yml, what that says, and of this what other kinds of sources have, too."""

    number: int
    written: bytes
    iri: IRI
    triples: tuple[Triple, ...]

    @classmethod
    def of(cls, number: int) -> "Solution":
        """The solution of the generated file of a number."""
        written = generate.document(number)
        document = Document("publiccode.yml", written, "application/yaml", clock())
        [reading] = HARVESTERS["publiccode"].readings("publiccode.yml", document, _MINTER)
        assert reading.record is not None, reading.report
        return cls(number, written, reading.record.iri, tuple(sorted(reading.record.triples, key=statement)))

    def values(self, predicate: IRI, subject: Term | None = None) -> list[str]:
        """The values of a property, of the solution if of nothing else."""
        wanted = subject or self.iri
        found = (t.object for t in self.triples if t.subject == wanted and t.predicate == predicate)
        return [value.value for value in found if isinstance(value, IRI | Literal)]

    @cached_property
    def name(self) -> str:
        return self.values(DCT.title)[0]

    @cached_property
    def summary(self) -> str:
        return (self.values(DCT.abstract) or [self.name])[0]  # not every generated file has one

    @cached_property
    def description(self) -> str:
        return (self.values(DCT.description) or [self.summary])[0]

    @cached_property
    def repository(self) -> str:
        return self.values(SCHEMA.codeRepository)[0]

    @cached_property
    def owner(self) -> str:
        publisher = IRI(self.values(DCT.publisher)[0])
        return next(iter(self.values(FOAF.name, publisher)), self.account)

    @cached_property
    def account(self) -> str:
        """The name of the owner's account at the forge."""
        return urlsplit(self.repository).path.split("/")[1]

    @cached_property
    def licence(self) -> str:
        """Its identifier at SPDX."""
        return self.values(SCHEMA.license)[0].rpartition("/")[2]

    @cached_property
    def keywords(self) -> list[str]:
        return [subject.rpartition("/")[2] for subject in self.values(DCT.subject)]

    @cached_property
    def homepage(self) -> str:
        return f"https://{self.account}.example/{self.number}"

    @cached_property
    def email(self) -> str:
        return f"office@{self.account}.example"


Solutions = Sequence[Solution]


@dataclass(frozen=True)
class Kind:
    """One kind of source: which harvester reads it, and its files or its server; `at` is what is harvested of either.

    `files` gives names with contents, `answers` what a server answers whose base is known.
    """

    harvester: str
    files: "Callable[[Solutions], Iterable[tuple[str, bytes]]] | None" = None
    answers: "Callable[[Solutions, str], Answer] | None" = None
    at: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@contextmanager
def source(name: str, workdir: Path, solutions: Solutions) -> Iterator[str]:
    """The location of a source with the solutions, until the end of the block."""
    kind = KINDS[name]
    if kind.answers is not None:
        with _Server((_LOOPBACK, 0), _Handler) as server, _serving(server, kind.answers, solutions) as base:
            yield base + kind.at
        return
    assert kind.files is not None
    directory = workdir / "source"
    shutil.rmtree(directory, ignore_errors=True)
    for path, content in kind.files(solutions):
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(content)
    yield str(directory / kind.at)
    shutil.rmtree(directory)


# Files


def _publiccode(solutions: Solutions) -> Iterator[tuple[str, bytes]]:
    for solution in solutions:
        yield generate.path(Path(), solution.number).as_posix(), solution.written


def _rdf(solutions: Solutions) -> Iterator[tuple[str, bytes]]:
    yield "all.nt", _n_triples(solutions)


def _n_triples(solutions: Solutions) -> bytes:
    """Of all solutions, each statement once: what is said of an organisation is said by many of them."""
    lines = dict.fromkeys(statement(triple) for solution in solutions for triple in solution.triples)
    return "".join(f"{line}\n" for line in lines).encode()


def _codejson(solutions: Solutions) -> Iterator[tuple[str, bytes]]:
    releases = [_release(solution) for solution in solutions]
    inventory = {"version": "2.0.0", "agency": "DOL", "measurementType": {"method": "projects"}, "releases": releases}
    yield "code.json", _json(inventory)


def _release(solution: Solution) -> dict[str, Any]:
    licence = {"name": solution.licence, "URL": f"{solution.repository}/LICENSE"}
    return {
        "name": solution.name,
        "description": solution.description,
        "organization": solution.owner,
        "permissions": {"usageType": "openSource", "licenses": [licence]},
        "repositoryURL": solution.repository,
        "homepageURL": solution.homepage,
        "laborHours": solution.number,
        "tags": solution.keywords or ["software"],
        "contact": {"email": solution.email},
        "date": {"created": "2020-01-31", "metadataLastUpdated": "2025-01-31"},
    }


def _dpg(solutions: Solutions) -> Iterator[tuple[str, bytes]]:
    yield "solutions.jsonl", b"\n".join(_json(_good(solution)) for solution in solutions)


def _good(solution: Solution) -> dict[str, Any]:
    return {
        "id": f"solution-{solution.number}",
        "name": solution.name,
        "aliases": [""],
        "description": solution.description,
        "website": solution.homepage,
        "license": [{"spdx": solution.licence, "licenseURL": f"{solution.repository}/LICENSE"}],
        "SDGs": [{"SDGNumber": 1 + solution.number % 17, "evidenceText": solution.summary}],
        "sectors": solution.keywords,
        "type": ["software"],
        "repositories": [{"name": "main", "url": solution.repository}],
        "organizations": [{"name": solution.owner, "org_type": "owner", "contact_email": solution.email}],
        "stage": "DPG",
    }


def _codemeta(solutions: Solutions) -> Iterator[tuple[str, bytes]]:
    for solution in solutions:
        described = {
            "@context": "https://doi.org/10.5063/schema/codemeta-2.0",
            "@type": "SoftwareSourceCode",
            "name": solution.name,
            "description": solution.description,
            "codeRepository": solution.repository,
            "url": solution.homepage,
            "license": f"https://spdx.org/licenses/{solution.licence}",
            "author": [{"@type": "Organization", "name": solution.owner, "email": solution.email}],
            "keywords": solution.keywords,
            "dateModified": "2025-01-31",
        }
        yield f"{solution.number:06}/codemeta.json", _json(described)


def _ore(solutions: Solutions) -> Iterator[tuple[str, bytes]]:
    """A file for each account: few have many releases, as everywhere."""
    by_account: dict[str, list[Solution]] = defaultdict(list)
    for solution in solutions:
        by_account[solution.account].append(solution)
    for account, own in by_account.items():
        releases = "\n".join(map(_ore_release, own))
        yield f"{account}.yml", f'schemaVersion: "1.0"\nadminCode: {account}\nreleases:\n{releases}'.encode()


def _ore_release(solution: Solution) -> str:
    def both(value: str) -> str:
        return f"{{en: {json.dumps(value)}, fr: {json.dumps(value)}}}"

    return f"""\
  - name:
      en: {json.dumps(solution.name)}
      fr: {json.dumps(solution.name)}
    contact:
      - email: {solution.email}
    date:
      created: 2020-01-31
      metadataLastUpdated: 2025-01-31
    description:
      whatItDoes: {both(solution.summary)}
      howItWorks: {both(solution.description)}
    licences:
      - URL: {both(f"{solution.repository}/LICENSE")}
        spdxID: {json.dumps(solution.licence)}
    repositoryURL: {both(solution.repository)}
    status: Maintained
    tags:
      en: {json.dumps(solution.keywords or ["software"])}
"""


def _register(solutions: Solutions) -> Iterator[tuple[str, bytes]]:
    """An administration for each solution, named after its owner."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(("name", "country", "identifier", "homepage", "account", "level"))
    for solution in solutions:
        name, account = (
            f"{solution.owner} {solution.number}",
            f"https://github.com/{solution.account}-{solution.number}",
        )
        rows.writerow((name, "IT", f"{solution.homepage}/id", solution.homepage, account, "local"))
    yield "register.csv", written.getvalue().encode()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


# Servers


@dataclass(frozen=True)
class Reply:
    """An answer of a server, of status 200."""

    content: bytes
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[str, Mapping[str, str]], Reply | None]
"""What is answered to a path and the parameters of a query; None is 404."""


class _Server(HTTPServer):
    answer: Answer


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        found = self.server.answer(parts.path, dict(parse_qsl(parts.query)))
        reply = found or Reply(b"{}")
        self.send_response(200 if found else 404)
        for name, value in {"Content-Type": reply.media_type, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        self.wfile.write(reply.content)

    def log_message(self, format: str, *args: object) -> None: ...


@contextmanager
def _serving(server: _Server, answers: Callable[[Solutions, str], Answer], solutions: Solutions) -> Iterator[str]:
    base = f"http://{_LOOPBACK}:{server.server_port}"
    server.answer = answers(solutions, base)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield base
    finally:
        server.shutdown()
        thread.join()


def _pages(solutions: Solutions, size: int) -> list[Solutions]:
    return [solutions[start : start + size] for start in range(0, len(solutions), size)]


def _fixed(replies: Mapping[str, Reply]) -> Answer:
    return lambda path, _: replies.get(path)


def _hydra(solutions: Solutions, base: str) -> Answer:
    """A catalogue whose pages follow each other by `hydra:next`."""
    catalogue, pages = IRI(f"{base}/catalogue"), _pages(solutions, _PAGE)
    replies = {}
    for number, page in enumerate(pages):
        here = IRI(f"{base}/{number}")
        said = {
            Triple(catalogue, RDF.type, DCAT.Catalog),
            Triple(catalogue, DCT.title, text("All", "en")),
            Triple(here, RDF.type, IRI(f"{_HYDRA}PartialCollectionView")),
            *(Triple(catalogue, DCAT.dataset, solution.iri) for solution in page),
            *(triple for solution in page for triple in solution.triples),
        }
        if number + 1 < len(pages):
            said.add(Triple(here, IRI(f"{_HYDRA}next"), IRI(f"{base}/{number + 1}")))
        replies[f"/{number}"] = _rdf_reply(said)
    return _fixed(replies)


def _rdf_reply(triples: Iterable[Triple]) -> Reply:
    syntax = SYNTAXES["ttl"]
    return Reply(write(triples, syntax, PREFIXES), syntax.media_type)


def _ldes(solutions: Solutions, base: str) -> Answer:
    """A feed of one activity for each solution, on pages that never change; only the view that leads to them may."""
    stream, view = IRI(f"{base}/stream"), IRI(f"{base}/feed")
    declared = {
        Triple(stream, RDF.type, LDES.EventStream),
        Triple(stream, TREE.view, view),
        Triple(stream, LDES.versionOfPath, AS.object),
        Triple(stream, LDES.timestampPath, AS.published),
    }
    pages = _pages(solutions, _FEED_PAGE)
    for number in range(len(pages)):
        relation = IRI(f"{base}/feed#{number}")
        declared |= {Triple(view, TREE.relation, relation), Triple(relation, TREE.node, IRI(f"{base}/{number}"))}
    replies = {f"/{number}": _feed_page(stream, page) for number, page in enumerate(pages)}
    return _fixed({"/feed": _rdf_reply(declared), **replies})


def _feed_page(stream: IRI, page: Solutions) -> Reply:
    lines: list[str] = []
    for solution in page:
        activity = IRI(f"{stream.value}#{solution.number}")
        lines += map(
            statement,
            (
                Triple(stream, TREE.member, activity),
                Triple(activity, RDF.type, AS.Create),
                Triple(activity, AS.object, solution.iri),
                Triple(activity, AS.published, Literal(_STAMP, datatype=_XSD_DATE_TIME)),
            ),
        )
        lines += (f"{Quad(t.subject, t.predicate, t.object, activity)} ." for t in solution.triples)
    headers = {"Cache-Control": "public, max-age=604800, immutable"}
    return Reply("\n".join([*lines, ""]).encode(), SYNTAXES["nq"].media_type, headers)


def _software_catalog(solutions: Solutions, _: str) -> Answer:
    """`/v1/software`, whose pages name the next by its cursor alone."""
    pages = [[_software(solution) for solution in page] for page in _pages(solutions, _PAGE)]

    def answer(path: str, query: Mapping[str, str]) -> Reply | None:
        if path != "/v1/software":
            return None
        number = int(query.get("page[after]", 0))
        following = f"?page[after]={number + 1}" if number + 1 < len(pages) else None
        return Reply(_json({"data": pages[number], "links": {"prev": None, "next": following}}))

    return answer


def _software(solution: Solution) -> dict[str, Any]:
    return {
        "id": f"00000000-0000-0000-0000-{solution.number:012}",
        "createdAt": _STAMP,
        "updatedAt": _STAMP,
        "url": f"{solution.repository}.git",
        "aliases": [],
        "publiccodeYml": solution.written.decode(),
        "active": True,
        "vitality": None,
    }


def _ckan(solutions: Solutions, _: str) -> Answer:
    packages = [_package(solution) for solution in solutions]

    def answer(path: str, query: Mapping[str, str]) -> Reply | None:
        if path != "/api/3/action/package_search":
            return None
        start, rows = int(query["start"]), int(query["rows"])
        result = {"count": len(packages), "results": packages[start : start + rows]}
        return Reply(_json({"success": True, "result": result}))

    return answer


def _package(solution: Solution) -> dict[str, Any]:
    name = f"solution-{solution.number:06}"
    return {
        "id": f"00000000-0000-0000-0000-{solution.number:012}",
        "name": name,
        "title": solution.name,
        "notes": solution.description,
        "url": solution.homepage,
        "license_id": solution.licence,
        "state": "active",
        "private": False,
        "metadata_created": "2025-01-31T07:08:09.123456",
        "metadata_modified": "2025-01-31T07:08:09.123456",
        "organization": {"id": solution.account, "name": solution.account, "title": solution.owner},
        "maintainer_email": solution.email,
        "tags": [{"name": word, "display_name": word} for word in solution.keywords],
        "extras": [{"key": "code_repository", "value": solution.repository}],
        "resources": [
            {"id": f"{name}-code", "name": "Source code", "url": solution.repository, "format": "Git"},
            {"id": f"{name}-docs", "name": "Documentation", "url": f"{solution.homepage}/docs", "format": "HTML"},
        ],
    }


def _sparql(solutions: Solutions, _: str) -> Answer:
    database = Database()
    database.bulk_extend(Quad(t.subject, t.predicate, t.object) for solution in solutions for t in solution.triples)

    def answer(_: str, query: Mapping[str, str]) -> Reply:
        found = database.query(query["query"])
        if isinstance(found, QueryTriples):
            return Reply(found.serialize(format=RdfFormat.N_TRIPLES) or b"", SYNTAXES["nt"].media_type)
        content = found.serialize(format=QueryResultsFormat.JSON)
        return Reply(content or b"", "application/sparql-results+json")

    return answer


_OAI = '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
_OAI_FIXED = {
    "Identify": "<deletedRecord>persistent</deletedRecord><granularity>YYYY-MM-DDThh:mm:ssZ</granularity>",
    "ListMetadataFormats": "<metadataFormat><metadataPrefix>{prefix}</metadataPrefix></metadataFormat>",
}


def _oai_pmh(prefix: str, metadata: Callable[[Solution], str]) -> Callable[[Solutions, str], Answer]:
    """A repository of one format, which keeps deletions and has not changed since a harvest."""

    def answers(solutions: Solutions, _: str) -> Answer:
        pages = ["".join(_oai_record(solution, metadata) for solution in page) for page in _pages(solutions, _PAGE)]

        def answer(_: str, query: Mapping[str, str]) -> Reply:
            verb, number = query["verb"], int(query.get("resumptionToken", 0))
            if query.get("from"):
                content = '<error code="noRecordsMatch">none</error>'
            elif verb in _OAI_FIXED:
                content = f"<{verb}>{_OAI_FIXED[verb].format(prefix=prefix)}</{verb}>"
            else:
                token = number + 1 if number + 1 < len(pages) else ""
                size = f'completeListSize="{len(solutions)}"'
                content = f"<{verb}>{pages[number]}<resumptionToken {size}>{token}</resumptionToken></{verb}>"
            return Reply(f"{_OAI}<responseDate>{_STAMP}</responseDate>{content}</OAI-PMH>".encode(), "text/xml")

        return answer

    return answers


def _oai_record(solution: Solution, metadata: Callable[[Solution], str]) -> str:
    header = f"<identifier>oai:elsewhere.example:{solution.number}</identifier><datestamp>{_STAMP}</datestamp>"
    return f"<record><header>{header}</header><metadata>{metadata(solution)}</metadata></record>"


def _dublin_core(solution: Solution) -> str:
    said = {
        "title": [solution.name],
        "description": [solution.description],
        "subject": solution.keywords,
        "publisher": [solution.owner],
        "creator": [solution.owner],
        "date": ["2025-01-31"],
        "type": ["Software"],
        "identifier": [solution.homepage],
        "source": [solution.repository],
        "language": ["en"],
        "rights": [solution.licence],
    }
    elements = (f"<dc:{name}>{escape(value)}</dc:{name}>" for name, values in said.items() for value in values)
    namespaces = (
        'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    return f"<oai_dc:dc {namespaces}>{''.join(elements)}</oai_dc:dc>"


def _dcat(solution: Solution) -> str:
    """RDF/XML without the declaration, which is that of the whole answer."""
    return write(solution.triples, SYNTAXES["rdf"], PREFIXES).decode().partition("?>")[2]


KINDS: Mapping[str, Kind] = {
    "publiccode": Kind("publiccode", files=_publiccode),
    "rdf": Kind("rdf", files=_rdf, at="all.nt"),
    "rdf, paged": Kind("rdf", answers=_hydra, at="/0"),
    "ldes": Kind("ldes", answers=_ldes, at="/feed"),
    "software-catalog-api": Kind(
        "software-catalog-api", answers=_software_catalog, at="/v1", options={"publishers": False}
    ),
    "ckan": Kind("ckan", answers=_ckan),
    "oai-pmh, oai_dc": Kind("oai-pmh", answers=_oai_pmh("oai_dc", _dublin_core), at="/oai"),
    "oai-pmh, dcat": Kind("oai-pmh", answers=_oai_pmh("dcat_ap", _dcat), at="/oai"),
    # Its other classes are also those of what solutions require, which never stands by itself.
    "sparql": Kind("sparql", answers=_sparql, at="/sparql", options={"classes": (DCAT.Dataset.value,)}),
    "codejson": Kind("codejson", files=_codejson, at="code.json"),
    "dpg": Kind("dpg", files=_dpg, at="solutions.jsonl"),
    "codemeta": Kind("codemeta", files=_codemeta),
    "ore": Kind("ore", files=_ore),
    "register": Kind("register", files=_register, at="register.csv"),
}
"""By what the table calls them; a harvester that reads two forms is there twice."""

if __name__ == "__main__":
    print(json.dumps(harvested(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
