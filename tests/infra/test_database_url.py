"""The address of Cloud SQL that Terraform writes into the secret database-url, opened for real."""

import re
import socket
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest
from sqlalchemy import MetaData
from terraform_files import bare, blocks

from devnexus.errors import ConfigurationError
from devnexus.state import create_tables, open_state

INSTANCE = "acme-nexus:us-central1:state"


@pytest.fixture
def address():
    """As database.tf has it, with a password and an instance."""
    text = bare(
        dict(blocks("resource"))["google_secret_manager_secret_version.database_url"]["secret_data_wo"]
    )
    values = iter(("w0rd", INSTANCE))
    return re.sub(r"\$\{[^}]*\}", lambda _: next(values), text)


@pytest.fixture
def mount():
    """A folder with a short name: a socket's whole path has at most 107 bytes."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


def test_it_leads_to_the_socket_of_the_instance_as_the_user_that_terraform_makes(address, mount):
    """The mount is `/cloudsql` there, and a folder here; what listens says what it was asked for."""
    folder = mount / INSTANCE
    folder.mkdir()
    asked = []
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / ".s.PGSQL.5432"))
        listening.listen()
        answering = Thread(target=lambda: asked.append(_first_packet(listening)))
        answering.start()
        with pytest.raises(ConfigurationError) as problem:
            create_tables(open_state(address.replace("/cloudsql/", f"{mount}/")), MetaData())
        answering.join(timeout=10)
    assert b"user\0nexus\0" in asked[0] and b"database\0nexus\0" in asked[0]
    assert "w0rd" not in str(problem.value)


def test_users_and_databases_have_the_names_that_the_address_says(address):
    resources = dict(blocks("resource"))
    user, database = (resources[f"google_sql_{kind}.nexus"]["name"] for kind in ("user", "database"))
    assert address == f"postgresql://{bare(user)}:w0rd@/{bare(database)}?host=/cloudsql/{INSTANCE}"


def _first_packet(listening):
    connection, _ = listening.accept()
    with connection:
        return connection.recv(1024)
