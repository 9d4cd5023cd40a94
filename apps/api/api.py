"""The REST interface, version 1."""

from ninja import NinjaAPI

api = NinjaAPI(title="Toulmin", version="1", docs_url="docs", openapi_url="openapi.json")
