/** The messages of one chat on the screen: in order, in place, and scrolled where the reader left them. */

import { bubble } from "./bubble.js";
import { dayName, dayOf } from "./dates.js";
import { byId, element } from "./elements.js";
import { fetchMessages } from "./server.js";

const NEAR = 80;
const MOST_PAGES_BACK = 12;

export class Conversation {
  #log = byId("log");
  #down = byId("down");
  #count = byId("down-count");
  #shown = new Map();
  #person = null;
  /** Whether there are older messages; null while nobody has asked. */
  #more = null;
  /** Messages that were put while others were on their way here, and are newer than those. */
  #put = new Set();
  #loading = false;
  #atEnd = true;
  #new = 0;
  #contextOf;

  /** `contextOf(message)` gives what `bubble` needs. */
  constructor(contextOf) {
    this.#contextOf = contextOf;
    this.#log.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.#down.addEventListener("click", () => this.#toEnd("smooth"));
    new ResizeObserver(() => this.#atEnd && this.#toEnd()).observe(this.#log);
  }

  /** Whether there is nothing to see. */
  get empty() {
    return this.#shown.size === 0;
  }

  /** The newest message for which `wanted` is true. */
  newest(wanted) {
    const messages = [...this.#shown.values()].map(({ message }) => message);
    return messages.sort((a, b) => a.message_id - b.message_id).findLast(wanted);
  }

  /** Show another person's chat. */
  async open(person, language) {
    this.#person = person;
    this.#log.lang = language;
    this.#log.setAttribute("aria-busy", "true");
    this.#clear();
    try {
      await this.catchUp();
    } finally {
      if (this.#person === person) this.#log.removeAttribute("aria-busy");
    }
  }

  /** Fetch the newest messages and make the screen agree with them. */
  async catchUp() {
    const person = this.#person;
    const known = [...this.#shown.keys()];
    this.#put.clear();
    const { messages, more } = await fetchMessages(person);
    if (person !== this.#person) return;
    const oldest = messages[0]?.message_id ?? 0;
    const hasGap = more && Math.max(0, ...known) < oldest;
    if (this.#more === null || hasGap || !more) this.#more = more;
    const present = new Set(messages.map((message) => message.message_id));
    const isGone = (id) => !present.has(id) && !this.#put.has(id) && (id > oldest || hasGap || !more);
    this.remove(known.filter(isGone));
    const fetched = messages.filter(({ message_id: id }) => !this.#put.has(id));
    this.#keepingPlace(() => fetched.forEach((message) => this.#place(message)));
  }

  /** Show a message that is new or was edited. */
  put(message) {
    const isNew = !this.#shown.has(message.message_id);
    this.#put.add(message.message_id);
    this.#keepingPlace(() => this.#place(message, true));
    if (isNew && message.from.id === this.#person) this.#toEnd();
    else if (isNew && !this.#atEnd) this.#showDown(this.#new + 1);
  }

  /** Take messages away. */
  remove(ids) {
    this.#keepingPlace(() => {
      for (const id of ids) {
        this.#shown.get(id)?.drawn.remove();
        this.#shown.delete(id);
      }
    });
  }

  /** Scroll to a message and flash it; older ones are fetched until it is there. */
  async jump(id) {
    for (let page = 0; page < MOST_PAGES_BACK && !this.#shown.has(id) && this.#more; page++) await this.#older();
    const drawn = this.#shown.get(id)?.drawn;
    if (!drawn) return false;
    const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    drawn.scrollIntoView({ block: "center", behavior: smooth ? "smooth" : "instant" });
    drawn.focus({ preventScroll: true });
    drawn.classList.remove("flash");
    requestAnimationFrame(() => drawn.classList.add("flash"));
    return true;
  }

  #clear() {
    this.#log.replaceChildren();
    this.#shown.clear();
    this.#atEnd = true;
    this.#more = null;
    this.#showDown(0);
  }

  #place(message, fresh = false) {
    const known = this.#shown.get(message.message_id);
    if (known && JSON.stringify(known.message) === JSON.stringify(message)) return;
    this.#draw(message, fresh && !known);
  }

  #draw(message, fresh) {
    const id = message.message_id;
    const known = this.#shown.get(id)?.drawn;
    const drawn = bubble(message, this.#contextOf(message));
    drawn.classList.toggle("fresh", fresh);
    if (known) {
      const focused = known.contains(document.activeElement) ? document.activeElement : null;
      known.replaceWith(drawn);
      if (focused) sameButton(drawn, focused)?.focus({ preventScroll: true });
    } else {
      const after = [...this.#shown.keys()].filter((other) => other > id);
      const next = after.length ? this.#shown.get(Math.min(...after)).drawn : null;
      this.#log.insertBefore(drawn, next);
    }
    this.#shown.set(id, { message, drawn });
  }

  /** One line with the date over the first message of each day. */
  #tidyDays() {
    for (const day of this.#log.querySelectorAll(".day")) day.remove();
    let last = "";
    for (const id of [...this.#shown.keys()].sort((a, b) => a - b)) {
      const { message, drawn } = this.#shown.get(id);
      if (dayOf(message.date) === last) continue;
      last = dayOf(message.date);
      const words = element("span", { dir: "auto" }, dayName(message.date, this.#contextOf(message).language));
      drawn.before(element("div", { class: "day" }, words));
    }
  }

  async #older() {
    if (this.#loading || !this.#more || this.empty) return;
    const person = this.#person;
    this.#loading = true;
    const wheel = element("div", { class: "wheel", role: "status", "aria-label": "Loading" });
    this.#log.prepend(wheel);
    try {
      const { messages, more } = await fetchMessages(person, Math.min(...this.#shown.keys()));
      if (person !== this.#person) return;
      this.#more = more;
      this.#keepingPlace(() => {
        wheel.remove();
        messages.forEach((message) => this.#place(message));
      });
    } finally {
      wheel.remove();
      this.#loading = false;
    }
  }

  #onScroll() {
    const log = this.#log;
    this.#atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    this.#down.hidden = this.#atEnd;
    if (this.#atEnd) this.#showDown(0);
    if (log.scrollTop < 4 * NEAR) this.#older().catch(() => {});
  }

  /** Change messages so that what the reader looks at stays where it is: the end, or the first message in view. */
  #keepingPlace(change) {
    const log = this.#log;
    const drawn = [...log.querySelectorAll(".message")];
    const inView = drawn.find(({ offsetTop, offsetHeight }) => offsetTop + offsetHeight > log.scrollTop);
    const offset = inView ? inView.offsetTop - log.scrollTop : 0;
    change();
    this.#tidyDays();
    const still = this.#shown.get(Number(inView?.dataset.id))?.drawn;
    if (this.#atEnd) this.#toEnd();
    else if (still) log.scrollTop = still.offsetTop - offset;
  }

  #toEnd(behavior = "instant") {
    const smooth = behavior === "smooth" && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#log.scrollTo({ top: this.#log.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }

  #showDown(count) {
    this.#new = count;
    this.#count.textContent = count;
    this.#count.hidden = count === 0;
    this.#down.hidden = this.#atEnd;
    this.#down.setAttribute("aria-label", count ? `${count} new, to the newest` : "To the newest");
  }
}

/** The button in a message drawn anew that stands for the one that had the focus. */
function sameButton(drawn, focused) {
  const keys = [...drawn.querySelectorAll(".key")];
  return (
    keys.find((key) => key.textContent === focused.textContent) ??
    keys.find((key) => key.dataset.place && key.dataset.place === focused.dataset.place) ??
    drawn
  );
}
