"use strict";
{
  const place = document.getElementById("swagger-ui");
  window.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.document,
    deepLinking: true,
    // Hundreds of operations: by subject, opened one by one or found by name of the subject.
    docExpansion: "none",
    filter: true,
  });
}
