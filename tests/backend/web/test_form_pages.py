"""Forms: all faults at once, each at its field and in the summary, and nothing half-written."""

import pytest

from backend.organisations.models import Organisation
from tests.support.html import ids, links

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.backend.web.sample")]


@pytest.fixture
def visitor(web_as, procurement_officer):
    return web_as(procurement_officer)


def test_a_form_shows_label_description_and_what_is_optional(visitor):
    response = visitor.get("/sample")

    assert response.status_code == 200
    assert 'aria-describedby="id_title_helptext"' in response.content.decode()
    assert "Kort en duidelijk." in response.content.decode()
    assert "niet verplicht" in response.content.decode()


def test_a_mistake_stands_at_its_field_and_in_the_summary(visitor):
    response = visitor.post("/sample", {"title": "", "number": "veel"})

    page = response.content.decode()
    assert response.status_code == 400
    assert "<title>Fout: Voorbeeld" in page
    summary = [link.href for link in links(response) if link.href.startswith("#id_")]
    assert summary == ["#id_title", "#id_number"]
    assert {"id_title", "id_number", "id_title_error", "id_number_error"} <= ids(response)
    assert 'aria-describedby="id_title_helptext id_title_error"' in page
    assert 'aria-invalid="true"' in page


def test_violations_of_the_domain_stand_at_their_fields(visitor):
    response = visitor.post("/sample", {"title": "fout", "number": "3"})

    page = response.content.decode()
    assert response.status_code == 400
    summary = [link.href for link in links(response) if link.href.startswith("#id_")]
    assert summary == ["#id_number", "#id_days"]
    assert page.count("Dit aantal past niet.") == 2
    assert page.count("Dan is er geen les.") == 2
    assert page.count("Er is nog iets anders.") == 1
    assert "id_days" in ids(response)
    assert 'value="3"' in page, "what was typed stays"


def test_a_refused_form_leaves_nothing_behind(visitor):
    before = Organisation.objects.count()

    assert visitor.post("/sample", {"title": "druk"}).status_code == 409
    assert visitor.post("/sample", {"title": "fout"}).status_code == 400

    assert Organisation.objects.count() == before


def test_an_accepted_form_goes_on_with_a_message(visitor):
    response = visitor.post("/sample", {"title": "Goed"}, follow=True)

    assert response.redirect_chain == [("/sample", 302)]
    assert "Het is opgeslagen." in response.content.decode()
    assert Organisation.objects.filter(name="Goed").count() == 1


def test_a_refused_confirmation_says_why_and_keeps_the_consequences(visitor):
    asked = visitor.get("/sample/confirm").content.decode()
    refused = visitor.post("/sample/confirm")

    assert "Dit kan niet ongedaan worden gemaakt." in asked
    assert refused.status_code == 409
    assert "Probeer het zo nog een keer." in refused.content.decode()
    assert "Dit kan niet ongedaan worden gemaakt." in refused.content.decode()


def test_nobody_and_the_wrong_role_get_no_form(web_as, caseworker):
    anonymous = web_as().get("/sample?next=x")
    refused = web_as(caseworker).post("/sample", {"title": "Goed"})

    assert anonymous.status_code == 302
    assert anonymous.url == "/accounts/login/?next=/sample%3Fnext%3Dx"
    assert refused.status_code == 403
    assert "Contracten en tarieven beheren" in refused.content.decode()
    assert not Organisation.objects.filter(name="Goed").exists()
