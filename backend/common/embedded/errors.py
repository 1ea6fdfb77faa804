"""What can go wrong with Passend's own PostgreSQL, each with a sentence and a way out.

The sentences stand in Dutch and English together: they may be needed before Django has loaded any
translation, and whoever reads them has a terminal, not a screen with a language switch.
"""

from pathlib import Path

LOG_TAIL_LINES = 12


class EmbeddedServerError(RuntimeError):
    """Passend's own PostgreSQL cannot be used; the text says why and what to do."""

    def __init__(self, dutch: str, english: str) -> None:
        self.dutch = dutch
        self.english = english
        super().__init__(f"{dutch}\n{english}")


class BinariesMissingError(EmbeddedServerError):
    """There is no PostgreSQL on this machine to start."""

    def __init__(self) -> None:
        super().__init__(
            "Er is geen PostgreSQL 15 of nieuwer gevonden. Draai `make setup`, installeer "
            "PostgreSQL, of zet DATABASE_URL naar een bestaande server.",
            "No PostgreSQL 15 or newer was found. Run `make setup`, install PostgreSQL, or point "
            "DATABASE_URL to an existing server.",
        )


class FolderInaccessibleError(EmbeddedServerError):
    """The data folder belongs to another user of this machine."""

    def __init__(self, folder: Path, owner: str) -> None:
        super().__init__(
            f"De map {folder} is van gebruiker {owner} en u mag er niet in. Werk als die "
            "gebruiker, of kies een eigen map met PASSEND_LOCAL_DIR.",
            f"The folder {folder} belongs to user {owner} and you may not use it. Work as that "
            "user, or choose your own folder with PASSEND_LOCAL_DIR.",
        )


class FolderInUseError(EmbeddedServerError):
    """Another program uses the data folder."""

    def __init__(self, folder: Path, detail: str) -> None:
        super().__init__(
            f"De databasemap {folder} is in gebruik door een ander programma. Stop dat programma "
            f"(`make stop`), of kies een andere map met PASSEND_LOCAL_DIR. {detail}",
            f"The database folder {folder} is in use by another program. Stop that program "
            f"(`make stop`), or choose another folder with PASSEND_LOCAL_DIR. {detail}",
        )


class FolderOccupiedError(EmbeddedServerError):
    """The data folder holds something that is not a database of Passend."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"De map {folder} is niet leeg en bevat geen (complete) database. Verwijder de map, "
            "of kies een andere met PASSEND_LOCAL_DIR.",
            f"The folder {folder} is not empty and holds no (complete) database. Remove it, or "
            "choose another one with PASSEND_LOCAL_DIR.",
        )


class DiskFullError(EmbeddedServerError):
    """There is no room for the database."""

    def __init__(self, folder: Path, needed_mb: int, free_mb: int) -> None:
        super().__init__(
            f"De schijf is vol: bij {folder} is {free_mb} MB vrij en minstens {needed_mb} MB "
            "nodig. Maak ruimte, of kies een andere map met PASSEND_LOCAL_DIR.",
            f"The disk is full: {free_mb} MB is free at {folder} and at least {needed_mb} MB is "
            "needed. Free some space, or choose another folder with PASSEND_LOCAL_DIR.",
        )


class VersionMismatchError(EmbeddedServerError):
    """The data was written by another major version of PostgreSQL."""

    def __init__(self, folder: Path, found: str, available: str) -> None:
        super().__init__(
            f"De database in {folder} is gemaakt met PostgreSQL {found}; hier staat versie "
            f"{available}. Verwijder de map om opnieuw te beginnen, of gebruik versie {found}.",
            f"The database in {folder} was made by PostgreSQL {found}; version {available} is "
            f"installed here. Remove the folder to start afresh, or use version {found}.",
        )


class StartFailedError(EmbeddedServerError):
    """PostgreSQL was started and gave up."""

    def __init__(self, folder: Path, log_tail: str) -> None:
        super().__init__(
            f"PostgreSQL start niet in {folder}. De laatste regels van het logboek:\n{log_tail}",
            f"PostgreSQL does not start in {folder}. The last lines of its log are above.",
        )


class SystemUserError(EmbeddedServerError):
    """As root there is no other user under whom PostgreSQL could run."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"PostgreSQL draait niet als root en kan niet als andere gebruiker bij de bestanden. "
            f"Werk als gewone gebruiker of zet DATABASE_URL. {detail}",
            f"PostgreSQL refuses to run as root and cannot reach the files as another user. Work "
            f"as an ordinary user or set DATABASE_URL. {detail}",
        )


def error_from_log(folder: Path, log: str) -> EmbeddedServerError:
    """The error that the end of a PostgreSQL log tells of."""
    tail = "\n".join(log.splitlines()[-LOG_TAIL_LINES:])
    if "No space left on device" in tail:
        return DiskFullError(folder, needed_mb=MINIMUM_FREE_MB, free_mb=0)
    if "already exists" in tail and "lock file" in tail:
        return FolderInUseError(folder, tail.splitlines()[-1])
    return StartFailedError(folder, tail)


# A fresh cluster takes 40 MB and its first write-ahead log segments 80; the demo adds about 200.
MINIMUM_FREE_MB = 400
