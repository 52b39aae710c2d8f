// Messages, newest last: those of a channel, and those of a thread.

import { drawMessage } from "./message.js";
import { reconcile, stayAtEnd } from "./redraw.js";

export function drawChannel(app, list) {
  const all = app.screen.messages[app.view.channel];
  const replies = (ts) => all.filter((message) => message.thread_ts === ts).length;
  const ofChannel = all.filter((message) => !message.thread_ts);
  drawAll(app, list, ofChannel.map((message) => ({ message, replies: replies(message.ts) })));
}

/** Its first message says nothing of its replies: they follow. */
export function drawThread(app, list) {
  const { channel, thread } = app.view;
  const all = app.screen.messages[channel];
  const ofThread = all.filter((message) => message.ts === thread || message.thread_ts === thread);
  drawAll(app, list, ofThread.map((message) => ({ message, replies: 0 })));
}

function drawAll(app, list, messages) {
  const { names } = app.screen;
  const items = messages.map((each) => ({ ...each, key: each.message.ts, name: names[each.message.user] }));
  stayAtEnd(list, () => reconcile(list, items, (item) => drawMessage(app, app.view.channel, item)));
}
