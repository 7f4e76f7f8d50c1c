"""A visit to forges: to accounts and repositories, as few requests as they need, and none lost when one fails.

Remembered from visit to visit (`Visit.memory`):
- `repository {forge} {id}`: the state in which a repository was read, its address, those that it had before, the
  account in whose list it was, and the origin of what was found in it, None for nothing. While the state is the same,
  there is nothing to ask.
- `commit {address}`: the commit of a repository that was cloned, and the key of what was found in it.
- `account {address}`: the sweep in which an account was read to its end; `sweep`: the present one. A visit that was cut
  short leaves its sweep open, and the next goes on with the accounts that are left.
"""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from catalogue.errors import DocumentError, FetchError, SourceError
from catalogue.harvesters import _forge_found, _git, _json
from catalogue.harvesters._forge import Host, NoForge, Repo, host_of, parsed
from catalogue.harvesters._forge_found import Place
from catalogue.harvesters._forge_lists import Target
from catalogue.identity import repository
from catalogue.model import (
    Checkpoint,
    Deleted,
    Document,
    Finding,
    Found,
    Partial,
    Reading,
    Report,
    Severity,
    Unchanged,
)
from catalogue.visit import TOKEN, Option, Visit, is_missing
from catalogue.yaml import MAX_BYTES

OPTIONS: Mapping[str, Option] = {
    "token": TOKEN,
    "token_host": Option("", "Of a list of several forges: the host that the token is for, github.com if not said."),
    "forge": Option(
        "", "What the forge is where its address does not tell: github, gitlab, gitea, bitbucket or bitbucket-server."
    ),
    "api": Option(
        "", "The base of the forge's API where it is not in the usual place: https://git.example.org/api/v4."
    ),
    "git": Option(False, "Clone the repository with git instead of asking a forge."),
    "archived": Option(True, "Take archived repositories, too."),
    "exclude": Option((), "Repositories to leave out, as patterns of account/name: italia/*-test."),
    "without_publiccode": Option(
        "skip",
        "What to do with repositories without a publiccode.yml: skip them, read their codemeta (codemeta.json or"
        " code.json), take the forge's metadata, or all: codemeta where there is one, else metadata.",
    ),
}

_PUBLICCODE = ("publiccode.yml", "publiccode.yaml")
_CODEMETA = ("codemeta.json", "code.json")
# Of `without_publiccode`: the other files to look for, and whether the forge's own metadata will do.
_WITHOUT: Mapping[str, tuple[tuple[str, ...], bool]] = {
    "skip": ((), False),
    "codemeta": (_CODEMETA, False),
    "metadata": ((), True),
    "all": (_CODEMETA, True),
}
# No more than the answers of a server that is busy, or whose quota is used up.
_SPENT = frozenset({403, 429, 503})
# A file is not there; or it is not for us to see, which some forges also say of what they give no more of for now.
_ABSENT = frozenset({404, 410, 451})
_CLOSED = frozenset({401, 403})
# So many files, one after the other, that could not be fetched: the forge is out of order.
_MAX_FAILURES = 5
_REPOSITORY, _COMMIT, _ACCOUNT, _SWEEP = "repository ", "commit ", "account ", "sweep"


def files_wanted(visit: Visit) -> tuple[str, ...]:
    """The names of the files to look for in a repository, the first that is there counts. Raises SourceError."""
    return (*_PUBLICCODE, *_without(visit)[0])


def _without(visit: Visit) -> tuple[tuple[str, ...], bool]:
    value = str(visit.option("without_publiccode", OPTIONS))
    if value not in _WITHOUT:
        raise SourceError(f"{visit.source.id}: without_publiccode is {value!r}; it can be {', '.join(_WITHOUT)}")
    return _WITHOUT[value]


def key_of(address: str) -> str:
    """A record's key: the repository's canonical address in letters that need no encoding."""
    return repository(address).identity.removeprefix("https://").replace("/", "~")


