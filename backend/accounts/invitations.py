"""The mail with which a new person chooses a password."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from backend.accounts.models import User
from backend.outbox.public import queue_mail


def send_invitation(user: User) -> None:
    """Mails the link once the surrounding transaction has committed, in the person's language.

    MUST run inside atomic(). The link stands in the outbox only until the mail has been sent.
    """
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
    queue_mail(to=user.email, subject=subject, body=body, key=f"invitation:{user.uuid}")
