"""The mail with which a new person chooses a password."""

from functools import partial

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from backend.accounts.models import User


def send_invitation(user: User) -> None:
    """Mails the link once the surrounding transaction has committed, in the person's language."""
    transaction.on_commit(partial(_send, user.pk))


def _send(user_id: int) -> None:
    user = User.objects.get(pk=user_id)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    )
    context = {"user": user, "url": f"{settings.PUBLIC_URL}{path}"}
    with translation.override(user.language):
        subject = render_to_string("accounts/email/invitation_subject.txt", context).strip()
        body = render_to_string("accounts/email/invitation.txt", context)
    send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [user.email])
