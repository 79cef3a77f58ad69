// One phone: its chats, messages in the order of a messenger, composer, command menu, typing line.

import { messageNode } from "./message.js";
import { base64, button, dayOf, element, get, icon, post, text } from "./tools.js";
import { Apps, ZALO, onScreen, zaloNode } from "./zalo.js";

const TYPING_MS = 5000;
const TOAST_MS = 6000;
const WAIT_MS = 10000;
const NEAR_END = 120;

export class Phone {
  constructor(about, bot, dialogs) {
    this.user = about.user;
    this.dialogs = dialogs;
    this.chat = about.app === ZALO && about.zalo ? about.zalo.id : about.user;
    this.build();
    this.describe(about, bot);
  }

  get inZalo() { return typeof this.chat === "string"; }

  get inGroup() { return !this.inZalo && this.chat !== this.user; }

  // How the person stands to the bot in the messenger that is open.
  get standing() { return this.inZalo ? this.about.zalo : this.about; }

  build() {
    this.title = element("h2", { class: "who" });
    this.sub = element("p", { class: "sub" });
    this.avatar = element("span", { class: "avatar", "aria-hidden": "true" });
    this.chooser = element("select", { "aria-label": text("phone.chats"), onchange: () => this.open(+this.chooser.value) });
    this.blocker = button("", () => this.block(), { class: "quiet" });
    this.log = element("ol", { class: "log", role: "log", "aria-live": "polite", tabindex: "0" });
    this.toast = element("p", { class: "toast", role: "status", hidden: true });
    this.menu = element("ul", { class: "menu", hidden: true, onkeydown: (event) => this.menuKey(event) });
    this.foot = element("div", { class: "composer" });
    this.apps = new Apps((app) => this.switchTo(app));
    this.node = element("section", { class: "phone" },
      element("header", { class: "head" }, this.avatar,
        element("div", { class: "names" }, this.title, this.sub), this.apps.node, this.blocker, this.chooser),
      element("div", { class: "screen" }, this.log, this.toast), this.menu, this.foot);
    this.buildComposer();
  }

  buildComposer() {
    this.field = element("textarea", {
      rows: 1, maxlength: 4096, placeholder: text("phone.write"), "aria-label": text("phone.write"),
      onkeydown: (event) => this.fieldKey(event), oninput: () => this.grow(),
    });
    this.picker = element("input", { type: "file", hidden: true, onchange: () => this.attach() });
    this.menuButton = button(text("phone.menu"), () => this.toggleMenu(), { class: "strong menu-button", "aria-expanded": "false" });
    this.attachButton = button(text("phone.attach"), () => this.picker.click(), { class: "quiet icon", title: text("phone.attach") }, icon("clip"));
    this.sendButton = button(text("phone.send"), () => this.submit(), { class: "strong icon", title: text("phone.send") }, icon("arrow"));
    this.startButton = button(text("phone.start"), () => this.start(""), { class: "strong wide" });
    this.unblockButton = button(text("phone.unblock"), () => this.block(), { class: "strong wide" });
  }

  describe(about, bot) {
    this.about = about;
    this.botName = bot.username;
    this.title.textContent = about.name;
    this.node.setAttribute("aria-label", [about.label, about.name].filter(Boolean).join(", "));
    this.showTyping(false);
    const initials = about.name.split(/\s+/).map((word) => word[0]);
    this.avatar.textContent = [initials.at(0), initials.length > 1 ? initials.at(-1) : ""].join("").toUpperCase();
    this.chooser.replaceChildren(...about.chats.map((chat) => element("option", { value: chat.id }, chat.title)));
    if (!this.inZalo && !about.chats.some((chat) => chat.id === this.chat)) this.chat = this.user;
    this.drawHead();
    const wanted = about.app === ZALO && about.zalo ? about.zalo.id : this.user;
    if (this.inZalo !== (typeof wanted === "string") && this.loaded) this.open(wanted);
  }

