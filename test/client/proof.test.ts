import { expect, it } from '@jest/globals';
import { Proof } from '../../client/proof.ts';

/** Questions that are answered when the test says so. */
function questions() {
  const put: ((answered: boolean) => void)[] = [];
  const ask = () => new Promise<boolean>((answer) => put.push(answer));
  return { put, ask };
}

const turn = () => new Promise((done) => setImmediate(done));

it('asks for the first, and once for all who come meanwhile', async () => {
  const proof = new Proof();
  const { put, ask } = questions();
  const first = proof.shown(ask);
  const later = [proof.shown(ask), proof.shown(ask), proof.shown(ask)];
  expect(put).toHaveLength(1);
  put[0]?.(true);
  expect(await first).toBe(true);
  await turn();
  expect(put).toHaveLength(2);
  put[1]?.(false);
  expect(await Promise.all(later)).toEqual([false, false, false]);
});

it('never takes an answer for whoever came after its question', async () => {
  const proof = new Proof();
  const { put, ask } = questions();
  const first = proof.shown(ask);
  let shown = false;
  const second = proof.shown(ask).then(() => (shown = true));
  put[0]?.(true);
  await first;
  await turn();
  expect(shown).toBe(false);
  put[1]?.(true);
  await second;
});

it('asks anew for the next, whatever became of the one before', async () => {
  const proof = new Proof();
  const { put, ask } = questions();
  const failed = proof.shown(() => Promise.reject(new Error('gone')));
  const next = proof.shown(ask);
  await expect(failed).rejects.toThrow('gone');
  await turn();
  expect(put).toHaveLength(1);
  put[0]?.(true);
  expect(await next).toBe(true);
  void proof.shown(ask);
  expect(put).toHaveLength(2);
});
