// Calls to the server. A failure is a Trouble whose text a person understands; `passing` ones may be tried again.

export class Trouble extends Error {
  constructor(text, { passing = false, status = 0, wait = 0 } = {}) {
    super(text);
    this.passing = passing;
    this.status = status;
    this.wait = wait; // seconds that the server asked for
  }
}

const WORDS = {
  404: "This is no longer there.",
  409: "This message was sent before with other words.",
  413: "That is too long. Please send a shorter message.",
  422: "That message could not be taken. Please write it differently.",
  429: "Many people are asking right now. It will be tried again in a moment.",
};

export class Api {
  constructor(embedKey, memory) {
    this.embedKey = embedKey;
    this.memory = memory;
  }

  /** The session there is, or a new one. */
  async session() {
    if (!this.memory.session) {
      const response = await this.#fetch(`/chat/${encodeURIComponent(this.embedKey)}/session`, { method: "POST" }, false);
      this.memory.session = await response.json();
    }
    return this.memory.session;
  }

  /** This session's conversation: its lines, oldest first, and who has it; empty where nothing was said yet. */
  async conversation() {
    const { conversation_id: id } = await this.session();
    try {
      const response = await this.#fetch(`/v1/conversations/${encodeURIComponent(id)}`);
      return await response.json();
    } catch (trouble) {
      if (trouble.status === 404) return { messages: [], state: "assistant" };
      throw trouble;
    }
  }

  /** Ask for a person of the business instead of the assistant. */
  async askForPerson() {
    const { conversation_id: id } = await this.session();
    await this.#fetch(`/v1/conversations/${encodeURIComponent(id)}/handoff`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ to: "human" }),
    });
  }

  /** The conversation as it goes on: its lines after `seq`, and who has it. */
  async follow(seq, signal) {
    const { conversation_id: id } = await this.session();
    return this.#fetch(`/v1/conversations/${encodeURIComponent(id)}/events?after_seq=${seq}`, { signal });
  }

  /** Say it; the response streams the answer. The same key again is the same message. */
  async say(text, key, signal) {
    await this.session();
    return this.#fetch("/v1/chat", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream", "Idempotency-Key": key },
      body: JSON.stringify({ message: text }),
      signal,
    });
  }

  /** The answer's events after `last` ("" is from the beginning). */
  async resume(messageId, last, signal) {
    const headers = last ? { "Last-Event-ID": last } : {};
    return this.#fetch(`/v1/messages/${encodeURIComponent(messageId)}/events`, { headers, signal });
  }

  async passage(documentId, chunkId) {
    const path = `/v1/documents/${encodeURIComponent(documentId)}/chunks/${encodeURIComponent(chunkId)}`;
    return (await this.#fetch(path)).json();
  }

  async #fetch(path, options = {}, authorized = true) {
    const headers = { ...options.headers };
    if (authorized) headers.Authorization = `Bearer ${this.memory.session?.token ?? ""}`;
    let response;
    try {
      response = await fetch(path, { ...options, headers, cache: "no-store" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Trouble("There is no connection. It will be tried again by itself.", { passing: true });
    }
    if (response.ok) return response;
    throw trouble(response);
  }
}

function trouble(response) {
  const { status } = response;
  const passing = status === 429 || status >= 500;
  const text = WORDS[status] ?? (passing ? "The assistant is busy. It will be tried again in a moment." : "Something went wrong. Please try again.");
  return new Trouble(text, { passing, status, wait: Number(response.headers.get("Retry-After")) || 0 });
}
