// The square that stands for a person.

import { make } from "./block_kit/dom.js";
import { icon } from "./icons.js";

const COLOURS = 5;

export function drawAvatar(app, user, isBot) {
  const names = Object.keys(app.screen.names);
  const colour = isBot ? "bot" : names.indexOf(user) % COLOURS;
  const inside = isBot ? icon("bot") : [...(app.screen.names[user] ?? "?")][0].toUpperCase();
  return make("span", { class: `avatar avatar-${colour}`, "aria-hidden": "true" }, inside);
}
