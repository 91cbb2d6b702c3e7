/** Making nodes without ever reading markup. */

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (`true` for an empty one, `false` and `null` for none), listeners and children. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** One of the icons of index.html. */
export function icon(name) {
  const drawn = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  drawn.setAttribute("class", "icon");
  drawn.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${name}`);
  drawn.append(use);
  return drawn;
}

/** The element of index.html with this id. */
export const byId = (id) => document.getElementById(id);

/** A round button that shows an icon and is read out as `label`. */
export const iconButton = (name, label, onClick) =>
  element("button", { type: "button", class: "round", "aria-label": label, title: label, click: onClick }, icon(name));

/** The first letter of a name on a colour of its own, as Telegram draws people without a picture. */
export function face(person) {
  const letter = [...person.first_name][0].toUpperCase();
  return element("span", { class: "face", "data-tint": person.id % 5, "aria-hidden": "true" }, letter);
}
