import { expect, it } from '@jest/globals';
import { SharedQuery } from '../../../client/journeys/shared-query.ts';

/** Questions that are answered when the test says so. */
function questions() {
  const put: ((answered: boolean) => void)[] = [];
  const ask = () => new Promise<boolean>((answer) => put.push(answer));
  return { put, ask };
}

const turn = () => new Promise((done) => setImmediate(done));

it('sends one query for the first caller and one for all callers that arrive meanwhile', async () => {
  const shared = new SharedQuery<boolean>();
  const { put, ask } = questions();
  const first = shared.query(ask);
  const later = [shared.query(ask), shared.query(ask), shared.query(ask)];
  expect(put).toHaveLength(1);
  put[0]?.(true);
  expect(await first).toBe(true);
  await turn();
  expect(put).toHaveLength(2);
  put[1]?.(false);
  expect(await Promise.all(later)).toEqual([false, false, false]);
});

it('never returns a reply to a caller that arrived after the query was sent', async () => {
  const shared = new SharedQuery<boolean>();
  const { put, ask } = questions();
  const first = shared.query(ask);
  let shown = false;
  const second = shared.query(ask).then(() => (shown = true));
  put[0]?.(true);
  await first;
  await turn();
  expect(shown).toBe(false);
  put[1]?.(true);
  await second;
});

it('sends a new query for the next caller, whether or not the previous one failed', async () => {
  const shared = new SharedQuery<boolean>();
  const { put, ask } = questions();
  const failed = shared.query(() => Promise.reject(new Error('gone')));
  const next = shared.query(ask);
  await expect(failed).rejects.toThrow('gone');
  await turn();
  expect(put).toHaveLength(1);
  put[0]?.(true);
  expect(await next).toBe(true);
  void shared.query(ask);
  expect(put).toHaveLength(2);
});

it('shares a reply in flight with callers that arrived before its query was sent', async () => {
  const shared = new SharedQuery<boolean>();
  const { put, ask } = questions();
  const cameAt = performance.now();
  await turn();
  const first = shared.query(ask);
  const second = shared.query(ask, cameAt);
  put[0]?.(true);
  expect(await Promise.all([first, second])).toEqual([true, true]);
  expect(put).toHaveLength(1);
});
