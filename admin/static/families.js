// <input data-preview="id"> shows what is typed in the bold words of that element, as the chat would.
"use strict";

for (const field of document.querySelectorAll("[data-preview]")) {
  const shown = document.getElementById(field.dataset.preview)?.querySelector("b");
  if (!shown) continue;
  const first = shown.textContent;
  field.addEventListener("input", () => { shown.textContent = field.value.trim() || first; });
}
