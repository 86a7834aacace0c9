// The conversation on the page. Whatever comes from people or documents is set as text, never as markup.

const CITED = /\[(\d{1,3})\]/g;
const SHOWN_SOURCES = 6; // an answer about many things cites many; the rest is one click away

/** An element with properties, attributes (`aria-…`, `role`) and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

export class Log {
  constructor({ list, welcome, open }) {
    this.list = list;
    this.welcome = welcome;
    this.open = open;
  }

  clear() {
    this.list.replaceChildren();
    this.welcome.hidden = false;
  }

  mine(text) {
    const words = make("div", { className: "words" });
    words.append(make("span", { className: "unseen", textContent: "You: " }), make("p", { textContent: text }));
    this.#add(make("li", { className: "mine" }, words));
  }

  /** A line of the assistant's, to be written now or piece by piece; or one of a person's. */
  theirs({ person = false } = {}) {
    const line = new Line(this.open, { person });
    this.#add(line.element);
    return line;
  }

  #add(element) {
    this.welcome.hidden = true;
    this.list.append(element);
  }
}

export class Line {
  constructor(open, { person = false } = {}) {
    this.open = open;
    this.person = person;
    this.text = "";
    this.citations = new Map();
    this.words = make("div", { className: "words" });
    this.sources = make("ul", { className: "sources", hidden: true, "aria-label": "Sources" });
    this.notes = make("div", { className: "note", hidden: true });
    this.element = make("li", { className: person ? "theirs person" : "theirs" }, this.words, this.sources, this.notes);
  }

  waiting() {
    this.element.classList.add("writing");
    this.element.setAttribute("aria-busy", "true");
    this.note("");
    if (!this.text) {
      this.words.classList.add("waiting");
      const dots = make("span", { className: "dots", role: "img", "aria-label": "The assistant is looking it up" });
      dots.append(make("i"), make("i"), make("i"));
      this.words.replaceChildren(dots);
    }
  }

  token(text) {
    this.text += text;
    this.#show();
  }

  citation(citation) {
    this.citations.set(citation.n, citation);
    this.#show();
  }

  reset() {
    this.text = "";
    this.citations.clear();
    this.sources.hidden = true;
    this.waiting();
  }

  done({ answer, citations = [], status }) {
    this.text = answer;
    this.citations = new Map(citations.map((citation) => [citation.n, citation]));
    this.element.classList.toggle("declined", status === "declined");
    this.rest();
    if (answer) this.#show();
  }

  /** Nothing more is coming for now. */
  rest() {
    this.element.classList.remove("writing");
    this.element.removeAttribute("aria-busy");
    if (!this.text) this.words.hidden = true;
  }

  /** A remark under the line, with one thing to do about it. "" removes it. */
  note(text, { bad = false, action = "", act = null } = {}) {
    this.notes.hidden = !text;
    this.notes.classList.toggle("bad", bad);
    this.notes.replaceChildren(make("span", { textContent: text }));
    if (action) this.notes.append(make("button", { type: "button", textContent: action, onclick: act }));
  }

  #show() {
    this.words.hidden = false;
    this.words.classList.remove("waiting");
    const speaker = this.person
      ? make("span", { className: "speaker", textContent: "Our team" })
      : make("span", { className: "unseen", textContent: "Assistant: " });
    this.words.replaceChildren(speaker, ...this.#blocks());
    this.#listSources(false);
  }

  #listSources(all) {
    const cited = [...this.citations.values()].sort((a, b) => a.n - b.n);
    const shown = all || cited.length <= SHOWN_SOURCES + 1 ? cited : cited.slice(0, SHOWN_SOURCES);
    this.sources.hidden = cited.length === 0;
    this.sources.replaceChildren(...shown.map((citation) => make("li", {}, this.#source(citation))));
    if (shown.length === cited.length) return;
    const more = make("button", { type: "button", className: "more", textContent: `All ${cited.length} sources` });
    more.onclick = () => {
      this.#listSources(true);
      this.sources.children[shown.length].firstChild.focus();
    };
    this.sources.append(make("li", {}, more));
  }

  /** Paragraphs and lists ("- " at a line's start) of the text. */
  #blocks() {
    const blocks = [];
    let list = null;
    for (const part of this.text.split("\n")) {
      const item = /^\s*[-*•]\s+(.*)$/.exec(part);
      if (item) {
        if (!list) blocks.push((list = make("ul")));
        list.append(make("li", {}, ...this.#inline(item[1])));
      } else if (part.trim()) {
        list = null;
        blocks.push(make("p", {}, ...this.#inline(part)));
      } else {
        list = null;
      }
    }
    return blocks;
  }

  #inline(text) {
    const nodes = [];
    let at = 0;
    for (const found of text.matchAll(CITED)) {
      nodes.push(text.slice(at, found.index), this.#chip(Number(found[1])));
      at = found.index + found[0].length;
    }
    nodes.push(text.slice(at));
    return nodes.filter((node) => node !== "");
  }

  #chip(n) {
    const citation = this.citations.get(n);
    const chip = make("button", { type: "button", className: "chip", textContent: String(n), disabled: !citation });
    chip.setAttribute("aria-label", citation ? `Source ${n}: ${citation.title}` : `Source ${n}`);
    if (citation) {
      chip.title = citation.title;
      chip.onclick = () => this.open(citation);
    }
    return chip;
  }

  #source(citation) {
    const number = make("span", { className: "n", textContent: String(citation.n) });
    const title = make("span", { className: "t", textContent: citation.title || "Document" });
    const button = make("button", { type: "button", className: "source", title: citation.title }, number, title);
    button.setAttribute("aria-label", `Source ${citation.n}: ${citation.title || "Document"}. Show the passage`);
    button.onclick = () => this.open(citation);
    return button;
  }
}
