"""`?profile=`: linked data as a profile wants it (https://www.w3.org/TR/dx-prof-conneg/, 7.5: by query string)."""

from collections.abc import Mapping

from werkzeug.exceptions import BadRequest, NotAcceptable

from catalogue.profiles.tables import PROFILES, Profile
from catalogue.profiles.views import Conforming, conforming, described
from catalogue.publication import Publication
from catalogue.rdf import IRI


def asked(args: Mapping[str, str]) -> Profile | None:
    """The profile that a request asks for; raises BadRequest, naming those that are offered, for any other."""
    name = args.get("profile", "")
    if name and name not in PROFILES:
        raise BadRequest(f"profile={name[:40]} is not offered; it can be {', '.join(PROFILES)}.")
    return PROFILES[name] if name else None


def view(publication: Publication, thing: IRI, profile: Profile) -> Conforming:
    """A thing as a profile wants it; raises NotAcceptable, saying what it lacks, when that cannot be had."""
    made = conforming(described(publication, thing), thing, profile)
    if not made.triples:
        reasons = " ".join(reason for omission in made.omissions for reason in omission.reasons)
        raise NotAcceptable(f"This does not obey {profile.title}. {reasons}")
    return made


def link(profile: Profile) -> str:
    """The link that says which profile a response obeys (RFC 6906)."""
    return f'<{profile.iri.value}>; rel="profile"'
