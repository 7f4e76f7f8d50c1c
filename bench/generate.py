"""Makes publiccode.yml files that resemble the real ones: the same seed and number give the same bytes.

Which keys are there, and how often, was counted in 104 files of public administrations: `_OFTEN` and the weights below
are those shares. Owners, words, categories and dependencies follow Zipf's law: a few big administrations publish much,
most of them one thing. Hosts end in `.example`, so nothing here is anyone's address.

A file does not depend on how many there are, so the first 1,000 of 10,000 are the 1,000.
"""

import json
import random
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

SEED = 20_240_229
_PER_FOLDER = 1_000


def _list(words: str) -> tuple[str, ...]:
    return tuple(words.split())


# The share of files that have a key, of blocks of `description` or of dependencies for what stands in those.
_OFTEN = {
    "applicationSuite": 0.19,
    "apiDocumentation": 0.19,
    "authorsFile": 0.25,
    "awards": 0.03,
    "categories": 0.86,
    "contacts": 0.86,
    "contractors": 0.20,
    "countries": 0.23,
    "creationDate": 0.13,  # not of the standard, and in use all the same
    "dependsOn": 0.29,
    "developmentStatus": 0.88,
    "documentation": 0.47,
    "email": 0.79,
    "features": 0.81,
    "fundedBy": 0.13,
    "genericName": 0.58,
    "inputTypes": 0.10,
    "isBasedOn": 0.06,
    "it": 0.95,  # of the files from Italy
    "landingURL": 0.38,
    "localisation": 0.86,
    "localisedName": 0.29,
    "logo": 0.41,
    "longDescription": 0.83,
    "mainCopyrightOwner": 0.46,
    "maintenance": 0.97,
    "monochromeLogo": 0.05,
    "optional": 0.64,
    "organisation": 0.60,  # of the files of version 0.5, which has it
    "phone": 0.17,
    "platforms": 0.88,
    "proprietary": 0.07,
    "releaseDate": 0.80,
    "repoOwner": 0.45,
    "roadmap": 0.24,
    "scope": 0.30,
    "screenshots": 0.24,
    "softwareVersion": 0.61,
    "usedBy": 0.54,
    "version": 0.60,
    "versionMin": 0.66,
    "videos": 0.05,
}
_VERSIONS = {"0.2": 72, "0.3": 4, "0.4": 12, "0.5.0": 12}
_TYPES = {
    "standalone/web": 55,
    "standalone/other": 14,
    "standalone/backend": 11,
    "library": 8,
    "addon": 6,
    "standalone/desktop": 4,
    "standalone/mobile": 4,
    "configurationFiles": 1,
}
_STATUSES = {"stable": 74, "development": 14, "beta": 10, "concept": 1, "obsolete": 1}
_MAINTENANCE = {"internal": 56, "community": 27, "contract": 14, "none": 3}
_PLATFORMS = {"web": 65, "linux": 34, "windows": 26, "mac": 16, "ios": 7, "android": 5}
_LICENCES = {
    "EUPL-1.2": 28,
    "AGPL-3.0-or-later": 19,
    "Apache-2.0": 12,
    "AGPL-3.0-only": 8,
    "MIT": 9,
    "GPL-3.0-or-later": 5,
    "GPL-2.0-or-later": 3,
    "agpl-3.0": 2,
    "GPL-3.0-only": 2,
    "LGPL-3.0-only": 1,
    "BSD-3-Clause": 2,
    "MPL-2.0": 1,
    "CECILL-2.1": 1,
    "EPL-2.0": 1,
    "MIT OR Apache-2.0": 1,
}
_BLOCKS = {1: 80, 2: 16, 3: 4}
_CATEGORIES = _list(
    """data-collection data-visualization data-analytics it-development document-management
    workflow-management content-management identity-management digital-citizenship geographic-information-systems
    collaboration communications cloud-management it-management knowledge-management educational-content
    appointment-scheduling online-booking application-development business-process-management e-signature
    customer-service-and-support contact-management website-builder learning-management-system it-security office
    project-management survey procurement event-management financial-reporting payment-gateway taxes-management
    test-management translation video-conferencing help-desk hr budgeting accounting crm design-system
    productivity-suite resource-management service-desk time-management web-collaboration whistleblowing
    fleet-management grant-management predictive-analysis warehouse-management compliance-management"""
)
_SCOPES = _list(
    """government research local-authorities healthcare science-and-technology security education environment
    infrastructures culture transportation society welfare energy emergency-services tourism agriculture justice
    finance-and-economic-development employment foreign-affairs defence sport manufacturing"""
)
_DEPENDENCIES = _list(
    """PostgreSQL Java Docker Python PHP MySQL Node.js Nginx Redis Angular Spring MariaDB MongoDB React
    Apache Tomcat Elasticsearch Keycloak Kubernetes Django Laravel Vue Oracle RabbitMQ Kafka GeoServer PostGIS
    Drupal WordPress OpenStack Flask Symfony MinIO Grafana Prometheus QGIS Leaflet Jenkins Ansible LDAP"""
)
_MEDIA_TYPES = _list("application/json text/xml application/xml text/plain text/csv application/pdf")
_GIVEN_NAMES = _list("Ada Bruno Carla Dirk Elsa Finn Greta Hugo Ines Jan Karin Luca Maria Nils Olga Piet Rosa Sven")
_FAMILY_NAMES = _list(
    """Bianchi Bakker Dupont Eriksson Fischer Garcia Hansen Jansen Keller Laurent Moreau Novak Olsen
    Peeters Ricci Rossi Schmidt Silva Svensson Visser Weber"""
)


