// Menus whose options are known: the browser's own, which every keyboard and phone can use.

import { confirmed } from "./confirm.js";
import { isObject, listOf, make, own } from "./dom.js";
import { plainOf } from "./text.js";

/** What was chosen before, as View.state.values has it; undefined if nothing was. */
export function stateOf(element, { blockId, context }) {
  return own(own(context.state, blockId), element.action_id);
}

export function drawStaticSelect(element, place) {
  const state = stateOf(element, place);
  const chosen = state
    ? [state.selected_option, ...listOf(state.selected_options)]
    : [element.initial_option, ...listOf(element.initial_options)];
  const values = new Set(chosen.filter(isObject).map((option) => option.value));
  const drawn = (options) => listOf(options).map((option) => drawOption(option, values.has(option.value)));
  const groups = listOf(element.option_groups).map((group) =>
    make("optgroup", { label: plainOf(group.label) }, ...drawn(group.options)),
  );
  return drawSelect(element, place, [...drawn(element.options), ...groups]);
}

export function drawChannels(element, place) {
  const { context } = place;
  const options = listOf(context.channels)
    .filter((channel) => isOffered(channel, element))
    .map(({ id, name, is_direct }) => ({ id, name: is_direct ? name : `#${name}` }));
  const first = element.initial_conversation ?? element.initial_channel;
  const initial = first ?? (element.default_to_current_conversation ? context.channel : undefined);
  return drawIds(element, place, options, initial);
}

export function drawPeople(element, place) {
  const options = Object.entries(place.context.names).map(([id, name]) => ({ id, name }));
  return drawIds(element, place, options, element.initial_user);
}

function isOffered(channel, element) {
  const { include, exclude_external_shared_channels: noShared } = element.filter ?? {};
  if (element.type.endsWith("channels_select")) {
    return !channel.is_direct;
  }
  const kinds = channel.is_direct ? ["im", "mpim"] : ["public", "private"];
  return !(noShared && channel.is_shared) && (!include || kinds.some((kind) => include.includes(kind)));
}

/** Menus of Slack's own things, whose ids are what is chosen. */
function drawIds(element, place, options, initial) {
  const kind = element.type.replace(/^multi_/, "").replace(/s_select$/, "");
  const state = stateOf(element, place);
  const initials = listOf(element[`initial_${kind}s`]);
  const chosen = state ? [state[`selected_${kind}`], ...listOf(state[`selected_${kind}s`])] : [initial, ...initials];
  const drawn = options.map(({ id, name }) => drawOption({ text: name, value: id }, chosen.includes(id)));
  return drawSelect(element, place, drawn);
}

function drawOption(option, isChosen) {
  const node = make("option", { value: option.value, selected: isChosen }, plainOf(option.text));
  node.dataset.option = JSON.stringify(option);
  return node;
}

function drawSelect(element, place, options) {
  const { t } = place.context;
  const placeholder = plainOf(element.placeholder);
  const select = make("select", {
    class: "select",
    "data-control": element.type,
    "data-action-id": element.action_id,
    "aria-label": placeholder || t("choose"),
    multiple: element.type.startsWith("multi_"),
  });
  if (!select.multiple) {
    select.append(make("option", { value: "" }, placeholder || t("choose")));
  }
  select.append(...options);
  select.addEventListener("change", () => changed(element, place, select));
  return select;
}

async function changed(element, place, select) {
  const values = [...select.selectedOptions].map((option) => option.value);
  if (!select.multiple && !values[0]) {
    return; // the placeholder is nothing to choose
  }
  if (!element.confirm || (await confirmed(element.confirm, place.context))) {
    place.choose(element, select.multiple ? values : values[0]);
  }
}
