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

// Whoever types for long is warned before the session ends (<body data-idle="seconds">), and may stay by a button.
(() => {
  const { idle, idleSaid, idleOver, idleStay } = document.body.dataset;
  if (!idle) return;
  const BEFORE = 5 * 60_000; // how long before the end the warning comes
  const notice = Object.assign(document.createElement("div"), { className: "notice warn idle" });
  const said = document.createElement("p"), stay = document.createElement("button");
  Object.assign(stay, { type: "button", className: "small", textContent: idleStay });
  said.setAttribute("role", "alert");
  notice.append(said, stay);
  let typed = false, warning, end;

  function begin() {
    notice.remove();
    clearTimeout(warning);
    clearTimeout(end);
    warning = setTimeout(() => typed && show(idleSaid.replace("{minutes}", Math.round(BEFORE / 60_000))), idle * 1000 - BEFORE);
    end = setTimeout(() => typed && show(idleOver, false), idle * 1000);
  }

  function show(text, staying = true) {
    stay.hidden = !staying;
    document.body.append(notice);
    said.textContent = text;
  }

  stay.addEventListener("click", async () => {
    try {
      if ((await fetch(location.href, { redirect: "manual" })).ok) begin();
      else show(idleOver, false);
    } catch { /* no connection: the button stays */ }
  });
  document.addEventListener("input", () => { typed = true; });
  begin();
})();
