"""Django database engine that starts Passend's own PostgreSQL at the first connection.

Starting lazily keeps commands that need no database (`match_file`, `--help`, type checks) free
of a server.
"""

from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base

from backend.common.embedded.server import PORT, EmbeddedServer, create_missing_database

# The test runner makes and drops these itself.
TEST_PREFIX = "test_"

_present: set[tuple[str, str]] = set()


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        """The server is looked up for every new connection: it may have been stopped since."""
        data_dir = str(self.settings_dict["DATA_DIR"])
        server = EmbeddedServer(Path(data_dir)).start()
        self.settings_dict["HOST"] = server.socket_dir
        self.settings_dict["PORT"] = str(PORT)
        database = self.settings_dict["NAME"]
        if database and not database.startswith(TEST_PREFIX):
            key = (data_dir, database)
            if key not in _present:
                create_missing_database(server.socket_dir, database)
                _present.add(key)
        return super().get_connection_params()
