// Slack's mrkdwn. Every step looks at each character a fixed number of times, however long or odd the text is.

import { drawAngle } from "./angles.js";
import { make } from "./dom.js";
import { emojiOf } from "./emoji.js";
import { unescaped } from "./escapes.js";

const FENCE = "```";
const QUOTE = /^(?:>|&gt;) ?/;
const QUOTE_TO_THE_END = /^(?:>|&gt;){3} ?/;
const TOKEN = /<[^<>\n]+>|`[^`\n]+`|:[\w+'-]{1,60}:|[*_~]/g;
const ANGLE = /<[^<>\n]+>/g;
const WORD = /[\p{L}\p{N}]/u;
const TAGS = { "*": "b", _: "i", "~": "s" };

export function drawMrkdwn(text, context) {
  const root = make("div", { class: "mrkdwn" });
  for (const { code, lines } of parts(String(text))) {
    root.append(code === undefined ? drawLines(lines, context) : make("pre", {}, drawCode(code, context)));
  }
  return root;
}

/** What stands within fences, and what around them, without the line breaks beside a fence. */
function* parts(text) {
  let done = 0;
  for (;;) {
    const start = text.indexOf(FENCE, done);
    const end = start < 0 ? -1 : text.indexOf(FENCE, start + FENCE.length + 1);
    if (end < 0) {
      break;
    }
    yield* around(text.slice(done, start).replace(/\n$/, ""));
    yield { code: text.slice(start + FENCE.length, end).replace(/^\n/, "").replace(/\n$/, "") };
    done = end + FENCE.length + (text[end + FENCE.length] === "\n" ? 1 : 0);
  }
  yield* around(text.slice(done));
}

function* around(text) {
  if (text) {
    yield { lines: text };
  }
}

function drawLines(text, context) {
  const fragment = document.createDocumentFragment();
  for (const { quoted, lines } of paragraphs(text.split("\n"))) {
    const target = quoted ? make("blockquote") : fragment;
    lines.forEach((line, i) => addLine(target, i ? "\n" : "", line, context));
    if (quoted) {
      fragment.append(target);
    }
  }
  return fragment;
}

function addLine(target, before, line, context) {
  addText(target, before);
  if (line) {
    target.append(drawLine(line, context));
  }
}

function addText(target, text) {
  if (text) {
    target.append(text);
  }
}

/** Lines that belong together: those of one quote, and those between quotes. */
function* paragraphs(lines) {
  let current = null;
  let toTheEnd = false;
  for (const line of lines) {
    const begins = !toTheEnd && QUOTE_TO_THE_END.test(line);
    toTheEnd ||= begins;
    const quoted = toTheEnd || QUOTE.test(line);
    if (current && current.quoted !== quoted) {
      yield current;
      current = null;
    }
    current ??= { quoted, lines: [] };
    current.lines.push(begins ? line.replace(QUOTE_TO_THE_END, "") : toTheEnd ? line : line.replace(QUOTE, ""));
  }
  yield current;
}

function drawLine(text, context) {
  const levels = [{ mark: "", node: document.createDocumentFragment() }];
  let done = 0;
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(text); found; found = TOKEN.exec(text)) {
    const [token] = found;
    addText(levels.at(-1).node, unescaped(text.slice(done, found.index)));
    done = TOKEN.lastIndex;
    if (token in TAGS) {
      takeMark(levels, text, found.index);
    } else if (token.startsWith(":") && !emojiOf(token.slice(1, -1))) {
      done = TOKEN.lastIndex -= 1; // its last colon may be the first of the next one
      levels.at(-1).node.append(token.slice(0, -1));
    } else {
      levels.at(-1).node.append(drawToken(token, context));
    }
  }
  addText(levels.at(-1).node, unescaped(text.slice(done)));
  while (levels.length > 1) {
    abandon(levels);
  }
  return levels[0].node;
}

function drawToken(token, context) {
  switch (token[0]) {
    case "<":
      return drawAngle(token, context);
    case "`":
      return make("code", {}, drawCode(token.slice(1, -1), context));
    default:
      return make("span", { class: "emoji" }, emojiOf(token.slice(1, -1)));
  }
}

/** In code nothing formats, but links and mentions are still what they are. */
function drawCode(text, context) {
  const fragment = document.createDocumentFragment();
  let done = 0;
  for (const found of text.matchAll(ANGLE)) {
    fragment.append(unescaped(text.slice(done, found.index)), drawAngle(found[0], context));
    done = found.index + found[0].length;
  }
  fragment.append(unescaped(text.slice(done)));
  return fragment;
}

/** A mark closes what it has opened, opens what is not open, or is a character like others. */
function takeMark(levels, text, at) {
  const mark = text[at];
  const isOpen = levels.some((level) => level.mark === mark);
  if (isOpen && closes(text, at)) {
    while (levels.at(-1).mark !== mark) {
      abandon(levels);
    }
    const { node } = levels.pop();
    levels.at(-1).node.append(node);
  } else if (!isOpen && opens(text, at)) {
    levels.push({ mark, node: make(TAGS[mark]) });
  } else {
    levels.at(-1).node.append(mark);
  }
}

/** What was opened and is not closed is text. */
function abandon(levels) {
  const { mark, node } = levels.pop();
  const around = levels.at(-1).node;
  around.append(mark);
  while (node.firstChild) {
    around.append(node.firstChild);
  }
}

function opens(text, at) {
  const after = text[at + 1] ?? " ";
  return !WORD.test(before(text, at)) && after.trim() !== "" && after !== text[at];
}

function closes(text, at) {
  const last = before(text, at);
  const after = at + 1 < text.length ? String.fromCodePoint(text.codePointAt(at + 1)) : "";
  return last.trim() !== "" && last !== text[at] && !WORD.test(after);
}

function before(text, at) {
  return [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? "";
}
