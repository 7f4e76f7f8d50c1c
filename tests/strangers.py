"""Sources of every kind, as strangers serve them: each has two editions, and any of its answers may go wrong."""

import json
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

from pyoxigraph import QueryResultsFormat, RdfFormat
from pyoxigraph import Store as Endpoint

from catalogue.vocabulary import PREFIXES
from tests.remote import Reply, Request
from tests.wire import Answer, reply

HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
HYDRA = "http://www.w3.org/ns/hydra/core#"
TURTLE, JSON, XML = "text/turtle", "application/json", "text/xml"
LONG_AGO = "2024-01-15T10:30:00Z"
Things = Mapping[str, str]


def things(edition: int) -> dict[str, str]:
    """What a source has in an edition, by name: one that changes, one that stays, one that comes and goes."""
    return {
        "alpha": f"Alpha {edition % 2}",
        "beta": "Beta",
        **({"delta": "Delta"} if edition % 2 else {"gamma": "Gamma"}),
    }


@dataclass
class Site:
    """A server; the answer to one request, counted from the last `edit`, can be another than it should be."""

    answer: "Callable[[Site, Request], Reply]"
    edition: int = 0
    fault: Answer | None = None
    at: int = 0
    single: bool = False
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.netloc = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.base = f"http://{self.netloc}"
        threading.Thread(target=self._serve, daemon=True).start()

    def edit(self, edition: int, fault: Answer | None = None, at: int = 0) -> None:
        """Serves an edition from now on; with a fault, in place of the answer to the request of a number, or all."""
        self.edition, self.fault, self.at, self.asked = edition, fault, at, []

    @property
    def things(self) -> dict[str, str]:
        said = things(self.edition)
        return {"alpha": said["alpha"]} if self.single else said

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._socket.accept()
                threading.Thread(target=self._attend, args=(peer,), daemon=True).start()

    def _attend(self, peer: socket.socket) -> None:
        with suppress(OSError), peer:
            head = b""
            while b"\r\n\r\n" not in head:
                head += peer.recv(65536) or b"\r\n\r\n"
            self.asked.append(head.split(b" ")[1].decode())
            is_faulty = self.fault is not None and self.at in (len(self.asked) - 1, -1)
            answer = self.fault if is_faulty and self.fault else self._rendered(head)
            answer(peer) if callable(answer) else peer.sendall(answer)

    def _rendered(self, head: bytes) -> bytes:
        lines = head.decode("latin-1").split("\r\n")
        parts = urlsplit(lines[0].split(" ")[1])
        headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        said = self.answer(self, Request(unquote(parts.path), dict(parse_qsl(parts.query)), headers))
        content = said.content.encode() if isinstance(said.content, str) else said.content
        given = {"Content-Type": said.media_type, **said.headers}
        return reply(f"{said.status} Is", content, *(f"{name}: {value}" for name, value in given.items()))

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@dataclass(frozen=True)
class Stranger:
    """A kind of source with what serves it; `accepted` are faults that are none for it."""

    kind: str
    path: str
    answer: Callable[[Site, Request], Reply]
    options: Mapping[str, Any] = field(default_factory=dict)
    steps: bool = False
    """Whether editions are only ever added, as in a stream of changes."""


NOTHING = Reply("nothing", status=404)


# RDF.


def turtle(said: Things) -> str:
    return "".join(
        f'<https://e.example/{name}> a dcat:Dataset, adms:Asset ; dct:title "{title}"@en .\n'
        for name, title in said.items()
    )


def in_pages(said: Things) -> list[dict[str, str]]:
    """Two on the first page, the others on the second."""
    items = list(said.items())
    return [dict(items[:2]), dict(items[2:])]


def rdf_file(site: Site, request: Request) -> Reply:
    return Reply(HEAD + turtle(site.things), TURTLE)


def rdf_pages(site: Site, request: Request) -> Reply:
    number = int(request.query.get("page", "1"))
    said = in_pages(site.things)[number - 1]
    more = f"<?page={number}> a <{HYDRA}PartialCollectionView> ; <{HYDRA}next> <?page={number + 1}> .\n"
    return Reply(HEAD + turtle(said) + (more if number == 1 else ""), TURTLE)


def rdf_nested(site: Site, request: Request) -> Reply:
    """Catalogues in a catalogue."""
    if request.path == "/":
        return Reply(HEAD + "<https://e.example/all> a dcat:Catalog ; dcat:catalog </1>, </2> .", TURTLE)
    said = in_pages(site.things)[int(request.path[1:]) - 1]
    return Reply(f"{HEAD}<https://e.example{request.path}> a dcat:Catalog .\n" + turtle(said), TURTLE)


