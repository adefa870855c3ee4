import { ApplicationFailure, condition, defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';
import { open, seal } from '../../../workflows/engine/index.ts';
import type { Envelope } from '../../../workflows/engine/index.ts';

const answered = (payload: unknown, name: string) => {
  const { id, body } = open(payload, `update:${name}`);
  return { id, command: Object(body) as { readonly key: string | null; readonly fingerprint: string } };
};

/** A journey of another release, whose replies and refusals this one cannot read. */
export async function onboarding(): Promise<never> {
  setHandler(defineUpdate<Envelope, [unknown]>('pause'), (payload) => {
    const { id, command } = answered(payload, 'pause');
    const result = { preview: { outcome: 'postponed', until: null, why: null } };
    return seal('reply:pause', id, Date.now(), { ...command, requestId: id, result, view: {} });
  });
  setHandler(defineUpdate<Envelope, [unknown]>('retry'), (payload) => {
    const { id, command } = answered(payload, 'retry');
    const refusal = { ...command, requestId: id, type: 'OnHoliday', message: 'the office is closed', details: null };
    throw ApplicationFailure.create({
      type: 'OnHoliday',
      message: 'the office is closed',
      nonRetryable: true,
      details: [seal('refusal:retry', id, Date.now(), refusal)],
    });
  });
  setHandler(defineQuery<Envelope, [unknown]>('preview'), (payload) => {
    const { id } = open(payload, 'query:preview');
    return seal('answer:preview', id, Date.now(), { outcome: 'postponed', until: null, why: null });
  });
  await condition(() => false);
  throw new Error('it never ends by itself');
}
