import { accountTypes } from '../../workflows/context.ts';
import type { JourneyInput } from '../../workflows/context.ts';
import { defaultPolicy, SECOND } from '../../workflows/policy.ts';
import type { Policy } from '../../workflows/policy.ts';
import type { Machine } from '../../workflows/step.ts';
import { NOW } from './canonical.ts';
import { movesAt } from './moves.ts';
import { nameAt } from './place.ts';
import type { Place } from './place.ts';
import { start, takeAll } from './take.ts';
import type { Change, Choice } from './take.ts';

/** Limits as small as can be without one of them hiding another. */
export const smallPolicy: Policy = {
  ...defaultPolicy,
  cooldowns: [30 * SECOND],
  sends: { per10Minutes: 2, perDay: 3 },
  guesses: { perCode: 1, perChannel: 2 },
};

/** The smallest limits that there can be, where the whole space of a machine is walked through that is not the real one. */
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

/** Every place that can be come to, and every way between them. */
export interface Space {
  readonly places: ReadonlyMap<string, Place>;
  readonly ways: ReadonlyMap<string, readonly Edge[]>;
  /** From where each was come to first, and how. */
  readonly origins: ReadonlyMap<string, Origin>;
}

export interface Origin {
  readonly from: string;
  readonly change: Pick<Change, 'move'>;
}

/** The beginnings that differ to the machine. */
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
 * Walks breadth-first through everything that can happen. Each change is shown once, the nearest first; where that is
 * enough, the walk ends there.
 */
export function explore(
  inputs: readonly JourneyInput[],
  isEnough: (change: Change, from: string) => boolean = () => false,
  machine?: Machine,
): Space {
  const places = new Map<string, Place>();
  const ways = new Map<string, Edge[]>();
  const origins = new Map<string, Origin>();
  const space = { places, ways, origins };
  const arrive = (change: Change, from: string): string => {
    const { name, place } = nameAt(change.after.journey, change.after.asked);
    if (!places.has(name)) {
      places.set(name, place(machine));
      origins.set(name, { from, change: { move: change.move } });
    }
    return name;
  };
  for (const input of inputs) {
    const change = start(input, machine);
    arrive(change, '');
    if (isEnough(change, '')) return space;
  }
  // A map is walked through in the order of what is put in, also while it is.
  for (const [name, from] of places) {
    const out: Edge[] = [];
    ways.set(name, out);
    for (const move of movesAt(from)) {
      for (const change of takeAll(from, move, machine)) {
        if (move.kind === 'command' && change.after.journey === from.journey) continue;
        if (isEnough(change, name)) return space;
        out.push({ to: arrive(change, name), move, choice: change.choice });
      }
    }
  }
  return space;
}

/** How many places and ways a journey of one setting can come to; a restart keeps the setting. */
export function sizeOf({ ways }: Space, input: JourneyInput): { readonly places: number; readonly ways: number } {
  const { accountType, policy } = input;
  const smsStart = accountType === 'business' ? 'automatic' : policy.smsStart;
  const { journey, asked } = start(input).after;
  const seen = new Set([nameAt(journey, asked).name]);
  let count = 0;
  for (const name of seen) {
    for (const { to, choice, move } of ways.get(name) ?? []) {
      if (choice !== undefined && (choice.accountType !== accountType || choice.smsStart !== smsStart)) continue;
      if (move.kind === 'restart' && move.carrying.smsStart !== smsStart) continue;
      count += 1;
      seen.add(to);
    }
  }
  return { places: seen.size, ways: count };
}
