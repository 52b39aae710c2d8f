import { own } from "./dom.js";

const NAME = /:([\w+'-]{1,60}):/g;

const EMOJI = {
  "+1": "👍", "-1": "👎", "100": "💯", alarm_clock: "⏰", arrow_down: "⬇️", arrow_left: "⬅️", arrow_right: "➡️",
  arrow_up: "⬆️", bar_chart: "📊", bell: "🔔", blush: "😊", book: "📖", boom: "💥", bug: "🐛", bulb: "💡",
  busts_in_silhouette: "👥", calendar: "📅", camera: "📷", clap: "👏", clipboard: "📋", clock3: "🕒", computer: "💻",
  construction: "🚧", cry: "😢", email: "📧", exclamation: "❗", eyes: "👀", fire: "🔥", gear: "⚙️", grey_question: "❔",
  grin: "😁", hammer_and_wrench: "🛠️", heart: "❤️", heavy_check_mark: "✔️", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", house: "🏠", information_source: "ℹ️", iphone: "📱", joy: "😂", key: "🔑",
  large_blue_circle: "🔵", large_green_circle: "🟢", large_red_square: "🟥", large_yellow_circle: "🟡", link: "🔗",
  lock: "🔒", mag: "🔍", mag_right: "🔎", memo: "📝", no_bell: "🔕", no_entry: "⛔", no_entry_sign: "🚫",
  ok_hand: "👌", package: "📦", pencil: "📝", phone: "☎️", pray: "🙏", pushpin: "📌", question: "❓", red_circle: "🔴",
  rocket: "🚀", rotating_light: "🚨", smile: "😄", sob: "😭", sparkles: "✨", star: "⭐", tada: "🎉", telephone: "☎️",
  telephone_receiver: "📞", thinking_face: "🤔", thumbsdown: "👎", thumbsup: "👍", truck: "🚚", unlock: "🔓",
  warning: "⚠️", wave: "👋", white_check_mark: "✅", white_circle: "⚪", wrench: "🔧", x: "❌", zap: "⚡",
};

/** The character called `name`; undefined if none is known by it. */
export function emojiOf(name) {
  return own(EMOJI, name);
}

/** `text` with the emoji that it names. An unknown name may share its last colon with the next one. */
export function withEmoji(text) {
  const parts = [];
  let done = 0;
  NAME.lastIndex = 0;
  for (let found = NAME.exec(text); found; found = NAME.exec(text)) {
    const emoji = emojiOf(found[1]);
    if (emoji) {
      parts.push(text.slice(done, found.index), emoji);
      done = NAME.lastIndex;
    } else {
      NAME.lastIndex -= 1;
    }
  }
  return parts.length ? parts.join("") + text.slice(done) : text;
}
