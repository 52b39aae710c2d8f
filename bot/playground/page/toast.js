// Words that come and go.

import { make } from "./dom.js";

const SECONDS = 8;

export function toast(words) {
  const node = make("div", { class: "toast" }, words);
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), SECONDS * 1000);
}
