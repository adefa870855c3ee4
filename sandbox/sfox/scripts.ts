import { CALLS, type Call, type Fault } from './faults.ts';
import { labelsOf } from './labels.ts';
import { draw } from './random.ts';

/** What lies ahead of one user: faults by call, first one next, and how many requests each call has had. */
export interface Script {
  queue: Record<Call, Fault[]>;
  asked: Record<Call, number>;
}

export type SavedScripts = Record<string, Script>;

/**
 * What chance deals out: what befalls a request whoever asks. Refusals (401, 404, 422) are left out, because they say
 * something about a key or a user, and would be the same at the next try.
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

/** Decides what befalls each request: what was scripted, else what the labels say, else chance. */
export class Scripts {
  readonly #seed: number;
  readonly #faultRate: number;
  readonly #scripts: Map<string, Script>;

  /** Takes the seed of chance, the share of faults by chance (0 to 1), and what was saved. */
  constructor(seed: number, faultRate: number, saved: SavedScripts = {}) {
    this.#seed = seed;
    this.#faultRate = faultRate;
    this.#scripts = new Map(Object.entries(saved));
  }

  /** Puts faults behind those that wait already. */
  add(userId: string, call: Call, faults: readonly Fault[]): void {
    this.#of(userId).queue[call].push(...faults);
  }

  /** Gives the fault for a user's next request and uses it up. */
  next(userId: string, call: Call): Fault {
    const script = this.#of(userId);
    script.asked[call] += 1;
    const always = labelsOf(userId).find((label) => label.always?.[call] !== undefined)?.always?.[call];
    return script.queue[call].shift() ?? always ?? this.#byChance(userId, call, script.asked[call]);
  }

  /** Gives everything as it would be handed to the constructor. */
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

function begin(userId: string): Script {
  const script: Script = {
    queue: { send: [], confirm: [], read: [], register: [] },
    asked: { send: 0, confirm: 0, read: 0, register: 0 },
  };
  for (const { once } of labelsOf(userId)) for (const call of CALLS) script.queue[call].push(...(once?.[call] ?? []));
  return script;
}
