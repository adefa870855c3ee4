import { describe, expect, it } from '@jest/globals';
import { checkPreviousAttempt, describeAttempt, firstTriedAt } from '../../activities/send-attempts.ts';

const SCHEDULED = { scheduledTimestampMs: 1_000, currentAttemptScheduledTimestampMs: 1_000 };
const LATER = { scheduledTimestampMs: 1_000, currentAttemptScheduledTimestampMs: 9_000 };

const attemptOf = (runId: string, attempt: number, heartbeatDetails?: unknown) => ({
  workflowExecution: { workflowId: 'onboarding:ada', runId },
  attempt,
  heartbeatDetails,
});
const first = describeAttempt(attemptOf('run', 1), 500);

describe('an attempt of a send', () => {
  it('is made if it is the first, or if the one before it has failed by itself', () => {
    expect(() => checkPreviousAttempt({ ...attemptOf('run', 1), ...SCHEDULED })).not.toThrow();
    expect(() => checkPreviousAttempt({ ...attemptOf('run', 2, first), ...LATER })).not.toThrow();
    expect(firstTriedAt(attemptOf('run', 2, first))).toBe(500);
  });

  it.each([
    ['without a heartbeat of the one before', attemptOf('run', 2)],
    ['after a heartbeat that something else has written', attemptOf('run', 2, { firstTriedAt: 500, attempt: 1 })],
    ['with the heartbeat of another attempt', attemptOf('run', 3, first)],
    ['with the recorded heartbeat of an earlier run', attemptOf('run 2', 2, first)],
    ['that counts as the first after a reset', attemptOf('run', 1, first)],
  ])('is not made %s', (_, info) => {
    expect(() => checkPreviousAttempt({ ...info, ...LATER })).toThrow('not ended by a worker');
  });
});
