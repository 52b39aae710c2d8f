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
import { HOME, DEFAULT_PERSON, putInUrl, viewInUrl } from "./view.js";

const app = { view: viewInUrl(), screen: null, trips: new Map(), way: "", clearedTo: 0, drafts: new Map(), connected: true, post: tell, go };
const AGAIN_MS = 3000;
let leave = () => {};

/** Have the server do something. Null where it cannot be done; the page then says why. */
async function tell(verb, asked = {}) {
  try {
    return await post(verb, { person: app.view.person, ...asked });
  } catch (wrong) {
    toast(app, wrong instanceof TypeError ? app.t("lost") : wrong.message); // a TypeError is fetch's own
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
  leave = look(app.view.person, { screen: takeScreen, traffic: takeTraffic, connected: takeConnected, refused: takeRefused });
}

function takeScreen(screen) {
  if (app.screen?.world !== screen.world) {
    forgetTrips();
    app.drafts.clear();
  }
  const isFirst = app.screen === null;
  app.screen = screen;
  stayInside();
  if (app.view.channel === HOME && (isFirst || screen.home === null)) {
    app.post("home");
  }
  draw();
}

/** The server knows no such person, or a browser has given up. */
function takeRefused() {
  if (app.screen === null && app.view.person !== DEFAULT_PERSON) {
    go({ person: DEFAULT_PERSON });
  } else {
    setTimeout(enter, AGAIN_MS);
  }
}

/** A person never looks at a channel that they are not in. */
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

function forgetTrips() {
  app.trips.clear();
  app.clearedTo = 0;
}

function takeConnected(connected) {
  if (connected && !app.connected) {
    forgetTrips(); // all are sent again, perhaps by another server
  }
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
  const skip = document.getElementById("skip");
  skip.textContent = app.t("skip");
  skip.hidden = app.view.channel === HOME;
  keepFocus(() => {
    for (const part of [drawToolbar, drawSidebar, drawMain, drawSide, drawModal, drawTraffic]) {
      part(app);
    }
  });
}

enter();
