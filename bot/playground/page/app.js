// The page: what the server says and what is looked at go in, and everything is drawn from that.

import { keepFocus } from "./focus.js";
import { drawModal } from "./modal.js";
import { drawMain } from "./main.js";
import { look, post } from "./server.js";
import { drawSide } from "./side.js";
import { drawSidebar } from "./sidebar.js";
import { wordsIn } from "./texts.js";
import { toast } from "./toast.js";
import { drawToolbar } from "./toolbar.js";
import { drawTraffic } from "./traffic.js";
import { HOME, putInUrl, viewInUrl } from "./view.js";

const app = { view: viewInUrl(), screen: null, trips: new Map(), way: "", clearedTo: 0, connected: true, post: tell, go };
let leave = () => {};

/** Have the server do something. Null where it cannot be done, of which the person has been told. */
async function tell(verb, asked = {}) {
  try {
    return await post(verb, { person: app.view.person, ...asked });
  } catch (wrong) {
    toast(wrong.message);
    return null;
  }
}

/** Look at something else. */
function go(change) {
  const { person } = app.view;
  Object.assign(app.view, change);
  putInUrl(app.view);
  if (app.view.person !== person) {
    enter();
  }
  draw();
}

function enter() {
  leave();
  app.screen = null;
  leave = look(app.view.person, { screen: takeScreen, traffic: takeTraffic, connected: takeConnected });
}

function takeScreen(screen) {
  if (app.screen?.world !== screen.world) {
    app.trips.clear();
    app.clearedTo = 0;
  }
  const isFirst = app.screen === null;
  app.screen = screen;
  stayInside();
  if (app.view.channel === HOME && (isFirst || screen.home === null)) {
    app.post("home");
  }
  draw();
}

/** Nobody looks at a channel that they do not see. */
function stayInside() {
  const { channels } = app.screen;
  if (app.view.channel !== HOME && !channels.some((channel) => channel.id === app.view.channel)) {
    Object.assign(app.view, { channel: channels[0].id, thread: "" });
    putInUrl(app.view);
  }
}

function takeTraffic(trips) {
  for (const trip of trips) {
    app.trips.set(trip.id, trip);
  }
  drawTraffic(app);
}

function takeConnected(connected) {
  app.connected = connected;
  draw();
}

function draw() {
  if (app.screen === null) {
    return;
  }
  app.me = app.screen.people.find((person) => person.id === app.screen.person);
  app.t = wordsIn(app.me.locale);
  document.documentElement.lang = app.me.locale;
  document.documentElement.dataset.theme = app.view.theme;
  document.getElementById("slack").dataset.width = app.view.width;
  document.getElementById("skip").textContent = app.t("skip");
  keepFocus(() => {
    for (const part of [drawToolbar, drawSidebar, drawMain, drawSide, drawModal, drawTraffic]) {
      part(app);
    }
  });
}

enter();
