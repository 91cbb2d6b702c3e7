/** The chat page: Telegram on this machine, one phone for each of its people. */

import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { flavour, keepLive } from "./dates.js";
import { byId, element } from "./elements.js";
import { destination, knowLinks } from "./links.js";
import { attachMenu } from "./menus.js";
import { People } from "./people.js";
import { act, fetchCommands, fetchMessages, fetchPapers, fetchState, listen, Refused } from "./server.js";
import { copy, notice, share, toast } from "./sheets.js";

const TYPING = 5000;

const asked = new URL(location.href).searchParams;
/** Spoilers and quotations that were opened, for as long as the page lives. */
const opened = new Set();
let bot = null;
let people = [];
let current = null;
/** What a start link carries that waits for the Start button; null for none. */
let payload = asked.get("start");
let connected = false;
let typingUntil = 0;

const person = () => people.find(({ id }) => id === current);
const language = () => flavour(person()?.language_code ?? "en");

/** Do something that the playground may refuse; the refusal is shown, and null is given. */
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    toast(error.message);
    return null;
  }
}

const conversation = new Conversation((message) => ({
  bot,
  language: language(),
  opened,
  key: `${current}:${message.message_id}`,
  onCommand: say,
  onPress: (key, row, column, button) => press(message, key, row, column, button),
  onReply: () => composer.reply(message),
  onEdit: () => composer.edit(message),
  onJump: jump,
}));

const composer = new Composer({
  say,
  edit: (message_id, text) => attempt(() => act(current, "edit", { message_id, text })),
  send: (kind) => attempt(() => act(current, kind)),
  editLast: () => {
    const last = conversation.newest((message) => message.from.id === current && message.text);
    if (last) composer.edit(last);
  },
  begin: () => (person().blocked && payload === null ? setBlocked(false) : start(payload ?? "")),
});

const panel = new People((id) => openChat(id));

attachMenu(byId("more"), byId("more-menu"), () =>
  person()?.started
    ? [{ label: person().blocked ? "Unblock the bot" : "Block the bot", symbol: "block", choose: () => setBlocked(!person().blocked) }]
    : [{ label: "Start", symbol: "play", choose: () => start(payload ?? "") }],
);

function say(text, replyTo) {
  return attempt(() => act(current, "messages", { text, ...(replyTo && { reply_to_message_id: replyTo }) }));
}

async function start(carried) {
  const done = await attempt(() => act(current, "start", { payload: carried }));
  if (done) payload = null;
  await attempt(refresh);
}

const setBlocked = (blocked) => attempt(() => act(current, "block", { blocked }));

async function jump(id) {
  const found = await attempt(() => conversation.jump(id));
  if (found === false) toast("That message is not kept any more.");
}

async function press(message, key, row, column, button) {
  if (button.copy_text) return copy(button.copy_text.text);
  if (key.ariaBusy === "true") return;
  key.ariaBusy = "true";
  const answered = await attempt(() => act(current, "press", { message_id: message.message_id, row, column }));
  key.ariaBusy = "false";
  const answer = answered?.callback;
  if (answer?.text) (answer.show_alert ? notice : toast)(answer.text);
  if (answer?.url) follow(destination(answer.url));
}

/** Follow a link that stays inside Telegram; whether it did. */
function follow(goal) {
  if (goal?.kind === "start") {
    if (goal.payload) start(goal.payload);
    return true;
  }
  if (goal?.kind === "share") {
    const { kind, payload: carried } = destination(goal.url) ?? {};
    const friends = kind === "start" ? people.filter(({ id }) => id !== current) : [];
    share(goal, friends, (friend) => openChat(friend.id, carried));
    return true;
  }
  return false;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#log a[href]");
  if (link && follow(destination(link.href))) event.preventDefault();
});

async function openChat(id, carried = null) {
  current = id;
  payload = carried;
  typingUntil = 0;
  history.replaceState(null, "", `?person=${id}`);
  composer.open(id);
  composer.offer([]);
  draw();
  await attempt(async () => {
    await Promise.all([conversation.open(id, person().language_code), offerCommands()]);
  });
  draw();
  if (matchMedia("(hover: hover)").matches) composer.focus();
}

async function offerCommands() {
  const id = current;
  if (id === null) return;
  const commands = await fetchCommands(id);
  if (id === current) composer.offer(commands);
}

/** Everything around the messages. */
function draw() {
  if (!bot) return;
  panel.show(people, current);
  byId("bot-name").textContent = bot.first_name;
  const unread = people.reduce((sum, { id, unread: count }) => sum + (id === current ? 0 : count), 0);
  document.title = unread ? `(${unread}) ${bot.first_name}` : bot.first_name;
  drawStatus();
  const me = person();
  if (!me) return;
  composer.demand(me.started && payload === null ? (me.blocked ? "Unblock" : null) : "Start");
  drawWelcome(me);
}

function drawStatus() {
  const typing = Date.now() < typingUntil;
  const words = connected ? (typing ? "typing" : "bot") : "connecting";
  byId("status").textContent = words;
  byId("status").className = words;
}

/** What an empty chat shows before Start. */
function drawWelcome(me) {
  document.querySelector(".welcome")?.remove();
  if (!conversation.empty || me.started) return;
  const words = me.description || bot.description || bot.short_description;
  const card = element("div", { class: "welcome" }, element("strong", { dir: "auto" }, "What can this bot do?"));
  card.append(element("p", { dir: "auto" }, words || "It has not told yet."));
  byId("log").append(card);
}

async function refresh() {
  const state = await fetchState();
  ({ bot, people } = state);
  draw();
}

/** `work` done a moment after it is asked for, and once for all that ask in that moment. */
function soon(work) {
  let waiting = null;
  return () => {
    waiting ??= setTimeout(() => {
      waiting = null;
      work().catch(() => {});
    }, 150);
  };
}

const refreshSoon = soon(refresh);
const offerCommandsSoon = soon(offerCommands);

/** What is on the screen is read. */
function haveRead() {
  if (document.visibilityState === "visible" && current) fetchMessages(current, "", 1).catch(() => {});
}

async function onOpen() {
  const papers = bot ? null : await fetchPapers();
  try {
    await refresh();
    if (papers) knowLinks(bot.username, papers);
    if (current) await conversation.catchUp();
    else await openChat(chosen(), payload);
    connected = true;
    drawStatus();
    if (current) await offerCommands();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    setTimeout(onOpen, 1000);
  }
}

function chosen() {
  const wanted = Number(asked.get("person"));
  return (people.find(({ id }) => id === wanted) ?? people[0]).id;
}

listen({
  onOpen,
  onLost: () => {
    connected = false;
    drawStatus();
  },
  message: ({ person: id, message }) => {
    if (id !== current) return refreshSoon();
    conversation.put(message);
    document.querySelector(".welcome")?.remove();
    if (message.from.id !== bot.id) return;
    typingUntil = 0;
    drawStatus();
    haveRead();
  },
  deleted: ({ person: id, message_ids }) => (id === current ? conversation.remove(message_ids) : refreshSoon()),
  typing: ({ person: id }) => {
    if (id !== current) return;
    typingUntil = Date.now() + TYPING;
    drawStatus();
    setTimeout(drawStatus, TYPING + 50);
  },
  commands: offerCommandsSoon,
  state: refreshSoon,
});

document.addEventListener("visibilitychange", haveRead);
keepLive(byId("log"), language);