@dataclass(frozen=True)
class _Country:
    weight: int
    language: str
    bodies: tuple[str, ...]


_COUNTRIES = {
    "IT": _Country(54, "it", ("Comune di", "Regione", "Azienda USL di", "Università di", "Provincia di")),
    "NL": _Country(13, "nl", ("Gemeente", "Provincie", "Ministerie van", "Waterschap")),
    "FR": _Country(11, "fr", ("Ville de", "Département de", "Ministère de", "Métropole de")),
    "DE": _Country(8, "de", ("Stadt", "Landkreis", "Land", "Bundesamt für")),
    "SE": _Country(5, "sv", ("Kommun", "Region", "Myndigheten för")),
    "CH": _Country(5, "de", ("Kanton", "Stadt", "Bundesamt für")),
    "ES": _Country(4, "es", ("Ayuntamiento de", "Junta de", "Ministerio de")),
}
# The most frequent words of each language, those first that say nothing.
_WORDS = {
    "en": """the of and to in for is a with by on that data software services users management public system open
        administration application platform information digital documents citizens municipality registry support
        access project source development archive payments forms map monitoring identity reports hospital""",
    "it": """di e la il per che in un con del gestione dati servizi software utenti sistema pubblica amministrazione
        applicazione piattaforma informazioni documenti cittadini comune registro accesso progetto sviluppo archivio
        pagamenti moduli mappa monitoraggio identità ospedale regione procedimenti pratiche scuola""",
    "fr": """de la et les des le pour en un une gestion données services logiciel utilisateurs système publique
        administration application plateforme informations documents citoyens commune registre accès projet archives
        développement paiements formulaires carte suivi identité hôpital région école démarches""",
    "de": """der die und von für das mit zu im ein Verwaltung Daten Dienste Software Nutzer System öffentliche
        Anwendung Plattform Informationen Dokumente Bürger Gemeinde Register Zugang Projekt Entwicklung Archiv
        Zahlungen Formulare Karte Überwachung Identität Krankenhaus Schule Anträge""",
    "nl": """de het van en voor een in met op te beheer gegevens diensten software gebruikers systeem openbare
        toepassing platform informatie documenten burgers gemeente register toegang project ontwikkeling archief
        betalingen formulieren kaart toezicht identiteit ziekenhuis school aanvragen""",
    "sv": """och för att i av en med som på till förvaltning data tjänster programvara användare system offentlig
        tillämpning plattform information dokument medborgare kommun register åtkomst projekt utveckling arkiv
        betalningar blanketter karta övervakning identitet sjukhus skola ärenden""",
    "es": """de la y los para el en un una con gestión datos servicios programa usuarios sistema pública
        administración aplicación plataforma información documentos ciudadanos municipio registro acceso proyecto
        desarrollo archivo pagos formularios mapa seguimiento identidad hospital región escuela trámites""",
}
_SYLLABLES = _list("ta ri no ve lo sa mi ke du por ban tel gra ste fon ci lu men zo bra qui dor pel and est on")
_RARE_WORDS = 4_000
_OWNERS = 20_000
# The share of files that spell their owner's name otherwise than its other files do.
_MISSPELT = 0.05
_USERS = 3_000

