// Makes the chat page quicker: taps and texts are sent without leaving the page. Without it everything works too.
"use strict";

(() => {
  const chat = () => document.getElementById("chat");

  const toTheEnd = () => {
    const scroller = document.querySelector(".scroll");
    if (scroller) scroller.scrollTop = 0; // of a reversed column
    else window.scrollTo(0, document.body.scrollHeight);
  };

  const bubble = (said) => {
    const mine = document.createElement("p");
    mine.className = "mine bubble";
    mine.dir = "auto";
    mine.textContent = said;
    return mine;
  };

  const show = (page, address, said, keep) => {
    const fresh = new DOMParser().parseFromString(page, "text/html");
    const next = fresh.getElementById("chat");
    if (!next) throw new Error("no chat in the answer");
    const log = next.querySelector(".log");
    if (said && log && !log.querySelector(".mine")) log.prepend(bubble(said));
    next.classList.add("fresh");
    document.title = fresh.title;
    document.documentElement.lang = fresh.documentElement.lang;
    document.documentElement.dir = fresh.documentElement.dir;
    document.querySelector("header").replaceWith(fresh.querySelector("header"));
    // The log stays the same element, so that a screen reader says what is new in it.
    const old = chat().querySelector(".log");
    chat().className = next.className;
    chat().dataset.stand = next.dataset.stand || "";
    chat().replaceChildren(old, ...[...next.children].filter((part) => part !== log));
    old.replaceChildren(...log.children);
    // A screen that was only looked at is a step back; one that was sent takes the place of its question.
    if (address !== location.href) history[keep ? "pushState" : "replaceState"](null, "", address);
    (chat().querySelector("#text") || chat().querySelector("#newest")).focus({ preventScroll: true });
    toTheEnd();
  };

  const say = async (address, options, said, otherwise, keep = false) => {
    chat().classList.add("waiting");
    try {
      const answer = await fetch(address, { credentials: "same-origin", ...options });
      show(await answer.text(), answer.url, said, keep);
    } catch {
      otherwise();
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    event.preventDefault();
    const pressed = event.submitter;
    const fields = new URLSearchParams(new FormData(form));
    if (pressed && pressed.name) fields.set(pressed.name, pressed.value);
    const said = pressed && pressed.name === "tap" ? pressed.textContent : "";
    say(form.action, { method: "POST", body: fields }, said, () => {
      if (pressed && pressed.name) {
        const tap = Object.assign(document.createElement("input"), { type: "hidden", name: pressed.name });
        tap.value = pressed.value;
        form.append(tap);
      }
      form.submit();
    });
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.key");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || new URL(link.href).origin !== location.origin) return;
    if (!document.querySelector("form.keys")) return;
    event.preventDefault();
    say(link.href, {}, link.textContent, () => { location.href = link.href; }, true);
  });

  window.addEventListener("popstate", () => say(location.href, {}, "", () => location.reload()));

  window.addEventListener("load", () => requestAnimationFrame(toTheEnd));

  // The school or the other parent may change a talk while this page stands open: then it is read anew.
  const look = async () => {
    const busy = () => {
      const field = document.getElementById("text");
      return document.hidden || chat().classList.contains("waiting") || (field && field.value);
    };
    const stand = chat() && chat().dataset.stand;
    if (!stand || busy()) return;
    try {
      const answer = await fetch(`${location.pathname}/stand`, { credentials: "same-origin" });
      if (!answer.ok) return;
      const now = await answer.text(); // empty where this browser is signed out meanwhile
      // What was tapped or typed since comes first.
      if (now === stand || busy() || chat().dataset.stand !== stand) return;
      say(location.href, {}, "", () => chat().classList.remove("waiting"));
    } catch {
      // Offline: the next time.
    }
  };
  setInterval(look, 30000);
  document.addEventListener("visibilitychange", look);
})();
