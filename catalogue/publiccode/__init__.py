"""publiccode.yml: what the standard asks of a file, and what a file lacks of it.

`rules` is the standard as a table, `values` judges single values, `validator` applies both to a file, `online` asks the
network. Where the text of the standard (https://yml.publiccode.tools/) and the reference parser (publiccode-parser-go
v5) differ, the parser is followed, since it decides what the catalogues of Italy and Switzerland list. A violation is
what the parser calls an error, a warning what it warns of; what it passes over and is still worth mending is
information. It stops at the first fault of a value's type; here all are told.

| | the text | the parser, and here |
| --- | --- | --- |
| `longDescription`, `features` | in one language | in every language |
| `fundedBy[].uri`, `fundedBy[].name` | the name is mandatory | the URI is |
| `platforms` | a text or a list | a list |
| `screenshots` | PNG or JPG | a name in `.png` or `.jpg`, not `.jpeg` |
| country sections | deprecated whole | `conforme` and `codiceIPA`; any other country's is unknown |
| lengths | in characters | in grapheme clusters (UAX 29), line ends at the end of a text included |

It cannot be followed in four things. Codes of Italian administrations are known by form only, since the index of them
has 23,000 and changes daily. Sites of videos are known by name only where they are large, others are information. A
merge key (`<<`) is not read. A text of spaces alone is no value.
"""
