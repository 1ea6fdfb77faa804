"""The texts of each kind of notification, in the language of whoever reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
Params = Mapping[str, str | int]


@dataclass(frozen=True)
class NotificationKind:
    """Title and body with `%(name)s` places that the parameters fill."""

    code: str
    title: Text
    body: Text


_UNKNOWN = NotificationKind("", _("Message"), _("Open the page for more information."))
_kinds: dict[str, NotificationKind] = {}


def register_kind(code: str, *, title: Text, body: Text) -> None:
    """Declares a kind; called by the app that sends it, when it is wired."""
    _kinds[code] = NotificationKind(code, title, body)


def kind_of(code: str) -> NotificationKind:
    """The kind with `code`; a general one where its app no longer declares it."""
    return _kinds.get(code, _UNKNOWN)


def is_registered(code: str) -> bool:
    return code in _kinds
