// The playground's own controls: who one is, how Slack looks, and how the CRM is.

import { write } from "./composer.js";
import { make, uniqueId } from "./block_kit/dom.js";
import { redraw } from "./redraw.js";
import { HOME } from "./view.js";

const LOCALES = { "zh-CN": "中文", "en-US": "English" };
const FAULT_BUTTONS = ["up", "down", "slow", "refused"];
const EXAMPLES = [
  "/customer 13800001001",
  "/customer hxx",
  "/customer 峤砚口腔",
  "CF00000201 又来电话了",
  "https://crm.example.com/customer/dc540ce7-5bc5-4275-b8fa-2004eb5839e3",
];

export function drawToolbar(app) {
  const { screen, view, me, connected } = app;
  const toolbar = document.getElementById("toolbar");
  toolbar.setAttribute("aria-label", app.t("playground"));
  const data = [me.locale, screen.people, screen.fault, me.id, view.width, view.theme, view.json, view.channel, connected];
  redraw(toolbar, data, () => [
    make("p", { class: "title" }, app.t("playground_short")),
    fold(app, toolbar),
    ...(connected ? [] : [make("p", { class: "lost", role: "alert" }, app.t("lost"))]),
    examples(app),
    make("div", { class: "controls" }, ...controls(app)),
  ]);
}

/** On a narrow window the controls are folded away. */
function fold(app, toolbar) {
  const isOpen = () => toolbar.dataset.open === "true";
  const button = make("button", { type: "button", class: "fold", "data-name": "fold", "aria-expanded": String(isOpen()) });
  button.append(`☰ ${app.t("playground_short")} · ${app.me.name}`);
  button.addEventListener("click", () => {
    toolbar.dataset.open = String(!isOpen());
    button.ariaExpanded = String(isOpen());
  });
  return button;
}

function controls(app) {
  const { screen, view, me, t } = app;
  const people = screen.people.map(({ id, name, kind }) => [id, `${name} · ${t(kind)}`]);
  const json = make("button", { type: "button", "data-name": "json", "aria-pressed": String(view.json === "1") }, t("json"));
  json.addEventListener("click", () => app.go({ json: view.json ? "" : "1" }));
  const reset = make("button", { type: "button", "data-name": "reset" }, t("reset"));
  reset.addEventListener("click", () => app.post("reset"));
  return [
    select(t("i_am"), "person", people, me.id, (person) => app.go({ person, thread: "" })),
    choices(t("language"), "locale", Object.entries(LOCALES), me.locale, (locale) => app.post("locale", { locale })),
    choices(t("width"), "width", named(t, ["desk", "phone"]), view.width, (width) => app.go({ width, pane: "main" })),
    choices(t("theme"), "theme", named(t, ["auto", "light", "dark"]), view.theme, (theme) => app.go({ theme })),
    faults(app),
    make("div", { class: "group" }, json, reset),
  ];
}

function named(t, keys) {
  return keys.map((key) => [key, t(key)]);
}

function select(label, name, options, chosen, choose) {
  const id = uniqueId();
  const node = make("select", { id, "data-name": name });
  node.append(...options.map(([value, words]) => make("option", { value, selected: value === chosen }, words)));
  node.addEventListener("change", () => choose(node.value));
  return make("div", { class: "group" }, make("label", { for: id }, label), node);
}

function choices(label, name, options, chosen, choose) {
  const buttons = options.map(([value, words]) => choice(`${name}-${value}`, words, value === chosen, () => choose(value)));
  const id = uniqueId();
  const inside = make("div", { class: "segments", role: "group", "aria-labelledby": id }, ...buttons);
  return make("div", { class: "group" }, make("span", { id, class: "label" }, label), inside);
}

function choice(name, words, isChosen, choose) {
  const node = make("button", { type: "button", "data-name": name, "aria-pressed": String(isChosen) }, words);
  node.addEventListener("click", choose);
  return node;
}

function faults(app) {
  const { screen, t } = app;
  const choose = (fault) => app.post("crm", { fault });
  const group = choices(t("crm"), "crm", named(t, FAULT_BUTTONS), screen.fault, choose);
  const others = screen.faults.filter((fault) => !FAULT_BUTTONS.includes(fault));
  const more = make("select", { "aria-label": t("other_fault"), "data-name": "crm-other" });
  more.append(make("option", { value: "" }, `${t("other_fault")}…`));
  more.append(...others.map((fault) => make("option", { value: fault, selected: fault === screen.fault }, t(fault))));
  more.addEventListener("change", () => choose(more.value || "up"));
  group.append(more);
  return group;
}

/** What fills the message box. */
function examples(app) {
  const id = uniqueId();
  const list = EXAMPLES.map((example) => {
    const node = make("button", { type: "button", class: "example", "data-name": example }, example);
    node.addEventListener("click", () => fill(app, example));
    return make("li", {}, node);
  });
  return make("div", { class: "examples" }, make("span", { id, class: "label" }, app.t("examples")), make("ul", { "aria-labelledby": id }, ...list));
}

function fill(app, example) {
  if (app.view.channel === HOME) {
    app.go({ channel: app.screen.channels[0].id });
  }
  app.go({ pane: "main" });
  const box = document.getElementById("composer");
  write(box, example);
  box.focus();
}
