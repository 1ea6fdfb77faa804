"""Organisations of every kind; municipalities come with their profile and a place on the map."""

from datetime import date

import factory

from backend.organisations.choices import OrganisationKind, Province
from backend.organisations.models import Municipality, Organisation, Postcode4, RegionMembership


class OrganisationFactory(factory.django.DjangoModelFactory):
    """A provider unless a trait says otherwise; `MunicipalityFactory` makes municipalities."""

    class Meta:
        model = Organisation

    class Params:
        region = factory.Trait(
            kind=OrganisationKind.REGION,
            name=factory.Sequence(lambda n: f"Regio {n}"),
            code=factory.Sequence(lambda n: f"regio-{n}"),
        )
        closed = factory.Trait(is_active=False)

    kind = OrganisationKind.PROVIDER
    name = factory.Sequence(lambda n: f"Taalschool {n}")
    code = factory.Sequence(lambda n: f"taalschool-{n}")


class MunicipalityFactory(factory.django.DjangoModelFactory):
    """A municipality; `.organisation` is its organisation. Codes from 8000 up are not real ones."""

    class Meta:
        model = Municipality

    class Params:
        name = factory.Sequence(lambda n: f"Gemeente {n}")

    cbs_code = factory.Sequence(lambda n: str(8000 + n % 2000))
    organisation = factory.SubFactory(
        OrganisationFactory,
        kind=OrganisationKind.MUNICIPALITY,
        code=factory.SelfAttribute("..cbs_code"),
        name=factory.SelfAttribute("..name"),
    )
    province = Province.UTRECHT
    labour_market_region = "Midden-Utrecht"
    latitude = 52.09
    longitude = 5.12


class RegionMembershipFactory(factory.django.DjangoModelFactory):
    """Member since 2020; `ended` left at the end of 2024, `coming` joins in 2090."""

    class Meta:
        model = RegionMembership

    class Params:
        ended = factory.Trait(valid_to=date(2024, 12, 31))
        coming = factory.Trait(valid_from=date(2090, 1, 1))

    region = factory.SubFactory(OrganisationFactory, region=True)
    municipality = factory.LazyFunction(lambda: MunicipalityFactory().organisation)
    valid_from = date(2020, 1, 1)
    valid_to = None


class Postcode4Factory(factory.django.DjangoModelFactory):
    class Meta:
        model = Postcode4

    pc4 = factory.Sequence(lambda n: str(1000 + n % 9000))
    place = "Utrecht"
    municipality_code = "0344"
    latitude = 52.0907
    longitude = 5.1214
