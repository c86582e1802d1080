/* Small help on top of pages that work without it: menus that close, focus after a swap,
   and a plain word when a request in the background fails. */
(function () {
  "use strict";

  /* A row of links that scrolls sideways starts where the reader stands. */
  var here = document.querySelector(".area .active");
  if (here) here.parentNode.scrollLeft = here.offsetLeft - here.parentNode.offsetLeft - 48;

  function openMenus() {
    return document.querySelectorAll("details.menu[open]");
  }

  document.addEventListener("click", function (event) {
    openMenus().forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    openMenus().forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  /* The one key beside Escape: a stroke leads to the box to look for something, the first on the page. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    var box = document.querySelector("input[type=search]");
    if (!box) return;
    event.preventDefault();
    box.focus();
  });

  /* A swap throws away the focused element: go to what the fragment marks, a form's error summary first. */
  document.addEventListener("htmx:afterSettle", function (event) {
    var root = event.detail.elt;
    if (!root || !root.querySelector) return;
    var wanted = root.querySelector(".error-summary, [data-focus]");
    if (wanted) wanted.focus();
  });

  function say(kind) {
    var notice = document.getElementById("notice");
    if (!notice) return;
    notice.querySelector("p").textContent = notice.dataset[kind];
    notice.hidden = false;
  }

  document.addEventListener("htmx:beforeRequest", function () {
    var notice = document.getElementById("notice");
    if (notice) notice.hidden = true;
  });
  document.addEventListener("htmx:sendError", function () { say("offline"); });
  document.addEventListener("htmx:timeout", function () { say("offline"); });
  document.addEventListener("htmx:responseError", function (event) {
    var status = event.detail.xhr.status;
    say(status === 403 ? "refused" : status === 404 ? "gone" : "failed");
  });
})();
