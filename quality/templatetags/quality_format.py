"""Numbers of quality pages in the reader's notation."""

from django import template
from django.utils import formats

register = template.Library()


@register.filter
def percent(share: float) -> str:
    """0.6 as 60%."""
    return f"{formats.number_format(round(share * 100), decimal_pos=0)}%"