def rdf_followed(site: Site, request: Request) -> Reply:
    """A catalogue that only names its datasets."""
    if request.path == "/":
        listed = ", ".join(f"</{name}>" for name in site.things)
        return Reply(f"{HEAD}<https://e.example/all> a dcat:Catalog ; dcat:dataset {listed} .", TURTLE)
    title = site.things.get(request.path[1:])
    text = f'{HEAD}<{site.base}{request.path}> a dcat:Dataset, adms:Asset ; dct:title "{title}"@en .'
    return Reply(text, TURTLE) if title else NOTHING


def ldes(site: Site, request: Request) -> Reply:
    """A stream of all editions so far, one a page, the first page without any."""
    head = f"{HEAD}@prefix tree: <https://w3id.org/tree#> .\n@prefix ldes: <https://w3id.org/ldes#> .\n"
    stream = "</feed#s> a ldes:EventStream ; ldes:timestampPath as:published ; tree:view </feed> .\n"
    if request.path == "/feed":
        leads = ", ".join(f"[ a tree:Relation ; tree:node </{number}> ]" for number in range(site.edition + 1))
        return Reply(f"{head}{stream}</feed> tree:relation {leads} .", "application/trig")
    number = int(request.path[1:])
    gone = things(number - 1).keys() - things(number).keys() if number else set()
    stamp = f'as:published "2026-01-01T00:{number // 60:02}:{number % 60:02}Z"^^xsd:dateTime'
    text = ""
    for name in [*things(number), *gone]:
        is_gone, member = name in gone, f"<https://e.example/{name}#{number}>"
        text += f"</feed#s> tree:member {member} . {member} a as:{'Delete' if is_gone else 'Create'} ; {stamp} ;"
        text += f" as:object <https://e.example/{name}> .\n"
        text += "" if is_gone else f"GRAPH {member} {{ {turtle({name: things(number)[name]})} }}\n"
    return Reply(head + stream + text, "application/trig")


def sparql(site: Site, request: Request) -> Reply:
    query, endpoint = request.query["query"], Endpoint()
    endpoint.load(HEAD + turtle(site.things), format=RdfFormat.TURTLE)
    answer: Any = endpoint.query(query)
    if "CONSTRUCT" in query:
        return Reply(answer.serialize(format=RdfFormat.N_TRIPLES), "application/n-triples")
    return Reply(answer.serialize(format=QueryResultsFormat.JSON), "application/sparql-results+json")


# Application interfaces.


def repository(site: Site, name: str) -> str:
    return f"https://github.com/town/{name}"


def publiccode(name: str, title: str, address: str) -> str:
    return f'publiccodeYmlVersion: "0.4"\nname: {title}\nurl: {address}\n'


def software_catalog(site: Site, request: Request) -> Reply:
    if request.path != "/v1/software":
        return Reply(json.dumps({"data": []}), JSON) if request.path in ("/v1/publishers", "/v1/catalogs") else NOTHING
    number = int(request.query.get("page[after]", "0"))
    data = [
        {
            "id": f"id-{name}",
            "url": repository(site, name),
            "publiccodeYml": publiccode(name, title, repository(site, name)),
            "updatedAt": f"2026-01-0{1 + site.edition % 2 if name == 'alpha' else 1}T00:00:00Z",
            "active": True,
        }
        for name, title in in_pages(site.things)[number].items()
    ]
    links = {"next": None if number else "?page[after]=1"}
    return Reply(json.dumps({"data": data, "links": links}), JSON)


def dutch_register(site: Site, request: Request) -> Reply:
    def entry(name: str, title: str) -> dict[str, Any]:
        day = f"2026-01-0{1 + site.edition % 2 if name == 'alpha' else 1}T00:00:00Z"
        url = f"https://forge.example/town/{name}"
        return {"id": name, "url": url, "name": title, "publicCodeUrl": f"{url}/publiccode.yml", "lastActivityAt": day}

    _, _, name = request.path.partition("/repositories")
    if name.strip("/"):
        title = site.things.get(name.strip("/"))
        said = {"publicCode": {"name": title, "url": repository(site, name.strip("/"))}}
        return Reply(json.dumps(entry(name.strip("/"), title) | said), JSON) if title else NOTHING
    number = int(request.query["page"])
    data = [entry(*item) for item in in_pages(site.things)[number - 1].items()]
    more = {"Link": f'<{site.base}{request.path}?page=2&perPage=100>; rel="next"'} if number == 1 else {}
    return Reply(json.dumps(data), JSON, headers=more)


