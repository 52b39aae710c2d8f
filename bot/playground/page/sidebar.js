// The list of channels, of direct messages and of the bot.

import { drawAvatar } from "./avatar.js";
import { make, uniqueId } from "./block_kit/dom.js";
import { icon } from "./icons.js";
import { redraw } from "./redraw.js";
import { HOME } from "./view.js";

export function drawSidebar(app) {
  const { screen, view, me, t } = app;
  const sidebar = document.getElementById("sidebar");
  sidebar.setAttribute("aria-label", t("channels"));
  redraw(sidebar, [screen.channels, view.channel, me], () => [
    make("div", { class: "workspace" }, t(me.kind === "outsider" ? "other_workspace" : "workspace")),
    ...group(t("channels"), screen.channels.filter((channel) => !channel.is_direct).map((channel) => entry(app, channel))),
    ...group(t("direct_messages"), screen.channels.filter((channel) => channel.is_direct).map((channel) => entry(app, channel))),
    ...group(t("apps"), [bot(app)]),
    oneself(app),
  ]);
}

/** Where Slack shows who one is. */
function oneself(app) {
  const { me, t } = app;
  const words = make("span", {}, make("b", {}, me.name), make("span", { class: "kind" }, t(me.kind)));
  return make("div", { class: "oneself" }, drawAvatar(app, me.id, false), words);
}

function group(name, entries) {
  const id = uniqueId();
  const list = make("ul", { "aria-labelledby": id }, ...entries.map((each) => make("li", {}, each)));
  return entries.length ? [make("h2", { id }, name), list] : [];
}

function entry(app, channel) {
  const name = { role: "img", "aria-label": app.t("shared"), title: app.t("shared") };
  const marks = channel.is_shared ? [make("span", { class: "mark", ...name }, icon("shared"))] : [];
  return button(app, channel.id, icon(channel.is_direct ? "person" : "hash"), channel.name, ...marks);
}

function bot(app) {
  const node = button(app, HOME, icon("bot"), "customer-bot");
  node.addEventListener("click", () => app.post("home"));
  return node;
}

function button(app, channel, ...inside) {
  const isHere = app.view.channel === channel;
  const attributes = { type: "button", class: "entry", "data-name": channel, "aria-current": isHere ? "page" : null };
  const node = make("button", attributes, ...inside);
  node.addEventListener("click", () => app.go({ channel, thread: "", pane: "main" }));
  return node;
}
