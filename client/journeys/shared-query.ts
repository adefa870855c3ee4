/**
 * Sends one query at a time and shares its reply among all callers that arrived before it was sent. A caller that arrives
 * while a query is in flight shares the next one, because the reply in flight may be older than what it has already seen.
 */
export class SharedQuery<T> {
  #current: { readonly sentAt: number; readonly answer: Promise<T> } | undefined;
  #next: Promise<T> | undefined;

  /** Whether no query is in flight. */
  get isIdle(): boolean {
    return this.#current === undefined;
  }

  /**
   * Returns the reply to the first query that is sent after the caller arrived.
   *
   * @param send sends the query; called only if no query of another caller can be shared
   * @param cameAt when the caller arrived, by `performance.now()`
   */
  query(send: () => Promise<T>, cameAt = performance.now()): Promise<T> {
    const current = this.#current;
    if (current === undefined) return this.#send(send);
    if (current.sentAt > cameAt) return current.answer;
    this.#next ??= current.answer.then(
      () => this.#send(send),
      () => this.#send(send),
    );
    return this.#next;
  }

  #send(send: () => Promise<T>): Promise<T> {
    this.#next = undefined;
    const sentAt = performance.now();
    const answer = send().finally(() => {
      if (this.#current?.answer === answer) this.#current = undefined;
    });
    this.#current = { sentAt, answer };
    return answer;
  }
}
