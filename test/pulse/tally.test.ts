import { expect, it } from '@jest/globals';
import type { Tried } from '../../activities/contract.ts';
import { tally } from '../../worker/pulse.ts';
import type { Tries } from '../../workflows/pulse/contract.ts';

const OFTEN = 5;
const sent: Tried = { call: 'send', channel: 'email', reply: '2xx' };
const asked: Tried = { call: 'confirm', channel: 'email', reply: '5xx' };
const aWhile = () => new Promise((wake) => setTimeout(wake, 10 * OFTEN));

it('tells what was tried since it told last, and nothing where nothing was', async () => {
  const told: Tries[] = [];
  const own = tally(async (tries) => void told.push(tries), OFTEN);
  await aWhile();
  expect(told).toEqual([]);
  for (const tried of [sent, asked, asked]) own.count(tried);
  await aWhile();
  expect(told).toEqual([{ sends: 1, replies: { '2xx': 1, '5xx': 2 } }]);
  own.count(asked);
  await own.end();
  expect(told.slice(1)).toEqual([{ sends: 0, replies: { '5xx': 1 } }]);
  own.count(asked);
  await aWhile();
  expect(told).toHaveLength(2);
});

it('keeps what could not be told for the next time, and holds nobody up at its end', async () => {
  const tried: Tries[] = [];
  let away = true;
  const tell = async (tries: Tries) => {
    tried.push(tries);
    if (away) throw new Error('Temporal is away');
  };
  const own = tally(tell, OFTEN);
  own.count(sent);
  await aWhile();
  expect(tried.length).toBeGreaterThan(1);
  own.count(sent);
  away = false;
  await own.end();
  expect(tried.at(-1)).toEqual({ sends: 2, replies: { '2xx': 2 } });

  const hopeless = tally(() => Promise.reject(new Error('Temporal is away')), OFTEN);
  hopeless.count(sent);
  expect(await hopeless.end()).toBeUndefined();
});
