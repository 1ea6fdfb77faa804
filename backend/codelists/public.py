"""The door of code lists: what holds on a day, and new versions by the functional administrator.

Promise: a list costs one query, and none again within `lists_held()`; a version that has begun is
never changed, so the list of a day gone by is always the same.
"""

from backend.codelists.registry import CodeList, Running, Usage, all_lists, list_named, register
from backend.codelists.rules import Change
from backend.codelists.selectors import (
    Code,
    Version,
    all_versions,
    code_faults,
    known_codes,
    labels_of,
    lists_held,
    offered,
    version_on,
    versions_of,
)
from backend.codelists.services import (
    Impact,
    code_list_preview,
    code_list_publish,
    code_list_withdraw,
    may_change_lists,
)

__all__ = [
    "Change",
    "Code",
    "CodeList",
    "Impact",
    "Running",
    "Usage",
    "Version",
    "all_lists",
    "all_versions",
    "code_faults",
    "code_list_preview",
    "code_list_publish",
    "code_list_withdraw",
    "known_codes",
    "labels_of",
    "list_named",
    "lists_held",
    "may_change_lists",
    "offered",
    "register",
    "version_on",
    "versions_of",
]
