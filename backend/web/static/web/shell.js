// Small comforts; every page works without this file.
"use strict";

const narrow = window.matchMedia("(max-width: 44rem)");

document.querySelectorAll("[data-shell-menu]").forEach((button) => {
  const list = document.getElementById(button.getAttribute("aria-controls"));
  button.hidden = false;
  list.toggleAttribute("data-closed", true);
  button.addEventListener("click", () => {
    const closed = list.toggleAttribute("data-closed");
    button.setAttribute("aria-expanded", String(!closed));
  });
});

// A group of the navigation lies over the page: it closes when the attention goes elsewhere.
document.querySelectorAll("[data-shell-group]").forEach((group) => {
  const leave = (event) => {
    if (group.open && !narrow.matches && !group.contains(event.target)) group.open = false;
  };
  document.addEventListener("click", leave);
  document.addEventListener("focusin", leave);
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    group.open = false;
    group.querySelector("summary").focus();
  });
});

// On a phone the results come first; filters that are in use stay open.
document.querySelectorAll("[data-shell-filters]").forEach((filters) => {
  if (narrow.matches && !filters.hasAttribute("data-active")) {
    filters.open = false;
  }
});

document.querySelector("[data-shell-focus]")?.focus();

// A second click while the first is still on its way must not send the form twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "true";
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach((form) => delete form.dataset.sent);
});