_MEDIAN_LENGTH, _SPREAD = 600, 0.75  # of the long description, in characters; log-normal
_LENGTHS = (60, 8_500)


class _Zipf:
    """Ranks from 0, the chance of each in inverse proportion to its number from 1 (to a power)."""

    def __init__(self, size: int, power: float = 1.0) -> None:
        self._sums = list(accumulate((rank + 1) ** -power for rank in range(size)))

    def rank(self, chance: random.Random) -> int:
        return bisect(self._sums, chance.random() * self._sums[-1])


@cache
def _zipf(size: int, power: float = 1.0) -> _Zipf:
    return _Zipf(size, power)


@cache
def vocabulary(language: str) -> tuple[str, ...]:
    """The words of a language, the most frequent first: real ones, then thousands of made-up rare ones."""
    chance = random.Random(f"{SEED} {language}")
    rare = ("".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(_RARE_WORDS))
    return tuple(dict.fromkeys((*_list(_WORDS[language]), *rare)))


@dataclass(frozen=True)
class _Owner:
    name: str
    country: str
    slug: str

    @property
    def italian_code(self) -> str:
        return f"c_{self.slug}"

    @property
    def uri(self) -> str:
        return f"urn:x-italian-pa:{self.italian_code}" if self.country == "IT" else f"https://{self.slug}.example"


@cache
def _owner(rank: int) -> _Owner:
    chance = random.Random(f"{SEED} owner {rank}")
    code = _weighted(chance, {code: country.weight for code, country in _COUNTRIES.items()})
    place = "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 3)))
    return _Owner(f"{chance.choice(_COUNTRIES[code].bodies)} {place.title()}", code, f"{place}{rank}")


def _weighted(chance: random.Random, weights: Mapping[Any, int]) -> Any:
    return chance.choices(list(weights), list(weights.values()))[0]


class _File:
    """One file in the making, with its own source of chance."""

    def __init__(self, number: int, seed: int) -> None:
        self.number = number
        self.chance = random.Random(f"{seed} {number}")
        self.owner = _owner(_zipf(_OWNERS).rank(self.chance))
        if self.chance.random() < _MISSPELT:
            self.owner = replace(self.owner, name=self.owner.name.upper())
        self.version = _weighted(self.chance, _VERSIONS)
        own = _COUNTRIES[self.owner.country].language
        others = [tag for tag in ("en", "fr", "de") if tag != own]
        self.languages = [own, *others][: _weighted(self.chance, _BLOCKS)]
        self.name = self.words(own, self.chance.randint(1, 3), skip=12).title()
        self.home = f"https://{self.owner.slug}.example"
        self.repository = f"https://gitlab.example/{self.owner.slug}/{self.name.lower().replace(' ', '-')}-{number}"

    def often(self, key: str) -> bool:
        return self.chance.random() < _OFTEN[key]

    def ranked(self, values: Sequence[str], mean: float) -> list[str]:
        """Some different values, about `mean` of them, the first ones most often."""
        size = 1 + min(int(self.chance.expovariate(1 / max(mean - 0.5, 0.1))), len(values) - 1, 40)
        return list(dict.fromkeys(values[_zipf(len(values)).rank(self.chance)] for _ in range(size)))

    def words(self, language: str, count: int, skip: int = 0) -> str:
        known = vocabulary(language)[skip:]
        ranks = _zipf(len(known))
        return " ".join(known[ranks.rank(self.chance)] for _ in range(count))

    def prose(self, language: str, length: int) -> str:
        """Sentences and paragraphs of about a length in characters."""
        sentences: list[str] = []
        written = 0
        while written < length:
            sentence = self.words(language, self.chance.randint(6, 20))
            written += len(sentence) + 2
            end = ".\n\n" if self.chance.random() < 0.15 else ". "
            sentences.append(f"{sentence[0].upper()}{sentence[1:]}{end}")
        return "".join(sentences).strip()

    def date(self) -> str:
        """Of the last years more often than of those before."""
        year = 2016 + int(9 * self.chance.random() ** 0.6)
        return f"{year}-{self.chance.randint(1, 12):02}-{self.chance.randint(1, 28):02}"

    def release(self) -> str:
        return ".".join(str(int(self.chance.expovariate(0.5))) for _ in range(self.chance.choice((2, 3, 3, 3))))

    def image(self) -> str:
        return f"docs/images/{self.words('en', 1, skip=16)}-{self.chance.randint(1, 9)}.png"


