// A menu whose options the app gives while one types: Slack's external_select, as an ARIA combobox.

import { confirmed } from "./confirm.js";
import { isObject, listOf, make, uniqueId } from "./dom.js";
import { closePopup, closeWithWindow, openBeside } from "./popups.js";
import { stateOf } from "./selects.js";
import { drawSuggestion } from "./suggestions.js";
import { plainOf } from "./text.js";

const PAUSE_MS = 150;
const DEFAULT_QUERY_LENGTH = 3;

export function drawCombobox(element, place) {
  const list = make("div", { id: uniqueId(), role: "listbox", hidden: true });
  const status = make("div", { class: "popup-status", role: "status" });
  const popup = make("div", { class: "popup suggestions", popover: "manual" }, list, status);
  const input = drawInput(element, place, list.id);
  list.setAttribute("aria-label", input.getAttribute("aria-label"));
  const box = { element, place, input, list, status, popup, turn: 0 };
  keep(input, (stateOf(element, place) ?? { selected_option: element.initial_option }).selected_option);
  wire(box);
  return make("div", { class: "combobox" }, input, popup);
}

function drawInput(element, { context }, listId) {
  const placeholder = plainOf(element.placeholder) || context.t("choose");
  return make("input", {
    type: "text",
    class: "select",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    placeholder,
    "aria-label": placeholder,
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": listId,
    "data-control": element.type,
    "data-action-id": element.action_id,
  });
}

function wire(box) {
  const { input, list, popup } = box;
  input.addEventListener("input", (event) => !event.isComposing && ask(box));
  input.addEventListener("compositionend", () => ask(box));
  input.addEventListener("keydown", (event) => !event.isComposing && onKey(box, event));
  input.addEventListener("blur", () => giveUp(box));
  popup.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the input
  list.addEventListener("click", ({ target }) => {
    const option = target.closest("[role=option]");
    if (option) {
      pick(box, option);
    }
  });
  closeWithWindow(input, popup, () => close(box));
}

/** Asks for what is typed once typing pauses. An outdated answer is dropped. */
async function ask(box) {
  const { element, place, input } = box;
  const turn = nextTurn(box);
  const text = input.value.trim();
  if (text.length < (element.min_query_length ?? DEFAULT_QUERY_LENGTH)) {
    close(box);
    return;
  }
  await new Promise((resume) => setTimeout(resume, PAUSE_MS));
  if (box.turn !== turn) {
    return;
  }
  say(box, place.context.t("loading"));
  const answer = await answerTo(box, text);
  if (box.turn === turn) {
    show(box, answer);
  }
}

function nextTurn(box) {
  box.turn += 1;
  return box.turn;
}

async function answerTo({ element, place }, text) {
  try {
    return { options: await place.context.suggest(element.action_id ?? "", text) };
  } catch {
    return { trouble: place.context.t("suggestions_failed") };
  }
}

function show(box, { options, trouble }) {
  const nodes = listOf(options).filter(isObject).map(drawSuggestion);
  if (!nodes.length) {
    say(box, trouble ?? box.place.context.t("no_results"));
    return;
  }
  box.list.replaceChildren(...nodes);
  box.list.hidden = false;
  box.status.textContent = "";
  open(box);
  setActive(box, optionsOf(box)[0]);
}

function say(box, words) {
  box.list.replaceChildren();
  box.list.hidden = true;
  box.status.textContent = words;
  box.input.removeAttribute("aria-activedescendant");
  open(box);
}

function onKey(box, event) {
  const isOpen = box.input.getAttribute("aria-expanded") === "true";
  const options = optionsOf(box);
  const at = options.indexOf(activeOf(box));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (!isOpen || !["ArrowDown", "ArrowUp", "Enter", "Escape"].includes(event.key)) {
    return;
  }
  event.preventDefault();
  event.stopPropagation(); // Enter does not submit the modal around it, and Escape does not close it
  if (to !== undefined) {
    setActive(box, options.at(to % options.length));
  } else if (event.key === "Enter" && at >= 0) {
    pick(box, options[at]);
  } else if (event.key === "Escape") {
    giveUp(box);
  }
}

async function pick(box, node) {
  const { element, place, input } = box;
  const option = JSON.parse(node.dataset.option);
  const before = input.dataset.selected;
  keep(input, option);
  giveUp(box);
  if (!element.confirm || (await confirmed(element.confirm, place.context))) {
    place.choose(element, option.value ?? "");
  } else {
    keep(input, before && JSON.parse(before));
  }
}

function keep(input, option) {
  if (isObject(option)) {
    input.dataset.selected = JSON.stringify(option);
  } else {
    delete input.dataset.selected;
  }
  showKept(input);
}

function showKept(input) {
  input.value = input.dataset.selected ? plainOf(JSON.parse(input.dataset.selected).text) : "";
}

/** What was typed was a question, not an answer: what is chosen stands there again. */
function giveUp(box) {
  nextTurn(box);
  showKept(box.input);
  close(box);
}

function optionsOf({ list }) {
  return [...list.querySelectorAll("[role=option]")];
}

function activeOf(box) {
  return optionsOf(box).find((option) => option.id === box.input.getAttribute("aria-activedescendant"));
}

function setActive(box, option) {
  for (const each of optionsOf(box)) {
    each.setAttribute("aria-selected", String(each === option));
  }
  if (option) {
    box.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }
}

function open({ input, popup }) {
  popup.style.minWidth = `${input.offsetWidth}px`;
  openBeside(input, popup);
  input.setAttribute("aria-expanded", "true");
}

function close({ input, popup }) {
  closePopup(popup);
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}
