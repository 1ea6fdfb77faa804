"""Tags of the page shell: forms, tables, facts and values in NL Design System markup."""

from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.safestring import SafeString

from backend.web import demo
from backend.web.tables import Table
from backend.web.values import Bar, Value, show

register = template.Library()

TEXT_CLASS = "utrecht-textbox utrecht-textbox--html-input"
WIDGET_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "utrecht-checkbox utrecht-checkbox--html-input"),
    (forms.Select, "utrecht-select utrecht-select--html-select"),
    (forms.Textarea, "utrecht-textarea utrecht-textarea--html-textarea"),
    (forms.FileInput, "shell-file"),
    (forms.Widget, TEXT_CLASS),
)
register.filter("show", show)


@register.simple_tag
def bar(used: int, total: int, label: str = "") -> SafeString:
    """A bar of how much of a total is used; a full one warns."""
    return Bar(used, total, label).html()


@register.simple_tag
def score_bar(earned: int, possible: int) -> SafeString:
    """A bar of points or progress: more is not worse."""
    return Bar(earned, possible, fuller_is_worse=False).html()


@register.filter
def control(field: BoundField) -> SafeString:
    """The widget of a field with the classes of its kind; Django adds the aria attributes."""
    widget = field.field.widget
    css = next(css for kind, css in WIDGET_CLASSES if isinstance(widget, kind))
    if field.errors:
        css = f"{css} {css.split()[0]}--invalid"
    attrs: dict[str, Any] = {"class": f"{css} {widget.attrs.get('class', '')}".strip()}
    if widget.attrs.get("placeholder") == field.label:
        attrs["placeholder"] = False  # the label says it, and does not disappear
    return field.as_widget(attrs=attrs)


@register.filter
def option(choice: BoundWidget) -> SafeString:
    """One box of a group with the classes of its kind.

    Widget by widget: a class on the whole group would also size the element around it.
    """
    kinds = {"radio": "radio-button", "checkbox": "checkbox"}
    css = f"utrecht-{kinds[choice.data['type']]}"
    choice.data["attrs"]["class"] = f"{css} {css}--html-input"
    return choice.tag(wrap_label=False)


@register.filter
def field_kind(field: BoundField) -> str:
    """`checkbox` for one box with its label behind it, `group` for several choices, or `text`."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        return "group"
    return "checkbox" if isinstance(widget, forms.CheckboxInput) else "text"


@register.inclusion_tag("web/forms/form.html")
def form_fields(form: forms.BaseForm) -> dict[str, Any]:
    """All fields of a form, each with label, description and errors."""
    return {"form": form}


@register.inclusion_tag("web/forms/field.html")
def form_field(field: BoundField) -> dict[str, Any]:
    return {"field": field}


@register.inclusion_tag("web/forms/error_summary.html")
def error_summary(form: forms.BaseForm | None, faults: list[str] | None = None) -> dict[str, Any]:
    """All mistakes above the form, each with a link to its field; it takes the focus."""
    # A list without filters has no form: the template then passes an empty text.
    fields = [one for one in form if one.errors] if form and form.is_bound else []
    general = list(form.non_field_errors()) if form and form.is_bound else []
    return {"fields": fields, "general": [*(faults or []), *general]}


@register.inclusion_tag("web/components/table.html")
def table(table: Table) -> dict[str, Any]:
    return {"table": table}


@register.inclusion_tag("web/components/facts.html")
def facts(facts: list[tuple[str, Value]]) -> dict[str, Any]:
    """A definition list of `Fact`s."""
    return {"facts": facts}


@register.filter
def kind(value: object) -> str:
    """The class name of a card, by which a template chooses its layout."""
    return type(value).__name__


@register.simple_tag
def demo_accounts() -> list[demo.DemoAccount]:
    return demo.accounts()
