// Turn the pages of a card on the big screen: the keys of a keyboard or of a presenter follow the links.
"use strict";
(() => {
  const relations = {
    ArrowRight: "next", PageDown: "next", ArrowLeft: "prev", PageUp: "prev", Escape: "up",
  };
  document.addEventListener("keydown", (event) => {
    const relation = relations[event.key];
    if (!relation || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = document.querySelector(`a[rel="${relation}"]`);
    if (link) {
      event.preventDefault();
      location.replace(link.href);
    }
  });
})();
