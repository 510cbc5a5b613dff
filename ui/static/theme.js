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
