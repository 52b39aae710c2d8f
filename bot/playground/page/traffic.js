// What went over the wires: the requests between Slack, the bot and the CRM, with their answers.

import { make } from "./block_kit/dom.js";
import { reconcile, redraw, stayAtEnd } from "./redraw.js";

const WAYS = ["slack → bot", "bot → slack", "bot → crm"];

export function drawTraffic(app) {
  const panel = document.getElementById("traffic");
  panel.hidden = app.view.json !== "1" || app.screen === null;
  if (panel.hidden) {
    return;
  }
  redraw(panel, [app.me.locale, app.way], () => frame(app));
  const list = panel.querySelector(".trips");
  const trips = [...app.trips.values()].filter(({ id, way }) => id > app.clearedTo && (!app.way || way === app.way));
  const items = trips.map((trip) => ({ key: String(trip.id), trip }));
  stayAtEnd(list, () => reconcile(list, items, ({ trip }) => drawTrip(app, trip)));
  panel.querySelector(".nothing").hidden = trips.length > 0;
}

function frame(app) {
  const { t } = app;
  document.getElementById("traffic").setAttribute("aria-label", t("traffic"));
  const clear = make("button", { type: "button", "data-name": "clear-traffic" }, t("clear"));
  clear.addEventListener("click", () => {
    app.clearedTo = Math.max(0, ...app.trips.keys());
    drawTraffic(app);
  });
  return [
    make("header", { class: "head" }, make("h2", {}, t("traffic")), clear),
    make("div", { class: "segments", role: "group", "aria-label": t("traffic") }, ...["", ...WAYS].map((way) => wayButton(app, way))),
    make("p", { class: "nothing" }, t("nothing_yet")),
    make("div", { class: "trips", tabindex: "0", role: "log", "aria-live": "off", "aria-label": t("traffic") }),
  ];
}

function wayButton(app, way) {
  const pressed = String(way === app.way);
  const node = make("button", { type: "button", "aria-pressed": pressed, "data-name": `way-${way}` }, way || app.t("all_ways"));
  node.addEventListener("click", () => {
    app.way = way;
    drawTraffic(app);
  });
  return node;
}

function drawTrip(app, trip) {
  const at = new Date(trip.at * 1000).toLocaleTimeString(app.me.locale, { timeStyle: "medium" });
  const summary = make("summary", { "data-name": `trip-${trip.id}` });
  summary.append(make("span", { class: "way" }, trip.way), " ", make("b", {}, trip.what));
  summary.append(` ${trip.status || "…"} `, make("time", {}, at));
  const node = make("details", { class: "trip" }, summary);
  node.addEventListener("toggle", () => node.children.length > 1 || node.append(...parts(app, trip)));
  return node;
}

/** Made on first opening: most are never opened. */
function parts(app, trip) {
  const answer = trip.status ? pretty(trip.answer) : app.t("no_answer");
  return [[app.t("sent"), pretty(trip.sent)], [app.t("answer"), answer]].flatMap(([name, text]) => [
    make("h3", {}, name),
    make("pre", { tabindex: "0", "aria-label": name }, text),
  ]);
}

function pretty(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
