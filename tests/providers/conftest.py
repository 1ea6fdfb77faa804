"""A school with a document of its own, and a contract with its paper; files are kept in memory."""

from datetime import date

import pytest

from procurement.models import ContractDocument
from providers.models import ProviderDocument
from tests.factories.procurement import contract_for
from tests.factories.providers import CourseFactory, ProviderFactory

PDF = b"%PDF-1.7 een extract"


@pytest.fixture
def empty_storage(settings):
    """No test sees the files of another one: setting the storage makes a new one in memory."""
    settings.STORAGES = dict(settings.STORAGES)


@pytest.fixture
def school(provider):
    return ProviderFactory(organisation=provider)


@pytest.fixture
def document(school):
    return ProviderDocument.objects.create(
        provider=school, kind="kvk", title="Uittreksel", issue_date=date(2026, 10, 1)
    )


@pytest.fixture
def contract(school, municipality):
    course = CourseFactory(provider=school, component="B")
    return contract_for(course, municipalities=[municipality]).contract


@pytest.fixture
def paper(contract):
    return ContractDocument.objects.create(contract=contract, kind="contract", title="Getekend")
