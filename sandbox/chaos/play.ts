import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../../client/http/index.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { RemoteSfox } from '../sfox/remote.ts';
import { cast } from './cast.ts';
import type { Part } from './cast.ts';
import { asked, deal } from './faults.ts';
import type { Ending } from './judge.ts';
import { Person } from './person.ts';
import type { Stage } from './person.ts';
import { rage } from './storm.ts';
import type { Gap, Hit, Upset } from './storm.ts';

export interface Chaos extends Stage {
  readonly seed: number;
  readonly journeys: number;
  readonly gap: Gap;
  /** People who are on their way at a time. */
  readonly atOnce: number;
  /** Kills the Temporal server, and has it come back. */
  readonly crashServer: () => Promise<void>;
  /** Something has happened, in plain words. */
  readonly tell: (what: string) => void;
}

/** The policy under which it is played: everything is short, and nobody's way is barred by a limit. */
export const policy = `retrySendFor: 3 s
callTimeout: 1 s
codeLife: 3 s
cooldowns: [1 s]
sends: { per10Minutes: 8, perDay: 16 }
guesses: { perCode: 8, perChannel: 12 }
rates: { sendsPerSecond: 12, checksPerSecond: 10 }
recovery: { every: 2 s, perSecond: 10, upToPerSecond: 20 }
`;
/** Of `policy`. */
export const LIMIT = 8;

/** How long the provider is away, in milliseconds. */
const AWAY = 2_500;
/** The storm is over when so many have come to their end: the rest shows that everything heals. */
const UNTIL = 0.9;

const ASK_AGAIN = 500;

/** Plays it. Ends when everyone has come to where their role ends. Throws when somebody has not before the time is up. */
export async function play(chaos: Chaos): Promise<{ endings: Ending[]; hits: Hit[] }> {
  const { fleet, seed, journeys, gap, over, atOnce, tell } = chaos;
  const parts = cast(seed, journeys);
  setMaxListeners(0, over);
  await inTurns(parts, 20, (part) => script(fleet.sfox, seed, part));
  const calm = new AbortController();
  const strike = (what: Upset) => (
    tell(`the ${what} ${what === 'provider' ? 'is away' : 'is killed'}`),
    hit(chaos, what)
  );
  const raging = rage({ seed, gap, strike }, calm.signal);
  const people = parts.map((part) => new Person(part, chaos));
  const onTheirWay = new Set(people);
  const living = inTurns(people, atOnce, async (person) => {
    await person.live();
    onTheirWay.delete(person);
    const arrived = journeys - onTheirWay.size;
    if (arrived % Math.ceil(journeys / 10) === 0) tell(`${arrived} of ${journeys} have come to their end`);
    if (arrived >= journeys * UNTIL) calm.abort();
  })
    .catch((error: unknown) => {
      throw over.aborted ? new Error(`${String(over.reason)}: ${[...onTheirWay].map(whereabouts).join('; ')}`) : error;
    })
    .finally(() => calm.abort());
  // A storm that fails ends it at once, or people would wait for what does not come back.
  const [hits] = await Promise.all([raging, living]);
  return { hits, endings: await endingsOf(chaos, parts, people) };
}

function whereabouts({ userId, seen, doing }: Person): string {
  const { state = 'nowhere', step = null, stalled = null } = seen ?? {};
  return `${userId} at ${[state, step ?? [], stalled?.reason ?? []].flat().join('.')}, ${doing}`;
}

async function script(sfox: RemoteSfox, seed: number, { userId }: Part): Promise<void> {
  for (const call of asked) await sfox.script(userId, call, deal(seed, userId, call));
}

async function hit({ fleet, crashServer, over }: Chaos, what: Upset): Promise<void> {
  switch (what) {
    case 'worker':
    case 'gateway':
      return fleet.crash(what);
    case 'server':
      return crashServer();
    case 'provider':
      await fleet.sfox.outage(true);
      await pause(AWAY, undefined, { signal: over }).catch(() => {});
      await fleet.sfox.outage(false);
  }
}

/** How everyone stands once all is quiet. */
async function endingsOf({ fleet, over }: Chaos, parts: readonly Part[], people: readonly Person[]): Promise<Ending[]> {
  const endings: Ending[] = [];
  await inTurns(parts, 20, async ({ userId, role }, nth) => {
    const { status, timeline } = await told(fleet, userId, over);
    endings.push({ userId, role, answers: people[nth]?.answers ?? [], status, timeline: timeline?.items ?? [] });
  });
  return endings;
}

/** As the journey itself tells it, which takes a worker: the last that was killed may not be replaced yet. */
async function told(fleet: Fleet<RemoteSfox>, userId: string, over: AbortSignal) {
  for (;;) {
    over.throwIfAborted();
    try {
      const status = await fleet.as('viewer').status(userId);
      if (status.live) return { status, timeline: await fleet.as('viewer').timeline(userId) };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 404) return { status: null, timeline: null };
    }
    await pause(ASK_AGAIN);
  }
}

/** Does something for each, so many at a time. The first failure ends it. */
async function inTurns<T>(
  all: readonly T[],
  atOnce: number,
  work: (one: T, nth: number) => Promise<void>,
): Promise<void> {
  const left = all.entries();
  const take = async () => {
    for (const [nth, one] of left) await work(one, nth);
  };
  await Promise.all(Array.from({ length: atOnce }, take));
}
