/** Requests that are held by a fault `{ hold: name }` until that name is released. */
export class Holds {
  readonly #holds = new Map<
    string,
    { readonly hold: Hold; readonly reach: () => void; readonly released: Promise<void> }
  >();

  /** Returns the hold of a name. */
  of(name: string): Hold {
    return this.#at(name).hold;
  }

  /** Resolves when the name is released; rejects if the simulator closes meanwhile. */
  async wait(name: string, closing: AbortSignal): Promise<void> {
    const { reach, released } = this.#at(name);
    reach();
    await new Promise<void>((resolve, reject) => {
      const abort = () => reject(closing.reason as Error);
      closing.addEventListener('abort', abort, { once: true });
      void released.then(() => (closing.removeEventListener('abort', abort), resolve()));
    });
  }

  #at(name: string) {
    const known = this.#holds.get(name);
    if (known !== undefined) return known;
    let reach = () => {};
    let release = () => {};
    const reached = new Promise<void>((resolve) => (reach = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    const created = { hold: { reached, release: () => release() }, reach: () => reach(), released };
    this.#holds.set(name, created);
    return created;
  }
}

/** A point at which requests wait. */
export interface Hold {
  /** Resolves when the first request is held. */
  readonly reached: Promise<void>;
  /** Lets the held requests go on, and those that come later. */
  release(): void;
}
