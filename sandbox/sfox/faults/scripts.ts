import { CALLS, type Call, type Fault } from './faults.ts';
import { labelsOf } from './labels.ts';
import { draw } from '../random.ts';

/** The queued faults of one user by call, the next one first, and the number of requests to each call. */
export interface Script {
  queue: Record<Call, Fault[]>;
  asked: Record<Call, number>;
}

export type SavedScripts = Record<string, Script>;

/**
 * The random faults, which do not depend on the key or the user. A 401, 404 or 422 does, and the next attempt would have the same
 * reply, so those are not in the list.
 */
const BY_CHANCE: readonly Fault[] = [
  { status: 429, retryAfter: 1 },
  { status: 429 },
  { status: 500 },
  { status: 503 },
  { status: 504 },
  'reset-before',
  'reset-after',
  'html',
  { delay: 2000 },
];

/** Selects the fault of each request: a queued one, else one of a label, else a random one. */
export class Scripts {
  readonly #seed: number;
  readonly #faultRate: number;
  readonly #scripts: Map<string, Script>;

  /** Takes the seed of the random faults, their share of the requests (0 to 1), and the saved state. */
  constructor(seed: number, faultRate: number, saved: SavedScripts = {}) {
    this.#seed = seed;
    this.#faultRate = faultRate;
    // A script that an older simulator has saved lacks the newer calls.
    const complete = ([userId, { queue, asked }]: [string, Script]) =>
      [userId, { queue: { ...empty().queue, ...queue }, asked: { ...empty().asked, ...asked } }] as const;
    this.#scripts = new Map(Object.entries(saved).map(complete));
  }

  /** Appends faults to the queue. */
  add(userId: string, call: Call, faults: readonly Fault[]): void {
    this.#of(userId).queue[call].push(...faults);
  }

  /** Returns the fault of a user's next request and removes it from the queue. */
  next(userId: string, call: Call): Fault {
    const script = this.#of(userId);
    script.asked[call] += 1;
    const always = labelsOf(userId).find((label) => label.always?.[call] !== undefined)?.always?.[call];
    return script.queue[call].shift() ?? always ?? this.#byChance(userId, call, script.asked[call]);
  }

  /** Returns the state in the form that the constructor takes. */
  save(): SavedScripts {
    return Object.fromEntries(this.#scripts);
  }

  #of(userId: string): Script {
    const known = this.#scripts.get(userId);
    if (known) return known;
    const fresh = begin(userId);
    this.#scripts.set(userId, fresh);
    return fresh;
  }

  #byChance(userId: string, call: Call, nth: number): Fault {
    if (call !== 'send' && call !== 'confirm') return 'ok';
    const name = `${call}/${nth}/${userId}`;
    if (draw(this.#seed, `fault/${name}`) >= this.#faultRate) return 'ok';
    return BY_CHANCE[Math.floor(draw(this.#seed, `kind/${name}`) * BY_CHANCE.length)] ?? 'ok';
  }
}

function empty(): Script {
  return {
    queue: { send: [], confirm: [], read: [], register: [], deactivate: [], list: [] },
    asked: { send: 0, confirm: 0, read: 0, register: 0, deactivate: 0, list: 0 },
  };
}

function begin(userId: string): Script {
  const script = empty();
  for (const { once } of labelsOf(userId)) for (const call of CALLS) script.queue[call].push(...(once?.[call] ?? []));
  return script;
}
