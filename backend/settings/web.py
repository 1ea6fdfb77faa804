"""Settings of the pages: forms, content security policy and the file that refuses stale forms."""

from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from backend.settings import env
from backend.settings.accounts import oidc_apps

FORM_RENDERER = "backend.web.forms.ShellRenderer"
CSRF_FAILURE_VIEW = "backend.web.views.csrf_failure"

# Log-in at an organisation is a form that ends up there: browsers check that address as well.
_LOG_IN_ADDRESSES = sorted(
    {
        f"{parts.scheme}://{parts.netloc}"
        for app in oidc_apps(env.OIDC_PROVIDERS.optional())
        for parts in [urlsplit(app["settings"]["server_url"])]
    }
)

# Nothing from elsewhere and nothing inline: a script that somebody smuggles in does not run.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # the QR code of the second factor is a data address
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF, *_LOG_IN_ADDRESSES],
    }
}
