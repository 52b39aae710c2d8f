// What mrkdwn has in angle brackets: links, mentions and dates.

import { drawDate } from "./dates.js";
import { make, own } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { unescaped } from "./escapes.js";
import { drawLink, safeUrl } from "./links.js";

const BROADCASTS = new Set(["here", "channel", "everyone"]);

/** `token` with its brackets. What is none of Slack's is shown as it was written. */
export function drawAngle(token, context) {
  const inner = token.slice(1, -1);
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : withEmoji(unescaped(inner.slice(bar + 1)));
  return drawTarget(target, label, context) ?? document.createTextNode(unescaped(token));
}

function drawTarget(target, label, context) {
  switch (target.length > 1 && target[0]) {
    case "@":
      return mention(userName(target.slice(1), label, context));
    case "#":
      return mention(channelName(target.slice(1), label, context));
    case "!":
      return special(target.slice(1), label, context);
    default:
      return link(unescaped(target), label);
  }
}

export function mention(text) {
  return make("span", { class: "mention" }, text);
}

export function userName(id, label, context) {
  return `@${own(context.names, id) ?? (label.replace(/^@/, "") || id)}`;
}

/** Slack does not show the name of a channel to users who are not in it. */
export function channelName(id, label, context) {
  const name = context.channels?.find((channel) => channel.id === id)?.name ?? label;
  return name ? `#${name}` : `🔒 ${context.t("private_channel")}`;
}

function special(target, label, context) {
  const [name, ...rest] = target.split("^");
  if (name === "date") {
    const [epoch = "", format = "", url = ""] = rest;
    return drawDate(epoch, unescaped(format), unescaped(url), label || unescaped(format) || target, context.locale);
  }
  if (BROADCASTS.has(name)) {
    return mention(`@${name}`);
  }
  return label ? mention(label) : null;
}

function link(url, label) {
  return safeUrl(url) ? drawLink(url, label || url.replace(/^(?:mailto|tel):/, "")) : null;
}
