// Block Kit's blocks.

import { isObject, listOf, make } from "./dom.js";
import { drawElement } from "./elements.js";
import { drawInput } from "./inputs.js";
import { drawMrkdwn } from "./mrkdwn.js";
import { drawImage, drawVideo } from "./pictures.js";
import { drawRichText } from "./rich_text.js";
import { drawTable } from "./table.js";
import { drawText } from "./text.js";
import { drawUnknown } from "./unknown.js";

export { focusFirstInput, valuesOf } from "./inputs.js";

const DRAWERS = new Map([
  ["header", (block, context) => make("h3", { "aria-level": context.headingLevel }, drawText(block.text, context))],
  ["section", drawSection],
  ["context", drawContext],
  ["actions", drawActions],
  ["divider", () => make("hr")],
  ["image", drawImage],
  ["input", drawInput],
  ["rich_text", drawRichText],
  ["markdown", (block, context) => drawText(block.text, context)],
  ["video", drawVideo],
  ["table", drawTable],
]);

/** A message, or what stands under a link: Slack shows the text of those without blocks. */
export function drawBody({ blocks, text }, context) {
  return blocks.length ? drawBlocks(blocks, context) : drawMrkdwn(text, context);
}

export function drawBlocks(blocks, context) {
  const fragment = document.createDocumentFragment();
  fragment.append(...listOf(blocks).map((block) => drawBlock(block, context)));
  return fragment;
}

function drawBlock(block, context) {
  const type = isObject(block) && DRAWERS.has(block.type) ? block.type : "unknown";
  const attributes = { class: `block block-${type}`, "data-block-id": block?.block_id ?? "" };
  return make("div", attributes, drawInside(block, type, context));
}

/** What is drawn for a known type may still be too odd for its drawing: it is shown as an unknown one is. */
function drawInside(block, type, context) {
  try {
    return (DRAWERS.get(type) ?? drawUnknown)(block, context);
  } catch {
    return drawUnknown(block, context);
  }
}

/** Where an element outside input blocks is: what is chosen there is sent at once. */
function placeIn(block, context) {
  const choose = (element, value) => context.act({ verb: "choose", action_id: element.action_id ?? "", value });
  return { blockId: block.block_id ?? "", context, choose };
}

function drawSection(block, context) {
  const body = make("div", { class: "section-body" });
  if (block.text !== undefined) {
    body.append(make("div", { class: "section-text" }, drawText(block.text, context)));
  }
  if (block.fields !== undefined) {
    const fields = listOf(block.fields).map((field) => make("div", { class: "field" }, drawText(field, context)));
    body.append(make("div", { class: "fields" }, ...fields));
  }
  return make("div", { class: "section" }, body, ...drawAccessory(block, context));
}

function drawAccessory(block, context) {
  if (block.accessory === undefined) {
    return [];
  }
  return [make("div", { class: "accessory" }, drawElement(block.accessory, placeIn(block, context)))];
}

function drawContext(block, context) {
  const place = placeIn(block, context);
  const elements = listOf(block.elements).map((element) =>
    element?.type === "image" ? drawElement(element, place) : drawText(element, context),
  );
  return make("div", { class: "context" }, ...elements);
}

function drawActions(block, context) {
  const place = placeIn(block, context);
  return make("div", { class: "actions" }, ...listOf(block.elements).map((element) => drawElement(element, place)));
}
