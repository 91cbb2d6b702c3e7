/** What lies over the chat for a moment: toasts, answers that want an OK, the share sheet. */

import { byId, element, face } from "./elements.js";

let fading = 0;

/** A short notice above the composer, gone in a few seconds. */
export function toast(words) {
  const shown = byId("toast");
  shown.textContent = words;
  shown.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => (shown.hidden = true), Math.max(3000, words.length * 70));
}

/** An answer that stays until it is confirmed (answerCallbackQuery with show_alert). */
export function notice(words) {
  byId("notice-text").textContent = words;
  byId("notice").showModal();
}

/** Put words on the clipboard, where the browser lets a page do so. */
export async function copy(words, done = "Copied.") {
  try {
    await navigator.clipboard.writeText(words);
    toast(done);
  } catch {
    toast("The browser does not let this page copy.");
  }
}

/** Say what would be shared; `friends` may open the link as if it had been sent to them. */
export function share({ url, text }, friends, onOpen) {
  const sheet = byId("share");
  byId("share-text").textContent = text;
  byId("share-url").textContent = url;
  byId("share-copy").onclick = () => {
    sheet.close();
    copy([text, url].filter(Boolean).join("\n"));
  };
  const people = friends.map((person) => {
    const open = () => {
      sheet.close();
      onOpen(person);
    };
    return element("button", { type: "button", click: open }, face(person), element("span", { dir: "auto" }, person.first_name));
  });
  byId("share-people").replaceChildren(...people);
  byId("share-friends").hidden = people.length === 0;
  sheet.showModal();
}

for (const id of ["notice", "share"]) {
  const sheet = byId(id);
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
}
