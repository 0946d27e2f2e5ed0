/*! htmx 4 (0BSD, Big Sky Software) and uPlot 1.6 (MIT, Copyright (c) Leon Sorokin) are part of this file. */

/*
 * Behaviour of the pages. Everything works without this file except polling, charts that can be
 * zoomed, and the drawer. Events are delegated from the document, so swapped content needs no set-up.
 */
import htmx from "htmx.org";
import { startCharts } from "./chart.js";

// The page needs no <meta name="htmx-config">: htmx reads this when it sends, so setting it here is in time.
htmx.config.defaultTimeout = 10_000; // the client's step of the time-out ladder: panel 5 s, page 8 s, client 10 s

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (event, handler, options) => document.addEventListener(event, handler, options);
const panel = () => $("#panel");

/* ---- Requests: polling, one request a panel, errors ---- */

/** inFlight holds the request that is on its way for a target's id. */
const inFlight = new Map();

const isPoll = (ctx) => ctx.sourceEvent?.type === "every";
const isOpen = () => $("details.menu[open], dialog[open], :popover-open") !== null;

/** isSkeleton says that a target has nothing to show yet. A panel inside it that loads by itself does not count. */
function isSkeleton(target) {
  if (!(target instanceof Element)) return false;
  return target.matches(".skeleton") || $$(".skeleton", target).some((s) => [target, null].includes(innerLoader(s, target)));
}

/** innerLoader is the nearest element around s, within root, that htmx loads. */
function innerLoader(s, root) {
  const el = s.closest("[hx-get]");
  return el && root.contains(el) ? el : null;
}

// Polling waits while nobody looks and while a menu or drawer is open, which a swap would take away.
// A person's request replaces what is on its way for the same target: htmx drops an answer whose
// target is gone, so without this the first click would win instead of the last.
on("htmx:before:request", (e) => {
  const { ctx } = e.detail;
  const id = ctx.target?.id;
  const stopped = ctx.target?.hasAttribute?.("data-halted");
  if (isPoll(ctx) && (document.hidden || isOpen() || inFlight.has(id) || stopped)) {
    e.preventDefault();
    return;
  }
  if (!id) return;
  if (!isPoll(ctx)) inFlight.get(id)?.request.abort();
  inFlight.set(id, ctx);
  if (!isPoll(ctx)) ctx.focus = focusPath(ctx.sourceElement);
});

on("htmx:finally:request", (e) => {
  const { ctx } = e.detail;
  for (const [id, current] of inFlight) if (current === ctx) inFlight.delete(id);
});

// An error answer leaves the panel, its polling and the address as they are and says so in the status
// line. A panel that has nothing yet and a page restored by the back button show the answer.
on("htmx:response:error", (e) => {
  const { ctx } = e.detail;
  ctx.push = ctx.replace = false;
  if (isSkeleton(ctx.target) || ctx.target === document.body) return;
  ctx.swap = "none";
  showStatus("error");
});

// No answer at all: the network, or our time-out.
on("htmx:error", (e) => {
  const { ctx } = e.detail;
  if (!ctx?.request || ctx.text !== undefined) return; // an answer came, what failed is something else
  showStatus("offline");
  if (isSkeleton(ctx.target)) stopWaiting(ctx.target);
});

on("htmx:after:swap", (e) => {
  const { ctx } = e.detail;
  if (ctx.response && ctx.response.status < 400 && ctx.target?.id !== "drawer") hideStatus();
  if (ctx.focus && document.activeElement === document.body) $(ctx.focus)?.focus({ preventScroll: true });
  openDialog(ctx);
});

// htmx gives the focus back to elements that have an id. The panel's controls have none.
on("htmx:before:swap", (e) => {
  const { ctx } = e.detail;
  ctx.focus ??= focusPath(document.activeElement);
});

/** focusPath selects the element that takes the place of this one in the next panel, if it is a known control. */
function focusPath(el) {
  const menu = el?.closest?.("#panel [data-menu]");
  if (menu) return `[data-menu="${menu.dataset.menu}"] > summary`;
  const name = ["data-evidence", "data-table", "data-csv", "data-refresh"].find((a) => el?.matches?.(`#panel [${a}]`));
  return name && `#panel [${name}="${CSS.escape(el.getAttribute(name))}"]`;
}

on("visibilitychange", () => {
  if (!document.hidden && !isOpen()) $$("[data-poll]").forEach((el) => htmx.trigger(el, "refresh", {}, false));
});

/** showStatus fills <p id="status" class="status-line" role="status" data-error="…" data-offline="…" hidden>. */
function showStatus(kind) {
  const line = $("#status");
  if (!line) return;
  line.textContent = line.dataset[kind] ?? "";
  line.hidden = false;
}

function hideStatus() {
  const line = $("#status");
  if (line) line.hidden = true;
}

/*
 * ---- Waiting ----
 * <span data-waiting data-text="… {n} …" data-stopped="…">…</span> <a data-stop data-retry="…" href="…">…</a>
 * inside the element that htmx loads, whose hx-trigger names "refresh" besides "load".
 */

let waitedSince = performance.now();

setInterval(() => {
  const waiting = $$("[data-waiting]").filter((el) => !el.closest("[data-halted]"));
  if (waiting.length === 0) {
    waitedSince = performance.now();
    return;
  }
  const seconds = Math.floor((performance.now() - waitedSince) / 1000);
  if (seconds < 1) return;
  for (const el of waiting) el.textContent = (el.dataset.text ?? "{n}").replace("{n}", seconds);
}, 250);

