// The sum of the weights follows what is typed; without this file it is right after each look.
"use strict";

document.querySelector("[data-policy-weights]")?.addEventListener("input", (event) => {
  const weights = event.currentTarget.querySelectorAll("input");
  const sum = [...weights].reduce((total, one) => total + (Number.parseInt(one.value, 10) || 0), 0);
  document.querySelector("[data-policy-sum]").textContent = String(sum);
});
