"""Files that are damaged, or made to harm who reads them. Made on the spot: none is kept."""

from tests.files.hostile.archives import ARCHIVES
from tests.files.hostile.kinds import READ, Hostile
from tests.files.hostile.pdfs import PDFS
from tests.files.hostile.pictures import PICTURES
from tests.files.hostile.texts import TEXTS

__all__ = ["KINDS", "READ", "Hostile"]

KINDS = (*PDFS, *ARCHIVES, *PICTURES, *TEXTS)
