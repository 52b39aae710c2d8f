// One message: who, when, what, what stands under its links, and what can be done with it.

import { drawAvatar } from "./avatar.js";
import { drawBody } from "./block_kit/blocks.js";
import { contextAt } from "./context.js";
import { make } from "./block_kit/dom.js";
import { drawOverflow } from "./block_kit/menu.js";
import { icon } from "./icons.js";
import { drawUnfurl } from "./unfurl.js";

export function drawMessage(app, channel, { message, replies, name }) {
  const { t } = app;
  const seen = message.only_you ? [drawOnlyYou(t)] : [];
  const attributes = { class: `message${message.only_you ? " private" : ""}`, "data-ts": message.ts };
  return make(
    "article",
    { ...attributes, "aria-label": `${t("message_from")} ${name}` },
    ...seen,
    drawAvatar(app, message.user, message.is_bot),
    make("div", { class: "said" }, ...content(app, channel, message, name), ...repliesTo(app, message, replies)),
    ...(message.only_you ? [] : [tools(app, channel, message)]),
  );
}

export function drawOnlyYou(t) {
  return make("div", { class: "only-you" }, icon("eye"), t("only_you"));
}

function content(app, channel, message, name) {
  const context = contextAt(app, { in: "message", channel, ts: message.ts }, { channel, headingLevel: 2 });
  const unfurls = message.unfurls.map((unfurl) => drawUnfurl(app, channel, message.ts, unfurl));
  return [head(app, message, name), make("div", { class: "body" }, drawBody(message, context)), ...unfurls];
}

function head(app, message, name) {
  const at = new Date(Number.parseFloat(message.ts) * 1000);
  const time = make("time", { datetime: at.toISOString(), title: at.toLocaleString(app.me.locale) });
  time.append(at.toLocaleTimeString(app.me.locale, { timeStyle: "short" }));
  const badge = message.is_bot ? [make("span", { class: "badge" }, app.t("app"))] : [];
  return make("div", { class: "who" }, make("b", {}, name), ...badge, time);
}

function repliesTo(app, message, count) {
  if (!count) {
    return [];
  }
  const words = count === 1 ? app.t("one_reply") : `${count} ${app.t("replies")}`;
  const open = make("button", { type: "button", class: "replies", "data-name": `replies-${message.ts}` }, words);
  open.addEventListener("click", () => openThread(app, message));
  return [open];
}

function openThread(app, message) {
  app.post("close_flexpane");
  app.go({ thread: message.thread_ts || message.ts, pane: "side" });
}

function tools(app, channel, message) {
  const reply = make("button", { type: "button", "aria-label": app.t("reply"), title: app.t("reply") }, app.t("reply_short"));
  reply.dataset.name = `reply-${message.ts}`;
  reply.addEventListener("click", () => openThread(app, message));
  const option = { text: { type: "plain_text", text: app.t("look_up") }, value: message.ts };
  const choose = () => app.post("message_shortcut", { channel, ts: message.ts });
  const menu = drawOverflow({ options: [option] }, { context: contextAt(app, null), choose });
  return make("div", { class: "tools" }, reply, menu);
}
