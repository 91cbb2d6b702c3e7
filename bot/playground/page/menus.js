/** Small menus that open at a button and close by themselves. */

import { element, icon } from "./elements.js";

let closeOpen = () => {};

/**
 * Let `button` open `menu`.
 *
 * `items()` tells what is in it each time: `{label, detail, symbol, choose}`.
 */
export function attachMenu(button, menu, items) {
  const close = () => {
    menu.hidden = true;
    button.setAttribute("aria-expanded", "false");
  };
  const open = () => {
    closeOpen();
    closeOpen = close;
    draw(menu, items(), () => {
      close();
      button.focus();
    });
    menu.hidden = false;
    button.setAttribute("aria-expanded", "true");
  };
  button.addEventListener("click", () => {
    if (!menu.hidden) return close();
    open();
    menu.querySelector("button")?.focus();
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close();
      button.focus();
    }
    move(menu, event);
  });
  return { open, close };
}

function draw(menu, items, chosen) {
  const buttons = items.map(({ label, detail, symbol, choose }) =>
    element(
      "button",
      { type: "button", role: "menuitem", click: () => { chosen(); choose(); } },
      symbol ? icon(symbol) : null,
      element("span", { dir: "auto" }, label),
      detail ? element("small", { dir: "auto" }, detail) : null,
    ),
  );
  menu.replaceChildren(...buttons);
}

function move(menu, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...menu.querySelectorAll("button")];
  const place = buttons.indexOf(document.activeElement) + step;
  buttons.at(place % buttons.length)?.focus();
}

document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest("[role=menu], [aria-haspopup=menu]")) closeOpen();
});
