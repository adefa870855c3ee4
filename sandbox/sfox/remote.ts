import type { Call, Channel, Fault, Mail, RequestRecord } from './index.ts';

/** Client of a simulator in another process, through its control plane. */
export class RemoteSfox {
  readonly url: string;
  readonly apiKey: string;

  constructor(url: string, apiKey: string) {
    this.url = url;
    this.apiKey = apiKey;
  }

  async isReady(): Promise<boolean> {
    return this.#ask('').then(
      () => true,
      () => false,
    );
  }

  /** Returns the messages to one user or to all, newest last. */
  async outbox(userId = ''): Promise<readonly Mail[]> {
    return this.#items(`outbox?user=${encodeURIComponent(userId)}`);
  }

  /** Returns the log of requests in the order of their replies. */
  async requests(): Promise<readonly RequestRecord[]> {
    return this.#items('requests');
  }

  /** Queues faults for a user's next requests to one call. */
  async script(userId: string, call: Call, faults: readonly Fault[]): Promise<void> {
    await this.#ask(`users/${encodeURIComponent(userId)}/script`, { call, faults });
  }

  /** Switches an outage: while it is on, every call is answered 503 and has no effect. */
  async outage(on: boolean): Promise<void> {
    await this.#ask('outage', { on });
  }

  /** Marks a channel as verified, as if the user had verified it elsewhere. */
  async verify(userId: string, channel: Channel): Promise<void> {
    await this.#ask(`users/${encodeURIComponent(userId)}/verify`, { channel });
  }

  async #items<T>(path: string): Promise<readonly T[]> {
    const { items } = (await (await this.#ask(path)).json()) as { items: readonly T[] };
    return items;
  }

  async #ask(path: string, body?: object): Promise<Response> {
    const reply = await fetch(
      `${this.url}/sandbox/${path}`,
      body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
    );
    if (!reply.ok) throw new Error(`the simulator replied ${reply.status} to ${path}: ${await reply.text()}`);
    return reply;
  }
}
