"""Places: whose turn it is, who waits, and that no client can have them all."""

import socket
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from werkzeug.serving import make_server

from catalogue.errors import QueryError, QueryLimit
from catalogue.settings import load
from catalogue.sparql.places import Place, Places, Visitor
from endpoint.visitors import Connection, visitor
from tests.waiting import PATIENCE_S, until


def places(workers: int = 2, queue: int = 4, client: int = 3, timeout: float = 5) -> Places:
    limits = {"query_workers": workers, "query_queue": queue, "query_client": client, "query_timeout": timeout}
    return Places(load(limits, {}))


def give_back(there: Places, place: Place) -> None:
    there.evaluated(place)
    there.leave(place)


def test_no_client_evaluates_in_all_places() -> None:
    there = places()
    with ThreadPoolExecutor() as threads:
        first = there.enter(Visitor("a"))
        second = threads.submit(there.enter, Visitor("a"))
        other = there.enter(Visitor("b"))
        assert not second.done()
        give_back(there, first)
        give_back(there, second.result(PATIENCE_S))
        give_back(there, other)


def test_a_client_may_have_so_many_in_hand_and_no_more() -> None:
    there = places(client=1)
    mine = there.enter(Visitor("a"))
    with pytest.raises(QueryLimit, match=r"1 in hand at once \(query_client\)"):
        there.enter(Visitor("a"))
    there.evaluated(mine)
    with pytest.raises(QueryLimit, match="query_client"):  # its answer is still being sent
        there.enter(Visitor("a"))
    there.leave(mine)
    there.leave(mine)
    give_back(there, there.enter(Visitor("a")))


def test_when_all_places_are_taken_the_next_is_told_so() -> None:
    there = places(workers=1, queue=1, client=9)
    mine = there.enter(Visitor("a"))
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(there.enter, Visitor("b"))
        until(lambda: there._waiting)
        with pytest.raises(QueryLimit, match=r"1 queries are evaluated .* up to 1 wait \(query_queue\)"):
            there.enter(Visitor("c"))
        give_back(there, mine)
        give_back(there, waiting.result(PATIENCE_S))


def test_whose_turn_does_not_come_is_told_that_it_is_busy() -> None:
    there = places(workers=1, timeout=0.1)
    mine = there.enter(Visitor("a"))
    with pytest.raises(QueryLimit, match="busy"):
        there.enter(Visitor("b"))
    give_back(there, mine)
    give_back(there, there.enter(Visitor("b")))


def test_of_those_that_wait_the_client_with_the_fewest_is_next() -> None:
    there, order = places(workers=3, queue=9, client=9), list[str]()
    held = [there.enter(Visitor("a")), there.enter(Visitor("a")), there.enter(Visitor("b"))]

    def wait(client: str) -> None:
        place = there.enter(Visitor(client))
        order.append(client)
        give_back(there, place)

    threads = []
    for number, client in enumerate("aabc"):
        threads.append(threading.Thread(target=wait, args=(client,)))
        threads[-1].start()
        until(lambda number=number: len(there._waiting) == number + 1)  # type: ignore[misc]
    give_back(there, held[2])
    until(lambda: len(order) >= 2)
    for place in held[:2]:
        give_back(there, place)
    for thread in threads:
        thread.join()
    assert set(order[:2]) == {"b", "c"}


def test_who_goes_away_waits_no_longer() -> None:
    there, gone = places(workers=1), threading.Event()
    mine = there.enter(Visitor("a"))
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(there.enter, Visitor("b", gone.is_set))
        gone.set()
        with pytest.raises(QueryError, match="nobody waits"):
            waiting.result(PATIENCE_S)
    give_back(there, mine)
    assert not there._held
    assert not there._evaluated


PROXIES = ("10.0.0.0/8", "::1/128")
CLIENTS = {
    "a client without proxy": ({"REMOTE_ADDR": "192.0.2.1"}, "192.0.2.1"),
    "a stranger's header": ({"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "192.0.2.9"}, "192.0.2.1"),
    "a proxy": ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.9"}, "192.0.2.9"),
    "a proxy that tells the port": ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.9:41"}, "192.0.2.9"),
    "and of IPv6": ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "[2001:db8::9]:41"}, "2001:db8::/64"),
    "two proxies": ({"REMOTE_ADDR": "::1", "HTTP_X_FORWARDED_FOR": "192.0.2.9, 10.2.3.4"}, "192.0.2.9"),
    "made up in front": ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7,192.0.2.9"}, "192.0.2.9"),
    "a proxy's own request": ({"REMOTE_ADDR": "10.0.0.1"}, "10.0.0.1"),
    "no address": ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "unknown"}, "unknown"),
    "IPv6, by network": ({"REMOTE_ADDR": "2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"),
    "IPv4 in IPv6": ({"REMOTE_ADDR": "::ffff:192.0.2.1"}, "192.0.2.1"),
    "nothing": ({}, ""),
}


@pytest.mark.parametrize(("environ", "client"), CLIENTS.values(), ids=CLIENTS)
def test_a_client_is_told_by_its_address_or_by_what_a_trusted_proxy_says(
    environ: Mapping[str, str], client: str
) -> None:
    assert visitor(environ, PROXIES).client == client


@contextmanager
def serving(asked: threading.Event, gone: list[bool]) -> Iterator[int]:
    """A server whose one request lasts until its client has gone."""

    def application(environ: Mapping[str, str], start: object) -> list[bytes]:
        connection = Connection(environ["REMOTE_ADDR"], environ["SERVER_PORT"])
        gone.append(connection.has_gone())
        asked.set()
        until(connection.has_gone)
        gone.append(connection.has_gone())
        start("200 OK", [])  # type: ignore[operator]
        return []

    with make_server("127.0.0.1", 0, application, threaded=True) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_connection_that_was_closed_is_noticed_while_others_stand() -> None:
    asked, gone = threading.Event(), list[bool]()
    with serving(asked, gone) as port:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert asked.wait(PATIENCE_S)
        with socket.create_connection(("127.0.0.1", port)):  # one that came later says nothing of the first
            until(lambda: len(gone) == 2)
    assert gone == [False, True]


def test_without_a_server_nobody_is_taken_to_have_gone() -> None:
    assert not Connection("127.0.0.1", "1").has_gone()
