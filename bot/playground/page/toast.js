// Words that come and go.

import { make } from "./block_kit/dom.js";
import { keepFocus } from "./focus.js";
import { icon } from "./icons.js";

const SECONDS = 8;

export function toast(app, words) {
  const close = make("button", { type: "button", class: "close", "aria-label": app.t("close") }, icon("close"));
  const node = make("div", { class: "toast" }, make("span", {}, words), close);
  close.addEventListener("click", () => keepFocus(() => node.remove()));
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), SECONDS * 1000);
}
