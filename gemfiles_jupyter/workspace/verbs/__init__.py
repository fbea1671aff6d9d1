"""The verbs, declared once: ``%gemfiles`` and ``gemfiles`` have the same, with the same options."""

from .files import FILE_VERBS
from .offline import OFFLINE_VERB
from .stores import STORE_VERB
from .transfers import TRANSFER_VERBS

__all__ = ["VERBS"]

VERBS = (*FILE_VERBS, *TRANSFER_VERBS, STORE_VERB, OFFLINE_VERB)
