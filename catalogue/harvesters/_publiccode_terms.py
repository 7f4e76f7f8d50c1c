"""What publiccode.yml's values stand for: tables from https://yml.publiccode.tools/, 0.2 to 0.7, to our vocabulary."""

from collections.abc import Mapping

from catalogue.rdf import IRI
from catalogue.vocabulary import ADMS_STATUS, DATA_THEME, LISTS, SCHEMA

# The versions that the reference parser accepts; 0.6 changed nothing in the standard and is not among them.
VERSIONS = frozenset(
    {"0", "0.2", "0.2.0", "0.2.1", "0.2.2", "0.3", "0.3.0", "0.4", "0.4.0", "0.5", "0.5.0", "0.7", "0.7.0"}
)
LATEST = "0.7"
# Our name of each version as a dct:Standard; the standard has none.
STANDARD = LISTS + "publiccode-yml/"

# EIRA's class of everything that has a publiccode.yml; ADMS-AP 2.01 makes dct:type mandatory.
SOLUTION_BUILDING_BLOCK = IRI("http://data.europa.eu/dr8/SolutionBuildingBlock")

STATUSES: Mapping[str, IRI] = {
    code: IRI(ADMS_STATUS + status)
    for code, status in (
        ("concept", "UnderDevelopment"),
        ("development", "UnderDevelopment"),
        ("beta", "UnderDevelopment"),
        ("stable", "Completed"),
        ("obsolete", "Deprecated"),
    )
}

CLASSES: Mapping[str, IRI] = {
    "standalone": SCHEMA.SoftwareApplication,
    "standalone/mobile": SCHEMA.MobileApplication,
    "standalone/iot": SCHEMA.SoftwareApplication,
    "standalone/desktop": SCHEMA.SoftwareApplication,
    "standalone/web": SCHEMA.WebApplication,
    "standalone/backend": SCHEMA.SoftwareApplication,
    "standalone/other": SCHEMA.SoftwareApplication,
    "addon": SCHEMA.SoftwareApplication,
    "library": SCHEMA.SoftwareSourceCode,
    "configurationFiles": SCHEMA.SoftwareSourceCode,
}

# "web" is no operating system; it makes an application a schema:WebApplication.
OPERATING_SYSTEMS = {"windows": "Windows", "mac": "macOS", "linux": "Linux", "ios": "iOS", "android": "Android"}

THEMES: Mapping[str, tuple[IRI, ...]] = {
    scope: tuple(IRI(DATA_THEME + theme) for theme in themes.split())
    for themes, scopes in {
        "AGRI": "agriculture",
        "EDUC": "culture education sport",
        "JUST": "defence emergency-services justice security",
        "SOCI": "employment society welfare",
        "ENER": "energy",
        "ENVI": "environment",
        "ECON": "finance-and-economic-development manufacturing tourism",
        "INTR": "foreign-affairs",
        "GOVE": "government",
        "HEAL": "healthcare",
        "TRAN": "infrastructures transportation",
        "REGI GOVE": "local-authorities",
        "TECH": "research science-and-technology",
    }.items()
    for scope in scopes.split()
}

ALIASES = {
    "gdpr": "https://eur-lex.europa.eu/eli/reg/2016/679/oj",
    "eidas": "https://eur-lex.europa.eu/eli/reg/2014/910/oj",
    "nis2": "https://eur-lex.europa.eu/eli/dir/2022/2555/oj",
    "cra": "https://eur-lex.europa.eu/eli/reg/2024/2847/oj",
    "spid": "https://www.spid.gov.it/",
    "cie": "https://www.cartaidentita.interno.gov.it/",
    "anpr": "https://www.anpr.interno.it/",
    "pagopa": "https://www.pagopa.gov.it/",
    "io": "https://io.italia.it/",
}
# What the flags of the Italian section say that the software follows.
ITALIAN_RULES = {
    "gdpr": ALIASES["gdpr"],
    "lineeGuidaDesign": "https://docs.italia.it/italia/designers-italia/design-linee-guida-docs",
    "modelloInteroperabilita": "https://docs.italia.it/italia/piano-triennale-ict/lg-modellointeroperabilita-docs",
    "misureMinimeSicurezza": "https://www.agid.gov.it/it/sicurezza/misure-minime-sicurezza-ict",
}
ITALIAN_PLATFORMS = {name: ALIASES[name] for name in ("spid", "cie", "anpr", "pagopa", "io")}

# Codes that are in use and are not those of ISO 3166-1.
COUNTRY_MISTAKES = {"UK": "GB", "EL": "GR"}

# Keys of 0.1 and what they became, and what is often written for keys too short to be near it.
RENAMED = {
    "url": "uri",
    "publiccode-yaml-version": "publiccodeYmlVersion",
    "tags": "categories",
    "onlyFor": "scope",
    "accessibile": "lineeGuidaDesign",
    "interoperabile": "modelloInteroperabilita",
    "sicuro": "misureMinimeSicurezza",
    "privacy": "gdpr",
}

YAML_1_1_BOOLEANS = {"yes": "true", "y": "true", "on": "true", "no": "false", "n": "false", "off": "false"}
