"""The exception tree.

PaperboyError
|-- OperatorError            the operator must act: one sentence, one exit code, never a traceback
|   |-- SettingsError        a setting is missing or wrong (2)
|   |-- DatabaseError        the database cannot be used (3)
|   |   |-- DatabaseBusy     another program holds it; trying again may help
|   |   |   `-- DatabaseTaken    another newsroom runs on it
|   |   |-- DatabaseFull     the disk is full or the file may not be written
|   |   |-- DatabaseNewer    written by a newer version
|   |   `-- DatabaseDamaged  not a database, or broken pages
|   |-- TelegramRefuses      wrong token, or another copy of the bot is running (4)
|   `-- AddressTaken         the HTTP port is used by another program (5)
|-- UserError                a reader must know: a text key and its arguments, worded at the edge
`-- SourceError              a feed or a page did not give what was asked; kept in plain words
    |-- AddressRefused       an address that must not be fetched
    |-- Unreachable          no answer, or the connection broke
    |-- TooSlow              the whole fetch took longer than allowed
    |-- TooLarge             more bytes than allowed, packed or unpacked
    |-- BadStatus            an HTTP status that brings no document
    `-- NotReadable          the document could not be read as what it should be
"""

from __future__ import annotations

from typing import ClassVar


class PaperboyError(Exception):
    """The root of all our own errors."""


class OperatorError(PaperboyError):
    """Something that only the operator can mend; `str()` is the sentence to show."""

    exit_code: ClassVar[int] = 1


class SettingsError(OperatorError):
    """Settings are missing or wrong; the sentence names every one of them."""

    exit_code = 2


class DatabaseError(OperatorError):
    """The database cannot be used as it is."""

    exit_code = 3


class DatabaseBusy(DatabaseError):
    """Another program holds the database; the same call may succeed later."""


class DatabaseTaken(DatabaseBusy):
    """Another newsroom runs on the database; when it is gone, this one may."""


class DatabaseFull(DatabaseError):
    """Nothing more can be written: the disk is full or the file is read-only."""


class DatabaseNewer(DatabaseError):
    """The database was written by a newer version of the program."""


class DatabaseDamaged(DatabaseError):
    """The file is not a database or its pages are broken."""


class TelegramRefuses(OperatorError):
    """Telegram will not talk to this bot as it is set up."""

    exit_code = 4


class AddressTaken(OperatorError):
    """The HTTP address cannot be listened on."""

    exit_code = 5


class UserError(PaperboyError):
    """Something a reader should know.

    Args:
        key: the key of the sentence in the catalogues.
        values: what goes into its places.
    """

    def __init__(self, key: str, **values: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class SourceError(PaperboyError):
    """A feed or page failed.

    Args:
        key: the key of the sentence in the catalogues, for readers and editors alike.
        values: what goes into its places.
        retry_after: seconds the other side asked us to wait, where it did.
    """

    def __init__(self, key: str, *, retry_after: float | None = None, **values: str | int) -> None:
        super().__init__(f"{key} {values}" if values else key)
        self.key = key
        self.values = values
        self.retry_after = retry_after


class AddressRefused(SourceError):
    """The address leads where we do not go."""


class Unreachable(SourceError):
    """There was no answer, or it broke off."""


class TooSlow(SourceError):
    """The whole fetch took longer than allowed."""


class TooLarge(SourceError):
    """There were more bytes than allowed."""


class BadStatus(SourceError):
    """The answer's HTTP status brings no document."""


class NotReadable(SourceError):
    """The document could not be read."""
