import { make } from "./dom.js";
import { drawLink } from "./links.js";

const DAY = 86_400_000;
const STYLES = { date: "long", date_short: "medium", date_long: "full" };
const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60]];

/** Slack's `<!date^epoch^format^link|fallback>` in the reader's language and time zone. */
export function drawDate(epoch, format, url, fallback, locale) {
  const date = new Date(Number(epoch) * 1000);
  if (!/^-?\d+$/.test(epoch) || Number.isNaN(date.getTime())) {
    return document.createTextNode(fallback);
  }
  const time = make("time", { datetime: date.toISOString(), title: date.toLocaleString(locale) });
  time.textContent = format.replace(/\{(\w+)\}/g, (token, name) => spelled(date, name, locale) ?? token);
  return url ? drawLink(url, time) : time;
}

/** How long ago that is, or how long from now, in the largest unit that fits. */
export function ago(date, locale) {
  const seconds = Math.round((date - Date.now()) / 1000);
  const [unit, size] = UNITS.find(([, least]) => Math.abs(seconds) >= least) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

function spelled(date, name, locale) {
  switch (name) {
    case "date_num":
      return numbers(date).map((part) => String(part).padStart(2, "0")).join("-");
    case "date_slash":
      return date.toLocaleDateString(locale, { year: "numeric", month: "2-digit", day: "2-digit" });
    case "time":
      return date.toLocaleTimeString(locale, { timeStyle: "short" });
    case "time_secs":
      return date.toLocaleTimeString(locale, { timeStyle: "medium" });
    case "ago":
      return ago(date, locale);
    default:
      return day(date, name, locale);
  }
}

function numbers(date) {
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()];
}

function day(date, name, locale) {
  const style = STYLES[name.replace(/_pretty$/, "")];
  if (!style) {
    return undefined;
  }
  const near = name.endsWith("_pretty") && nearDay(date, locale);
  return near || withOrdinal(date.toLocaleDateString(locale, { dateStyle: style }), style, locale);
}

/** "yesterday", "today" or "tomorrow"; false for other days. */
function nearDay(date, locale) {
  const days = Math.round((midnight(date) - midnight(new Date())) / DAY);
  return Math.abs(days) <= 1 && new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day");
}

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate());
}

/** Slack writes "February 18th, 2014", but "Feb 18, 2014". */
function withOrdinal(text, style, locale) {
  if (style === "medium" || !locale.startsWith("en")) {
    return text;
  }
  const endings = { one: "st", two: "nd", few: "rd", other: "th" };
  const rules = new Intl.PluralRules(locale, { type: "ordinal" });
  return text.replace(/\d+(?=,)/, (number) => number + endings[rules.select(Number(number))]);
}
