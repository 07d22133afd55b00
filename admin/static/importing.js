// Importing a list: what the page does by a button, at once. Every step works without this file.
"use strict";

const read = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

// Other letters or another separator: the first rows are shown anew, and the field keeps the focus.
document.addEventListener("change", async (event) => {
  if (event.target.dataset?.preview === undefined) return;
  const form = event.target.form, preview = document.getElementById("preview");
  preview.setAttribute("aria-busy", "true");
  const asked = new URLSearchParams(new FormData(form));
  asked.set("step", "again");
  const page = await read(await fetch(form.action, { method: "POST", body: asked }));
  const shown = page.getElementById("preview");
  if (!shown) return form.requestSubmit(form.querySelector("[value=again]"));
  preview.replaceChildren(...shown.childNodes);
  preview.removeAttribute("aria-busy");
});

// Everybody who is proposed as a leaver, or nobody.
for (const buttons of document.querySelectorAll("[data-all]")) {
  buttons.hidden = false;
  buttons.addEventListener("click", (event) => {
    if (!event.target.dataset.tick) return;
    for (const box of buttons.closest("fieldset").querySelectorAll("[type=checkbox]")) box.checked = event.target.dataset.tick === "all";
  });
}

// How far it is, asked again until it is over.
const ask = async () => {
  const here = document.getElementById("progress");
  if (here?.dataset.again === undefined) return;
  try {
    const page = await read(await fetch(location.href));
    const shown = page.getElementById("progress");
    if (!shown) return location.reload();
    document.title = page.title;
    here.replaceWith(shown);
  } catch { /* the server is away for a moment */ }
  setTimeout(ask, 400);
};
setTimeout(ask, 400);
