import { confirmed } from "./confirm.js";
import { isObject, listOf, make, uniqueId } from "./dom.js";
import { stateOf } from "./selects.js";
import { drawText } from "./text.js";

export function drawCheckboxes(element, place) {
  const state = stateOf(element, place);
  const chosen = listOf(state ? state.selected_options : element.initial_options);
  return drawChoices(element, place, "checkbox", chosen, (values) => values);
}

export function drawRadioButtons(element, place) {
  const state = stateOf(element, place);
  const chosen = state ? state.selected_option : element.initial_option;
  return drawChoices(element, place, "radio", [chosen], ([value]) => value);
}

function drawChoices(element, place, kind, chosen, valueOf) {
  const values = new Set(chosen.filter(isObject).map((option) => option.value));
  const group = make("div", {
    class: "choices",
    role: kind === "radio" ? "radiogroup" : "group",
    "aria-label": place.context.t("choose"),
    "data-control": element.type,
    "data-action-id": element.action_id,
  });
  const name = uniqueId();
  for (const option of listOf(element.options)) {
    group.append(drawChoice(option, { type: kind, name, checked: values.has(option?.value) }, place.context));
  }
  group.addEventListener("change", async () => {
    if (!element.confirm || (await confirmed(element.confirm, place.context))) {
      place.choose(element, valueOf(checkedIn(group).map((option) => option.value)));
    }
  });
  return group;
}

function drawChoice(option, attributes, context) {
  const input = make("input", attributes);
  input.dataset.option = JSON.stringify(option);
  const words = make("span", {}, drawText(option?.text, context));
  if (option?.description) {
    words.append(make("span", { class: "description" }, drawText(option.description, context)));
  }
  return make("label", { class: "choice" }, input, words);
}

/** The options that are chosen in `group`. */
export function checkedIn(group) {
  return [...group.querySelectorAll("input:checked")].map((input) => JSON.parse(input.dataset.option));
}
