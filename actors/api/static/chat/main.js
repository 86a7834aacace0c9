// The chat page: one conversation, one question at a time. A question is kept until its answer is whole, so that a
// reload, a dropped connection or a restarted server only delays it.

import { Api, Trouble } from "./api.js";
import { Memory } from "./memory.js";
import { PassagePanel } from "./passage.js";
import { Person } from "./person.js";
import { events } from "./sse.js";
import { Log } from "./view.js";

const TRIES = 8;
const byId = (id) => document.getElementById(id);
const embedKey = decodeURIComponent(location.pathname.split("/").filter(Boolean).pop());

class Page {
  constructor() {
    this.memory = new Memory(embedKey);
    this.api = new Api(embedKey, this.memory);
    this.panel = new PassagePanel(byId("passage"), this.api);
    this.log = new Log({ list: byId("log"), welcome: byId("welcome"), open: (citation) => this.panel.show(citation) });
    this.person = new Person(this.api, {
      show: (line) => this.#personWrote(line),
      told: (has) => this.#withPerson(has),
    });
    this.box = byId("message");
    this.reading = null; // the AbortController of the answer that is being read
    this.again = null; // what to do when the connection is back
    this.#wire();
  }

  async start() {
    this.#busy(false);
    await this.#load();
    this.box.focus();
  }

