"""Messages: no secret of an address is in one, and none changes the terminal."""

import pytest

from irstd.errors import DataError, masked, printable


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("at postgresql://me:s3cret@db:5432/x: down", "at postgresql://***@db:5432/x: down"),
        ("mysql+pymysql://me:s3/cr@et:1@db/x", "mysql+pymysql://***@db/x"),
        ("https://s3cret@host/path, again", "https://***@host/path, again"),
        ("https://:s3cret@host", "https://***@host"),
        ("postgresql://db/x?user=me&password=s3cret&a=1", "postgresql://db/x?user=me&password=***&a=1"),
        ("https://host/?X-Amz-Security-Token=s3cret", "https://host/?X-Amz-Security-Token=***"),
        ("models:/irstd@champion at http://127.0.0.1:5000/a", "models:/irstd@champion at http://127.0.0.1:5000/a"),
        ("sqlite:////home/me@work/var/mlflow.db", "sqlite:////home/me@work/var/mlflow.db"),
    ],
)
def test_logins_of_addresses_are_masked(said: str, kept: str) -> None:
    assert masked(said) == kept
    assert str(DataError(said)) == kept
    assert printable(said) == kept


def test_what_would_change_the_terminal_is_escaped() -> None:
    name = "a\x1b[2J\x07\r\n\x9b1m\u202egnp.\u2066b\udcff\u2028é 目標 😀"
    assert printable(name) == r"a\x1b[2J\x07\r\n\x9b1m\u202egnp.\u2066b\udcff\u2028é 目標 😀"
