"""Where the service stands."""

# Beside /api/v1 and not inside it: another specification, with another document and versions.
BASE_PATH = "/api/oeapi/v6"
