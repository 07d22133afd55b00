// The plannings: what comes out of a form while it is typed, and the board of blocks by drag, by tap and by keys.
// It does nothing that a form of the page does not do: it sends what those forms send and takes over the fresh page.
"use strict";

(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const parse = (text) => new DOMParser().parseFromString(text, "text/html");
  const token = () => $('input[name="csrf"]').value;

  const unhide = () => { for (const one of all(".with-script")) one.hidden = false; };
  unhide();

  // Every [data-fresh] of this page becomes as it is in another copy of it.
  function freshen(page) {
    for (const old of all("[data-fresh][id]")) {
      const fresh = page.getElementById(old.id);
      if (!fresh || fresh.innerHTML === old.innerHTML) continue;
      old.replaceChildren(...fresh.childNodes);
    }
    unhide();
  }

  // A form that shows what would come out of it: <form data-look>.
  for (const form of all("form[data-look]")) {
    let waiting = 0, asked = 0;
    const look = async () => {
      const fields = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
      fields.set("step", "look");
      const mine = ++asked;
      try {
        const answer = await fetch(form.getAttribute("action") || location.pathname, { method: "POST", body: fields });
        if (answer.ok && mine === asked) freshen(parse(await answer.text()));
      } catch { /* no connection: the next key tries again */ }
    };
    form.addEventListener("input", (event) => {
      if (["title", "teacher", "email", "room", "remarks"].includes(event.target.name)) return;
      clearTimeout(waiting);
      waiting = setTimeout(look, 250);
    });
    if (all('[name="day"]', form).some((field) => field.value)) look();
  }

  // A tick for all ticks of a name.
  for (const box of all("[data-all]")) {
    const ticks = () => all(`input[type="checkbox"][name="${box.dataset.all}"]`);
    const settle = () => { box.checked = ticks().every((one) => one.checked); };
    box.closest("[hidden]").hidden = false;
    settle();
    box.addEventListener("change", () => {
      for (const one of ticks()) one.checked = box.checked;
      box.form.dispatchEvent(new Event("input", { bubbles: true }));
    });
    document.addEventListener("change", (event) => { if (event.target.name === box.dataset.all) settle(); });
  }

  // A teacher who is known brings the address along; typing a teacher ticks the group.
  document.addEventListener("change", (event) => {
    if (event.target.name !== "teacher" || !event.target.list) return;
    const row = event.target.closest("tr, .fields");
    const email = row && $('[name="email"]', row);
    const known = [...event.target.list.options].find((one) => one.value === event.target.value);
    if (email && known && !email.value) email.value = known.dataset.email || "";
    const tick = row && $('[name="group"]', row);
    if (tick && event.target.value && !tick.checked) tick.click();
  });

  // ---------------------------------------------------------------------------------------------- the board
  const board = $("#board"), tray = $("#tray");
  if (!board || !tray) return;
  const told = $("#told");
  const part = (name) => $(`[data-tray="${name}"]`, tray);
  const parts = ["cancel", "more", "undo", "back", "close"];
  let held = null; // what is taken up: {kind, name, at, planning, slot, booking, student, family, element}
  let undo = null; // how the last act is undone: () => Promise
  let busy = false;

  const blocks = () => all("[data-slot]", board);
  const blockOf = (slot) => $(`[data-slot="${slot}"]`, board);
  const planningOf = (element) => element.closest("[data-planning]").dataset.planning;
  const path = (planning) => `/desk/plannings/${planning}`;
  const free = (block) => !block.dataset.booking;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  function say(text) {
    told.textContent = "";
    setTimeout(() => { told.textContent = text; }, 50); // the same sentence twice is said twice
  }

  function showTray(text, ...shown) {
    part("said").textContent = text;
    for (const name of parts) part(name).hidden = !shown.includes(name);
    tray.hidden = !text;
    if (text) say(text);
  }

  function about(element) {
    const { slot, booking, student, family, name, at } = element.dataset;
    return { kind: booking ? "talk" : "child", slot, booking, student, family, name, at, planning: planningOf(element), element };
  }

  function takeUp(element, quietly = false) {
    if (held) { held.element.classList.remove("held"); unhatch(); }
    held = about(element);
    element.classList.add("held");
    board.classList.add("holding");
    const text = fill(held.kind === "talk" ? tray.dataset.talk : tray.dataset.child, held);
    if (held.booking) part("more").href = `${path(held.planning)}/slots/${held.slot}`;
    showTray(text, "back", ...(held.booking ? ["cancel", "more"] : []));
    hatch(held);
    if (quietly) return;
    const first = blocks().find((one) => free(one) && one.classList.contains("free") && planningOf(one) === held.planning);
    if (first && held.kind === "child") walkTo(first);
  }

  // The times at which somebody is elsewhere look different, as they do on the page with it taken up.
  async function hatch(who) {
    const pick = who.booking ? `t${who.booking}` : `c${who.student}-${who.family}`;
    try {
      const page = parse(await (await fetch(`${path(who.planning)}?pick=${pick}`)).text());
      if (held !== who) return;
      for (const one of all("[data-clash]", page)) blockOf(one.dataset.clash)?.classList.add("clash");
    } catch { /* no connection: putting down asks all the same */ }
  }

  function unhatch() {
    for (const one of all(".clash", board)) one.classList.remove("clash");
  }

  function putBack(saying = true) {
    if (!held) return;
    const { element } = held;
    element.classList.remove("held");
    board.classList.remove("holding");
    unhatch();
    held = null;
    showTray("");
    if (saying) say(tray.dataset.back);
    if (element.isConnected) element.focus();
  }

  // Send what a form of the page would send; then the board as it stands now, and what was said.
  async function act(where, fields, undoing = null) {
    if (busy) return false;
    busy = true;
    board.classList.add("busy");
    if (held) { held.element.classList.remove("held"); held = null; board.classList.remove("holding"); unhatch(); }
    let said = tray.dataset.failed, good = false;
    try {
      const back = location.pathname + location.search; // so that what comes back is this board
      const answer = await fetch(where, { method: "POST", body: new URLSearchParams({ csrf: token(), back, ...fields }) });
      let page = parse(await answer.text());
      const question = answer.status === 409 && $("[data-question]", page)?.dataset.question;
      if (question) { location.assign(question); return false; } // somebody is elsewhere then: that is to be seen first
      const notice = $("main > .notice[role]", page);
      good = answer.ok && !(notice && notice.classList.contains("bad"));
      if (notice) said = notice.textContent.trim();
      else if (good) said = "";
      const same = $("#board", page)?.dataset.board === board.dataset.board;
      if (!same || !answer.ok) page = parse(await (await fetch(location.href)).text());
      if ($("#board", page)) freshen(page);
      else location.reload(); // signed out meanwhile
    } catch { good = false; }
    board.classList.remove("busy");
    busy = false;
    rove();
    undo = good ? undoing : null;
    if (said || undo) showTray(said, "close", ...(undo ? ["undo"] : []));
    else showTray("");
    return good;
  }

  const send = {
    book: (who, slot) => act(`${path(who.planning)}/slots/${slot}/book`, { student: who.student, family: who.family }),
    move: (who, slot) => act(`${path(who.planning)}/talks/${who.booking}/move`, { to: slot }),
    cancel: (who) => act(`${path(who.planning)}/talks/${who.booking}/cancel`, {}),
    state: (planning, slot, state) => act(`${path(planning)}/slots/${slot}/state`, { state }),
  };

  async function putDown(block) {
    const who = held, slot = block.dataset.slot;
    if (planningOf(block) !== who.planning) return say(tray.dataset.elsewhere);
    if (who.slot === slot) return putBack();
    if (!free(block)) return say(tray.dataset.taken);
    const done = who.booking ? await send.move(who, slot) : await send.book(who, slot);
    if (done) offerUndo(() => {
      const now = blockOf(slot);
      if (!now?.dataset.booking) return null;
      const talk = about(now);
      return who.booking ? send.move(talk, who.slot) : send.cancel(talk);
    });
    walkTo(blockOf(slot));
  }

  async function cancel(who) {
    if (await send.cancel(who)) offerUndo(() => send.book(who, who.slot));
    walkTo(blockOf(who.slot));
  }

  async function toggle(block) {
    const { slot, at } = block.dataset, planning = planningOf(block);
    const pause = block.classList.contains("free");
    if (await send.state(planning, slot, pause ? "break" : "open")) {
      showTray(fill(pause ? tray.dataset.pause : tray.dataset.open, { at }), "close", "undo");
      undo = () => send.state(planning, slot, pause ? "open" : "break");
    }
    walkTo(blockOf(slot));
  }

  function offerUndo(how) {
    undo = how;
    part("undo").hidden = false;
  }

  // Keys: one block of the board stands in the order of tabs, arrows walk from there.
  let current = null;

  function rove(to = null) {
    if (to && current?.isConnected) current.tabIndex = -1;
    else for (const one of blocks()) one.tabIndex = -1; // a fresh board
    current = to || blockOf(current?.dataset.slot) || $("[data-slot]", board);
    if (current) current.tabIndex = 0;
  }

  function walkTo(block) {
    if (!block) return;
    rove(block);
    block.focus();
    block.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function beside(from, key) {
    const found = blocks(), here = from.getBoundingClientRect();
    const table = from.closest("table");
    if (key === "Home") return found[0];
    if (key === "End") return found[found.length - 1];
    if (!table && (key === "ArrowLeft" || key === "ArrowRight")) {
      return found[found.indexOf(from) + (key === "ArrowRight" ? 1 : -1)];
    }
    const upright = key === "ArrowUp" || key === "ArrowDown";
    const forth = key === "ArrowDown" || key === "ArrowRight" ? 1 : -1;
    let best = null, least = Infinity;
    for (const one of found) {
      const there = one.getBoundingClientRect();
      const along = forth * (upright ? there.top - here.top : there.left - here.left);
      const aside = Math.abs(upright ? there.left - here.left : there.top - here.top);
      if (along > 2 && along + aside * 4 < least) { least = along + aside * 4; best = one; }
    }
    return best;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && held) { event.preventDefault(); return putBack(); }
    const child = event.target.closest?.(".child");
    if (child && (event.key === " " || event.key === "Enter")) { event.preventDefault(); return takeUp(child); }
    const block = event.target.closest?.("[data-slot]");
    if (!block || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") {
      event.preventDefault();
      return walkTo(beside(block, event.key));
    }
    if (event.key === "Delete" && held?.booking) { event.preventDefault(); return cancel(held); }
    if (event.key !== "Enter" && event.key !== " ") return;
    if (held) { event.preventDefault(); return putDown(block); }
    if (!free(block)) { event.preventDefault(); return takeUp(block); }
    if (event.key === " ") { event.preventDefault(); return toggle(block); }
  });

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const button = event.target.closest("#tray [data-tray]");
    if (button) return pressed(button.dataset.tray);
    const child = event.target.closest(".child");
    if (child) { event.preventDefault(); return held?.element === child ? putBack() : takeUp(child); }
    const block = event.target.closest("#board [data-slot]");
    if (!block || block.closest("form:not([data-toggle])")) return;
    if (held) { event.preventDefault(); return putDown(block); }
    if (!free(block)) { event.preventDefault(); rove(block); return takeUp(block); }
    if (block.closest("form[data-toggle]")) { event.preventDefault(); return toggle(block); }
  });

  function pressed(name) {
    if (name === "cancel" && held) return cancel(held);
    if (name === "back") return putBack();
    if (name === "close") { undo = null; return showTray(""); }
    if (name === "undo" && undo) { const how = undo; undo = null; return how(); }
  }

  // Dragging: a child or a talk onto a free block, or a talk onto “cancel”.
  let dropped = false;
  document.addEventListener("dragstart", (event) => {
    const element = event.target.closest?.('.child, #board [data-booking]');
    if (!element) return;
    dropped = false;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", element.dataset.name);
    setTimeout(() => takeUp(element, true)); // a browser gives up a drag whose page changes at its start
  });
  const target = (event) => {
    if (!held) return null;
    const zone = event.target.closest?.('[data-tray="cancel"]');
    if (zone) return held.booking ? zone : null;
    const block = event.target.closest?.("#board [data-slot]");
    return block && free(block) && planningOf(block) === held.planning ? block : null;
  };
  document.addEventListener("dragover", (event) => {
    const over = target(event);
    for (const one of all(".over")) if (one !== over) one.classList.remove("over");
    if (!over) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    over.classList.add("over");
  });
  document.addEventListener("drop", (event) => {
    const over = target(event);
    if (!over) return;
    event.preventDefault();
    dropped = true;
    over.classList.remove("over");
    if (over.dataset.tray) cancel(held);
    else putDown(over);
  });
  document.addEventListener("dragend", () => {
    for (const one of all(".over")) one.classList.remove("over");
    if (!dropped) setTimeout(() => putBack());
  });

  // A page that was opened with something taken up, as without a script: it is taken up here instead.
  async function takeUpFromAddress() {
    const address = new URL(location.href), picked = address.searchParams.get("pick");
    if (!picked) return rove();
    address.searchParams.delete("pick");
    history.replaceState(null, "", address);
    freshen(parse(await (await fetch(address)).text()));
    rove();
    const [first, second] = picked.slice(1).split("-");
    const found = picked[0] === "t" ? $(`[data-booking="${CSS.escape(first)}"]`, board)
      : all(".child").find((one) => one.dataset.student === first && one.dataset.family === second);
    if (found) takeUp(found);
  }

  takeUpFromAddress();
})();
