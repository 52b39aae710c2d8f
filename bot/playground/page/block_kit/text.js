// Block Kit's text objects.

import { isObject, make } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { unescaped } from "./escapes.js";
import { drawMrkdwn } from "./mrkdwn.js";

/** A text object as its reader sees it. What is none is shown as far as it can be read. */
export function drawText(object, context) {
  if (object?.type === "mrkdwn" && typeof object.text === "string") {
    return drawMrkdwn(object.text, context);
  }
  return make("span", { class: "plain-text" }, plainOf(object));
}

/** The same without formatting, for places that have none. Slack shows plain_text unescaped, too. */
export function plainOf(object) {
  if (object === undefined || object === null) {
    return "";
  }
  const text = isObject(object) ? object.text : object;
  if (typeof text !== "string") {
    return JSON.stringify(object);
  }
  return object.emoji === false ? unescaped(text) : withEmoji(unescaped(text));
}
