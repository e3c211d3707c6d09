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
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
  });
  // A page that comes back from the browser's cache may be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // What is wrong with a form is read out and scrolled to.
  const trouble = document.getElementById("trouble");
  if (trouble) trouble.focus();
})();
