// Runs before anything is painted: a page in dark mode must never flash white.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  window.theme = {
    get: () => {
      const chosen = localStorage.getItem("theme");
      return chosen === "light" || chosen === "dark" ? chosen : "auto";
    },
    set: (choice) => {
      if (choice === "auto") localStorage.removeItem("theme");
      else localStorage.setItem("theme", choice);
      window.theme.paint();
    },
    paint: () => {
      const choice = window.theme.get();
      const isDark = choice === "auto" ? dark.matches : choice === "dark";
      root.dataset.theme = isDark ? "dark" : "light";
      if (window.setDark) window.setDark(isDark);
    },
  };
  window.theme.paint();
  dark.addEventListener("change", window.theme.paint);
  window.addEventListener("storage", (e) => e.key === "theme" && window.theme.paint());
})();

// While a dialog is open nothing behind it can be reached; Quasar only paints over it. Notices stay in reach.
(() => {
  let before = null; // while a dialog is open: what had the focus
  let last = document.documentElement; // what had the focus: Quasar takes it away before we see that a dialog opens
  const inDialog = (node) => node.closest("[id^='q-portal--dialog']");
  document.addEventListener("pointerdown", () => (last = document.documentElement), true);
  document.addEventListener("focusin", (e) => inDialog(e.target) || (last = e.target));
  const behind = () => document.querySelectorAll(".q-layout > :not(.notices)");
  const check = () => {
    const open = [...document.body.children].some((node) => node.id.startsWith("q-portal--dialog"));
    if (open && !before) {
      before = last;
      behind().forEach((node) => (node.inert = true));
    } else if (!open && before) {
      behind().forEach((node) => (node.inert = false));
      if (document.activeElement === document.body && before.isConnected) before.focus();
      before = null;
    }
  };
  document.addEventListener("DOMContentLoaded", () =>
    new MutationObserver(check).observe(document.body, { childList: true }),
  );
})();

// While the server can't be reached the framework shows a box of its own: say there what it means.
(() => {
  const words = ["The server can’t be reached.", "Trying again by itself. What you change now may not be saved yet."];
  document.addEventListener("DOMContentLoaded", () => {
    const box = document.getElementById("popup");
    if (!box) return;
    box.setAttribute("role", "alert");
    const tell = () => {
      const shown = box.getAttribute("aria-hidden") === "false";
      box.querySelectorAll("span").forEach((line, at) => (line.textContent = shown ? words[at] : ""));
    };
    new MutationObserver(tell).observe(box, { attributes: true, attributeFilter: ["aria-hidden"] });
    tell();
  });
})();
