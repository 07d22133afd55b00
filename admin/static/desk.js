// Small comforts; every page works without this file.
"use strict";

// <form data-confirm="Sentence?"> asks before it is sent.
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// <input data-filter="table-id"> hides the rows that do not hold what is typed.
document.addEventListener("input", (event) => {
  const list = event.target.dataset?.filter && document.getElementById(event.target.dataset.filter);
  if (!list) return;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const wanted = plain(event.target.value.trim());
  for (const row of list.querySelectorAll("tbody tr, :scope > li")) row.hidden = !plain(row.textContent).includes(wanted);
});

// <select data-send> and <input data-send> send their form at once.
document.addEventListener("change", (event) => {
  if (event.target.dataset?.send !== undefined) event.target.form.requestSubmit();
});

// On a phone the sections are a row that scrolls: the present one comes into view.
document.querySelector(".sections [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

// <button hidden data-copy="field-id" data-copied="Copied"> takes what stands in a field along.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
    button.setAttribute("aria-live", "polite");
    button.textContent = button.dataset.copied;
  });
}

// <button hidden data-print> prints the page.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// The key / brings one to the field that finds a child or a family.
document.addEventListener("keydown", (event) => {
  const field = document.querySelector("[data-find]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !field) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  event.preventDefault();
  field.select();
});
