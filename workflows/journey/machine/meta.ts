import type { Channel } from '../../../activities/contract.ts';
import type { Step } from '../context.ts';

/** What `meta` says of a public state: the only source of its label, its place in lists, and whether it is final. */
export interface StateFacts {
  readonly state: string;
  readonly label: string;
  readonly order: number;
  readonly kind: 'open' | 'final';
  /** The channel that is verified in this state. */
  readonly channel?: Channel;
}

/** What `meta` says of a state inside: the public step that it belongs to. */
export interface StepFacts {
  readonly step: Step;
}

export type StateMeta = StateFacts | StepFacts;

export function isStateFacts(meta: StateMeta | undefined): meta is StateFacts {
  return meta !== undefined && 'state' in meta;
}
