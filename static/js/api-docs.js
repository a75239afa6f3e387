// Swagger UI has a dark dress and waits to be told: tell it what the reader's system prefers.
"use strict";

(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const dress = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dress();
  dark.addEventListener("change", dress);
})();