def rejected(key: str, origin: str, message: str, fix: str | None = None) -> Reading:
    return Reading(key, origin, Report((Finding(Severity.VIOLATION, message, fix=fix),)))


def documents(visit: Visit, targets: list[Target], listed: bool) -> Iterator[Found]:
    """What is at the addresses of accounts and repositories.

    One of a list that cannot be read is a Reading, and what is known of it stays; one that is not of a list is a
    SourceError. So is a quota of requests that is used up, after a Checkpoint from which the next visit goes on, and
    when what other hosts have was read.
    """
    sweep = _Sweep(visit, listed)
    spent: dict[str, FetchError] = {}
    for target in targets:
        host = urlsplit(target.url).netloc.lower()
        if host in spent:
            continue
        if listed and sweep.is_done(target):
            yield from sweep.kept(target)
            continue
        try:
            yield from sweep.target(target)
        except SourceError as error:
            if isinstance(error, FetchError) and sweep.is_spent(host, error):
                spent[host] = error
            elif listed:
                yield from sweep.failed(target, error)
            else:
                yield Checkpoint()
                raise
        yield Checkpoint()
    if first := next(iter(spent.values()), None):
        raise SourceError(_spent(visit, first)) from first
    sweep.end()


def _without_file(name: str, address: str, message: str) -> Reading:
    """That a repository, which could be read, lacks the file. It is no fault of the address: what was there is gone."""
    return rejected(_entry_key(name), f"{address}#{_PUBLICCODE[0]}", message, "Add one: https://yml.publiccode.tools/")


def cloned(visit: Visit, location: str) -> Iterator[Found]:
    """The first of the files wanted that a repository has, by git. Raises SourceError."""
    key, memory = _git.key_of(location), _COMMIT + _name(location)
    is_local = Path(location).is_dir()
    address = "" if is_local else repository(_git.remote(location).url).url
    location, head = (location, "") if is_local else _git.found(visit, location)
    if head and visit.memory.get(memory) == [head, key] and key in visit.known:
        yield Unchanged(key)
        return
    with _git.opened(visit, location) as clone:
        for name in files_wanted(visit):
            if document := clone.file(name, key):
                yield key, _forge_found.packed(document, Place(address, file=name))
                visit.memory[memory] = [clone.commit, key]
                return
    yield _without_file(key, address or location, "There is no publiccode.yml in the repository.")


def saved(visit: Visit, entries: list[Any], fetched: datetime) -> Iterator[Found]:
    """What a file of a forge's own answers says, without asking the forge."""
    sweep = _Sweep(visit, listed=True)
    for number, entry in enumerate(entries, 1):
        fields = entry if isinstance(entry, dict) else {}
        kind = next(kind for kind, marks in _ANSWERS if marks <= fields.keys())
        address = _json.url(fields.get("html_url")) or _json.url(fields.get("web_url")) or ""
        try:
            repo = host_of(visit, address, kind).repo(entry, fetched)
        except (ValueError, SourceError) as error:
            yield rejected(f"entry~{number}", f"entry {number}", str(error))
            continue
        if not _forge_found.is_address(repo.address):
            yield rejected(f"entry~{number}", f"entry {number}", "The address of the repository is missing.")
        elif sweep.is_wanted(repo) and not repo.fork:
            document = Document(repo.address, b"", "application/json", fetched)
            yield key_of(repo.address), _forge_found.packed(document, Place(repo.address, about=repo.about))


def saved_answer(visit: Visit, content: bytes) -> list[Any] | None:
    """The entries of a file of a forge's answers, if metadata will do; else None."""
    if not _without(visit)[1]:
        return None
    try:
        value = _json.parse(content, found=[])
    except DocumentError:
        return None
    entries = value if isinstance(value, list) else [value]
    kinds = [marks for _, marks in _ANSWERS if marks]
    known = (isinstance(entry, dict) and any(marks <= entry.keys() for marks in kinds) for entry in entries)
    return entries if any(known) else None


