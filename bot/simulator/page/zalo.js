// What is different when a phone shows Zalo: plain words, no buttons, pictures, links that can be opened.

import { foot, picture } from "./message.js";
import { button, element, text } from "./tools.js";

export const ZALO = "zalo";
const LINKS = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/gu;

// The switch between the two messengers of one phone.
export class Apps {
  constructor(chosen) {
    this.buttons = [["telegram", "Telegram"], [ZALO, "Zalo"]].map(([app, name]) =>
      button(name, () => chosen(app), { class: "app", "data-app": app }));
    this.node = element("div", { class: "apps", role: "group", "aria-label": text("phone.apps") }, ...this.buttons);
  }

  draw(zalo) {
    for (const one of this.buttons) one.setAttribute("aria-pressed", String((one.dataset.app === ZALO) === zalo));
  }
}

// Zalo counts in milliseconds, the page in seconds.
export const onScreen = (message) =>
  typeof message.message_id === "string" ? { ...message, date: message.date / 1000 } : message;

export function zaloNode(message, phone) {
  const side = message.from_bot ? "theirs" : "mine";
  const words = message.text ?? message.caption;
  const bubble = element("div", { class: "bubble" }, ...attached(message, phone),
    words ? element("div", { class: "words" }, ...linked(words)) : null, foot(onScreen(message)));
  return element("li", { class: `message ${side}`, "data-id": message.message_id }, bubble);
}

function attached(message, phone) {
  if (message.photo && message.picture) return [picture(message.picture, message.caption, phone)];
  if (message.voice_url) return [element("p", { class: "thing" }, text("message.voice"))];
  if (message.sticker) return [element("p", { class: "thing" }, text("message.sticker"))];
  return message.text ? [] : [element("p", { class: "thing" }, text("message.document"))];
}

function linked(words) {
  const nodes = [];
  let at = 0;
  for (const found of words.matchAll(LINKS)) {
    nodes.push(words.slice(at, found.index),
      element("a", { href: found[0], target: "_blank", rel: "noopener noreferrer" }, found[0]));
    at = found.index + found[0].length;
  }
  return [...nodes, words.slice(at)];
}
