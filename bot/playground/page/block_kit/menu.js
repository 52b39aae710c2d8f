// The three dots.

import { openUrl } from "./buttons.js";
import { confirmed } from "./confirm.js";
import { listOf, make, uniqueId } from "./dom.js";
import { safeUrl } from "./links.js";
import { closePopup, closeWithWindow, openBeside } from "./popups.js";
import { plainOf } from "./text.js";

export function drawOverflow(element, { context, choose }) {
  const id = uniqueId();
  const button = make(
    "button",
    {
      type: "button",
      class: "button overflow",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-controls": id,
      "aria-label": context.t("more_actions"),
      "data-action-id": element.action_id,
    },
    "⋯",
  );
  const items = listOf(element.options).map(drawItem);
  const menu = make("div", { id, class: "popup menu", role: "menu", popover: "manual" }, ...items);
  menu.setAttribute("aria-label", context.t("more_actions"));
  const pick = async (option) => {
    close(button, menu);
    if (!element.confirm || (await confirmed(element.confirm, context))) {
      openUrl(safeUrl(option.url));
      choose(element, option.value ?? "");
    }
  };
  items.forEach((item, i) => item.addEventListener("click", () => pick(element.options[i])));
  wire(button, menu, items);
  return make("div", { class: "overflow-place" }, button, menu);
}

function drawItem(option) {
  const description = plainOf(option?.description);
  const item = make("button", { type: "button", role: "menuitem", tabindex: "-1" }, plainOf(option?.text));
  if (description) {
    item.append(make("span", { class: "description" }, description));
  }
  return item;
}

function wire(button, menu, items) {
  const open = (item) => {
    openBeside(button, menu);
    button.setAttribute("aria-expanded", "true");
    item?.focus({ preventScroll: true });
  };
  const isOpen = () => button.getAttribute("aria-expanded") === "true";
  button.addEventListener("click", () => (isOpen() ? close(button, menu) : open(items[0])));
  button.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      open(items.at(event.key === "ArrowDown" ? 0 : -1));
    }
  });
  menu.addEventListener("keydown", (event) => onKey(event, button, menu, items));
  closeWithWindow(button, menu, () => (menu.contains(document.activeElement) ? close : hide)(button, menu));
}

function onKey(event, button, menu, items) {
  if (event.key === "Tab") {
    close(button, menu);
    return;
  }
  if (event.key === "Escape") {
    close(button, menu);
  } else {
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) {
      return;
    }
    items.at(to % items.length)?.focus();
  }
  event.preventDefault();
  event.stopPropagation(); // Escape closes the menu alone, not the modal around it
}

function hide(button, menu) {
  closePopup(menu);
  button.setAttribute("aria-expanded", "false");
}

function close(button, menu) {
  hide(button, menu);
  button.focus({ preventScroll: true });
}