# By which keys an entry shows what kind of forge gave it.
_ANSWERS: tuple[tuple[str, frozenset[str]], ...] = (
    ("gitlab", frozenset({"path_with_namespace", "web_url"})),
    ("github", frozenset({"full_name", "html_url", "pushed_at"})),
    ("gitea", frozenset({"full_name", "html_url"})),
    ("github", frozenset()),
)


def _is_spent(error: FetchError) -> bool:
    """Whether an answer says that there are no more for now, with the moment from which on there are, or without."""
    return error.status == 429 or (error.status in _SPENT and error.retry_in_s is not None)


def _spent(visit: Visit, error: FetchError) -> str:
    moment = visit.fetch.network.now() + timedelta(seconds=min(error.retry_in_s or 0, 10**9))
    until = "for now" if error.retry_in_s is None else f"until {moment:%Y-%m-%d %H:%M:%S} UTC"
    token = "" if visit.token() else " A token raises the quota."
    return (
        f"{visit.source.id}: the forge gives no more answers {until} ({error})."
        f" What was read is kept; the next harvest goes on from there.{token}"
    )


@dataclass(frozen=True)
class _Known:
    """What is remembered of a repository."""

    state: str
    origin: str | None
    address: str
    were: tuple[str, ...]
    account: str

    def to_json(self) -> list[Any]:
        return [self.state, self.origin, self.address, list(self.were), self.account]

    @classmethod
    def of(cls, value: list[Any]) -> "_Known":
        state, origin, address, were, account = value
        return cls(state, origin, address, tuple(were), account)


@dataclass
class _Account:
    """An account, or a single repository, while it is read."""

    name: str
    host: Host
    asked: str = ""
    """The address that a single repository was asked for by."""
    seen: set[str] = field(default_factory=set)
    failures: int = 0


