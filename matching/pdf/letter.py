"""The letter that brings a person the personal link and the code."""

from io import BytesIO
from typing import Any

import qrcode  # type: ignore[import-untyped]
from django.conf import settings
from django.urls import reverse
from qrcode.image.svg import SvgPathImage  # type: ignore[import-untyped]

from backend.common import clock
from matching.letters import FALLBACK, Texts, texts_in
from matching.pdf import compile_pdf
from matching.selectors.letter_card import place_card
from matching.selectors.policy import policy_in_force
from matching.services.letters import IssuedLink


def letter_pdf(issued: IssuedLink, *, name: str) -> bytes:
    """One A4 with Dutch and, beside it, the language of the link; `name` is whom it is for."""
    link = issued.link
    url = link_url(issued.token)
    languages = dict.fromkeys((FALLBACK, link.language))
    sides = [_side(issued, texts_in(language), name) for language in languages]
    _own_words(sides[0], link.placement.municipality_id)
    return compile_pdf(
        "letter",
        {
            "title": texts_in(FALLBACK)["title"],
            "sender": link.placement.municipality.name,
            "date": texts_in(FALLBACK).day(clock.today()),
            "name": name,
            "made": "Passend",
            "code": f"{issued.code[:3]} {issued.code[3:]}",
            "link": url,
            "qr": _qr(f"{url}?language={link.language}"),
            "qr_text": f"QR: {url}",
            "sides": sides,
        },
    )


def link_url(token: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse('person-link', args=[token])}"


def _side(issued: IssuedLink, texts: Texts, name: str) -> dict[str, Any]:
    link = issued.link
    card = place_card(link.placement, texts)
    lessons = card.lessons or (texts["lessons_later"],)
    return {
        "language": texts.code,
        "dir": texts["dir"],
        "title": texts["title"],
        "dear": texts["letter_dear"],
        "name": texts.isolated(name),
        "comma": texts["letter_comma"],
        "intro": texts["letter_intro"],
        "facts": [
            [texts["what"], [card.what, texts.isolated(card.course)]],
            [texts["where"], list(card.where)],
            [texts["first_day"], [card.first_day]],
            [texts["lessons"], list(lessons)],
            [
                texts["who"],
                [texts.isolated(link.contact_name), texts.isolated(link.contact_phone)],
            ],
        ],
        "open": texts["letter_open"],
        "code_label": texts["letter_code"],
        "code_note": texts["letter_code_note"],
        "until_label": texts["letter_until"],
        "until": texts.day(clock.local_day(link.expires_at)),
        "help": texts["letter_help"],
    }


def _own_words(dutch: dict[str, Any], municipality_id: int) -> None:
    """The sentences that the municipality chose itself; the other language keeps its own text."""
    policy = policy_in_force(organisation_id=municipality_id, on=clock.today())
    if policy.letter_opening:
        dutch["intro"] = policy.letter_opening
    if policy.letter_closing:
        dutch["help"] = f"{dutch['help']} {policy.letter_closing}"


def _qr(text: str) -> str:
    stream = BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, border=1).save(stream)
    return stream.getvalue().decode()
