import type { RecordAnswer } from '../../workflows/ask.ts';
import { bad, good, skipped } from './check.ts';
import type { Check } from './check.ts';
import type { Outcome, ServerClock } from './visit.ts';

/** What a visit to a worker tells, check by check. */

const START = 'start a worker: npm run worker; if one runs, read its log and its /readyz';
const SAME_KEYS = 'give workers and clients the same ONWARD_ENCRYPTION_KEYS, the newest first in all of them';
const NO_ANSWER = 'no worker has answered readably';

export function workerCheck(outcome: Outcome, wait: number): Check {
  switch (outcome.type) {
    case 'reported':
      return good('worker', 'a worker has answered');
    case 'unanswered': {
      const found = outcome.taken ? 'a worker took the checkup and did not finish it' : 'no worker took the checkup';
      return bad('worker', `${found} within ${wait / 1_000} s`, START);
    }
    case 'unreadable':
      return good('worker', 'a worker has answered, though not readably');
    case 'broken':
      return bad(
        'worker',
        `a worker failed at the checkup: ${outcome.words}`,
        'run workers of the same version as this',
      );
  }
}

export function keysCheck(outcome: Outcome): Check {
  switch (outcome.type) {
    case 'reported':
      return good('encryptionKeys', 'the worker reads what this process writes, and the other way round');
    case 'unreadable': {
      const who =
        outcome.to === 'worker'
          ? 'the worker cannot read what this process writes'
          : 'this process cannot read what the worker writes';
      return bad('encryptionKeys', `${who}: ${outcome.words}`, SAME_KEYS);
    }
    case 'unanswered':
    case 'broken':
      return skipped('encryptionKeys', NO_ANSWER);
  }
}

export function providerCheck(outcome: Outcome): Check {
  return outcome.type === 'reported' ? judgeProvider(outcome.report.provider) : skipped('provider', NO_ANSWER);
}

function judgeProvider(reply: RecordAnswer): Check {
  switch (reply.type) {
    case 'recordRead':
      return good('provider', 'reached, and it takes the key');
    case 'recordRefused':
      return good('provider', `reached, and it takes the key (${reply.detail} for a user whom nobody knows)`);
    case 'recordCredentials':
      return bad(
        'provider',
        `it refuses the key: ${reply.detail}`,
        'correct ENTERPRISE_API_KEY of the workers and start them anew',
      );
    case 'recordUnread':
      return bad(
        'provider',
        `no usable reply: ${reply.detail}`,
        'correct SFOX_BASE_URL of the workers, or wait until sFOX is back: journeys that stall go on then',
      );
  }
}

/** A webhook's signature holds for five minutes; a clock that is off by a fifth of that is wrong. */
const MOST_APART = 60_000;

/** Compares this machine's clock, the server's and the worker's. */
export function clockCheck(ours: ServerClock, outcome: Outcome): Check {
  const worker = outcome.type === 'reported' ? outcome.report.clock : undefined;
  const clocks = [
    // The server's time lies in between, or this machine's is off.
    { whose: "this machine's clock", ahead: -outside(ours.server, ours.before, ours.after) },
    ...(worker === undefined
      ? []
      : [{ whose: "the worker's clock", ahead: outside(worker.worker, worker.before, worker.after) }]),
  ];
  const found = clocks.map(({ whose, ahead }) => `${whose} ${told(ahead)}`).join(', ');
  if (clocks.every(({ ahead }) => Math.abs(ahead) <= MOST_APART)) return good('clock', found);
  return bad('clock', found, 'set the clock by NTP: signatures of webhooks are refused when they are five minutes off');
}

/** How far a time lies outside of a span: above 0 after it, below 0 before it. */
function outside(at: number, from: number, to: number): number {
  if (at < from) return at - from;
  return at > to ? at - to : 0;
}

function told(ahead: number): string {
  const seconds = Math.round(Math.abs(ahead) / 1_000);
  if (seconds === 0) return "agrees with the server's";
  return `is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the server's`;
}
