// A person of the business in the conversation: who has it is told, and what the person writes is shown as it comes.

import { Trouble } from "./api.js";
import { events } from "./sse.js";

const PAUSE_S = 3;

export class Person {
  /** `show(line)` is called for each line of the person's, `told(has)` when one has the conversation, or no longer. */
  constructor(api, { show, told }) {
    this.api = api;
    this.show = show;
    this.told = told;
    this.seq = 0; // the last line that is known
    this.following = null; // the AbortController of the stream, while a person has the conversation
  }

  /** Follow the conversation from here on, until it is the assistant's again. */
  async follow() {
    if (this.following) return;
    const following = (this.following = new AbortController());
    this.told(true);
    while (this.following === following) {
      try {
        const response = await this.api.follow(this.seq, following.signal);
        for await (const event of events(response)) this.#take(event);
      } catch (caught) {
        if (following.signal.aborted) return;
        if (caught instanceof Trouble && !caught.passing) break;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_S * 1000));
    }
    if (this.following === following) this.leave();
  }

  leave() {
    this.following?.abort();
    this.following = null;
    this.told(false);
  }

  #take({ event, data }) {
    if (event === "state" && data.state !== "human") this.leave();
    if (event !== "message" || data.seq <= this.seq) return;
    this.seq = data.seq;
    if (data.author === "person") this.show(data);
  }
}
