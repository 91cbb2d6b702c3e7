/** A text and its entities as nodes. Offsets are UTF-16 units, and so are those of JavaScript's strings. */

import { inFull, moment } from "./dates.js";
import { element, icon } from "./elements.js";
import { destination } from "./links.js";

const QUOTES = new Set(["blockquote", "expandable_blockquote"]);
const BLOCKS = new Set([...QUOTES, "pre"]);
const PLAIN = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code" };

/**
 * Nodes for `text`.
 *
 * `context` is `{language, opened, key, onCommand}`: the reader's language; the set of spoilers and quotations that
 * were opened, kept by the caller, and the prefix of this message's keys in it; what to do with a tapped command.
 */
export function rendered(text, entities, context) {
  const waiting = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const root = document.createDocumentFragment();
  fill(root, { text, waiting, context }, 0, text.length);
  return root;
}

/** Put the text from `start` to `end` into `parent`, with the entities that begin there. */
function fill(parent, job, start, end) {
  let at = start;
  while (job.waiting.length && job.waiting[0].offset < end) {
    const entity = job.waiting.shift();
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    if (to <= from) continue;
    const block = BLOCKS.has(entity.type);
    parent.append(job.text.slice(at, from));
    const { outer, inner = outer } = styled(entity, job.text.slice(from, to), job.context);
    if (entity.type !== "date_time" || !entity.date_time_format) fill(inner, job, from, to);
    else while (job.waiting.length && job.waiting[0].offset < to) job.waiting.shift();
    parent.append(outer);
    // A block stands on lines of its own: the line end after it would make an empty one.
    at = block && job.text[to] === "\n" && to < end ? to + 1 : to;
  }
  parent.append(job.text.slice(at, end));
}

/** The element of an entity, and the one inside it that takes the words where that is another. */
function styled(entity, words, context) {
  const name = PLAIN[entity.type];
  if (name) return { outer: element(name) };
  switch (entity.type) {
    case "text_link":
      return { outer: link(entity.url) };
    case "url":
      return { outer: link(words) };
    case "email":
      return { outer: link(`mailto:${words}`) };
    case "mention":
      return { outer: link(`https://t.me/${words.slice(1)}`) };
    case "bot_command":
      return { outer: element("button", { type: "button", class: "link", click: () => context.onCommand(words) }) };
    case "pre":
      return { outer: element("pre", { dir: "ltr", "data-language": entity.language }) };
    case "blockquote":
      return { outer: element("blockquote", { dir: "auto" }) };
    case "expandable_blockquote":
      return foldable(entity, context);
    case "spoiler":
      return { outer: spoiler(entity, context) };
    case "date_time":
      return { outer: time(entity, words, context) };
    default:
      return { outer: element("span", { class: entity.type }) };
  }
}

function link(address) {
  const goal = destination(address);
  if (!goal) return element("span", { class: "link" });
  if (goal.kind !== "page") return element("a", { href: address });
  return element("a", { href: goal.href, target: "_blank", rel: "noopener noreferrer", title: address });
}

function time(entity, words, { language }) {
  const form = entity.date_time_format ?? "";
  const at = new Date(entity.unix_time * 1000);
  const title = form ? words : inFull(entity.unix_time, language);
  const made = element("time", { datetime: at.toISOString(), title, "data-unix": entity.unix_time });
  if (form) {
    made.dataset.form = form;
    made.textContent = moment(entity.unix_time, form, language);
  }
  return made;
}

function foldable(entity, { opened, key }) {
  const own = `${key}:${entity.offset}`;
  const inner = element("div", { class: "quoted" });
  const button = element("button", { type: "button", class: "unfold", "aria-label": "Show all" }, icon("down"));
  const outer = element("blockquote", { class: "foldable", dir: "auto" }, inner, button);
  const show = (open) => {
    outer.classList.toggle("open", open);
    button.setAttribute("aria-expanded", open);
    button.setAttribute("aria-label", open ? "Show less" : "Show all");
    open ? opened.add(own) : opened.delete(own);
  };
  outer.addEventListener("click", (event) => {
    const reading = event.target.closest("a, time, .link") || !getSelection().isCollapsed;
    if (!reading && !outer.classList.contains("short")) show(!outer.classList.contains("open"));
  });
  new ResizeObserver(() => {
    const open = outer.classList.contains("open");
    if (!open) outer.classList.toggle("short", inner.scrollHeight <= inner.clientHeight + 2);
  }).observe(inner);
  show(opened.has(own));
  return { outer, inner };
}

function spoiler(entity, { opened, key }) {
  const own = `${key}:spoilers`;
  const made = element("span", { class: "spoiler" });
  if (opened.has(own)) {
    made.classList.add("open");
    return made;
  }
  const reveal = (event) => {
    if (made.classList.contains("open") || (event.key && event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    event.stopPropagation();
    opened.add(own);
    for (const other of made.closest(".message")?.querySelectorAll(".spoiler") ?? [made]) {
      other.classList.add("open");
      for (const name of ["role", "tabindex", "aria-label"]) other.removeAttribute(name);
    }
  };
  for (const [name, value] of [["role", "button"], ["tabindex", 0], ["aria-label", "Hidden; show"]]) {
    made.setAttribute(name, value);
  }
  made.addEventListener("click", reveal, { capture: true });
  made.addEventListener("keydown", reveal);
  return made;
}
