// One message as it looks on a phone: text with its entities, pictures, documents, buttons.

import { button, element, sizeOf, text, timeOf } from "./tools.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

// Text and Telegram's entities to nodes. Offsets are UTF-16 units, which is what JavaScript counts in as well.
export function rich(words, entities, phone) {
  const marks = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return span(words, marks, 0, words.length, phone);
}

function span(words, marks, from, to, phone) {
  const nodes = [];
  let at = from;
  while (marks.length && marks[0].offset < to) {
    const mark = marks.shift();
    const begin = Math.max(mark.offset, at);
    const end = Math.min(mark.offset + mark.length, to);
    if (end <= begin) continue;
    if (begin > at) nodes.push(words.slice(at, begin));
    nodes.push(marked(mark, words.slice(begin, end), span(words, marks, begin, end, phone), phone));
    at = end;
    // A block ends its line by itself: the line break after it would show as an empty line.
    if (/quote|^pre$/.test(mark.type) && words[at] === "\n" && at < to) at += 1;
  }
  if (at < to) nodes.push(words.slice(at, to));
  return nodes;
}

function marked(mark, covered, children, phone) {
  if (TAGS[mark.type]) return element(TAGS[mark.type], {}, ...children);
  if (mark.type === "url" || mark.type === "text_link") return link(mark.url ?? covered, children, phone);
  if (mark.type === "bot_command") {
    return element("button", { type: "button", class: "inline", onclick: () => phone.say(covered) }, ...children);
  }
  if (mark.type === "spoiler") {
    const hidden = element("button", { type: "button", class: "inline spoiler", "aria-label": text("message.spoiler") },
      element("span", {}, ...children));
    hidden.addEventListener("click", () => hidden.replaceWith(...hidden.firstChild.childNodes));
    return hidden;
  }
  return element("span", {}, ...children);
}

function link(address, children, phone) {
  const url = /^[a-z]+:/i.test(address) ? address : `https://${address}`;
  const code = startCode(url, phone.botName);
  if (code !== null) {
    return element("button", { type: "button", class: "inline", onclick: () => phone.start(code) }, ...children);
  }
  if (!/^(https?|tel|mailto|tg):/i.test(url)) return element("span", {}, ...children);
  return element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

// The payload of a deep link to this bot ("" when it has none); null for any other address.
export function startCode(address, botName) {
  const found = /^https?:\/\/(?:t|telegram)\.me\/(\w+)(?:\?(.*))?$/i.exec(address)
    ?? /^tg:\/\/resolve\?domain=(\w+)&?(.*)$/i.exec(address);
  if (!found || found[1].toLowerCase() !== botName.toLowerCase()) return null;
  return new URLSearchParams(found[2] ?? "").get("start") ?? "";
}

export function messageNode(message, phone) {
  const service = serviceWords(message);
  if (service) return element("li", { class: "service", "data-id": message.message_id }, service);
  const mine = !message.from_bot && message.from.id === phone.user;
  const bubble = element("div", { class: "bubble" }, ...body(message, phone, mine), foot(message));
  const side = mine ? "mine" : "theirs";
  return element("li", { class: `message ${side}`, "data-id": message.message_id }, bubble, keyboard(message, phone));
}

function body(message, phone, mine) {
  const nodes = [];
  if (phone.inGroup && !mine) nodes.push(element("p", { class: "author" }, author(message.from)));
  if (message.forward_origin) {
    const origin = message.forward_origin;
    const name = origin.sender_user ? author(origin.sender_user) : origin.sender_user_name;
    nodes.push(element("p", { class: "author" }, text("message.forwarded", { name })));
  }
  if (message.reply_to_message) {
    const quoted = message.reply_to_message;
    nodes.push(element("p", { class: "quoted" }, quoted.text ?? quoted.caption ?? "…"));
  }
  nodes.push(...attached(message, phone));
  const words = message.text ?? message.caption;
  if (words) nodes.push(element("div", { class: "words" }, ...rich(words, message.entities ?? message.caption_entities, phone)));
  return nodes;
}

const author = (person) => `${person.first_name} ${person.last_name ?? ""}`.trim();

function attached(message, phone) {
  if (message.photo) return [picture(message.photo.at(-1), message.caption, phone)];
  if (message.document) return [documentNode(message.document)];
  if (message.sticker) {
    return [element("img", { class: "sticker", src: `/control/files/${message.sticker.file_id}`, alt: text("message.sticker") })];
  }
  if (message.voice) return [element("p", { class: "thing" }, text("message.voice"))];
  if (message.video) return [element("p", { class: "thing" }, text("message.video"))];
  if (message.location) {
    const { latitude, longitude } = message.location;
    return [element("p", { class: "thing" }, text("message.location", { place: `${latitude}, ${longitude}` }))];
  }
  if (message.contact) {
    const { first_name: name, phone_number: number } = message.contact;
    return [element("p", { class: "thing" }, text("message.contact", { name, number }))];
  }
  return [];
}

export function picture(photo, caption, phone) {
  const source = `/control/files/${photo.file_id}`;
  const image = element("img", { src: source, alt: caption ?? text("message.photo"), width: photo.width, height: photo.height });
  image.addEventListener("load", () => phone.settle());
  return button(text("message.enlarge"), () => phone.enlarge(source, image.alt), { class: "picture" }, image);
}

function documentNode(file) {
  const address = `/control/files/${file.file_id}?download=1`;
  const end = (file.file_name ?? "").split(".").at(-1).slice(0, 4).toUpperCase();
  return element("a", { class: "document", href: address, download: file.file_name ?? "" },
    element("span", { class: "sheet", "aria-hidden": "true" }, end),
    element("span", { class: "about" },
      element("strong", {}, file.file_name ?? text("message.document")),
      element("small", {}, `${sizeOf(file.file_size)} · ${text("message.download")}`)));
}

export function foot(message) {
  const edited = message.edit_date && message.from_bot === false ? `${text("message.edited")} ` : "";
  const time = timeOf(message.date);
  return element("p", { class: "foot" }, edited, element("time", {}, time));
}

function keyboard(message, phone) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  if (!rows.length) return null;
  return element("div", { class: "keyboard", role: "group", "aria-label": text("message.buttons") },
    ...rows.map((row) => element("div", { class: "row" }, ...row.map((one) => key(one, message, phone)))));
}

function key(one, message, phone) {
  if (one.url !== undefined) {
    const node = link(one.url, [one.text, " ↗"], phone);
    node.className = "key";
    return node;
  }
  const node = button(one.text, () => phone.press(message.message_id, one.callback_data, node), { class: "key" });
  return node;
}

function serviceWords(message) {
  if (message.new_chat_members) {
    return text("service.joined", { name: message.new_chat_members.map(author).join(", ") });
  }
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return text("service.migrated");
  return "";
}
