// The page: phones side by side or one at a time, the demo's clock, and the stream of news that keeps all in step.

import { Phone } from "./phone.js";
import { ZALO } from "./zalo.js";
import { dayOf, element, get, language, loadWords, params, post, text, timeOf, button, icon } from "./tools.js";

const phones = new Map();
const at = (id) => document.getElementById(id);
let offset = 0;
let chosen = null;
let others = [];

const dialogs = {
  alert(words) {
    at("alert-text").textContent = words;
    at("alert").showModal();
  },
  picture(source, words) {
    const image = at("picture").querySelector("img");
    image.src = source;
    image.alt = words;
    at("picture").showModal();
  },
};

function notice(words) {
  at("notice").textContent = words;
  at("notice").hidden = !words;
}

function tick() {
  const now = Date.now() / 1000 + offset;
  at("clock").textContent = `${dayOf(now)} ${timeOf(now)}`;
}

async function move(wish) {
  notice("");
  try {
    offset = (await post("clock", wish)).offset;
    tick();
  } catch (error) {
    const known = /^(nothing_due|no_health):/.exec(error.message);
    notice(known ? text(`page.clock.${known[1]}`) : text("phone.failed", { reason: error.message }));
  }
}

function choose(user) {
  chosen = user;
  for (const [number, phone] of phones) phone.node.classList.toggle("chosen", number === user);
  for (const tab of at("tabs").querySelectorAll("[data-user]")) tab.setAttribute("aria-pressed", String(+tab.dataset.user === user));
  phones.get(user)?.toEnd();
}

function drawTabs() {
  at("tabs").replaceChildren(...[...phones.values()].map((phone) =>
    button("", () => choose(phone.user), { class: "tab", "data-user": phone.user },
      element("strong", {}, phone.about.label || phone.about.name.split(/\s+/).at(-1)))));
  for (const tab of at("tabs").children) tab.removeAttribute("aria-label");
  at("tabs").append(button(text("page.add"), openAdding, { class: "tab" }, icon("plus")));
  choose(phones.has(chosen) ? chosen : phones.keys().next().value);
}

async function loadPhones() {
  const found = await get("phones?all=1");
  offset = found.clock.offset;
  tick();
  others = found.phones.filter((about) => !about.show && !about.deactivated);
  const shown = found.phones.filter((about) => about.show);
  const kept = new Set(shown.map((about) => about.user));
  for (const [user, phone] of phones) {
    if (!kept.has(user)) {
      phone.node.remove();
      phones.delete(user);
    }
  }
  const fresh = [];
  for (const about of shown) {
    const known = phones.get(about.user);
    if (known) known.describe(about, found.bot);
    else {
      const phone = new Phone(about, found.bot, dialogs);
      phones.set(about.user, phone);
      at("phones").append(phone.node);
      fresh.push(phone);
    }
  }
  drawTabs();
  return fresh;
}

const loadAll = async () => {
  await loadPhones();
  await Promise.all([...phones.values()].map((phone) => phone.load()));
};

let renewing = Promise.resolve();

// One renewal after the other: two at once would make a phone twice.
function renew(all) {
  renewing = renewing.then(async () => {
    if (all) await loadAll();
    else for (const phone of await loadPhones()) await phone.load();
  }).catch((error) => notice(text("phone.failed", { reason: error.message })));
}

function heard(event) {
  if (event.type === "clock") {
    offset = event.offset;
    tick();
  } else if (event.type === "reset") {
    for (const phone of phones.values()) phone.node.remove();
    phones.clear();
    renew(true);
  } else if (event.type === "phones") renew(false);
  else if (event.type === "commands") {
    for (const phone of phones.values()) {
      if (!phone.inZalo) get(`chats/${phone.chat}?user=${phone.user}`).then((state) => phone.setCommands(state.commands), () => {});
    }
  } else for (const phone of phones.values()) phone.heard(event);
}

function listen() {
  const stream = new EventSource("/control/events");
  stream.onopen = () => {
    notice("");
    renew(true);
  };
  stream.onerror = () => notice(text("page.lost"));
  stream.onmessage = (message) => heard(JSON.parse(message.data));
}

function openAdding() {
  const form = at("adding").querySelector("form");
  form.reset();
  at("adding-known").hidden = !others.length;
  form.known.replaceChildren(element("option", { value: "" }, "—"),
    ...others.map((about) => element("option", { value: about.user }, about.name)));
  at("adding").showModal();
  form.name.focus();
}

async function add(form) {
  const name = form.elements.name.value.trim();
  const known = Number(form.elements.known.value);
  const app = form.elements.app.value;
  try {
    if (known && app === ZALO) await post("zalo/users", { person: known });
    if (known) chosen = (await post("users/change", { user: known, show: true, app })).id;
    else if (name && app === ZALO) chosen = (await post("zalo/users", { first_name: name, show: true })).person;
    else if (name) chosen = (await post("users", { first_name: name, show: true })).id;
  } catch (error) {
    notice(text("phone.failed", { reason: error.message }));
  }
}

async function begin() {
  await loadWords();
  const other = language === "vi" ? "en" : "vi";
  params.set("lang", other);
  Object.assign(at("language"), { href: `?${params}`, hreflang: other, lang: other });
  at("language").textContent = text("page.language");
  at("hour").addEventListener("click", () => move({ advance_seconds: 3600 }));
  at("day").addEventListener("click", () => move({ advance_seconds: 86400 }));
  at("next").addEventListener("click", () => move({ to: "next" }));
  at("add").addEventListener("click", openAdding);
  const form = at("adding").querySelector("form");
  form.addEventListener("submit", () => add(form));
  form.querySelector("[value=cancel]").addEventListener("click", () => at("adding").close());
  notice("");
  setInterval(tick, 1000);
  listen();
}

begin();
