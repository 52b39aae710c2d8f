// Input blocks, and what stands in them.

import { checkedIn } from "./choices.js";
import { make, own, uniqueId } from "./dom.js";
import { drawElement } from "./elements.js";
import { drawText, plainOf } from "./text.js";
import { typedValue } from "./typed.js";

const CONTROL = ".block-input [data-control]";
const USABLE = "a[href], button, input, select, textarea, [tabindex='0']";
const LABELABLE = "input, select, textarea";

/** What is chosen in an input block is sent with the view, not at once. */
function nothing() {}

export function drawInput(block, context) {
  const element = drawElement(block.element, { blockId: block.block_id ?? "", context, choose: nothing });
  const control = element.matches("[data-control]") ? element : element.querySelector("[data-control]");
  const label = drawLabel(block, context, control);
  const notes = drawNotes(block, context);
  if (control && notes.length) {
    control.setAttribute("aria-describedby", notes.map((note) => note.id).join(" "));
  }
  if (control && notes.some((note) => note.className === "input-error")) {
    control.setAttribute("aria-invalid", "true");
  }
  return make("div", { class: "input" }, label, element, ...notes);
}

function drawLabel(block, context, control) {
  const words = [plainOf(block.label)];
  if (block.optional) {
    words.push(" ", make("span", { class: "input-optional" }, context.t("optional")));
  }
  if (!control) {
    return make("div", { class: "input-label" }, ...words);
  }
  const label = make(control.matches(LABELABLE) ? "label" : "div", { id: uniqueId(), class: "input-label" }, ...words);
  control.id = uniqueId();
  control.removeAttribute("aria-label");
  if (label.localName === "label") {
    label.htmlFor = control.id;
  } else {
    control.setAttribute("aria-labelledby", label.id);
  }
  return label;
}

function drawNotes(block, context) {
  const error = own(context.errors, block.block_id);
  const notes = [];
  if (error) {
    notes.push(make("div", { id: uniqueId(), class: "input-error" }, plainOf(error)));
  }
  if (block.hint) {
    notes.push(make("div", { id: uniqueId(), class: "input-hint" }, drawText(block.hint, context)));
  }
  return notes;
}

/** What stands in the inputs inside `root`, as Slack's View.state.values. */
export function valuesOf(root) {
  const values = {};
  for (const control of root.querySelectorAll(CONTROL)) {
    const type = control.dataset.control;
    const blockId = control.closest(".block").dataset.blockId;
    values[blockId] ??= {};
    values[blockId][control.dataset.actionId ?? ""] = { type, ...valueOf(control, type) };
  }
  return values;
}

function valueOf(control, type) {
  if (control.matches("select")) {
    return selectedIn(control, type);
  }
  switch (type) {
    case "external_select":
      return { selected_option: control.dataset.selected ? JSON.parse(control.dataset.selected) : null };
    case "checkboxes":
      return { selected_options: checkedIn(control) };
    case "radio_buttons":
      return { selected_option: checkedIn(control)[0] ?? null };
    default:
      return typedValue(control);
  }
}

function selectedIn(select, type) {
  const options = [...select.selectedOptions].filter((node) => node.dataset.option);
  const chosen = options.map((node) => JSON.parse(node.dataset.option));
  const kind = type.replace(/^multi_/, "").replace(/s?_select$/, "");
  const [name, values] = kind === "static" ? ["option", chosen] : [kind, chosen.map((option) => option.value)];
  return select.multiple ? { [`selected_${name}s`]: values } : { [`selected_${name}`]: values[0] ?? null };
}

/** The input that has something wrong, or that asks for the focus; else the first thing that can be used at all. */
export function focusFirstInput(root) {
  const wrong = root.querySelector("[aria-invalid=true]");
  const first = wrong ?? root.querySelector("[data-focus]") ?? root.querySelector(USABLE);
  first?.focus({ preventScroll: first.matches(":not([data-focus], [aria-invalid])") });
}