  #wire() {
    byId("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("stop").onclick = () => this.reading?.abort();
    byId("new").onclick = () => this.#startAnew();
    byId("person").onclick = () => this.#askForPerson();
    addEventListener("online", () => this.again?.());
    this.box.addEventListener("input", () => this.#fit());
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#submit();
      }
    });
  }

  async #load() {
    let lines = [];
    let state = "assistant";
    try {
      ({ messages: lines, state } = await this.#conversation());
      this.#notice("");
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      this.#notice(trouble.status === 404 ? "There is no chat here any more." : "The conversation cannot be loaded now. Reload the page to try again.");
    }
    this.log.clear();
    for (const line of lines) this.#past(line);
    byId("new").hidden = lines.length === 0;
    this.person.seq = lines.at(-1)?.seq ?? 0;
    if (state === "human") this.person.follow();
    this.#toEnd(true);
    const { pending } = this.memory;
    if (!pending) return;
    if (lines.some((line) => line.status && line.message_id === pending.message_id)) {
      this.memory.pending = null; // it was answered meanwhile
      return;
    }
    this.log.mine(pending.text);
    this.#read(this.log.theirs(), pending);
  }

  async #conversation() {
    try {
      return await this.api.conversation();
    } catch (trouble) {
      if (trouble.status !== 401) throw trouble;
      this.memory.session = null; // the session has ended: begin a new one
      return this.api.conversation();
    }
  }

  #past(line) {
    if (line.author === "customer") this.log.mine(line.text);
    else if (line.author === "person") this.log.theirs({ person: true }).done({ answer: line.text });
    else this.log.theirs().done({ answer: line.text, citations: line.citations, status: line.status });
  }

  #submit() {
    const text = this.box.value.trim();
    if (!text || this.reading) return;
    this.box.value = "";
    this.#fit();
    this.#notice("");
    const pending = { key: randomKey(), text, message_id: null };
    this.memory.pending = pending;
    this.log.mine(text);
    this.#read(this.log.theirs(), pending);
  }

  /** Read the answer into `line`, through drops and restarts, until it is whole, stopped or given up. */
  async #read(line, pending, last = "") {
    const reading = (this.reading = new AbortController());
    const progress = { last };
    this.again = null;
    this.#busy(true);
    line.waiting();
    this.#say("The assistant is looking it up.");
    this.#toEnd(true);
    try {
      await this.#persist(line, pending, progress, reading.signal);
    } catch (trouble) {
      line.rest();
      const again = () => this.#read(line, pending, progress.last);
      if (reading.signal.aborted) line.note("Stopped.", { action: "Go on", act: again });
      else if (trouble instanceof Trouble) this.#gaveUp(line, trouble, again);
      else throw trouble;
    } finally {
      if (this.reading === reading) {
        this.reading = null;
        this.#busy(false);
      }
    }
  }

  async #persist(line, pending, progress, signal) {
    for (let tried = 0; ; tried += 1) {
      const before = progress.last;
      try {
        const response = await this.#open(pending, progress, signal);
        for await (const event of events(response)) {
          if (event.id) progress.last = event.id;
          if (this.#take(line, event)) return;
        }
        throw new Trouble("The connection was lost. It will be tried again by itself.", { passing: true });
      } catch (caught) {
        if (signal.aborted) throw caught;
        const trouble = caught instanceof Trouble ? caught : new Trouble("The connection was lost.", { passing: true });
        if (trouble.status === 401 && !pending.message_id && tried === 0) {
          this.memory.session = null; // not taken yet: say it in a new session
          continue;
        }
        if (progress.last !== before) tried = 0; // it moved
        if (!trouble.passing || tried >= TRIES) throw trouble;
        this.#say(trouble.message);
        line.note(trouble.message);
        await pause(Math.max(trouble.wait, Math.min(0.5 * 2 ** tried, 8)), signal);
        line.note("");
      }
    }
  }

  async #open(pending, progress, signal) {
    if (pending.message_id) return this.api.resume(pending.message_id, progress.last, signal);
    const response = await this.api.say(pending.text, pending.key, signal);
    pending.message_id = response.headers.get("X-Message-Id");
    this.memory.pending = pending;
    return response;
  }

  /** Show one event; true when it was the last. */
  #take(line, { event, data }) {
    if (event === "token") line.token(data.text);
    else if (event === "citation") line.citation(data);
    else if (event === "reset") line.reset();
    else if (event === "problem") throw new Trouble("The assistant is restarting. Your answer will go on.", { passing: true });
    else if (event === "done") {
      this.memory.pending = null;
      if (data.status === "failed") throw new Trouble("This question could not be answered. Please ask it again in other words.");
      line.done(data);
      if (data.answer) this.#say(`Assistant: ${data.answer}`);
      else line.element.remove(); // a person has the conversation: what was said waits for an answer of theirs
      if (data.status === "handoff") this.person.follow();
      byId("new").hidden = false;
    }
    this.#toEnd();
    return event === "done";
  }

  #gaveUp(line, trouble, again) {
    this.#say(trouble.message);
    if (trouble.passing) {
      line.note("The answer does not get through just now.", { bad: true, action: "Try again", act: again });
      this.again = again;
    } else {
      this.memory.pending = null;
      line.note(trouble.message, { bad: true });
    }
  }

  async #askForPerson() {
    byId("person").disabled = true;
    try {
      await this.api.askForPerson();
      this.person.follow();
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      this.#notice("Nobody can be called just now. Please try again in a moment.");
    } finally {
      byId("person").disabled = false;
    }
  }

  #personWrote(line) {
    this.log.theirs({ person: true }).done({ answer: line.text });
    this.#say(`A person of the team: ${line.text}`);
    this.#toEnd();
  }

  #withPerson(has) {
    byId("person").hidden = has;
    byId("about").textContent = has ? "A person of our team answers here" : "Answers with their sources";
    byId("about").classList.toggle("with-person", has);
    if (has) this.#say("A person of our team answers here.");
  }

  #startAnew() {
    this.reading?.abort();
    if (this.person.following) this.person.leave();
    this.person.seq = 0;
    this.again = null;
    this.memory.forget();
    byId("new").hidden = true;
    this.#notice("");
    this.log.clear();
    this.box.focus();
  }

  #busy(busy) {
    byId("send").hidden = busy;
    byId("stop").hidden = !busy;
    this.#fit();
  }

  #fit() {
    byId("send").disabled = !this.box.value.trim();
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
  }

  #say(text) {
    byId("status").textContent = text;
  }

  #notice(text) {
    byId("notice").textContent = text;
    byId("notice").hidden = !text;
  }

  /** Follow the answer down, unless the reader has scrolled away from it. */
  #toEnd(always = false) {
    const { scrollHeight, scrollTop, clientHeight } = document.documentElement;
    if (always || scrollHeight - scrollTop - clientHeight < 160) scrollTo({ top: scrollHeight });
  }
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

/** Not crypto.randomUUID: that exists on secure origins only, and a shop may serve this page in its local network. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

new Page().start();