class _Sweep:
    """One visit to all the addresses of a source."""

    def __init__(self, visit: Visit, listed: bool) -> None:
        self._visit, self._listed, memory = visit, listed, visit.memory
        self._number = int(memory.get(_SWEEP, 1))
        self._known = {key: _Known.of(memory[key]) for key in list(memory) if key.startswith(_REPOSITORY)}
        self._files, self._metadata = files_wanted(visit), _without(visit)[1]
        self._seen: set[str] = set()
        self._patterns = tuple(map(str.lower, visit.option("exclude", OPTIONS)))
        self._none: set[str] = set()
        self._refusals: Counter[str] = Counter()

    def is_done(self, target: Target) -> bool:
        return bool(self._visit.memory.get(_ACCOUNT + _name(target.url)) == self._number)

    def end(self) -> None:
        self._visit.memory[_SWEEP] = self._number + 1

    def is_spent(self, host: str, error: FetchError) -> bool:
        """Whether a host gives no more answers: it says so, or refuses one address after the other."""
        self._refusals[host] += error.status == 403
        return _is_spent(error) or self._refusals[host] >= _MAX_FAILURES

    def kept(self, target: Target) -> Iterator[Found]:
        """What was read from an address before, as it is."""
        name = _name(target.url)
        _, key = self._visit.memory.get(_COMMIT + name, ("", ""))
        if key in self._visit.known:
            yield Unchanged(key)
        for known in list(self._known.values()):
            if known.account == name and known.origin in self._visit.known:
                yield Unchanged(str(known.origin))

    def failed(self, target: Target, error: SourceError) -> Iterator[Found]:
        """That an address cannot be read; unless there is nothing there any more, what was read from it stays."""
        yield rejected(_entry_key(target.url), target.url, f"This could not be read: {error}")
        if isinstance(error, FetchError) and is_missing(error):
            return
        if _ACCOUNT + _name(target.url) in self._visit.memory:
            yield from self.kept(target)
        else:
            yield Partial()

    def target(self, target: Target) -> Iterator[Found]:
        if target.fault:
            yield rejected(_entry_key(target.url), target.url, target.fault)
            return
        visit = self._visit
        if visit.option("git", OPTIONS):
            yield from self._cloned(target)
            return
        kind = target.forge or str(visit.option("forge", OPTIONS))
        # A list is somebody else's: it must not be able to name a host to send the token to.
        token_host = str(visit.option("token_host", OPTIONS))
        token_host = token_host or ("github.com" if self._listed else urlsplit(target.url).netloc)
        try:
            host = host_of(visit, target.url, kind, str(visit.option("api", OPTIONS)), token_host, self._none)
        except NoForge:
            if not target.git:
                raise
            yield from self._cloned(target)
            return
        path = _path(target.url, host)
        account = _Account(_name(target.url), host)
        single = None if target.what == "account" else self._single(account, path, target)
        if single is None:
            yield from self._all(account, path)
        else:
            yield from single
        visit.memory[_ACCOUNT + account.name] = self._number
        self._refusals.pop(urlsplit(target.url).netloc.lower(), None)

    def _cloned(self, target: Target) -> Iterator[Found]:
        """What is in a repository by git, which gets no token: the list is somebody else's."""
        source = self._visit.source
        options = {name: value for name, value in source.options.items() if name != "token"}
        visit = replace(self._visit, source=replace(source, options=options))
        yield from cloned(visit, target.git or target.url)
        visit.memory[_ACCOUNT + _name(target.url)] = self._number

    def _single(self, account: _Account, path: str, target: Target) -> Iterator[Found] | None:
        """What is found in the one repository at a path; None where the path is that of an account."""
        nested = account.host.forge.nested
        if "/" not in path:
            return None
        if not nested:
            # What is below is a page about the repository.
            path = "/".join(path.split("/")[:2])
        address = account.host.web(path)
        known = next((known for known in self._known.values() if known.account == account.name), None)
        try:
            page = account.host.one(path, known.origin or "" if known else "")
        except FetchError as error:
            if nested and not target.what and is_missing(error):
                return None
            raise
        if isinstance(page, str):
            return iter((Unchanged(page),))
        repo = account.host.repo(parsed(page), page.fetched)
        return self._explicit(replace(account, asked=address), repo, page)

    def _explicit(self, account: _Account, repo: Repo, page: Document) -> Iterator[Found]:
        """What is in a repository that was asked for by its address, even if that is nothing."""
        key = _key(account.host, repo)
        found = key in self._seen
        for item in self._repository(account, repo):
            found = True
            yield item
        known = self._known.get(key)
        if known and known.origin and known.state:
            self._visit.remember(page, known.origin)
        if not found:
            message = "There is no publiccode.yml in the repository, or none that is to be taken."
            yield _without_file(repo.address, repo.address, message)

    def _all(self, account: _Account, path: str) -> Iterator[Found]:
        for page, entries in account.host.pages(path):
            for number, entry in enumerate(entries, 1):
                try:
                    repo = account.host.repo(entry, page.fetched)
                except ValueError as error:
                    yield rejected(f"{_entry_key(account.name)}~{number}", page.url, str(error))
                    continue
                yield from self._repository(account, repo)
            yield Checkpoint()
        for key, known in list(self._known.items()):
            if known.account == account.name and key not in account.seen:
                self._forget(key)

    def is_wanted(self, repo: Repo) -> bool:
        """Whether a repository is public, has something in it and was not excluded."""
        archived = repo.archived and not self._visit.option("archived", OPTIONS)
        names = repo.path.lower(), repo.path.lower().rpartition("/")[2]
        excluded = any(fnmatchcase(name, pattern) for pattern in self._patterns for name in names)
        return not (repo.private or archived or excluded or repo.branch is None)

    def _repository(self, account: _Account, repo: Repo) -> Iterator[Found]:
        key = _key(account.host, repo)
        if not (self.is_wanted(repo) and _forge_found.is_address(repo.address)):
            return
        account.seen.add(key)
        # It may be in two lists, and twice in one that changes while it is paged through.
        if key in self._seen:
            return
        self._seen.add(key)
        before = self._known.get(key)
        were = _were(account, repo, before)
        now = _Known(repo.state, None, repo.address, were, account.name)
        if before and before.state and before.state == repo.state and before.address == repo.address:
            now = replace(now, origin=before.origin)
            is_read = before.origin is None or before.origin in self._visit.known
        else:
            is_read = False
        if is_read and before:
            yield from self._as_before(repo, before, were)
        else:
            try:
                found, origin = self._found(account, repo, were)
                account.failures = 0
            except FetchError as error:
                yield from self._not_read(account, repo, before, error, were)
                return
            yield from found
            now = replace(now, origin=origin)
            if before and origin is None and before.origin in self._visit.known:
                # It may only be away: as long as the catalogue has what was in it, it is asked again each time.
                now = replace(now, state="", origin=before.origin)
        is_moved = before and before.origin and before.address != repo.address and before.origin != now.origin
        if before and is_moved and (now.origin or repo.address) in self._visit.known:
            yield Deleted(str(before.origin))
        self._remember(key, now)

    def _as_before(self, repo: Repo, before: _Known, were: tuple[str, ...]) -> Iterator[Found]:
        if before.origin is not None:
            yield Unchanged(before.origin)
        elif self._takes_metadata(repo):
            yield self._described(repo, were)

    def _takes_metadata(self, repo: Repo) -> bool:
        return self._metadata and not repo.fork

    def _described(self, repo: Repo, were: tuple[str, ...]) -> tuple[str, Document]:
        now = self._visit.fetch.network.now()
        document = Document(repo.address, b"", "application/json", now)
        place = Place(repo.address, were, about=repo.about)
        return key_of(repo.address), _forge_found.packed(document, place)

    def _not_read(
        self, account: _Account, repo: Repo, before: _Known | None, error: FetchError, were: tuple[str, ...]
    ) -> Iterator[Found]:
        """A file that may be there and cannot be fetched; raises the error when that is so of one after the other.

        One that is closed, of which nothing is known, is nothing; but it is asked for again next time.
        """
        is_known = before is not None and before.origin is not None
        is_limit = is_known or account.host.forge.refuses_for_limits or _is_spent(error)
        if error.status in _CLOSED and not is_limit:
            if self._takes_metadata(repo):
                yield self._described(repo, were)
            return
        account.failures += 1
        if _is_spent(error) or account.failures >= _MAX_FAILURES:
            raise error
        yield rejected(key_of(repo.address), repo.address, f"The file could not be fetched: {error}")

    def _found(self, account: _Account, repo: Repo, were: tuple[str, ...]) -> tuple[list[Found], str | None]:
        """What is in a repository, at most one thing, and its origin; raises FetchError."""
        names = _PUBLICCODE if repo.fork else self._files
        for name in names:
            file = self._file(account.host, repo, name)
            if isinstance(file, Unchanged):
                return [file], file.origin
            if file is None:
                continue
            others = self._others(account.host, repo, name, file, were)
            if others is None:
                return [], None
            place = Place(repo.address, others, name)
            return [(key_of(repo.address), _forge_found.packed(file, place))], file.url
        return [self._described(repo, were)] if self._takes_metadata(repo) else [], None

    def _file(self, host: Host, repo: Repo, name: str, is_followed: bool = False) -> Document | Unchanged | None:
        """A file of a repository, or what it leads to if it is a symbolic link; None where there is none."""
        how = {"max_bytes": MAX_BYTES, "secrets": host.secrets, "accept": host.forge.accept if host.by_api else None}
        try:
            found = self._visit.get(host.asked(repo, name), **how)
        except FetchError as error:
            if error.status in _ABSENT:
                return None
            raise
        if isinstance(found, Unchanged) or is_page(found):
            return found if isinstance(found, Unchanged) else None
        link = None if is_followed else _LINK.fullmatch(found.content)
        target = link[1].decode() if link else name
        followed = self._file(host, repo, target, is_followed=True) if target != name else None
        return followed or replace(found, url=host.raw(repo, name), content=_content(found.content))

    def _others(
        self, host: Host, repo: Repo, name: str, file: Document, were: tuple[str, ...]
    ) -> tuple[str, ...] | None:
        """The other addresses of a file's repository; None for a technical fork, where the forge says that it is one.

        Where a file's `url` is elsewhere on the forge, that may be the address that the repository had before.
        """
        said = _forge_found.declared(file.content) if name in _PUBLICCODE else None
        if said is None:
            # A file that names no repository is of the one that it is in, unless that is a copy.
            is_copied = repo.fork and name in _PUBLICCODE and _forge_found.is_readable(file.content)
            return None if is_copied else were
        if said.url in Place(repo.address, were).addresses:
            return were
        if repo.fork:
            return None
        prefix = repository(host.origin + "/x/y").url.removesuffix("x/y")
        if not said.url.startswith(prefix):
            return were
        try:
            entry = host.one(host.path(said.url.removeprefix(prefix)))
            is_same = isinstance(entry, Document) and host.repo(parsed(entry), entry.fetched).id == repo.id
        except (FetchError, SourceError, ValueError) as error:
            # Without an answer, it cannot be told whether it is one.
            if isinstance(error, FetchError) and error.status not in _ABSENT | _CLOSED:
                raise
            return were
        return (*were, said.url) if is_same else were

    def _remember(self, key: str, known: _Known) -> None:
        if self._known.get(key) != known:
            self._known[key] = known
            self._visit.memory[key] = known.to_json()

    def _forget(self, key: str) -> None:
        del self._known[key]
        del self._visit.memory[key]


