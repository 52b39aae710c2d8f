// The middle of Slack's window: a channel, or the bot's Home.

import { drawBlocks } from "./block_kit/blocks.js";
import { drawComposer } from "./composer.js";
import { contextAt } from "./context.js";
import { make } from "./block_kit/dom.js";
import { icon } from "./icons.js";
import { drawChannel } from "./messages.js";
import { redraw } from "./redraw.js";
import { HOME } from "./view.js";

export function drawMain(app) {
  const main = document.getElementById("main");
  redraw(main, [app.view.channel, app.me.id, app.me.locale, app.screen.world], () => frame(app));
  if (app.view.channel === HOME) {
    drawHome(app, main.querySelector(".home"));
  } else {
    drawChannel(app, main.querySelector(".messages"));
  }
}

function frame(app) {
  if (app.view.channel === HOME) {
    return [head(app, "customer-bot", app.t("home")), make("div", { class: "home", tabindex: "-1" })];
  }
  const channel = app.screen.channels.find((each) => each.id === app.view.channel);
  const name = channel.is_direct ? channel.name : `#${channel.name}`;
  const list = make("div", { class: "messages", role: "log", tabindex: "0", "aria-label": `${app.t("messages")}: ${name}` });
  return [head(app, name, app.t(kind(channel))), list, drawComposer(app, { name: "composer", box: `${app.t("message_box")} ${name}`, thread: "" })];
}

function head(app, name, about) {
  const back = make("button", { type: "button", class: "back", "aria-label": app.t("back") }, icon("back"));
  back.addEventListener("click", () => app.go({ pane: "list" }));
  return make("header", { class: "head" }, back, make("div", {}, make("h1", {}, name), make("p", {}, about)));
}

function kind(channel) {
  if (channel.is_direct) {
    return "kind_direct";
  }
  if (channel.is_shared) {
    return "kind_shared";
  }
  return channel.has_bot ? "kind_internal" : "kind_without_bot";
}

function drawHome(app, place) {
  const { home } = app.screen;
  redraw(place, [home?.id, home?.hash], () => {
    if (!home) {
      return [make("p", { class: "loading" }, app.t("loading"))];
    }
    const context = contextAt(app, { in: "view", view: home.id }, { state: home.state.values, headingLevel: 2 }, () => place);
    return [drawBlocks(home.blocks, context)];
  });
}
