/** Writing: the field, what it answers or changes, the menu of commands, photos and stickers. */

import { excerpt } from "./bubble.js";
import { byId } from "./elements.js";
import { attachMenu } from "./menus.js";

const TALLEST = 160;

export class Composer {
  #form = byId("composer");
  #field = byId("field");
  #start = byId("start");
  #context = byId("context");
  #about = null;
  #drafts = new Map();
  #person = null;
  #commands = [];
  #menu;
  #do;

  /** `actions` is what can be done: `say(text, replyTo)`, `edit(id, text)`, `send(kind)`, `editLast()`, `begin()`. */
  constructor(actions) {
    this.#do = actions;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener("keydown", (event) => this.#onKey(event));
    this.#field.addEventListener("input", () => this.#onInput());
    this.#start.addEventListener("click", () => actions.begin());
    byId("context-cancel").addEventListener("click", () => this.#cancel());
    this.#menu = attachMenu(byId("open-commands"), byId("commands"), () => this.#matching());
    attachMenu(byId("attach"), byId("attach-menu"), () => [
      { label: "Photo", symbol: "photo", choose: () => actions.send("photo") },
      { label: "Album", symbol: "photo", choose: () => actions.send("album") },
      { label: "File", symbol: "file", choose: () => actions.send("document") },
      { label: "Sticker", symbol: "sticker", choose: () => actions.send("sticker") },
    ]);
  }

  /** Be for another person: a draft stays with whom it belongs to. */
  open(person) {
    if (this.#person) this.#drafts.set(this.#person, this.#draft());
    this.#person = person;
    this.#resume(this.#drafts.get(person) ?? "", null);
  }

  /** Show one large button with this label in the field's place; null for the field. */
  demand(label) {
    this.#start.hidden = label === null;
    this.#form.hidden = label !== null;
    this.#start.textContent = label;
  }

  /** Offer these commands. */
  offer(commands) {
    this.#commands = commands;
    byId("open-commands").hidden = commands.length === 0;
  }

  /** Answer a message. */
  reply(message) {
    this.#resume(this.#field.value, { kind: "reply", message });
    this.focus();
  }

  /** Change a message. */
  edit(message) {
    this.#resume(message.text, { kind: "edit", message });
    this.focus();
  }

  /** Put the cursor into the field. */
  focus() {
    this.#field.focus();
  }

  /** The field is free at once for the next words; what could not be sent comes back into it. */
  async #submit() {
    const text = this.#field.value;
    if (!text.trim()) return;
    const [person, about] = [this.#person, this.#about];
    this.#menu.close();
    this.#resume("", null);
    const sent =
      about?.kind === "edit"
        ? await this.#do.edit(about.message.message_id, text)
        : await this.#do.say(text, about?.message.message_id);
    if (!sent && person === this.#person && !this.#field.value) this.#resume(text, about);
  }

  #resume(text, about) {
    this.#about = about;
    this.#write(text);
    this.#showContext();
  }

  #cancel() {
    this.#resume(this.#draft(), null);
    this.focus();
  }

  /** What was being written, and is no change of an older message. */
  #draft() {
    return this.#about?.kind === "edit" ? "" : this.#field.value;
  }

  #onKey(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape") {
      this.#menu.close();
      if (this.#about) this.#cancel();
    } else if (event.key === "ArrowUp" && !this.#field.value && !this.#about) {
      event.preventDefault();
      this.#do.editLast();
    } else if (event.key === "ArrowDown" && !byId("commands").hidden) {
      event.preventDefault();
      byId("commands").querySelector("button")?.focus();
    }
  }

  #onInput() {
    this.#grow();
    const typing = /^\/\w*$/.test(this.#field.value) && this.#matching().length > 0;
    typing ? this.#menu.open() : this.#menu.close();
  }

  #matching() {
    const begun = this.#field.value.startsWith("/") ? this.#field.value.slice(1) : "";
    return this.#commands
      .filter(({ command }) => command.startsWith(begun))
      .map(({ command, description }) => ({
        label: description,
        detail: `/${command}`,
        choose: () => {
          if (this.#field.value.startsWith("/")) this.#write("");
          this.#do.say(`/${command}`);
        },
      }));
  }

  #write(text) {
    this.#field.value = text;
    this.#grow();
  }

  #grow() {
    this.#form.classList.toggle("writing", this.#field.value.trim() !== "");
    this.#field.style.height = "auto";
    this.#field.style.height = `${Math.min(this.#field.scrollHeight, TALLEST)}px`;
  }

  #showContext() {
    const about = this.#about;
    this.#context.hidden = about === null;
    if (about === null) return;
    byId("context-icon").setAttribute("href", `#icon-${about.kind}`);
    byId("context-title").textContent = about.kind === "edit" ? "Edit message" : `Reply to ${about.message.from.first_name}`;
    byId("context-text").textContent = excerpt(about.message);
  }
}
