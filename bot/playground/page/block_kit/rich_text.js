// What Slack's own composer makes of a message.

import { channelName, mention, userName } from "./angles.js";
import { drawDate } from "./dates.js";
import { isObject, listOf, make } from "./dom.js";
import { emojiOf } from "./emoji.js";
import { drawLink } from "./links.js";
import { plainOf } from "./text.js";

const STYLE_TAGS = [["code", "code"], ["bold", "b"], ["italic", "i"], ["strike", "s"], ["underline", "u"]];

export function drawRichText(block, context) {
  return make("div", { class: "mrkdwn rich-text" }, ...listOf(block.elements).map((part) => drawPart(part, context)));
}

function drawPart(part, context) {
  const inside = listOf(part?.elements);
  switch (part?.type) {
    case "rich_text_list": {
      const items = inside.map((item) => make("li", {}, drawPart(item, context)));
      const list = make(part.style === "ordered" ? "ol" : "ul", {}, ...items);
      list.style.marginInlineStart = `${Math.min(Number(part.indent) || 0, 8) * 24}px`;
      return list;
    }
    case "rich_text_quote":
      return make("blockquote", {}, ...drawLeaves(inside, context));
    case "rich_text_preformatted":
      return make("pre", {}, ...drawLeaves(inside, context));
    default:
      return make("div", {}, ...drawLeaves(isObject(part) && part.elements ? inside : [part], context));
  }
}

function drawLeaves(leaves, context) {
  return leaves.map((leaf) => styled(drawLeaf(leaf, context), leaf?.style));
}

function drawLeaf(leaf, context) {
  switch (leaf?.type) {
    case "link":
      return drawLink(leaf.url, plainOf(leaf.text ?? leaf.url));
    case "emoji":
      return make("span", { class: "emoji" }, emojiOf(leaf.name) ?? `:${leaf.name}:`);
    case "user":
      return mention(userName(leaf.user_id, "", context));
    case "channel":
      return mention(channelName(leaf.channel_id, "", context));
    case "broadcast":
      return mention(`@${leaf.range}`);
    case "usergroup":
      return mention(`@${leaf.usergroup_id}`);
    case "date":
      return drawDate(String(leaf.timestamp), plainOf(leaf.format), leaf.url, plainOf(leaf.fallback), context.locale);
    default:
      return document.createTextNode(rawOf(leaf));
  }
}

/** Nothing in here is escaped, and no name of an emoji is one. */
function rawOf(leaf) {
  const text = isObject(leaf) ? (leaf.text ?? leaf.value) : leaf;
  return typeof text === "string" ? text : JSON.stringify(leaf) ?? "";
}

function styled(node, style) {
  return STYLE_TAGS.reduce((inner, [name, tag]) => (style?.[name] === true ? make(tag, {}, inner) : inner), node);
}
