"""What the codes of publiccode.yml, 0.2 to 0.7, stand for in our vocabulary."""

from collections.abc import Mapping

from catalogue.publiccode.standard import ALIASES
from catalogue.rdf import IRI
from catalogue.vocabulary import ADMS_STATUS, DATA_THEME, EIRA, LISTS, SCHEMA

# Our name of each version as a dct:Standard; the standard has none.
STANDARD = LISTS + "publiccode-yml/"

# EIRA's class of everything that has a publiccode.yml; ADMS-AP 2.01 makes dct:type mandatory.
SOLUTION_BUILDING_BLOCK = IRI(EIRA + "SolutionBuildingBlock")

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

# What the flags of the Italian section say that the software follows.
ITALIAN_RULES = {
    "gdpr": ALIASES["gdpr"],
    "lineeGuidaDesign": "https://docs.italia.it/italia/designers-italia/design-linee-guida-docs",
    "modelloInteroperabilita": "https://docs.italia.it/italia/piano-triennale-ict/lg-modellointeroperabilita-docs",
    "misureMinimeSicurezza": "https://www.agid.gov.it/it/sicurezza/misure-minime-sicurezza-ict",
}
ITALIAN_PLATFORMS = {name: ALIASES[name] for name in ("spid", "cie", "anpr", "pagopa", "io")}
