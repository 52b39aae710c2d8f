// Block Kit's elements: what stands in a section, in actions or in an input.

import { drawButton } from "./buttons.js";
import { drawCheckboxes, drawRadioButtons } from "./choices.js";
import { drawCombobox } from "./combobox.js";
import { isObject, make } from "./dom.js";
import { drawOverflow } from "./menu.js";
import { drawImageElement } from "./pictures.js";
import { drawChannels, drawPeople, drawStaticSelect } from "./selects.js";
import { drawTyped } from "./typed.js";
import { drawUnknown } from "./unknown.js";

const DRAWERS = new Map([
  ["button", drawButton],
  ["workflow_button", drawButton],
  ["overflow", drawOverflow],
  ["image", drawImageElement],
  ["external_select", drawCombobox],
  ["static_select", drawStaticSelect],
  ["multi_static_select", drawStaticSelect],
  ["conversations_select", drawChannels],
  ["multi_conversations_select", drawChannels],
  ["channels_select", drawChannels],
  ["multi_channels_select", drawChannels],
  ["users_select", drawPeople],
  ["multi_users_select", drawPeople],
  ["checkboxes", drawCheckboxes],
  ["radio_buttons", drawRadioButtons],
  ["plain_text_input", drawTyped],
  ["rich_text_input", drawTyped],
  ["email_text_input", drawTyped],
  ["url_text_input", drawTyped],
  ["number_input", drawTyped],
  ["datepicker", drawTyped],
  ["timepicker", drawTyped],
  ["datetimepicker", drawTyped],
]);

/**
 * `place` is where the element is: `blockId` and `context` of what is around it, and `choose(element, value)`, which
 * takes what was chosen.
 */
export function drawElement(element, place) {
  const draw = isObject(element) ? DRAWERS.get(element.type) : undefined;
  try {
    return draw ? draw(element, place) : make("div", {}, drawUnknown(element, place.context));
  } catch {
    return make("div", {}, drawUnknown(element, place.context));
  }
}
