// What the page keeps in the browser: the session's token, and the question whose answer has not come yet.

export class Memory {
  constructor(embedKey) {
    this.name = `ragleap:chat:${embedKey}`;
    this.kept = this.#read();
  }

  get session() {
    return this.kept.session ?? null;
  }

  set session(session) {
    this.#write({ ...this.kept, session });
  }

  /** {key, text, message_id}: sent under its key, perhaps accepted, not answered yet. */
  get pending() {
    return this.kept.pending ?? null;
  }

  set pending(pending) {
    this.#write({ ...this.kept, pending });
  }

  forget() {
    this.#write({});
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.name)) ?? {};
    } catch {
      return {}; // storage is blocked or holds something else: the page works without, until it is reloaded
    }
  }

  #write(kept) {
    this.kept = kept;
    try {
      localStorage.setItem(this.name, JSON.stringify(kept));
    } catch {
      // as above
    }
  }
}