def _contents(file: _File) -> dict[str, Any]:
    """The keys of a file and their values, in the order in which people write them."""
    optional = {
        "applicationSuite": lambda: file.words("en", 2, skip=16).title(),
        "landingURL": lambda: f"{file.home}/{file.number}",
        "isBasedOn": lambda: [f"https://gitlab.example/upstream/{file.words('en', 1, skip=16).lower()}"],
        "softwareVersion": file.release,
        "releaseDate": file.date,
        "creationDate": file.date,
        "logo": file.image,
        "monochromeLogo": file.image,
        "inputTypes": lambda: file.ranked(_MEDIA_TYPES, 2),
        "platforms": lambda: file.ranked(list(_PLATFORMS), 1.8),
        "categories": lambda: file.ranked(_CATEGORIES, 2.1),
        "usedBy": lambda: list(
            dict.fromkeys(_owner(_zipf(_USERS).rank(file.chance)).name for _ in range(_users(file)))
        ),
        "fundedBy": lambda: [_organisation(_owner(_zipf(200).rank(file.chance)))],
        "roadmap": lambda: f"{file.home}/{file.number}/roadmap",
        "developmentStatus": lambda: _weighted(file.chance, _STATUSES),
        "maintenance": lambda: _maintenance(file),
        "localisation": lambda: _localisation(file),
        "dependsOn": lambda: _dependencies(file),
    }
    return {
        "publiccodeYmlVersion": file.version,
        "name": file.name,
        "url": file.repository,
        **{key: make() for key, make in optional.items() if file.often(key)},
        "softwareType": _weighted(file.chance, _TYPES),
        **_audience(file),
        "description": {language: _block(file, language) for language in file.languages},
        "legal": _legal(file),
        **_own(file),
    }


def _users(file: _File) -> int:
    return 1 + min(int(file.chance.lognormvariate(0, 1.0)), 40)


def _organisation(owner: _Owner) -> dict[str, str]:
    return {"name": owner.name, "uri": owner.uri}


def _audience(file: _File) -> dict[str, Any]:
    audience: dict[str, Any] = {}
    if file.often("countries"):
        # Up to 0.2, country codes were in lower case.
        code = file.owner.country
        audience["countries"] = [code.lower() if file.version == "0.2" else code]
    if file.often("scope"):
        audience["scope"] = file.ranked(_SCOPES, 1.9)
    return {"intendedAudience": audience} if audience else {}


def _block(file: _File, language: str) -> dict[str, Any]:
    length = file.chance.lognormvariate(0, _SPREAD) * _MEDIAN_LENGTH
    optional = {
        "localisedName": lambda: file.name,
        "genericName": lambda: file.words(language, 2, skip=10)[:35],
        "longDescription": lambda: file.prose(language, int(min(max(length, _LENGTHS[0]), _LENGTHS[1]))),
        "documentation": lambda: f"{file.home}/{file.number}/docs/{language}",
        "apiDocumentation": lambda: f"{file.home}/{file.number}/api",
        "features": lambda: [file.words(language, file.chance.randint(2, 9)) for _ in range(file.chance.randint(1, 8))],
        "screenshots": lambda: [file.image() for _ in range(file.chance.randint(1, 6))],
        "videos": lambda: [f"{file.home}/{file.number}/video"],
        "awards": lambda: [file.words(language, 5)],
    }
    short = {"shortDescription": file.prose(language, int(file.chance.gauss(74, 25)))}
    return short | {key: make() for key, make in optional.items() if file.often(key)}


def _legal(file: _File) -> dict[str, str]:
    optional = {
        "mainCopyrightOwner": file.owner.name,
        "repoOwner": file.owner.name,
        "authorsFile": "AUTHORS.md",
    }
    licence = {"license": _weighted(file.chance, _LICENCES)}
    return licence | {key: value for key, value in optional.items() if file.often(key)}


