"""What a licence means for who wants to use the software, in two plain sentences. No legal advice, and says so."""

from catalogue.rdf import IRI
from catalogue.vocabulary import SPDX_LICENCE

_FREE = "Anybody may use, study, change and pass on the software."
# The first whose identifier starts a licence's own wins.
_WORDS = (
    (("AGPL",), "Whoever passes a changed version on, or offers it to others over a network, must share its source"
     " code under the same licence."),
    (("LGPL",), "Changes to it must be shared under the same licence when passed on; software that merely uses it may"
     " have another."),
    (("GPL",), "Whoever passes a changed version on must share its source code under the same licence."),
    (("EUPL",), "Whoever passes a changed version on, or offers it to others over a network, must share its source code"
     " under this licence or a compatible one. Valid in all official languages of the European Union."),
    (("MPL", "EPL", "CDDL", "OSL", "CECILL-2", "CECILL-1"), "Changes to its files must be shared under the same"
     " licence when passed on; other files may have another."),
    (("MIT", "BSD", "ISC", "0BSD", "Zlib", "CECILL-B", "BlueOak", "PostgreSQL", "Python"), "It may become part of other"
     " software under any licence, as long as the notice of authorship stays."),
    (("Apache",), "It may become part of other software under any licence, as long as notices stay; contributors also"
     " license their patents."),
    (("CC0", "Unlicense", "WTFPL"), "Its authors have given up their rights as far as the law allows."),
    (("CC-BY-SA",), "Whoever passes a changed version on must name the authors and use the same licence."),
    (("CC-BY",), "Whoever passes it on must name the authors."),
)  # fmt: skip


def meaning(licence: IRI) -> str:
    """The meaning of a licence of the SPDX list; "" for one that no words are known for."""
    identifier = licence.value.removeprefix(SPDX_LICENCE)
    if identifier == licence.value or "NC" in identifier or "ND" in identifier:
        return ""
    return next((f"{_FREE} {words}" for starts, words in _WORDS if identifier.startswith(starts)), "")
