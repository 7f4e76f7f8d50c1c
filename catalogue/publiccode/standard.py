"""The tables of publiccode.yml, 0.2 to 0.7, that are no code lists of ours (https://yml.publiccode.tools/)."""

from collections.abc import Mapping

# Those that the reference parser accepts; 0.6 changed nothing in the standard and is not among them.
VERSIONS = ("0", "0.2", "0.2.0", "0.2.1", "0.2.2", "0.3", "0.3.0", "0.4", "0.4.0", "0.5", "0.5.0", "0.7", "0.7.0")
LATEST = "0.7"

ALIASES: Mapping[str, str] = {
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

# Keys of 0.1 and what they became, and what is often written for keys too short to be near it.
RENAMED: Mapping[str, str] = {
    "url": "uri",
    "publiccode-yaml-version": "publiccodeYmlVersion",
    "tags": "categories",
    "onlyFor": "scope",
    "accessibile": "lineeGuidaDesign",
    "interoperabile": "modelloInteroperabilita",
    "sicuro": "misureMinimeSicurezza",
    "privacy": "gdpr",
}

# What other vocabularies and people call it, in small letters, singular and without marks, with the key's path.
SYNONYMS: Mapping[str, str] = {
    "author": "legal.mainCopyrightOwner",
    "contact": "maintenance.contacts",
    "copyright": "legal.mainCopyrightOwner",
    "country": "intendedAudience.countries",
    "date": "releaseDate",
    "dependency": "dependsOn",
    "dependencie": "dependsOn",
    "funder": "fundedBy",
    "funding": "fundedBy",
    "homepage": "landingURL",
    "keyword": "categories",
    "landingpage": "landingURL",
    "language": "localisation.availableLanguages",
    "latestrelease": "softwareVersion",
    "license": "legal.license",
    "licence": "legal.license",
    "maintainer": "maintenance.contacts",
    "owner": "organisation",
    "publisher": "organisation",
    "repo": "url",
    "repository": "url",
    "repositoryurl": "url",
    "repourl": "url",
    "sourcecode": "url",
    "status": "developmentStatus",
    "summary": "description.[lang].shortDescription",
    "title": "name",
    "topic": "categories",
    "version": "softwareVersion",
    "website": "landingURL",
}

YAML_1_1_BOOLEANS: Mapping[str, str] = {
    "yes": "true",
    "y": "true",
    "on": "true",
    "no": "false",
    "n": "false",
    "off": "false",
}

# Codes that are in use and are not those of ISO 3166-1, or of languages (ISO 639-1), with those that are.
COUNTRY_MISTAKES: Mapping[str, str] = {"UK": "GB", "EL": "GR", "EN": "GB"}
# fmt: off
LANGUAGE_MISTAKES: Mapping[str, str] = {
    "cz": "cs", "dk": "da", "gr": "el", "jp": "ja", "cn": "zh", "sp": "es", "ua": "uk", "english": "en",
    "deutsch": "de", "german": "de", "italiano": "it", "italian": "it", "français": "fr", "french": "fr",
    "español": "es", "spanish": "es", "português": "pt", "nederlands": "nl", "dutch": "nl",
}
# fmt: on
# Tags that are well-formed and rarely meant: a country's code in the wrong place, a script that lacks a letter.
UNLIKELY_LANGUAGES: Mapping[str, tuple[str, str]] = {
    "ee": ("Ewe", "et"),
    "sr-lat": ("Serbian, and lat is not registered as a part of it", "sr-Latn"),
    "sr-cyr": ("Serbian, and cyr is not registered as a part of it", "sr-Cyrl"),
}
# In the list of countries of the EU, and no code of ISO 3166-1.
NO_COUNTRIES = frozenset({"EU"})
# Regions of BCP 47 beyond ISO 3166-1 (IANA's registry of subtags).
MORE_REGIONS = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "TA", "UN", "XK"})
# The codes of ISO 639-2/B, for which BCP 47 has two letters.
# fmt: off
BIBLIOGRAPHIC_LANGUAGES: Mapping[str, str] = {
    "alb": "sq", "arm": "hy", "baq": "eu", "bur": "my", "chi": "zh", "cze": "cs", "dut": "nl", "fre": "fr",
    "geo": "ka", "ger": "de", "gre": "el", "ice": "is", "mac": "mk", "mao": "mi", "may": "ms", "per": "fa",
    "rum": "ro", "slo": "sk", "tib": "bo", "wel": "cy",
}
# fmt: on

# Sites of videos that offer oEmbed (https://oembed.com/providers.json has some hundred, most of them not for videos).
VIDEO_SITES = (
    "youtube.com",
    "youtu.be",
    "vimeo.com",
    "dailymotion.com",
    "dai.ly",
    "ted.com",
    "loom.com",
    "streamable.com",
    "wistia.com",
    "facebook.com",
    "tiktok.com",
    "slideshare.net",
    "speakerdeck.com",
    "soundcloud.com",
    "x.com",
    "twitter.com",
)

# What the reference parser takes for an image, by the end of its name.
LOGOS = (".svg", ".svgz", ".png")
SCREENSHOTS = (".png", ".jpg")
