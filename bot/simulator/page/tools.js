// What every part of the page needs: words, requests, making elements, times of the demo's clock.

export const params = new URLSearchParams(location.search);
export const language = params.get("lang") === "en" ? "en" : "vi";
const ZONE = "Asia/Ho_Chi_Minh";
let words = {};

export async function loadWords() {
  words = await get(`labels?lang=${language}`);
  document.documentElement.lang = language;
  document.title = text("page.title");
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = text(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", text(node.dataset.label));
  }
}

// A sentence of the catalogue by its id without "simulator."; {name} is replaced from the values.
export function text(id, values = {}) {
  const sentence = words[`simulator.${id}`] ?? id;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

async function answered(response) {
  const body = await response.json();
  if (!response.ok) throw new Error(body.error ?? response.statusText);
  return body;
}

export const get = async (path) => answered(await fetch(`/control/${path}`));

export const post = async (path, body) =>
  answered(await fetch(`/control/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }));

// element("button", {class: "x", onclick: f}, "text", node, …): nothing is ever read as HTML.
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const button = (label, onclick, attributes = {}, ...children) =>
  element("button", { type: "button", "aria-label": children.length ? label : null, onclick, ...attributes },
    ...(children.length ? children : [label]));

const SHAPES = {
  clip: "M16.5 6.5v10a4.5 4.5 0 0 1-9 0v-11a3 3 0 0 1 6 0v10a1.5 1.5 0 0 1-3 0v-9",
  arrow: "M4 11.5 20 4l-6.5 16-2.6-6.3zM10.9 13.7 20 4",
  plus: "M12 5v14M5 12h14",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

const parts = (seconds) => Object.fromEntries(
  new Intl.DateTimeFormat(language === "vi" ? "vi-VN" : "en-GB", {
    timeZone: ZONE, weekday: "long", day: "2-digit", month: "2-digit", year: "numeric",
    hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).formatToParts(new Date(seconds * 1000)).map((part) => [part.type, part.value]),
);

export function dayOf(seconds) {
  const p = parts(seconds);
  return `${p.weekday[0].toUpperCase()}${p.weekday.slice(1)}, ${p.day}/${p.month}/${p.year}`;
}

export function timeOf(seconds) {
  const p = parts(seconds);
  return `${p.hour}:${p.minute}`;
}

export function sizeOf(bytes) {
  const [value, unit] = bytes < 1024 ? [bytes, "B"]
    : bytes < 1048576 ? [bytes / 1024, "KB"] : [bytes / 1048576, "MB"];
  return `${value.toLocaleString(language, { maximumFractionDigits: 1 })} ${unit}`;
}

export async function base64(file) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(",") + 1);
}