  drawHead() {
    this.node.classList.toggle(ZALO, this.inZalo);
    this.apps.draw(this.inZalo);
    this.chooser.hidden = this.inZalo || this.about.chats.length < 2;
    if (!this.inZalo) this.chooser.value = this.chat;
    this.blocker.textContent = text("phone.block");
    this.blocker.hidden = !this.standing.started || this.standing.blocked || this.inGroup;
    this.drawFoot();
  }

  // The server keeps which messenger is open, so that a reload and other windows show the same.
  async switchTo(app) {
    try {
      if (app === ZALO && !this.about.zalo) await post("zalo/users", { person: this.user });
      await post("users/change", { user: this.user, app });
    } catch (error) {
      this.tell(text("phone.failed", { reason: error.message }));
    }
  }

  drawFoot() {
    const had = this.foot.contains(document.activeElement);
    let nodes = [this.menuButton, this.field, this.picker, this.attachButton, this.sendButton];
    if (this.inZalo) nodes.shift();
    else if (!this.inGroup && !this.about.started) nodes = [this.startButton];
    if (!this.inGroup && this.standing.blocked) nodes = [this.unblockButton];
    if (this.foot.firstChild === nodes[0]) return;
    this.foot.replaceChildren(...nodes);
    if (had) (nodes[1] ?? nodes[0]).focus();
  }

  async open(chat) {
    this.chat = chat;
    this.toast.hidden = true;
    this.menu.hidden = true;
    this.showTyping(false);
    this.drawHead();
    await this.load();
  }

  // News that comes while the chat is on its way is kept and told afterwards: it may be newer than the answer.
  async load() {
    this.missed = [];
    const chat = this.chat;
    const state = await get(this.inZalo ? `zalo/chats/${chat}` : `chats/${chat}?user=${this.user}`);
    if (chat !== this.chat) return; // another one was opened meanwhile
    this.loaded = true;
    this.setCommands(state.commands ?? []);
    this.log.setAttribute("aria-busy", "true");
    this.log.replaceChildren();
    this.lastDay = "";
    if (!state.messages.length) this.log.append(element("li", { class: "service empty" }, text(this.inZalo ? "phone.zalo.empty" : "phone.empty")));
    for (const message of state.messages) this.append(message);
    this.log.removeAttribute("aria-busy");
    this.toEnd();
    const missed = this.missed ?? [];
    this.missed = null;
    for (const event of missed) this.heard(event);
  }

  setCommands(commands) {
    this.menuButton.hidden = !commands.length;
    this.menu.replaceChildren(...commands.map((one) => element("li", {},
      button(`/${one.command} ${one.description}`, () => this.choose(`/${one.command}`), {},
        element("strong", {}, `/${one.command}`), element("span", {}, one.description)))));
  }

  append(message) {
    this.log.querySelector(".empty")?.remove();
    const day = dayOf(onScreen(message).date);
    if (day !== this.lastDay) this.log.append(element("li", { class: "service" }, day));
    this.lastDay = day;
    this.log.append(this.inZalo ? zaloNode(message, this) : messageNode(message, this));
  }

  heard(event) {
    if (event.type === "answer") return this.answered(event);
    if (event.chat !== this.chat) return undefined;
    if (this.missed) return this.missed.push(event);
    if (event.type === "message" && this.find(event.message.message_id)) return undefined;
    const near = this.nearEnd();
    if (event.type === "action") return this.showTyping(true);
    if (event.type === "message") {
      if (event.message.from_bot) this.showTyping(false);
      this.append(event.message);
      if (near || !event.message.from_bot && [this.user, this.chat].includes(event.message.from.id)) this.toEnd();
    }
    if (event.type === "edit") this.replace(event.message, near);
    if (event.type === "delete") this.find(event.message_id)?.remove();
    return undefined;
  }

  find(id) { return this.log.querySelector(`[data-id="${CSS.escape(id)}"]`); }

