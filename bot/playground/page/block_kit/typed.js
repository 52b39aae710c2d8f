// What one types into, or picks from the browser's own calendar and clock.

import { make } from "./dom.js";
import { stateOf } from "./selects.js";
import { plainOf } from "./text.js";

const INPUT_TYPES = {
  email_text_input: "email",
  url_text_input: "url",
  number_input: "number",
  datepicker: "date",
  timepicker: "time",
  datetimepicker: "datetime-local",
};
const PICKED = { datepicker: "date", timepicker: "time", datetimepicker: "date_time" };

export function drawTyped(element, place) {
  const isLong = element.type === "rich_text_input" || element.multiline;
  const kind = isLong ? { rows: 4 } : { type: INPUT_TYPES[element.type] ?? "text" };
  const placeholder = plainOf(element.placeholder);
  const control = make(isLong ? "textarea" : "input", {
    ...kind,
    class: "typed",
    placeholder: placeholder || null,
    "aria-label": placeholder || place.context.t("type_here"),
    maxlength: element.max_length,
    minlength: element.min_length,
    min: element.min_value,
    max: element.max_value,
    autocomplete: "off",
    "data-control": element.type,
    "data-action-id": element.action_id,
    "data-focus": element.focus_on_load === true,
  });
  control.value = startOf(element, place);
  if (PICKED[element.type]) {
    control.addEventListener("change", () => place.choose(element, valueOf(control)));
  }
  return control;
}

function startOf(element, place) {
  const state = stateOf(element, place);
  const picked = PICKED[element.type];
  const start = picked
    ? (state ? state[`selected_${picked}`] : element[`initial_${picked}`])
    : (state ? state.value : element.initial_value);
  if (picked === "date_time" && Number.isFinite(start)) {
    const local = new Date(start * 1000 - new Date(start * 1000).getTimezoneOffset() * 60_000);
    return local.toISOString().slice(0, 16);
  }
  return typeof start === "string" || typeof start === "number" ? String(start) : "";
}

/** As View.state.values has it; what is empty is null there. */
export function typedValue(control) {
  const picked = PICKED[control.dataset.control];
  return { [picked ? `selected_${picked}` : "value"]: valueOf(control) };
}

function valueOf(control) {
  const isMoment = control.dataset.control === "datetimepicker";
  return isMoment && control.value ? Math.floor(new Date(control.value).getTime() / 1000) : control.value || null;
}
