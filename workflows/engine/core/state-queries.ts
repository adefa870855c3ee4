import { getNextTransitions } from 'xstate';
import type { AnyMachineSnapshot } from 'xstate';
import type { AnyState } from './definition.ts';

/** Describes the state of a machine to callers that know nothing of its context. */
export function describeState({ snapshot, revision, updatedAt }: AnyState) {
  const { value, status, tags }: AnyMachineSnapshot = snapshot;
  return { value, status, tags: [...tags], revision, updatedAt };
}

/**
 * The events that the machine accepts now. Each is tried with only its type: an event whose guard needs more of it is listed if
 * its guard fails on that.
 */
export function allowedEvents({ snapshot, updatedAt }: Pick<AnyState, 'snapshot' | 'updatedAt'>): readonly string[] {
  const types = new Set(getNextTransitions(snapshot).map(({ eventType }) => eventType));
  return [...types].filter((type) => {
    if (type === '' || type.startsWith('xstate.')) return false;
    try {
      return type.endsWith('*') || snapshot.can({ type, at: updatedAt });
    } catch {
      return true;
    }
  });
}
