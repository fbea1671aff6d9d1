"""The verbs, declared once: ``%gemfiles`` and ``gemfiles`` have the same, with the same options."""

from .code import CODE_VERB
from .doctor import DOCTOR_VERB
from .files import FILE_VERBS
from .key import KEY_VERB
from .offline import OFFLINE_VERB
from .panel import PANEL_VERB
from .quota import COUNT_VERB, QUOTA_VERB
from .removal import RM_VERB
from .stores import STORE_VERB
from .transfers import TRANSFER_VERBS
from .variables import RESTORE_VERB, USE_VERB

__all__ = ["VERBS"]

VERBS = (
    *FILE_VERBS,
    USE_VERB,
    RESTORE_VERB,
    RM_VERB,
    QUOTA_VERB,
    COUNT_VERB,
    CODE_VERB,
    *TRANSFER_VERBS,
    PANEL_VERB,
    STORE_VERB,
    KEY_VERB,
    DOCTOR_VERB,
    OFFLINE_VERB,
)