def ckan(site: Site, request: Request) -> Reply:
    if request.path != "/api/3/action/package_search":
        return NOTHING
    packages = [
        {"id": f"id-{name}", "name": name, "title": title, "notes": "It."} for name, title in site.things.items()
    ]
    start, rows = int(request.query["start"]), int(request.query["rows"])
    result = {"count": len(packages), "results": packages[start : start + rows]}
    return Reply(json.dumps({"success": True, "result": result}), JSON)


def ckan_rdf(site: Site, request: Request) -> Reply:
    """A portal whose extension gives datasets, but no catalogue."""
    title = site.things.get(request.path.removeprefix("/dataset/").removesuffix(".ttl"))
    if request.path.endswith(".ttl") and title:
        iri = site.base + request.path.removesuffix(".ttl")
        return Reply(f'{HEAD}<{iri}> a dcat:Dataset, adms:Asset ; dct:title "{title}"@en .', TURTLE)
    return ckan(site, request)


def oai_pmh(site: Site, request: Request) -> Reply:
    verb = request.query["verb"]
    said = {
        "Identify": "<deletedRecord>no</deletedRecord><granularity>YYYY-MM-DDThh:mm:ssZ</granularity>",
        "ListMetadataFormats": "<metadataFormat><metadataPrefix>oai_dc</metadataPrefix></metadataFormat>",
        "ListRecords": _oai_records(site, int(request.query.get("resumptionToken", "1"))),
    }[verb]
    head = '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    date = "<responseDate>2026-02-01T00:00:00Z</responseDate>"
    return Reply(f"{head}{date}<{verb}>{said}</{verb}></OAI-PMH>", XML)


def _oai_records(site: Site, number: int) -> str:
    names = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    records = "".join(
        f"<record><header><identifier>{name}</identifier><datestamp>2026-01-01T00:00:00Z</datestamp></header><metadata>"
        f"<oai_dc:dc {names}><dc:title>{escape(title)}</dc:title><dc:type>software</dc:type>"
        f"<dc:identifier>https://e.example/{name}</dc:identifier></oai_dc:dc></metadata></record>"
        for name, title in in_pages(site.things)[number - 1].items()
    )
    return f"{records}<resumptionToken>{2 if number == 1 else ''}</resumptionToken>"


# Forges.

_LISTS = {
    "github": "/api/v3/orgs/town/repos",
    "gitlab": "/api/v4/groups/town/projects",
    "gitea": "/api/v1/orgs/town/repos",
    "bitbucket": "/2.0/repositories/town",
}
_FILES = {
    "github": "/api/v3/repos/town/{}/contents/publiccode.yml",
    "gitlab": "/town/{}/-/raw/main/publiccode.yml",
    "gitea": "/town/{}/raw/branch/main/publiccode.yml",
    "bitbucket": "/town/{}/raw/main/publiccode.yml",
}


def _entry(site: Site, kind: str, name: str) -> dict[str, Any]:
    number = sum(name.encode())
    pushed = f"2024-01-{10 + site.edition % 2}T10:30:00Z" if name == "alpha" else LONG_AGO
    path, url = f"town/{name}", f"{site.base}/town/{name}"
    if kind == "gitlab":
        return {"id": number, "path_with_namespace": path, "web_url": url, "default_branch": "main",
                "last_activity_at": pushed}  # fmt: skip
    if kind == "bitbucket":
        return {"uuid": str(number), "full_name": path, "links": {"html": {"href": url}},
                "mainbranch": {"name": "main"}, "updated_on": pushed}  # fmt: skip
    stamp = "pushed_at" if kind == "github" else "updated_at"
    return {"id": number, "full_name": path, "html_url": url, "default_branch": "main", stamp: pushed}


def forge(kind: str) -> Callable[[Site, Request], Reply]:
    def answer(site: Site, request: Request) -> Reply:
        if request.path == _LISTS[kind]:
            number = int(request.query.get("page", "1"))
            entries: Any = [_entry(site, kind, name) for name in in_pages(site.things)[number - 1]]
            more = f"{site.base}{request.path}?page=2" if number == 1 else ""
            if kind == "bitbucket":
                return Reply(json.dumps({"values": entries, **({"next": more} if more else {})}), JSON)
            return Reply(json.dumps(entries), JSON, headers={"Link": f'<{more}>; rel="next"'} if more else {})
        return forge_file(kind, site, request)

    return answer


