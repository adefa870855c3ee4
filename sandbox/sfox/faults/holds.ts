/** A point at which requests wait. */
export interface Hold {
  /** Resolves when the first request is held. */
  readonly reached: Promise<void>;
  /** Lets the held requests go on, and those that come later. */
  release(this: void): void;
}

interface HeldRequests extends Hold {
  readonly reach: () => void;
  readonly released: Promise<void>;
}

/** The requests that a fault `{ hold: name }` holds until that name is released. */
export class Holds {
  readonly #byName = new Map<string, HeldRequests>();

  /** Returns the hold of a name. */
  of(name: string): Hold {
    return this.#of(name);
  }

  /** Holds a request. Resolves when the name is released; rejects if the simulator closes first. */
  async wait(name: string, closing: AbortSignal): Promise<void> {
    closing.throwIfAborted();
    const { reach, released } = this.#of(name);
    reach();
    await new Promise<void>((resolve, reject) => {
      const abort = () => reject(closing.reason as Error);
      closing.addEventListener('abort', abort, { once: true });
      void released.then(() => (closing.removeEventListener('abort', abort), resolve()));
    });
  }

  #of(name: string): HeldRequests {
    const held = this.#byName.get(name) ?? createHold();
    this.#byName.set(name, held);
    return held;
  }
}

function createHold(): HeldRequests {
  let [reach, release] = [() => {}, () => {}];
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  return { reached, reach, released, release };
}
