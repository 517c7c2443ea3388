"""The operational store on whichever database `--database` names: opened, made, left out of reach."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Timer

import pytest
from sqlalchemy import Column, Double, ForeignKey, MetaData, Table, Text, func, select
from sqlalchemy.exc import IntegrityError

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.state import create_tables, open_state, reading, transaction
from devnexus_cli.ports import free_port

TABLES = MetaData()
NOTES = Table("notes", TABLES, Column("id", Text, primary_key=True), Column("at", Double))
REPLIES = Table("replies", TABLES, Column("note", Text, ForeignKey(NOTES.c.id)))
AT = 1_790_000_000.123456


@pytest.fixture
def open_engine(database_url):
    """Opens the database anew each time, as processes do."""
    engines = []

    def open_engine():
        engines.append(open_state(database_url))
        return engines[-1]

    yield open_engine
    for engine in engines:
        engine.dispose()


@pytest.fixture
def engine(open_engine):
    engine = open_engine()
    create_tables(engine, TABLES)
    return engine


def test_what_was_kept_is_there_for_the_next_process(open_engine, engine):
    with transaction(engine) as connection:
        connection.execute(NOTES.insert().values(id="ü\u2028", at=AT))
    again = open_engine()
    create_tables(again, TABLES)
    with transaction(again) as connection:
        assert connection.execute(select(NOTES)).one() == ("ü\u2028", AT)


def test_processes_that_start_at_once_on_an_empty_database_all_start(open_engine):
    at_once = Barrier(8)

    def start(number):
        engine = open_engine()
        at_once.wait()
        create_tables(engine, TABLES)
        with transaction(engine) as connection:
            connection.execute(NOTES.insert().values(id=str(number), at=AT))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(start, range(8)))
    with transaction(open_engine()) as connection:
        assert connection.scalar(select(func.count()).select_from(NOTES)) == 8


def test_a_start_waits_for_another_that_is_writing_the_same_new_sqlite_file(tmp_path):
    path = tmp_path / "state.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE other (x)")
    soon = Timer(0.2, other.execute, ["COMMIT"])
    soon.start()
    engine = open_state(f"sqlite:///{path}")
    create_tables(engine, TABLES)
    soon.join()
    other.close()
    engine.dispose()


def test_a_block_that_fails_leaves_nothing_behind(engine):
    with pytest.raises(ZeroDivisionError), transaction(engine) as connection:
        connection.execute(NOTES.insert().values(id="1", at=1 / 0))
    with pytest.raises(IntegrityError), transaction(engine) as connection:
        connection.execute(NOTES.insert().values(id="1", at=AT))
        connection.execute(REPLIES.insert().values(note="no such note"))
    with transaction(engine) as connection:
        assert connection.execute(select(NOTES)).all() == []


def test_two_that_read_and_then_write_wait_for_each_other(engine):
    def count_up(_):
        with transaction(engine) as connection:
            query = select(NOTES.c.at).where(NOTES.c.id == "count").with_for_update()
            at = connection.execute(query).scalar_one()
            connection.execute(NOTES.update().where(NOTES.c.id == "count").values(at=at + 1))

    with transaction(engine) as connection:
        connection.execute(NOTES.insert().values(id="count", at=0))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(80)))
    with transaction(engine) as connection:
        assert connection.execute(select(NOTES.c.at)).scalar_one() == 80


def test_who_only_reads_keeps_nobody_from_writing(engine):
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(NOTES)) == 0
        with transaction(engine) as other:
            other.execute(NOTES.insert().values(id="meanwhile"))
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(NOTES)) == 1


def test_a_table_of_somebody_else_is_left_as_it_is(open_engine):
    with transaction(open_engine()) as connection:
        connection.exec_driver_sql("CREATE TABLE notes (customer TEXT, parcel TEXT)")
    with pytest.raises(ConfigurationError, match="notes is not ours: it has a column customer"):
        create_tables(open_engine(), TABLES)
    with transaction(open_engine()) as connection:
        assert connection.exec_driver_sql("SELECT customer FROM notes").all() == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no url",
        "mysql://u:s3cr3t@h/d",
        "postgresql+psycopg2://u:s3cr3t@h/d",
        "postgresql://u:s3cr3t@h:port/d",
    ],
)
def test_another_kind_of_url_is_refused_with_examples_and_without_being_shown(url):
    with pytest.raises(ConfigurationError, match=r"DATABASE_URL.*postgresql://") as refused:
        open_state(url)
    assert "s3cr3t" not in str(refused.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_store_that_would_be_lost_is_refused(url):
    with pytest.raises(ConfigurationError, match="names no file"):
        open_state(url)


def test_the_folder_of_a_sqlite_file_is_made_or_the_start_stops(tmp_path):
    engine = open_state(f"sqlite:///{tmp_path}/new/folder/state.db")
    create_tables(engine, TABLES)
    engine.dispose()
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"cannot make .*/file"):
        open_state(f"sqlite:///{tmp_path}/file/state.db")


def test_what_is_no_database_stops_the_start(tmp_path):
    path = Path(tmp_path / "state.db")
    path.write_text("no database " * 100)
    with pytest.raises(ConfigurationError, match=r"state\.db cannot be used: file is not a database"):
        create_tables(open_state(f"sqlite:///{path}"), TABLES)


def test_a_database_out_of_reach_stops_the_start_and_later_means_not_now():
    engine = open_state(f"postgres://me:s3cr3t@127.0.0.1:{free_port()}/name?application_name=s3cr3t")
    with pytest.raises(ConfigurationError, match=r"127\.0\.0\.1.*cannot be used: .*refused") as stopped:
        create_tables(engine, TABLES)
    with pytest.raises(Unavailable, match="refused") as later, transaction(engine):
        pass
    assert "s3cr3t" not in f"{stopped.value} {later.value}"


def test_an_error_shows_no_values(engine):
    with pytest.raises(IntegrityError) as error, transaction(engine) as connection:
        connection.execute(NOTES.insert().values(id="1", at=AT))
        connection.execute(REPLIES.insert().values(note="s3cr3t"))
    assert "hide_parameters" in str(error.value)
