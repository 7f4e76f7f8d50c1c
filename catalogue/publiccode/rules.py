"""publiccode.yml 0.2 to 0.7 as a table: what each key holds, when it must be there, and what its value must be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from catalogue.publiccode import standard, values
from catalogue.publiccode.values import Check


class Type(Enum):
    """What a key holds; `LANGUAGES` is a mapping with a language in the place of each key."""

    TEXT = auto()
    BOOLEAN = auto()
    LIST = auto()
    MAPPING = auto()
    LANGUAGES = auto()


@dataclass(frozen=True, slots=True)
class Deprecated:
    """Since when a key is deprecated, and what to do; the reference parser `warns`, or only the text says so.

    It warns of an `empty` text, too, and of `invalid` values, or it does not. `{value}` in the fix is the value.
    """

    since: str
    fix: str
    warns: bool = True
    empty: bool = False
    invalid: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """What the standard says of one key.

    `check` judges a text. `blank` is when the reference parser takes an empty text that `check` would not.
    `quoted` is a text that must not be read as a number. A single text stands for a list with `or_text`.
    `mandatory_if` and `only_if` name values of the key `type` beside it. `unless` is a key that must not be beside it.
    `missing` and `type_note` are what to say where the text of the standard is not what the reference parser asks.
    `example` is a value to begin with, for who has none, or what a value has to be.
    """

    type: Type = Type.TEXT
    mandatory: bool = False
    check: Check | None = None
    blank: bool = False
    quoted: bool = False
    or_text: bool = False
    mandatory_if: tuple[str, ...] = ()
    only_if: tuple[str, ...] = ()
    unless: str | None = None
    since: str | None = None
    deprecated: Deprecated | None = None
    missing: str = "This key is mandatory"
    type_note: str = ""
    example: str = ""


_TEXT = Rule()
_NAME = Rule(mandatory=True, example="such as `name: Medusa`")
_PERSON = Rule(mandatory=True, example="such as `name: Ada Lovelace`")
_BOOLEAN = Rule(Type.BOOLEAN)
_LIST = Rule(Type.LIST)
_MAPPING = Rule(Type.MAPPING)
_WEB = Rule(check=values.web_fault)
_EMAIL = Rule(check=values.email_fault)
_SECTION = Rule(Type.MAPPING, mandatory=True)

_LISTS = "https://yml.publiccode.tools/"
_DROP = "Leave it out."
_IN_EVERY = "This key is mandatory in every language (the text of the standard says: in one)"

_TOP = {
    "publiccodeYmlVersion": Rule(
        mandatory=True,
        check=values.version_fault,
        quoted=True,
        example=f'such as `publiccodeYmlVersion: "{standard.LATEST}"`',
    ),
    "name": _NAME,
    "applicationSuite": _TEXT,
    "url": Rule(
        mandatory=True,
        check=values.own_repository_fault,
        example="the address of the repository, such as `url: https://git.example.org/town/lamp`",
    ),
    "landingURL": _WEB,
    "isBasedOn": Rule(Type.LIST, or_text=True),
    "isBasedOn[]": Rule(check=values.repository_fault),
    "softwareVersion": _TEXT,
    "releaseDate": Rule(check=values.date_fault),
    "logo": Rule(check=values.file_fault(standard.LOGOS, "logo"), blank=True),
    "monochromeLogo": Rule(
        check=values.file_fault(standard.LOGOS, "logo"), blank=True, deprecated=Deprecated("0.3", "Use logo.")
    ),
    "inputTypes": Rule(Type.LIST, deprecated=Deprecated("0.3", _DROP)),
    "inputTypes[]": Rule(check=values.media_type_fault),
    "outputTypes": Rule(Type.LIST, deprecated=Deprecated("0.3", _DROP)),
    "outputTypes[]": Rule(check=values.media_type_fault),
    "platforms": Rule(
        Type.LIST,
        mandatory=True,
        type_note=" The text of the standard allows a single text; the reference parser does not.",
        example="such as `platforms: [web]`",
    ),
    "platforms[]": _TEXT,
    "categories": _LIST,
    "categories[]": Rule(
        check=values.code_fault("category", f"{_LISTS}categories-list.html", ("intendedAudience.scope", "scope"))
    ),
    "usedBy": _LIST,
    "usedBy[]": _TEXT,
    "roadmap": _WEB,
    "developmentStatus": Rule(
        mandatory=True, check=values.code_fault("development-status"), example="such as `developmentStatus: stable`"
    ),
    "softwareType": Rule(
        mandatory=True, check=values.code_fault("software-type"), example="such as `softwareType: standalone/web`"
    ),
}
_URI = "such as `uri: https://www.example.org`"
_ORGANISATIONS = {
    "organisation": Rule(Type.MAPPING, since="0.5"),
    "organisation.uri": Rule(mandatory=True, check=values.organisation_fault, example=_URI),
    "organisation.name": _TEXT,
    "fundedBy": Rule(Type.LIST, since="0.5"),
    "fundedBy[]": _MAPPING,
    "fundedBy[].uri": Rule(
        mandatory=True,
        check=values.organisation_fault,
        missing="This key is mandatory (the text of the standard says: the name is)",
        example=_URI,
    ),
    "fundedBy[].name": _TEXT,
    "supports": Rule(Type.LIST, since="0.7"),
    "supports[]": _MAPPING,
    "supports[].id": Rule(mandatory=True, check=values.supported_fault, example="such as `id: alias:gdpr`"),
}
_AUDIENCE = {
    "intendedAudience": _MAPPING,
    "intendedAudience.countries": _LIST,
    "intendedAudience.countries[]": Rule(check=values.country_fault),
    "intendedAudience.unsupportedCountries": _LIST,
    "intendedAudience.unsupportedCountries[]": Rule(check=values.country_fault),
    "intendedAudience.scope": _LIST,
    "intendedAudience.scope[]": Rule(
        check=values.code_fault("scope", f"{_LISTS}scope-list.html", ("categories", "category"))
    ),
}
_DESCRIPTION = {
    "description": Rule(Type.LANGUAGES, mandatory=True, example="a block of texts for each language, such as `en:`"),
    "description.*": _MAPPING,
    "description.*.localisedName": _TEXT,
    "description.*.genericName": Rule(check=values.at_most(35), blank=True, deprecated=Deprecated("0.3", _DROP)),
    "description.*.shortDescription": Rule(
        mandatory=True, check=values.at_most(150), example="a text of at most 150 characters"
    ),
    "description.*.longDescription": Rule(
        mandatory=True,
        check=values.from_to(150, 10_000),
        missing=_IN_EVERY,
        example="a text of 150 to 10,000 characters",
    ),
    "description.*.documentation": _WEB,
    "description.*.apiDocumentation": _WEB,
    "description.*.features": Rule(
        Type.LIST, mandatory=True, missing=_IN_EVERY, example="a list of what the software can do"
    ),
    "description.*.features[]": _TEXT,
    "description.*.screenshots": _LIST,
    "description.*.screenshots[]": Rule(check=values.file_fault(standard.SCREENSHOTS, "screenshot")),
    "description.*.videos": _LIST,
    "description.*.videos[]": Rule(check=values.video_fault),
    "description.*.awards": _LIST,
    "description.*.awards[]": _TEXT,
}
_LEGAL = {
    "legal": _SECTION,
    "legal.license": Rule(mandatory=True, check=values.licence_fault, example="such as `license: EUPL-1.2`"),
    "legal.mainCopyrightOwner": _TEXT,
    "legal.repoOwner": Rule(deprecated=Deprecated("0.5", "Use organisation.name.", empty=True)),
    "legal.authorsFile": Rule(check=values.file_fault(), blank=True, deprecated=Deprecated("0.4", _DROP, empty=True)),
}
_MAINTENANCE = {
    "maintenance": _SECTION,
    "maintenance.type": Rule(
        mandatory=True, check=values.code_fault("maintenance-type"), example="such as `type: internal`"
    ),
    "maintenance.contractors": Rule(
        Type.LIST, mandatory_if=("contract",), only_if=("contract",), example="a list of who is paid, and until when"
    ),
    "maintenance.contractors[]": _MAPPING,
    "maintenance.contractors[].name": _NAME,
    "maintenance.contractors[].until": Rule(
        mandatory=True, check=values.date_fault, example="the day that the contract ends, such as `until: 2030-12-31`"
    ),
    "maintenance.contractors[].email": _EMAIL,
    "maintenance.contractors[].website": _WEB,
    "maintenance.contacts": Rule(
        Type.LIST, mandatory_if=("internal", "community"), example="a list of persons with their `name` and `email`"
    ),
    "maintenance.contacts[]": _MAPPING,
    "maintenance.contacts[].name": _PERSON,
    "maintenance.contacts[].email": _EMAIL,
    "maintenance.contacts[].phone": Rule(check=values.phone_fault, blank=True),
    "maintenance.contacts[].affiliation": _TEXT,
}
_LOCALISATION = {
    "localisation": _SECTION,
    "localisation.localisationReady": Rule(
        Type.BOOLEAN, mandatory=True, example="true if it can be translated, else false"
    ),
    "localisation.availableLanguages": Rule(
        Type.LIST, mandatory=True, example="such as `availableLanguages: [it, en]`"
    ),
    "localisation.availableLanguages[]": Rule(check=values.language_fault),
}
_DEPENDENCY = {
    "": _LIST,
    "[]": _MAPPING,
    "[].name": Rule(mandatory=True, example="such as `name: PostgreSQL`"),
    "[].version": _TEXT,
    "[].versionMin": _TEXT,
    "[].versionMax": _TEXT,
    "[].optional": _BOOLEAN,
}
_DEPENDS_ON = {"dependsOn": _MAPPING} | {
    f"dependsOn.{kind}{end}": rule for kind in ("open", "proprietary", "hardware") for end, rule in _DEPENDENCY.items()
}
_ITALY = {
    ".countryExtensionVersion": Rule(check=values.one_of("0.2", "1.0")),
    ".conforme": Rule(Type.MAPPING, deprecated=Deprecated("0.5", "Use supports.")),
    ".conforme.lineeGuidaDesign": _BOOLEAN,
    ".conforme.modelloInteroperabilita": _BOOLEAN,
    ".conforme.misureMinimeSicurezza": _BOOLEAN,
    ".conforme.gdpr": _BOOLEAN,
    ".piattaforme": _MAPPING,
    ".piattaforme.spid": _BOOLEAN,
    ".piattaforme.pagopa": _BOOLEAN,
    ".piattaforme.cie": _BOOLEAN,
    ".piattaforme.anpr": _BOOLEAN,
    ".piattaforme.io": Rule(Type.BOOLEAN, since="0.3"),
    ".riuso": _MAPPING,
    ".riuso.codiceIPA": Rule(
        check=values.administration_fault,
        blank=True,
        deprecated=Deprecated("0.5", "Use organisation.uri, and write urn:x-italian-pa:{value} there.", invalid=False),
    ),
}
_COUNTRIES = {
    "IT": Rule(
        Type.MAPPING,
        deprecated=Deprecated("0.7", "Use supports, such as `id: alias:spid`, and organisation.", warns=False),
    ),
    "it": Rule(Type.MAPPING, unless="IT", deprecated=Deprecated("0.5", "Write it in capitals: IT.")),
} | {f"{name}{end}": rule for name in ("IT", "it") for end, rule in _ITALY.items()}

# `*` is a language, `[]` any entry of a list.
RULES: Mapping[str, Rule] = (
    _TOP | _ORGANISATIONS | _AUDIENCE | _DESCRIPTION | _LEGAL | _MAINTENANCE | _LOCALISATION | _DEPENDS_ON | _COUNTRIES
)


@dataclass(frozen=True, slots=True)
class Schema:
    """A rule with those of what is in it: the keys of a mapping or of a language's block, the entry of a list."""

    rule: Rule
    keys: Mapping[str, "Schema"] = field(default_factory=dict)
    inner: "Schema | None" = None


def _schema(path: str, rule: Rule) -> Schema:
    start = f"{path}." if path else ""
    names = [name.removeprefix(start) for name in RULES if name.startswith(start)]
    inner = {Type.LIST: f"{path}[]", Type.LANGUAGES: f"{path}.*"}.get(rule.type)
    return Schema(
        rule,
        {name: _schema(start + name, RULES[start + name]) for name in names if not set(name) & set(".[*")},
        _schema(inner, RULES[inner]) if inner else None,
    )


FILE = _schema("", _SECTION)
