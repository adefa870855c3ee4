import { accountTypes } from '../../workflows/journey/account-types.ts';
import type { JourneyInput } from '../../workflows/journey/context.ts';
import { defaultPolicy, SECOND } from '../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import type { Machine } from '../../workflows/journey/transition.ts';
import { NOW } from './canonical-state.ts';
import { movesAt } from './inputs.ts';
import { nameAt } from './state.ts';
import type { ExploredState } from './state.ts';
import { start, applyMoveVariants } from './apply-input.ts';
import type { Change, Choice } from './apply-input.ts';

/** Limits as small as can be without one of them hiding another. */
export const smallPolicy: Policy = {
  ...defaultPolicy,
  cooldowns: [30 * SECOND],
  sends: { per10Minutes: 2, perDay: 3 },
  guesses: { perCode: 1, perChannel: 2 },
};

/** The smallest possible limits, for mutations whose whole space is explored. */
export const smallestPolicy: Policy = {
  ...smallPolicy,
  sends: { per10Minutes: 1, perDay: 1 },
  guesses: { perCode: 1, perChannel: 1 },
};

export interface Edge {
  readonly to: string;
  readonly move: Change['move'];
  readonly choice: Choice | undefined;
}

/** Every reachable state, and every transition between them. */
export interface Space {
  readonly states: ReadonlyMap<string, ExploredState>;
  readonly edges: ReadonlyMap<string, readonly Edge[]>;
  /** The transition by which each state was reached first. */
  readonly origins: ReadonlyMap<string, Origin>;
}

export interface Origin {
  readonly from: string;
  readonly change: Pick<Change, 'move'>;
}

/** The inputs that the machine distinguishes. */
export function settings(policy: Policy = smallPolicy): JourneyInput[] {
  return accountTypes.flatMap((accountType) =>
    (['send', 'alreadySent'] as const).flatMap((firstEmail) =>
      (['automatic', 'onRequest'] as const).map((smsStart) => ({
        userId: 'ada',
        at: NOW,
        accountType,
        policy: { ...policy, firstEmail, smsStart },
      })),
    ),
  );
}

/**
 * Explores breadth-first everything that can happen. `isEnough` sees each transition once, the nearest first, and ends the exploration by
 * returning true.
 */
export function explore(
  inputs: readonly JourneyInput[],
  isEnough: (change: Change, from: string) => boolean = () => false,
  machine?: Machine,
): Space {
  const states = new Map<string, ExploredState>();
  const edges = new Map<string, Edge[]>();
  const origins = new Map<string, Origin>();
  const space = { states, edges, origins };
  // Names are long: the edges to a state share one string.
  const names = new Map<string, string>();
  const arrive = (change: Change, from: string): string => {
    const { name, toState } = nameAt(change.after.journey, change.after.pending);
    const known = names.get(name);
    if (known !== undefined) return known;
    names.set(name, name);
    states.set(name, toState(machine));
    origins.set(name, { from, change: { move: change.move } });
    return name;
  };
  for (const input of inputs) {
    const change = start(input, machine);
    arrive(change, '');
    if (isEnough(change, '')) return space;
  }
  // The iteration of a map includes what is added during it.
  for (const [name, from] of states) {
    const out: Edge[] = [];
    edges.set(name, out);
    for (const move of movesAt(from)) {
      for (const change of applyMoveVariants(from, move, machine)) {
        if (move.kind === 'command' && change.after.journey === from.journey) continue;
        if (isEnough(change, name)) return space;
        out.push({ to: arrive(change, name), move, choice: change.choice });
      }
    }
  }
  return space;
}

/** How many states and transitions a journey of one setting can reach; a restart keeps the setting. */
export function sizeOf(
  { edges }: Space,
  input: JourneyInput,
): { readonly states: number; readonly transitions: number } {
  const { accountType, policy } = input;
  const smsStart = accountType === 'business' ? 'automatic' : policy.smsStart;
  const { journey, pending } = start(input).after;
  const seen = new Set([nameAt(journey, pending).name]);
  let count = 0;
  for (const name of seen) {
    for (const { to, choice, move } of edges.get(name) ?? []) {
      if (choice !== undefined && (choice.accountType !== accountType || choice.smsStart !== smsStart)) continue;
      if (move.kind === 'restart' && move.variant.smsStart !== smsStart) continue;
      count += 1;
      seen.add(to);
    }
  }
  return { states: seen.size, transitions: count };
}
