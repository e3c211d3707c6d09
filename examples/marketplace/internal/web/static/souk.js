// The shop works without this file. With it, a form cannot be sent twice by an
// impatient finger, and a lost connection is said aloud.
"use strict";
(() => {
  const toast = document.getElementById("toast");
  let timer = 0;
  const complain = () => {
    if (!toast) return;
    toast.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => { toast.hidden = true; }, 6000);
  };
  document.addEventListener("htmx:responseError", complain);
  document.addEventListener("htmx:sendError", complain);
  document.addEventListener("htmx:timeout", complain);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (event.submitter && event.submitter.formTarget === "_blank") return; // it leads away: this page stays
    if (fresh && telling) { // which begins a session: this must not begin another one
      event.preventDefault();
      const { submitter } = event;
      telling.then(() => form.requestSubmit(submitter));
      return;
    }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
  });
  // A page that comes back from the browser's cache may be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // The shop is told which shelves came onto the screen, and which product this
  // browser shows where the shop cannot know. Its first answer to a new browser
  // brings a session.
  const page = document.body.dataset;
  let fresh = page.new === "yes";
  let telling = null;
  let seen = [];
  let product = page.unseen || "";
  const tell = () => {
    if (telling || !seen.length && !product) return;
    const clicked = product && new URLSearchParams(location.search).get("shelf") || "";
    const body = new URLSearchParams({ shelves: seen.join(" "), product, clicked });
    seen = [];
    product = "";
    telling = fetch(page.base + "/shelves/seen", { method: "POST", body, keepalive: true, signal: AbortSignal.timeout(3000) })
      .catch(() => {}) // it is not missed
      .then(() => { telling = null; fresh = false; tell(); });
  };
  const screen = new IntersectionObserver((all) => {
    for (const { isIntersecting, target } of all) {
      if (!isIntersecting) continue;
      screen.unobserve(target);
      seen.push(target.dataset.shelf);
    }
    tell();
  }, { threshold: .35 });
  // A page that the browser renders ahead of time is on no screen yet.
  const shown = () => {
    for (const shelf of document.querySelectorAll("[data-shelf]")) screen.observe(shelf);
    tell();
  };
  if (document.prerendering) document.addEventListener("prerenderingchange", shown, { once: true });
  else shown();

  // Suggestions are walked through with the arrow keys, and go with Escape or
  // when the focus leaves them.
  const box = document.querySelector("form.search");
  if (box) {
    const input = box.querySelector("input");
    const list = document.getElementById("suggestions");
    const close = () => { list.replaceChildren(); };
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && list.childElementCount) {
        event.preventDefault();
        input.focus();
        close();
        return;
      }
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      const stops = [input, ...list.querySelectorAll("a")];
      if (stops.length < 2 || !stops.includes(document.activeElement)) return;
      event.preventDefault();
      const at = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      stops[(at + stops.length) % stops.length].focus();
    });
    box.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !box.contains(event.relatedTarget)) close();
    });
    document.addEventListener("pointerdown", (event) => { if (!box.contains(event.target)) close(); });
    // What was asked for before the focus left is not wanted any more.
    document.addEventListener("htmx:beforeSwap", (event) => {
      if (event.detail.target === list && !box.contains(document.activeElement)) event.detail.shouldSwap = false;
    });
  }

  // Whoever asks for more results goes on at the first new one.
  let last = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    last = event.detail.target.id === "more" ? event.detail.target.previousElementSibling : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const first = last && last.nextElementSibling && last.nextElementSibling.querySelector("a");
    last = null;
    if (first) first.focus();
  });

  // What is wrong with a form is read out and scrolled to.
  const trouble = document.getElementById("trouble");
  if (trouble) trouble.focus();
})();