  // An edit takes nothing away from a person at the keyboard: the focus stays on the button at the same place.
  replace(message, near) {
    const old = this.find(message.message_id);
    if (!old) return;
    const fresh = messageNode(message, this);
    const place = [...old.querySelectorAll("button, a")].indexOf(document.activeElement);
    fresh.classList.add("flash");
    old.replaceWith(fresh);
    const keys = [...fresh.querySelectorAll("button, a")];
    if (place >= 0) (keys[Math.min(place, keys.length - 1)] ?? this.field).focus({ preventScroll: true });
    if (near) this.toEnd();
  }

  nearEnd() { return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END; }

  toEnd() {
    this.follow = true;
    this.log.scrollTop = this.log.scrollHeight;
  }

  // A picture that has just got its height must not push the newest message out of sight.
  settle() { if (this.follow) this.log.scrollTop = this.log.scrollHeight; }

  // Telegram takes "is typing" back after five seconds, or when the message comes.
  showTyping(on) {
    clearTimeout(this.typingTimer);
    this.sub.classList.toggle("typing", on);
    this.sub.textContent = on ? text("phone.typing") : this.about.label;
    if (on) this.typingTimer = setTimeout(() => this.showTyping(false), TYPING_MS);
  }

  answered(event) {
    if (event.user !== this.user) return;
    for (const node of this.log.querySelectorAll("[aria-busy=true]")) node.removeAttribute("aria-busy");
    if (event.text && event.alert) this.dialogs.alert(event.text);
    else if (event.text) this.tell(event.text);
  }

  tell(words) {
    this.toast.textContent = words;
    this.toast.hidden = false;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => { this.toast.hidden = true; }, TOAST_MS);
  }

  async act(path, body) {
    try {
      if (this.inZalo) return await post(`zalo/${path}`, { user: this.chat, ...body });
      return await post(path, { user: this.user, chat: this.chat, ...body });
    } catch (error) {
      this.tell(text("phone.failed", { reason: error.message }));
      return null;
    }
  }

  say(words) { return this.act("send", { text: words }); }

  async start(code) {
    if (this.inGroup) await this.open(this.user);
    await this.say(`/start ${code}`.trim());
  }

  async press(messageId, data, node) {
    node.setAttribute("aria-busy", "true");
    setTimeout(() => node.removeAttribute("aria-busy"), WAIT_MS);
    await this.act("press", { message_id: messageId, data });
  }

  block() { return this.act("block", { blocked: !this.standing.blocked }); }

  enlarge(source, words) { this.dialogs.picture(source, words); }

  async submit() {
    const words = this.field.value.trim();
    if (!words) return;
    if (await this.say(words)) {
      this.field.value = "";
      this.grow();
    }
    this.field.focus();
  }

  async attach() {
    const file = this.picker.files[0];
    if (!file) return;
    const kind = /^image\/(png|jpeg|webp|gif)$/.test(file.type) ? "photo" : "document";
    const content = { name: file.name, content_base64: await base64(file) };
    const caption = this.field.value.trim();
    // Zalo tells a bot of pictures only; of any other file it says that something came.
    const wish = kind === "photo" || !this.inZalo ? { [kind]: content, caption } : { unsupported: true };
    if (await this.act("send", wish)) this.field.value = "";
    this.picker.value = "";
    this.grow();
    this.field.focus();
  }

  // While an input method is composing, Enter belongs to it: most Vietnamese typing goes through one.
  fieldKey(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    }
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, 160)}px`;
  }

  toggleMenu() {
    this.menu.hidden = !this.menu.hidden;
    this.menuButton.setAttribute("aria-expanded", String(!this.menu.hidden));
    if (!this.menu.hidden) this.menu.querySelector("button")?.focus();
  }

  menuKey(event) {
    const keys = [...this.menu.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      keys[(keys.indexOf(document.activeElement) + step + keys.length) % keys.length].focus();
    }
    if (event.key === "Escape") {
      this.toggleMenu();
      this.menuButton.focus();
    }
  }

  async choose(command) {
    this.toggleMenu();
    this.field.focus();
    await this.say(command);
  }
}
