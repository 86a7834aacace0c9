// The panel with the passage that a citation quotes, the quote marked in the text around it.

import { make } from "./view.js";

export class PassagePanel {
  constructor(dialog, api) {
    this.dialog = dialog;
    this.api = api;
    this.part = (name) => dialog.querySelector(`#passage-${name}`);
    this.part("close").onclick = () => dialog.close();
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // beside the panel
    });
  }

  async show(citation) {
    this.part("number").textContent = String(citation.n);
    this.part("title").textContent = citation.title || "Document";
    this.part("place").textContent = "";
    this.part("text").replaceChildren(make("span", { className: "around", textContent: "Loading the passage …" }));
    if (!this.dialog.open) this.dialog.showModal();
    this.part("title").focus();
    this.showing = citation;
    let passage;
    try {
      passage = await this.api.passage(citation.document_id, citation.chunk_id);
    } catch (trouble) {
      const gone = trouble.status === 404 ? "The passage is not there, or not yet. This was quoted:" : "The passage cannot be loaded now. This was quoted:";
      passage = { before: `${gone}\n\n`, text: citation.quote, after: "", heading: "", page: null, title: citation.title };
    }
    if (this.showing === citation) this.#fill(citation, passage);
  }

  #fill(citation, passage) {
    this.part("title").textContent = passage.title || citation.title || "Document";
    const place = [passage.heading, passage.page ? `page ${passage.page}` : ""].filter(Boolean).join(" · ");
    this.part("place").textContent = place;
    const text = this.part("text");
    const [from, to] = find(passage.text, citation.quote);
    const mark = make("mark", { textContent: passage.text.slice(from, to) });
    text.replaceChildren(
      make("span", { className: "around", textContent: passage.before }),
      make("span", { textContent: passage.text.slice(0, from) }),
      mark,
      make("span", { textContent: passage.text.slice(to) }),
      make("span", { className: "around", textContent: passage.after }),
    );
    mark.scrollIntoView({ block: "center" });
  }
}

/** Where `quote` stands in `text`, spaces and line breaks taken as alike; all of `text` where it does not. */
export function find(text, quote) {
  const at = text.indexOf(quote);
  if (at >= 0) return [at, at + quote.length];
  const words = quote.trim().split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const found = words[0] ? new RegExp(words.join("\\s+")).exec(text) : null;
  return found ? [found.index, found.index + found[0].length] : [0, text.length];
}
