// What this page has no drawing for: its texts, and folded away what it is.

import { isObject, make } from "./dom.js";
import { drawText } from "./text.js";

const DEEPEST = 8;
const MOST_TEXTS = 50;
const WORDS = new Set(["text", "title", "subtitle", "body", "label", "description", "hint", "placeholder", "alt_text"]);

export function drawUnknown(value, context) {
  const type = isObject(value) && typeof value.type === "string" ? value.type : typeof value;
  const texts = [...textsIn(value, DEEPEST)].slice(0, MOST_TEXTS);
  const json = make("pre", { tabindex: 0 }, JSON.stringify(value, null, 2) ?? String(value));
  return make(
    "div",
    { class: "unknown" },
    ...texts.map((text) => make("div", {}, drawText(text, context))),
    make("details", {}, make("summary", {}, `${context.t("unknown_block")}: ${type}`), json),
  );
}

function* textsIn(value, deepest) {
  if (typeof value !== "object" || value === null || deepest === 0) {
    if (typeof value === "string" && deepest === DEEPEST) {
      yield value;
    }
    return;
  }
  for (const [key, part] of Object.entries(value)) {
    if (WORDS.has(key) && (typeof part === "string" || typeof part?.text === "string")) {
      yield part;
    } else {
      yield* textsIn(part, deepest - 1);
    }
  }
}
