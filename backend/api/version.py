"""The version of the API contract: major in the path, all of it in the API-Version header."""

API_VERSION = "1.0.0"
API_BASE_PATH = "/api/v1"
