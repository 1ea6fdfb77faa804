"use strict";
{
  const place = document.getElementById("redoc");
  window.Redoc.init(place.dataset.document, { hideLogo: true }, place);
}
