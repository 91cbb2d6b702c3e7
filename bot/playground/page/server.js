/** What the page asks of the playground, and what it is told. */

const PAGE = 50;

/** Something that did not work; `message` says why in plain words. */
export class Refused extends Error {}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refused("The newsroom cannot be reached.");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(sentence(body.error ?? `The newsroom answered with ${response.status}`));
  return body;
}

function sentence(words) {
  const whole = words[0].toUpperCase() + words.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

/** The bot and the people, with what each has not read. */
export const fetchState = () => ask("/playground/state");

/** The commands of a person's menu. */
export const fetchCommands = async (person) => (await ask(`/playground/commands?person=${person}`)).commands;

/** Messages before an id, the newest of them, and whether there may be older ones. They count as read then. */
export async function fetchMessages(person, before = "", limit = PAGE) {
  const { messages } = await ask(`/playground/chats/${person}/messages?before=${before}&limit=${limit}`);
  return { messages, more: messages.length === limit };
}

/** Do what a Telegram client does: `messages`, `edit`, `press`, `block`, `start`, `sticker`, `photo`, `album` or `document`. */
export const act = (person, action, body = {}) =>
  ask(`/playground/chats/${person}/${action}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Playground": "1" },
    body: JSON.stringify(body),
  });

/** The invented newspapers that this machine serves itself; none where there is no sample wire. */
export async function fetchPapers() {
  try {
    return (await ask("/wire/hosts.json")).hosts;
  } catch {
    return [];
  }
}

/** Where the bytes of a file are. */
export const fileAddress = (fileId) => `/playground/files/${encodeURIComponent(fileId)}`;

/**
 * Listen for as long as the page lives. The browser asks again by itself after a cut, but not after an answer that
 * is no stream, as from a proxy in front of a server that is being started.
 */
export function listen({ onOpen, onLost, ...handlers }) {
  const source = new EventSource("/playground/events");
  source.addEventListener("open", onOpen);
  source.addEventListener("error", () => {
    onLost();
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen({ onOpen, onLost, ...handlers }), 1000);
  });
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  }
  addEventListener("pagehide", () => source.close(), { once: true });
}
