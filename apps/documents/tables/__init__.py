"""Tables as data: what leads to each cell, in what unit it stands, and whether its figures add up. Pure, for all formats alike."""

from apps.documents.tables.describe import Carried, describe_tables

__all__ = ["Carried", "describe_tables"]