def _entry_key(address: str) -> str:
    """The key of what is said of an entry: not that of the record read by it, which would be kept by it for ever."""
    return "entry~" + address.partition("://")[2].replace("/", "~") if "://" in address else f"entry~{address}"


def _name(address: str) -> str:
    """What something is called in the memory: its address without scheme, in the case that counts."""
    try:
        return repository(address).url.removeprefix("https://")
    except ValueError:
        return address


def _key(host: Host, repo: Repo) -> str:
    return f"{_REPOSITORY}{host.origin.partition('://')[2]} {repo.id}"


def _path(url: str, host: Host) -> str:
    """The path of an account or repository on a forge by its address, in the case that it is written in."""
    try:
        canonical = repository(url).url.partition("://")[2].partition("/")[2]
    except ValueError as error:
        raise SourceError(f"{url[:200]}: this is no address of a repository or account") from error
    written = re.sub(r"/{2,}", "/", urlsplit(url).path).strip("/")
    path = written[: len(canonical)] if written.lower().startswith(canonical.lower()) else canonical
    folder = urlsplit(host.origin).path.strip("/")
    return host.path(f"{path}/".removeprefix(f"{folder}/").strip("/"))


def _were(account: _Account, repo: Repo, before: _Known | None) -> tuple[str, ...]:
    """The addresses that a repository had before: as remembered, and that by which it was asked for."""
    past = (*before.were, before.address) if before else ()
    canonical = {repository(address).url: None for address in (*past, account.asked, *repo.also) if address}
    return tuple(address for address in canonical if address != repository(repo.address).url)


# What most forges give of a symbolic link is where it leads.
_LINK = re.compile(rb"(?:\./)?((?!\.\.?/)[\w.+-]+(?:/(?!\.\.?/)[\w.+-]+)*\.ya?ml)", re.IGNORECASE)
_HTML = re.compile(rb"\s*<(?:!doctype html|html)", re.IGNORECASE)


def is_page(document: Document) -> bool:
    """Whether a forge showed a page, such as that to sign in on, where a file was asked for."""
    return document.media_type == "text/html" or bool(_HTML.match(document.content))


def _content(content: bytes) -> bytes:
    """The bytes of a file, also where GitHub's API gives them in JSON, as those of its kind do that know no other."""
    if not content.startswith(b"{"):
        return content
    try:
        found = _json.parse(content)
        if isinstance(found, dict) and found.get("encoding") == "base64":
            return base64.b64decode(str(found.get("content")))
    except (DocumentError, binascii.Error, ValueError):
        pass
    return content
