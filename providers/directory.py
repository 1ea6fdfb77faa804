"""Providers by number, for opening Passend for them (backend.accounts.ports)."""

from django.db.models import Q

from backend.accounts.public import Actor
from backend.organisations.models import Organisation
from providers.models import Provider
from providers.services.drafts import ProviderDraft
from providers.services.provider import provider_register

KVK_DIGITS = 8


class Directory:
    """The list of providers of this installation, filled from DUO's list of institutions."""

    def find(self, number: str) -> Organisation | None:
        """By Blik op Werk, KvK or DUO number; the oldest where several share a KvK number."""
        same = Q(bow_number__iexact=number) | Q(kvk_number=number) | Q(duo_number=number)
        found = Provider.objects.filter(same).select_related("organisation").order_by("pk").first()
        return found.organisation if found else None

    def register(self, *, actor: Actor, number: str, name: str) -> Organisation:
        """A provider that is in no list yet, with the number by which it was asked for."""
        is_kvk = len(number) == KVK_DIGITS and number.isdecimal()
        draft = ProviderDraft(
            name=name,
            code=f"{'kvk' if is_kvk else 'bow'}-{number.lower()}",
            kvk_number=number if is_kvk else "",
            bow_number="" if is_kvk else number,
        )
        return provider_register(actor=actor, draft=draft).organisation
