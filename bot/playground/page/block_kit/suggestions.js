import { isObject, make, uniqueId } from "./dom.js";
import { plainOf } from "./text.js";

/** One option that was suggested, or a group of them. */
export function drawSuggestion(option) {
  if (!Array.isArray(option.options)) {
    return drawOption(option);
  }
  const label = make("div", { id: uniqueId(), class: "group-label", role: "presentation" }, plainOf(option.label));
  const options = option.options.filter(isObject).map(drawOption);
  return make("div", { role: "group", "aria-labelledby": label.id }, label, ...options);
}

function drawOption(option) {
  const node = make("div", { id: uniqueId(), role: "option", "aria-selected": "false" }, plainOf(option.text));
  const description = plainOf(option.description);
  if (description) {
    node.append(make("span", { class: "description" }, description));
  }
  node.dataset.option = JSON.stringify(option);
  return node;
}
