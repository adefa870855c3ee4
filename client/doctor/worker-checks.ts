import type { RecordReply } from '../../workflows/provider-replies.ts';
import { failed, passed, skipped } from './check.ts';
import type { Check } from './check.ts';
import type { ProbeOutcome, ServerClock } from './worker-probe.ts';

/** Checks based on the result of a worker probe. */

const START = 'start a worker: npm run worker; if one runs, read its log and its /readyz';
const SAME_KEYS = 'give workers and clients the same ONWARD_ENCRYPTION_KEYS, the newest first in all of them';
const NO_ANSWER = 'no worker has sent a readable reply';

/** Evaluates whether a worker has replied. `wait`: how long the probe waited, in milliseconds. */
export function workerCheck(outcome: ProbeOutcome, wait: number): Check {
  switch (outcome.type) {
    case 'reported':
      return passed('worker', 'a worker has replied');
    case 'unanswered': {
      const found = outcome.isTaken
        ? 'a worker started the probe and did not finish it'
        : 'no worker started the probe';
      return failed('worker', `${found} within ${wait / 1_000} s`, START);
    }
    case 'unreadable':
      return passed('worker', 'a worker has replied, but its reply cannot be read');
    case 'broken':
      return failed(
        'worker',
        `a worker failed at the probe: ${outcome.words}`,
        'run workers of the same version as this process',
      );
  }
}

/** Evaluates whether this process and the worker have the same encryption keys. */
export function keysCheck(outcome: ProbeOutcome): Check {
  switch (outcome.type) {
    case 'reported':
      return passed('encryptionKeys', 'the worker and this process can read each other’s payloads');
    case 'unreadable': {
      const who =
        outcome.to === 'worker'
          ? 'the worker cannot read what this process writes'
          : 'this process cannot read what the worker writes';
      return failed('encryptionKeys', `${who}: ${outcome.words}`, SAME_KEYS);
    }
    case 'unanswered':
    case 'broken':
      return skipped('encryptionKeys', NO_ANSWER);
  }
}

/** Evaluates the provider's reply to the worker. */
export function providerCheck(outcome: ProbeOutcome): Check {
  return outcome.type === 'reported' ? evaluateProvider(outcome.report.provider) : skipped('provider', NO_ANSWER);
}

function evaluateProvider(reply: RecordReply): Check {
  switch (reply.type) {
    case 'record.read':
    case 'record.unsupported':
      return passed('provider', 'reached; it accepts the key');
    case 'record.refused':
      return passed('provider', `reached; it accepts the key (${reply.detail} for an unknown user)`);
    case 'record.credentials':
      return failed(
        'provider',
        `it refuses the key: ${reply.detail}`,
        'correct ENTERPRISE_API_KEY of the workers and restart them',
      );
    case 'record.rateLimited':
      return passed('provider', `reached, but it limits our requests (${reply.detail})`);
    case 'record.unread':
      return failed(
        'provider',
        `no usable reply: ${reply.detail}`,
        'correct SFOX_BASE_URL of the workers, or wait until sFOX is back: stalled journeys continue then',
      );
  }
}

/** Webhook signatures are valid for five minutes; a clock that is off by a fifth of that is reported. */
const MAX_CLOCK_SKEW_MS = 60_000;

/** Compares this machine's clock, the server's and the worker's. */
export function clockCheck(ours: ServerClock, outcome: ProbeOutcome): Check {
  const worker = outcome.type === 'reported' ? outcome.report.clock : undefined;
  const clocks = [
    // The server's time must be between the two, or this machine's clock is off.
    { whose: "this machine's clock", ahead: -outside(ours.server, ours.before, ours.after) },
    ...(worker === undefined
      ? []
      : [{ whose: "the worker's clock", ahead: outside(worker.worker, worker.before, worker.after) }]),
  ];
  const found = clocks.map(({ whose, ahead }) => `${whose} ${describeReport(ahead)}`).join(', ');
  if (clocks.every(({ ahead }) => Math.abs(ahead) <= MAX_CLOCK_SKEW_MS)) return passed('clock', found);
  return failed(
    'clock',
    found,
    'synchronize the clock by NTP: webhook signatures that are five minutes off are rejected',
  );
}

/** Returns how far a time is outside a span: above 0 after it, below 0 before it. */
function outside(at: number, from: number, to: number): number {
  if (at < from) return at - from;
  return at > to ? at - to : 0;
}

function describeReport(ahead: number): string {
  const seconds = Math.round(Math.abs(ahead) / 1_000);
  if (seconds === 0) return "agrees with the server's";
  return `is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the server's`;
}
