/** The people: a list at the left of a wide screen, a drawer on a phone. */

import { byId, element, face } from "./elements.js";

const LANGUAGES = new Intl.DisplayNames(["en"], { type: "language" });

export class People {
  #list = byId("people-list");
  #panel = byId("people");
  #curtain = byId("curtain");
  #phone = document.querySelector(".phone");
  #button = byId("open-people");
  #onChoose;

  constructor(onChoose) {
    this.#onChoose = onChoose;
    this.#button.addEventListener("click", () => this.#slide(true));
    this.#curtain.addEventListener("click", () => this.#slide(false));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#isOut()) this.#slide(false);
    });
  }

  /** Show the people; `current` is the id of the one whose phone is in hand. */
  show(people, current) {
    const focused = this.#list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    this.#list.replaceChildren(...people.map((person) => this.#entry(person, current)));
    if (focused) this.#list.querySelector(`[data-id="${focused}"]`)?.focus();
    const person = people.find(({ id }) => id === current);
    const elsewhere = people.reduce((sum, { id, unread }) => sum + (id === current ? 0 : unread), 0);
    this.#button.replaceChildren(...(person ? [face(person)] : []), ...badge(elsewhere));
    this.#button.setAttribute("aria-label", `People; this is ${person?.first_name ?? "nobody"}'s phone`);
  }

  #entry(person, current) {
    const isCurrent = person.id === current;
    const choose = () => {
      if (this.#isOut()) this.#slide(false);
      this.#onChoose(person.id);
    };
    const name = element("span", { class: "name" }, element("bdi", {}, person.first_name));
    if (person.editor) name.append(element("span", { class: "role" }, "editor"));
    return element(
      "li",
      {},
      element(
        "button",
        { type: "button", "data-id": person.id, "aria-current": isCurrent && "true", click: choose },
        face(person),
        element("span", { class: "whose" }, name, element("small", {}, facts(person))),
        ...badge(isCurrent ? 0 : person.unread),
      ),
    );
  }

  #isOut() {
    return this.#panel.classList.contains("open");
  }

  #slide(open) {
    this.#panel.classList.toggle("open", open);
    this.#curtain.hidden = !open;
    this.#phone.inert = open;
    this.#button.setAttribute("aria-expanded", open);
    if (open) this.#list.querySelector("[aria-current]")?.focus();
    else this.#button.focus();
  }
}

function facts({ language_code: language, started, blocked }) {
  const state = blocked ? "has blocked the bot" : started ? "" : "not started yet";
  return [LANGUAGES.of(language), state].filter(Boolean).join(" · ");
}

function badge(count) {
  return count ? [element("span", { class: "badge", "aria-label": `${count} unread` }, count > 99 ? "99+" : count)] : [];
}