def _maintenance(file: _File) -> dict[str, Any]:
    maintenance: dict[str, Any] = {"type": _weighted(file.chance, _MAINTENANCE)}
    if maintenance["type"] == "contract" or file.often("contractors"):
        slug = file.words("en", 1, skip=60)
        contractor = {"name": f"{slug.title()} Ltd", "until": file.date(), "website": f"https://{slug}.example"}
        maintenance["contractors"] = [contractor]
    if file.often("contacts"):
        maintenance["contacts"] = [_contact(file) for _ in range(1 + (file.chance.random() < 0.2))]
    return maintenance


def _contact(file: _File) -> dict[str, str]:
    name = f"{file.chance.choice(_GIVEN_NAMES)} {file.chance.choice(_FAMILY_NAMES)}"
    optional = {
        "email": f"{name.lower().replace(' ', '.')}@{file.owner.slug}.example",
        "phone": f"+39 06 {file.chance.randint(10**6, 10**7)}",
    }
    return {"name": name} | {key: value for key, value in optional.items() if file.often(key)}


def _localisation(file: _File) -> dict[str, Any]:
    available = list(dict.fromkeys((*file.languages, *file.ranked(["en", "it", "fr", "de", "nl", "es", "pl"], 1))))
    return {"localisationReady": file.chance.random() < 0.5, "availableLanguages": available}


def _dependencies(file: _File) -> dict[str, Any]:
    kinds = ["open", *(["proprietary"] if file.often("proprietary") else [])]
    return {kind: [_dependency(file, name) for name in file.ranked(_DEPENDENCIES, 2.6)] for kind in kinds}


def _dependency(file: _File, name: str) -> dict[str, Any]:
    optional = {"versionMin": file.release, "version": file.release, "optional": lambda: file.chance.random() < 0.2}
    return {"name": name} | {key: make() for key, make in optional.items() if file.often(key)}


def _own(file: _File) -> dict[str, Any]:
    """What says whose software it is: the organisation since 0.5, before that the Italian section."""
    if file.version == "0.5.0":
        return {"organisation": _organisation(file.owner)} if file.often("organisation") else {}
    if file.owner.country != "IT" or not file.often("it"):
        return {}
    platforms = {name: file.chance.random() < 0.3 for name in ("spid", "cie", "anpr", "pagopa")}
    rules = ("lineeGuidaDesign", "modelloInteroperabilita", "misureMinimeSicurezza", "gdpr")
    return {
        "it": {
            "countryExtensionVersion": "0.2",
            "conforme": {name: file.chance.random() < 0.7 for name in rules},
            "piattaforme": platforms,
            "riuso": {"codiceIPA": file.owner.italian_code},
        }
    }


def document(number: int, seed: int = SEED) -> bytes:
    """The file of a number."""
    return ("\n".join(_yaml(_contents(_File(number, seed)))) + "\n").encode()


def _yaml(value: Any) -> Iterator[str]:
    """The lines of a value in block style; long texts as literal blocks, as people write them."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _entry(f"{key}:", item)
    else:
        for item in value:
            lines = list(_yaml(item)) if isinstance(item, dict) else [_scalar(item)]
            yield f"- {lines[0]}"
            yield from (f"  {line}" for line in lines[1:])


def _entry(key: str, value: Any) -> Iterator[str]:
    if isinstance(value, (dict, list)):
        yield key
        yield from (f"  {line}" for line in _yaml(value))
    elif isinstance(value, str) and len(value) > 80:
        yield f"{key} |-"
        yield from (f"  {line}".rstrip() for line in value.split("\n"))
    else:
        yield f"{key} {_scalar(value)}"


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def path(directory: Path, number: int) -> Path:
    """Where `write` puts the file of a number: in sub-folders of 1,000."""
    return directory / f"{number // _PER_FOLDER:03}" / f"{number:06}.yml"


def write(directory: Path, count: int, seed: int = SEED) -> None:
    """Writes the first `count` files."""
    for number in range(count):
        target = path(directory, number)
        if number % _PER_FOLDER == 0:
            target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(document(number, seed))
