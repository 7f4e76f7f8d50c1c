"""Every error that the catalogue raises, one class for each thing a caller does differently.

CatalogueError
├── SettingsError        a setting that cannot be used
├── SourceError          a source, or something it said, that cannot be read
│   ├── FetchError       the network did not give the document
│   │   └── NotModified  the document is the one that the caller has
│   ├── DocumentError    the document is not what its kind of source holds
│   └── RecordError      one record of a document cannot be used
├── StoreError           the state or a publication cannot be used
│   └── BusyError        another process is writing
└── QueryError           a SPARQL query that is not answered
    ├── QuerySyntaxError it is not SPARQL
    ├── QueryRefused     it asks for what is not offered (SERVICE, updates)
    └── QueryLimit       a limit was reached; the message names it
"""


class CatalogueError(Exception):
    """The root; its message says stage, object and cause, and how to mend it."""


class SettingsError(CatalogueError):
    """A setting has a value that cannot be used."""


class SourceError(CatalogueError):
    """A source, or something it said, cannot be read."""


class FetchError(SourceError):
    """A document could not be fetched.

    `status` is that of the last answer, None when there was none that counts; `retry_in_s` is how long the server asks
    to be left alone, None when it asks nothing; `said` is how the body of an answer with an error's status begins.
    """

    def __init__(
        self, message: str, status: int | None = None, retry_in_s: float | None = None, said: bytes = b""
    ) -> None:
        super().__init__(message)
        self.status, self.retry_in_s, self.said = status, retry_in_s, said


class NotModified(FetchError):
    """The source answered that the caller's copy is still good (status 304)."""


class _PositionedError(SourceError):
    """An error at a place of a document; `line` and `column` count from 1, None where there is no place."""

    def __init__(
        self, message: str, line: int | None = None, column: int | None = None, fix: str | None = None
    ) -> None:
        super().__init__(message)
        self.line, self.column, self.fix = line, column, fix


class DocumentError(_PositionedError):
    """A document cannot be read at all."""


class RecordError(_PositionedError):
    """One record of a document cannot be used; the others can."""


class StoreError(CatalogueError):
    """The state or a publication is missing, damaged or of another base."""


class BusyError(StoreError):
    """Another process is writing."""


class QueryError(CatalogueError):
    """A SPARQL query is not answered."""


class QuerySyntaxError(QueryError):
    """The text is not a SPARQL 1.1 query; the message names line and column."""


class QueryRefused(QueryError):
    """The query asks for something that is not offered."""


class ConflictError(QueryError):
    """An edit does not fit what there is: a graph is there already or is not, a statement is a source's."""


class QueryLimit(QueryError):
    """A limit on time, memory, size or concurrency was reached; `limit` is its setting's name."""

    def __init__(self, message: str, limit: str) -> None:
        super().__init__(message)
        self.limit = limit