/** The element whose request a stop link ends and repeats: the nearest one that htmx loads. */
const loader = (el) => el.closest("[hx-get]");

/** stopWaiting ends the count and turns the stop link into a retry link. */
function stopWaiting(root) {
  const holder = root.closest("[hx-get]") ?? root;
  holder.setAttribute("data-halted", "");
  const text = $("[data-waiting]", holder);
  if (text?.dataset.stopped) text.textContent = text.dataset.stopped;
  const link = $("[data-stop]", holder);
  if (!link) return;
  link.dataset.stopText ??= link.textContent;
  link.textContent = link.dataset.retry ?? link.textContent;
}

function stopOrRetry(link) {
  const el = loader(link);
  if (!el) return false;
  if (!el.hasAttribute("data-halted")) {
    htmx.trigger(el, "htmx:abort", {}, false); // not the panel around it
    stopWaiting(el);
    return true;
  }
  el.removeAttribute("data-halted");
  link.textContent = link.dataset.stopText;
  waitedSince = performance.now();
  htmx.trigger(el, "refresh", {}, false);
  return true;
}

/* ---- Menus, sheets, dialogs ---- */

function closeMenus(except) {
  for (const menu of $$("details.menu[open]")) if (menu !== except) menu.open = false;
}

/** closeOverlays also closes the phone's sheet, once something was chosen in it. */
function closeOverlays() {
  closeMenus();
  const sheet = $("#scope-controls:popover-open");
  if (sheet) sheet.hidePopover();
}

// "toggle" does not bubble; the capturing phase still passes here.
on("toggle", (e) => {
  if (e.target.matches?.("details.menu") && e.target.open) closeMenus(e.target);
}, true);

on("click", (e) => {
  const target = e.target instanceof Element ? e.target : document.body;
  const stop = target.closest("[data-stop]");
  if (stop && stopOrRetry(stop)) e.preventDefault();

  const copy = target.closest("[data-copy]");
  if (copy) copyText(copy);

  const menu = target.closest("details.menu");
  closeMenus(menu);
  if (menu && target.closest(".menu-list a")) closeOverlays();

  // A click on the shade around a dialog lands on the dialog itself.
  if (target.matches("dialog[open]") && outside(target, e)) target.close();
});

on("submit", (e) => {
  if (e.target.closest(".menu-list")) closeOverlays();
});

on("change", (e) => {
  e.target.closest?.("form[data-auto]")?.requestSubmit();
});

function outside(el, e) {
  const r = el.getBoundingClientRect();
  return e.clientX < r.left || e.clientX > r.right || e.clientY < r.top || e.clientY > r.bottom;
}

/** opener is what opened the drawer and gets the focus back; a link inside the drawer is not. */
let opener;

/** openDialog shows a dialog that has just been swapped into #drawer. */
function openDialog(ctx) {
  const dialog = $("#drawer dialog[data-open]:not([open])");
  if (!dialog) return;
  const fromDrawer = ctx.sourceElement.closest("#drawer") !== null;
  if (!fromDrawer) opener = ctx.sourceElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (opener?.isConnected) opener.focus();
  });
  dialog.showModal();
  if (fromDrawer) $("[aria-current]", dialog)?.focus();
}

/* ---- Copy ---- */

async function copyText(button) {
  const source = $(button.dataset.copy);
  if (!source) return;
  const done = await writeClipboard(source);
  const label = $("span", button) ?? button;
  label.dataset.text ??= label.textContent;
  label.setAttribute("aria-live", "polite");
  if (done) label.textContent = button.dataset.copied ?? label.dataset.text;
  setTimeout(() => { label.textContent = label.dataset.text; }, 2000);
}

/** The clipboard API exists under https and on localhost only; a farm's dashboard may run on plain http. */
async function writeClipboard(source) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return true;
    } catch { /* refused: try the old way */ }
  }
  getSelection().selectAllChildren(source);
  return document.execCommand("copy");
}

/* ---- Keyboard: r refresh, t range, ? help, arrows in a menu, Escape ---- */

const shortcuts = {
  r: () => panel() && htmx.trigger(panel(), "refresh", {}, false),
  t: () => $("[data-menu=range] > summary")?.focus(),
  "?": () => $("#help:not([open])")?.showModal(),
};

on("keydown", (e) => {
  const target = e.target instanceof Element ? e.target : document.body;
  if (e.key === "Escape") return closeFocusedMenu();
  const menu = target.closest("details.menu");
  if (menu && (e.key === "ArrowDown" || e.key === "ArrowUp") && !target.matches("input, select")) {
    e.preventDefault();
    return moveInMenu(menu, e.key === "ArrowDown" ? 1 : -1);
  }
  if (e.ctrlKey || e.metaKey || e.altKey || target.closest("input, select, textarea, [contenteditable], dialog")) return;
  const run = shortcuts[e.key];
  if (!run) return;
  e.preventDefault();
  run();
});

function closeFocusedMenu() {
  const menu = $("details.menu[open]");
  if (!menu) return;
  const inside = menu.contains(document.activeElement);
  menu.open = false;
  if (inside) $("summary", menu).focus();
}

function moveInMenu(menu, by) {
  menu.open = true;
  const items = $$(".menu-list :is(a, button, input)", menu);
  const at = items.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : items.length - 1) : (at + by + items.length) % items.length;
  items[next]?.focus();
}

startCharts(htmx);
