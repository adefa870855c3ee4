import type { Call, Channel, Fault, Mail, RequestRecord } from './index.ts';

/** A simulator in another process, by its control plane. */
export class RemoteSfox {
  readonly url: string;
  readonly apiKey: string;

  constructor(url: string, apiKey: string) {
    this.url = url;
    this.apiKey = apiKey;
  }

  /** What was sent, newest last, to one user or to all. */
  async outbox(userId = ''): Promise<readonly Mail[]> {
    return this.#items(`outbox?user=${encodeURIComponent(userId)}`);
  }

  /** The provider's calls in the order of their answers. */
  async requests(): Promise<readonly RequestRecord[]> {
    return this.#items('requests');
  }

  /** Queues faults for a user's next requests to one call. */
  async script(userId: string, call: Call, faults: readonly Fault[]): Promise<void> {
    await this.#ask(`users/${encodeURIComponent(userId)}/script`, { call, faults });
  }

  /** While on, every call is answered 503 and does nothing. */
  async outage(on: boolean): Promise<void> {
    await this.#ask('outage', { on });
  }

  /** Verifies a channel behind everyone's back. */
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
    if (!reply.ok) throw new Error(`the simulator answers ${reply.status} to ${path}: ${await reply.text()}`);
    return reply;
  }
}
