"use strict";
{
  // Redoc shows a small logo of its makers from their server. Nothing on this page comes from
  // elsewhere, so pictures with an address outside are left without one.
  const isOutside = (address) => /^https?:/.test(address) && !address.startsWith(location.origin);
  const setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (!(this instanceof HTMLImageElement && name === "src" && isOutside(String(value)))) {
      setAttribute.call(this, name, value);
    }
  };
  const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  Object.defineProperty(HTMLImageElement.prototype, "src", {
    ...source,
    set(value) {
      if (!isOutside(String(value))) {
        source.set.call(this, value);
      }
    },
  });
  const place = document.getElementById("redoc");
  window.Redoc.init(place.dataset.document, { hideLogo: true }, place);
}