def forge_file(kind: str, site: Site, request: Request) -> Reply:
    for name, title in site.things.items():
        if request.path == _FILES[kind].format(name):
            etag = f'"{title}"'
            if request.headers.get("If-None-Match") == etag:
                return Reply("", status=304)
            return Reply(publiccode(name, title, f"{site.base}/town/{name}"), headers={"ETag": etag})
    return NOTHING


def listed(site: Site, request: Request) -> Reply:
    """A list of repositories on a forge that is known by what it answers."""
    if request.path == "/list.txt":
        return Reply("".join(f"{site.base}/town/{name}\n" for name in site.things))
    if request.path == "/api/v1/version":
        return Reply('{"version": "1.22"}', JSON)
    name = request.path.removeprefix("/api/v1/repos/town/")
    if name in site.things:
        return Reply(json.dumps(_entry(site, "gitea", name)), JSON)
    return forge_file("gitea", site, request)


# Single files of many entries.


def tagged(content: Callable[[Site], str], media_type: str = JSON) -> Callable[[Site, Request], Reply]:
    """A file whose server knows what its reader has already."""

    def answer(site: Site, request: Request) -> Reply:
        etag = f'"{site.edition % 2}"'
        if request.headers.get("If-None-Match") == etag:
            return Reply("", status=304)
        return Reply(content(site), media_type, headers={"ETag": etag})

    return answer


def codejson(site: Site) -> str:
    releases = [
        {
            "name": title,
            "repositoryURL": repository(site, name),
            "description": "It.",
            "permissions": {"usageType": "openSource"},
        }
        for name, title in site.things.items()
    ]
    return json.dumps({"version": "2.0.0", "agency": "DOE", "releases": releases})


def dpg(site: Site) -> str:
    return json.dumps(
        [
            {"id": name, "name": title, "stage": "DPG", "repositories": [{"url": repository(site, name)}]}
            for name, title in site.things.items()
        ]
    )


def ore(site: Site) -> str:
    return "releases:\n" + "".join(
        f"  - name:\n      en: {title}\n    repositoryURL: {repository(site, name)}\n"
        for name, title in site.things.items()
    )


def codemeta(site: Site) -> str:
    return json.dumps(
        [
            {"@id": name, "@type": "SoftwareSourceCode", "name": title, "codeRepository": repository(site, name)}
            for name, title in site.things.items()
        ]
    )


def register(site: Site) -> str:
    rows = "".join(f"{title},https://e.example/org/{name},IT\n" for name, title in site.things.items())
    return "name,identifier,country\n" + rows


def single(site: Site) -> str:
    return publiccode("alpha", site.things["alpha"], "https://forge.example/town/alpha")


STRANGERS: Mapping[str, Stranger] = {
    "an RDF file": Stranger("rdf", "/all.ttl", rdf_file),
    "RDF in pages": Stranger("rdf", "/all.ttl", rdf_pages),
    "RDF with catalogues in it": Stranger("rdf", "/", rdf_nested),
    "RDF that only names its datasets": Stranger("rdf", "/", rdf_followed, {"follow": True}),
    "LDES": Stranger("ldes", "/feed", ldes, steps=True),
    "SPARQL": Stranger("sparql", "/sparql", sparql, {"page": 2}),
    "a software catalogue": Stranger("software-catalog-api", "/v1", software_catalog),
    "the Dutch register": Stranger("software-catalog-api", "/oss-register/api/v1", dutch_register),
    "CKAN": Stranger("ckan", "/", ckan, {"rows": 2}),
    "CKAN as RDF": Stranger("ckan", "/", ckan_rdf, {"rows": 2, "rdf": True}),
    "OAI-PMH": Stranger("oai-pmh", "/oai", oai_pmh),
    **{kind: Stranger("publiccode", "/town", forge(kind), {"forge": kind}) for kind in _LISTS},
    "a list of repositories": Stranger("publiccode", "/list.txt", listed),
    "a publiccode.yml": Stranger("publiccode", "/publiccode.yml", tagged(single, "text/plain")),
    "code.json": Stranger("codejson", "/code.json", tagged(codejson)),
    "the DPG registry": Stranger("dpg", "/all.json", tagged(dpg)),
    "ORE": Stranger("ore", "/code.yml", tagged(ore, "text/plain")),
    "codemeta": Stranger("codemeta", "/codemeta.json", tagged(codemeta)),
    "a register": Stranger("register", "/register.csv", tagged(register, "text/csv")),
}
