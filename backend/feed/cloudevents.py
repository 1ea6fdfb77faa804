"""The body of a webhook: CloudEvents 1.0 in JSON, within the NL GOV profile for CloudEvents."""

from datetime import UTC

import orjson
from django.conf import settings

from backend.feed.choices import TYPE_PREFIX
from backend.feed.models import FeedEvent

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


def cloud_event(event: FeedEvent) -> bytes:
    """Ids and codes only: whoever may see the object reads it at `dataref` with its own key.

    The same bytes for every attempt. `sequence` has leading zeros, for it is compared as text.
    """
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": str(event.uuid),
            "source": settings.EVENT_SOURCE,
            "type": f"{TYPE_PREFIX}{event.kind}",
            "subject": str(event.subject_id),
            "time": event.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "dataref": f"{settings.PUBLIC_URL}/api/v1/{event.resource}/{event.subject_id}",
            "sequence": f"{event.pk:020d}",
            "data": {
                "organisation": str(event.organisation.uuid),
                "resource": event.resource,
                "subjectId": str(event.subject_id),
                "sequence": event.pk,
            },
        }
    )
