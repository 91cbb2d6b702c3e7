/** Moments as Telegram's clients show them: in the reader's language, on the clock of this machine. */

const MINUTE = 60;
const STEPS = [["minute", MINUTE], ["hour", 3600], ["day", 86400], ["week", 604800], ["month", 2629800], ["year", 31557600]];

/** The language for dates: the browser's own flavour of a person's language where it has one (en-GB for en). */
export const flavour = (language) =>
  navigator.languages.find((own) => own.split("-")[0] === language) ?? language;

const format = (date, language, options) => new Intl.DateTimeFormat(language, options).format(date);

/** The time of day of a Unix time. */
export const clock = (unix, language, seconds = false) =>
  format(new Date(unix * 1000), language, {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds && { second: "2-digit" }),
    hourCycle: "h23",
  });

/** Everything about a Unix time, for a tooltip. */
export const inFull = (unix, language) =>
  format(new Date(unix * 1000), language, { dateStyle: "full", timeStyle: "short", hourCycle: "h23" });

/** The day over the messages of a day: today and yesterday by name. */
export function dayName(unix, language) {
  const date = new Date(unix * 1000);
  const ago = Math.round((startOfDay(date) - startOfDay(new Date())) / 86_400_000);
  const words =
    ago === 0 || ago === -1
      ? new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(ago, "day")
      : format(date, language, { day: "numeric", month: "long", ...anotherYear(date) });
  return words[0].toLocaleUpperCase(language) + words.slice(1);
}

const startOfDay = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());

/** Which day it is, for comparing. */
export const dayOf = (unix) => new Date(unix * 1000).toDateString();

/**
 * A moment in the form that a date_time entity asks for (Bot API, "Date-time entity formatting"): `r` for the time
 * from now, else some of `w` (weekday), `d` or `D` (short or long date), `t` or `T` (time, with seconds).
 */
export function moment(unix, form, language) {
  if (form === "r") return fromNow(unix, language);
  const date = new Date(unix * 1000);
  const parts = [];
  if (form.includes("w")) parts.push(format(date, language, { weekday: "long" }));
  if (form.includes("D")) parts.push(format(date, language, { dateStyle: "long" }));
  if (form.includes("d")) parts.push(format(date, language, { day: "numeric", month: "short", ...anotherYear(date) }));
  if (/t/i.test(form)) parts.push(clock(unix, language, form.includes("T")));
  return parts.join(", ");
}

const anotherYear = (date) => (date.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" });

function fromNow(unix, language) {
  const seconds = Math.round(unix - Date.now() / 1000);
  const [unit, size] = STEPS.findLast(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

/** Write all moments on the page anew now and then: "5 minutes ago" does not stay true. */
export function keepLive(root, language) {
  const write = () => {
    for (const time of root.querySelectorAll("time[data-form]")) {
      const words = moment(Number(time.dataset.unix), time.dataset.form, language());
      if (time.textContent !== words) time.textContent = words;
    }
  };
  setInterval(write, 20_000);
  document.addEventListener("visibilitychange", write);
}
