"""Where sources say that something changed."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from catalogue import webhooks
from catalogue.errors import DocumentError
from catalogue.home import Home
from catalogue.operations import Operations
from catalogue.settings import Settings, load
from catalogue.webhooks import Event, SignatureError, verify
from endpoint import create_app
from tests.remote import Reply, Request, serving, world

SECRET, VARIABLE = "a secret", "TEST_HOOK_SECRET"
BODY = b'{"event": "update", "subject": "/software/12f30d9e-042e-41ed-8ddc-d8bbc146d165"}'


def sign(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("event", ["create", "update", "delete"])
def test_a_signed_message_is_an_event(event: str) -> None:
    body = BODY.replace(b"update", event.encode())
    found = verify(body, sign(body).upper(), SECRET)
    assert found == Event(event, "/software/12f30d9e-042e-41ed-8ddc-d8bbc146d165")
    assert found.key == "12f30d9e-042e-41ed-8ddc-d8bbc146d165"
    assert Event(event, "/publishers/7").key == "publisher-7"


@pytest.mark.parametrize(
    ("body", "signature", "secret"),
    [
        pytest.param(BODY, "", SECRET, id="none"),
        pytest.param(BODY, sign(BODY)[:-1], SECRET, id="cut off"),
        pytest.param(BODY, sign(BODY, "another"), SECRET, id="of another secret"),
        pytest.param(BODY + b" ", sign(BODY), SECRET, id="of another body"),
        pytest.param(BODY, sign(BODY, ""), "", id="of no secret"),
        pytest.param(BODY, "\udcff\N{SNOWMAN}", SECRET, id="no hexadecimal"),
    ],
)
def test_a_message_that_is_not_signed_is_refused(body: bytes, signature: str, secret: str) -> None:
    with pytest.raises(SignatureError):
        verify(body, signature, secret)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b"[" * 10_000, b"\xff", b'{"event": "update"}',
        b'{"event": ["update"], "subject": "/software/1"}', b'{"event": "drop", "subject": "/software/1"}',
        b'{"event": "update", "subject": "/software/"}', b'{"event": "update", "subject": "/software/a/b"}',
        b'{"event": "update", "subject": "https://x.example/software/1"}', b'{"event": "update", "subject": 7}',
        b" " * webhooks.MAX_BYTES + BODY,
    ],
)  # fmt: skip
def test_a_signed_message_that_is_no_event_is_told(body: bytes) -> None:
    with pytest.raises(DocumentError):
        verify(body, sign(body), SECRET)


@given(st.binary(max_size=200), st.text(max_size=80))
def test_nothing_but_the_signature_opens(body: bytes, signature: str) -> None:
    with pytest.raises((SignatureError, DocumentError)):
        verify(body, signature, SECRET)


@pytest.fixture
def hooked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv(VARIABLE, SECRET)
    base = {"kind": "software-catalog-api", "location": "https://api.example/v1"}
    secrets = {"italy": VARIABLE, "silent": "", "unset": "TEST_NO_SUCH_VARIABLE", "odd": 7}
    sources = tuple({"id": name, "hook_secret": secret, **base} for name, secret in secrets.items())
    return replace(load({"home": tmp_path}, {}), sources=sources)


@pytest.fixture
def client(hooked: Settings) -> FlaskClient:
    return create_app(hooked).test_client()


def send(client: FlaskClient, body: bytes = BODY, source: str = "italy", **how: str) -> int:
    headers = {webhooks.HEADER: how.get("signature", sign(body))}
    media_type = how.get("media_type", "application/json")
    return client.post(f"/hooks/{source}", data=body, content_type=media_type, headers=headers).status_code


def test_a_signed_message_makes_its_source_wished_and_reads_nothing(client: FlaskClient, hooked: Settings) -> None:
    operations = Operations(Home(hooked.home).operations)
    assert (send(client), send(client)) == (202, 202)
    assert set(operations.wished()) == {"italy"}
    since = datetime.now(UTC) - timedelta(minutes=1)
    assert operations.wishes(since, source="italy", client="webhook") == 2
    operations.grant("italy", datetime.now(UTC))
    assert not operations.wished()


@pytest.mark.parametrize("event", ["create", "update", "delete"])
def test_only_of_what_is_deleted_the_record_is_noted(client: FlaskClient, hooked: Settings, event: str) -> None:
    assert send(client, BODY.replace(b"update", event.encode())) == 202
    noted = Operations(Home(hooked.home).operations).wished_records("italy", webhooks.CLIENT)
    entry = json.loads(BODY)["subject"].rpartition("/")[2]
    assert noted == {entry if event == "delete" else ""}


@pytest.mark.parametrize(
    ("how", "status"),
    [
        pytest.param({"signature": "0" * 64}, 403, id="a wrong signature"),
        pytest.param({"source": "silent"}, 403, id="a source without a secret"),
        pytest.param({"source": "unset"}, 403, id="a secret that the environment lacks"),
        pytest.param({"source": "odd"}, 403, id="a secret that is no name"),
        pytest.param({"source": "nobody"}, 404, id="no source"),
        pytest.param({"media_type": "text/plain"}, 415, id="no JSON by its type"),
        pytest.param({"body": b"{}"}, 400, id="no event"),
        pytest.param({"body": b" " * (webhooks.MAX_BYTES + 1)}, 413, id="too large"),
    ],
)
def test_any_other_message_is_refused(client: FlaskClient, hooked: Settings, how: dict[str, str], status: int) -> None:
    assert send(client, **how) == status  # type: ignore[arg-type]
    assert not Operations(Home(hooked.home).operations).wished()


def test_nothing_is_to_be_read_there(client: FlaskClient) -> None:
    assert client.get("/hooks/italy").status_code == 405


# What comes of it at the next harvest.


def _catalogue_of(*names: str) -> Reply:
    said = "publiccodeYmlVersion: '0.4'\nname: {0}\nurl: https://git.example/{0}\n"
    entries = [
        {"id": name, "url": f"https://git.example/{name}", "publiccodeYml": said.format(name), "updatedAt": "2026"}
        for name in names
    ]
    return Reply(json.dumps({"data": entries, "links": {"next": None}}), "application/json")


@pytest.mark.parametrize(("client", "counts"), [(webhooks.CLIENT, (1, 0)), ("10.0.0.1", (0, 1))], ids=["source", "any"])
def test_what_a_source_says_is_deleted_and_does_not_have_is_gone_at_once(
    tmp_path: Path, client: str, counts: tuple[int, int]
) -> None:
    listed = ["a", "b", "c"]

    def answer(request: Request) -> Reply:
        return _catalogue_of(*listed) if request.path == "/v1/software" else Reply("", status=404)

    operations = Operations(tmp_path / "operations.db")
    with serving(answer) as base, world(tmp_path) as home:
        home.harvest("software-catalog-api", f"{base}/v1")
        assert home.keys() == {"a", "b", "c"}
        for name in ("a", "b"):
            operations.wish("test", datetime.now(UTC), record=name, client=client)
        listed.remove("b")
        done = home.harvest("software-catalog-api", f"{base}/v1")
        assert (done.counts["gone"], done.counts["missing"]) == counts
        assert {"a", "c"} <= home.keys()
        assert done.account.named.get("gone", []) == ["b"][: counts[0]]
