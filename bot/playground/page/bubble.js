/** One message as an element: header of a reply, picture, text, time, and the keyboard under it. */

import { clock, inFull } from "./dates.js";
import { element, icon, iconButton } from "./elements.js";
import { rendered } from "./entities.js";
import { destination } from "./links.js";
import { fileAddress } from "./server.js";

const ONLY_EMOJI = /^(?:\p{RGI_Emoji}){1,3}$/v;

/** What a message is about in a few words, for reply headers and the composer. */
export function excerpt(message) {
  const words = message.text ?? message.caption;
  if (words) return words.replace(/\s+/g, " ").slice(0, 120);
  if (message.sticker) return `${message.sticker.emoji} Sticker`;
  if (message.photo) return "Photo";
  if (message.voice) return "Voice message";
  return mediumOf(message)?.file_name ?? "Message";
}

/**
 * The element of a message.
 *
 * `context` is that of `rendered`, and besides `{bot, person}` and what to do: `onPress(button, row, column)`,
 * `onReply()`, `onEdit()`, `onJump(messageId)`.
 */
export function bubble(message, context) {
  const own = message.from.id !== context.bot.id;
  const name = own ? "You" : context.bot.first_name;
  const content = element("div", { class: "bubble" }, element("span", { class: "unseen" }, `${name}: `));
  if (message.forward_origin) content.append(element("div", { class: "forwarded", dir: "auto" }, originOf(message.forward_origin)));
  if (message.reply_to_message) content.append(replyHeader(message.reply_to_message, context));
  content.append(...contentOf(message, own, context));
  const stack = element("div", { class: "stack" }, content);
  const rows = message.reply_markup?.inline_keyboard;
  if (rows) stack.append(keyboard(rows, context));
  const actions = element("div", { class: "actions" }, iconButton("reply", "Reply", context.onReply));
  if (own && message.text) actions.append(iconButton("edit", "Edit", context.onEdit));
  const classes = ["message", own ? "out" : "in"];
  if (message.sticker || (message.text && !message.reply_to_message && ONLY_EMOJI.test(message.text))) classes.push("bare");
  if (message.photo) classes.push("pictured");
  if (message.media_group_id) classes.push("of-album");
  return element("article", { class: classes.join(" "), "data-id": message.message_id, tabindex: -1 }, stack, actions);
}

function contentOf(message, own, context) {
  const meta = metaOf(message, own, context);
  const words = message.text ?? message.caption;
  const entities = message.entities ?? message.caption_entities;
  const parts = [];
  if (words) parts.push(element("div", { class: "text", dir: "auto" }, rendered(words, entities, context), meta));
  const preview = previewOf(message.link_preview_options);
  if (preview) message.link_preview_options.show_above_text ? parts.unshift(preview) : parts.push(preview);
  const media = mediaOf(message);
  if (media) message.show_caption_above_media ? parts.push(media) : parts.unshift(media);
  if (!words) parts.push(meta);
  return parts;
}

function metaOf(message, own, { language }) {
  const time = element("time", { title: inFull(message.date, language) }, clock(message.date, language));
  return element("span", { class: "meta" }, message.edit_date ? "edited " : null, time, own ? icon("sent") : null);
}

function replyHeader(replied, { bot, onJump }) {
  const name = replied.from.id === bot.id ? bot.first_name : replied.from.first_name;
  return element(
    "button",
    { type: "button", class: "replied", "aria-label": `In reply to ${name}; show it`, click: () => onJump(replied.message_id) },
    element("strong", { dir: "auto" }, name),
    element("span", { dir: "auto" }, excerpt(replied)),
  );
}

/** Where a forwarded message is from. */
function originOf({ chat, sender_chat: group, sender_user: user, sender_user_name: name }) {
  return `Forwarded from ${chat?.title ?? group?.title ?? user?.first_name ?? name}`;
}

/** What a message shows besides a photo: a film, a sound or a file. */
function mediumOf({ video, animation, audio, document: file }) {
  return video ?? animation ?? audio ?? file;
}

function mediaOf(message) {
  const { photo, sticker, voice, has_media_spoiler: covered } = message;
  if (photo) {
    const { file_id, width, height } = photo.at(-1);
    const classes = covered ? "photo covered" : "photo";
    const shown = element("img", { src: fileAddress(file_id), alt: "Photo", width, height, class: classes });
    return element("a", { href: fileAddress(file_id), target: "_blank", class: "picture" }, shown);
  }
  if (sticker) {
    return element("img", { src: fileAddress(sticker.file_id), alt: `Sticker ${sticker.emoji}`, class: "sticker", width: 150, height: 150 });
  }
  if (voice) return attachment("play", "Voice message", length(voice.duration), voice.file_id);
  const medium = mediumOf(message);
  if (!medium) return null;
  const [symbol, facts] = medium.duration === undefined ? ["file", size(medium.file_size)] : ["play", length(medium.duration)];
  return attachment(symbol, medium.file_name || "File", facts, medium.file_id);
}

function length(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function attachment(symbol, name, facts, fileId) {
  return element(
    "a",
    { class: "file", href: fileAddress(fileId), download: name },
    element("span", { class: "disc" }, icon(symbol)),
    element("span", {}, element("strong", { dir: "auto" }, name), element("small", {}, facts)),
  );
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

/**
 * A link's card. The page fetches nothing from elsewhere, so it says where the link leads and no more; a picture of the
 * sample wire's is on this machine, and is shown as Telegram shows it.
 */
function previewOf(options) {
  if (!options?.url || options.is_disabled) return null;
  const goal = destination(options.url);
  if (goal?.kind !== "page") return null;
  const { host, pathname } = new URL(options.url);
  const attributes = { class: "preview", href: goal.href, target: "_blank", rel: "noopener noreferrer", title: options.url };
  if (goal.href.startsWith("/wire/") && /\.(png|jpe?g)$/i.test(pathname)) {
    return element("a", { ...attributes, class: "preview shown" }, element("img", { src: goal.href, alt: "Picture" }));
  }
  return element(
    "a",
    attributes,
    element("strong", {}, host.replace(/^www\./, "")),
    element("span", {}, decoded(pathname)),
  );
}

function decoded(path) {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

function keyboard(rows, context) {
  const drawn = rows.map((buttons, row) =>
    element("div", { class: "row" }, ...buttons.map((button, column) => key(button, row, column, context))),
  );
  return element("div", { class: "keyboard", role: "group", "aria-label": "Buttons" }, ...drawn);
}

function key(button, row, column, { onPress }) {
  const label = element("span", { dir: "auto" }, button.text);
  const attributes = { class: `key ${button.style ?? ""}`, title: button.text };
  if (button.url) {
    const goal = destination(button.url);
    const outside = goal?.kind === "page" ? { target: "_blank", rel: "noopener noreferrer" } : {};
    const href = goal?.kind === "page" ? goal.href : button.url;
    return element("a", { ...attributes, ...outside, href: goal ? href : null }, label, icon("link"));
  }
  const press = (event) => onPress(event.currentTarget, row, column, button);
  const mark = button.copy_text ? icon("copy") : null;
  return element("button", { ...attributes, type: "button", "data-place": `${row}:${column}`, click: press }, label, mark);
}
