/* Small help on top of pages that work without it: menus that close, forms that are sent once, focus after
   a swap, and a plain word when a request in the background fails. */
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

  /* The one key beside Escape: "/" begins a search wherever nothing is being typed, in the page's own box before
     that of the header; Esc leaves the box. What an input method is still composing is no question yet. */
  var before = null;

  function searchBox() {
    var boxes = Array.prototype.slice.call(document.querySelectorAll("[data-search]"));
    var shown = boxes.filter(function (box) { return box.getClientRects().length > 0; });
    return shown.find(function (box) { return box.closest("main"); }) || shown[0];
  }

  function isTyping(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }

  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target)) return;
    var box = searchBox();
    var link = document.querySelector("[data-search-link]");
    if (!box && !link) return;
    event.preventDefault();
    if (!box) { window.location.assign(link.href); return; }
    before = event.target;
    box.focus();
    box.select();
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape" || event.isComposing || !event.target.matches("[data-search]")) return;
    event.preventDefault();
    event.target.blur();
    if (before && before !== document.body) before.focus();
  });

  document.addEventListener("input", function (event) {
    if (event.isComposing && event.target.matches("[data-search]")) event.stopImmediatePropagation();
  }, true);

  /* A form is sent once: the second click of a double click would take the answer's place, and after signing in it
     still carries the session that the first one has renewed. What the form itself asks for (GET) may come twice.
     The page stays where the answer is a file or never comes, so the button works again after a while. What htmx
     sends is prevented here already, and htmx keeps its own order. */
  var SENT_FOR = 5000;
  var sent = new WeakMap();

  document.addEventListener("submit", function (event) {
    if (event.defaultPrevented || !event.target.matches("form[method=post]")) return;
    var button = event.submitter || event.target;
    if (event.timeStamp - sent.get(button) < SENT_FOR) event.preventDefault();
    else sent.set(button, event.timeStamp);
  });

  /* Back to a page that the browser kept: nothing of it is under way any more. */
  window.addEventListener("pageshow", function (event) { if (event.persisted) sent = new WeakMap(); });

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

  /* What a page asks for by itself saves nothing: no word when it fails. */
  function isQuiet(event) {
    return event.detail.elt && event.detail.elt.matches("[data-quiet]");
  }

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (isQuiet(event)) return;
    var notice = document.getElementById("notice");
    if (notice) notice.hidden = true;
  });
  document.addEventListener("htmx:sendError", function (event) { if (!isQuiet(event)) say("offline"); });
  document.addEventListener("htmx:timeout", function (event) { if (!isQuiet(event)) say("offline"); });
  document.addEventListener("htmx:responseError", function (event) {
    if (isQuiet(event)) return;
    var status = event.detail.xhr.status;
    say(status === 403 ? "refused" : status === 404 ? "gone" : "failed");
  });
})();
