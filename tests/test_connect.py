"""Connections that are kept between two questions."""

import os
import sqlite3
from contextlib import closing

import pytest

from embeddings.connect import IDLE, Idle, connect, identity


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "store.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE texts (text)")
        connection.execute("INSERT INTO texts VALUES ('一')")
        connection.commit()
    return path


def is_closed(connection):
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return True
    return False


def test_connect_idle_gives_a_connection_once_and_out_of_its_transaction(database):
    idle, of = Idle(), identity(database)
    assert idle.take(of) is None
    connection = connect(database, "mode=ro")
    connection.execute("BEGIN")
    connection.execute("SELECT * FROM texts").fetchall()
    idle.give(of, connection)
    assert not connection.in_transaction
    assert idle.take(of) is connection
    assert idle.take(of) is None


def test_connect_idle_keeps_few_and_closes_the_others(database):
    idle, of = Idle(), identity(database)
    connections = [connect(database, "mode=ro") for _ in range(IDLE + 2)]
    for connection in connections:
        idle.give(of, connection)
    assert [is_closed(connection) for connection in connections] == [False] * IDLE + [True] * 2
    del idle
    assert all(map(is_closed, connections))


def _moved_there(database):
    other = database.with_name("other.sqlite")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE texts (text)")
        connection.execute("INSERT INTO texts VALUES ('二')")
        connection.commit()
    other.replace(database)


def _written_over(database):
    before = identity(database)
    with database.open("r+b") as file:
        whole = file.read()
        file.seek(0)
        file.write(whole)
    assert identity(database)[0][:5] == before[0][:5]  # but for the time


def _without_log(database):
    for end in ("-wal", "-shm"):
        database.with_name(database.name + end).unlink()


def _in_a_copy_of_the_process(database):
    os.getpid = lambda: -1


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be replaced")
@pytest.mark.parametrize("replace", [_moved_there, _written_over, _without_log, _in_a_copy_of_the_process])
def test_connect_idle_closes_those_to_files_that_were_replaced(database, replace, monkeypatch):
    monkeypatch.setattr(os, "getpid", os.getpid)  # put back at the end
    idle = Idle()
    connections = [connect(database, "mode=ro") for _ in range(2)]
    for connection in connections:
        connection.execute("SELECT * FROM texts").fetchall()
        idle.give(identity(database), connection)
    replace(database)
    assert idle.take(identity(database)) is None
    assert all(map(is_closed, connections))


def test_connect_idle_lets_none_to_another_file_stay_behind_those_in_use(database):
    idle, of = Idle(), identity(database)
    stale, fit = (connect(database, "mode=ro") for _ in range(2))
    idle.give(((0,), ()), stale)
    idle.give(of, fit)
    assert idle.take(of) is fit
    assert is_closed(stale)
    idle.give(of, fit)
    idle.give(((0,), ()), stale := connect(database, "mode=ro"))
    for _ in range(2):
        assert idle.take(of) is fit
        idle.give(of, fit)
    assert is_closed(stale)


def test_connect_idle_does_not_keep_what_is_broken(database):
    idle, of = Idle(), identity(database)
    connection = connect(database, "mode=ro")
    connection.close()
    idle.give(of, connection)
    assert idle.take(of) is None
