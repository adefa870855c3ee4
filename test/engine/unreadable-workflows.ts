import { condition } from '@temporalio/workflow';
import { setup } from 'xstate';
import {
  activityCaller,
  defineModel,
  objectOf,
  parseNumber,
  parseText,
  PlainWorkflow,
  setupWorkflow,
} from '../../workflows/engine/index.ts';
import type { PlainWorkflowFunction } from '../../workflows/engine/index.ts';

interface Activities {
  count(request: null): Promise<number>;
}

const parseStart = objectOf({ first: parseText });
const parseState = objectOf({ count: parseNumber });

/** Counts what signals bring, or what an activity returns. As `older`, it hands on a state that its next run cannot read. */
export const counter: PlainWorkflowFunction = async (payload) => {
  const workflow = new PlainWorkflow(payload, { parseStart, parseState });
  let count = 0;
  workflow.onSignal('add', parseNumber, (more) => {
    count += more;
  });
  if (workflow.start.first === 'older') return workflow.continueAsNew(JSON.parse('{"count":"three"}'));
  if (workflow.start.first === 'activity') {
    const call = activityCaller<Activities>({ count: parseNumber }, { startToCloseTimeout: '30 s' });
    return workflow.end(await call('count', null));
  }
  await condition(() => count > 0);
  return workflow.end(count);
};

type Event = { readonly type: 'ring'; readonly times: number } | { readonly type: 'tune'; readonly to: number };

const machine = setup({ types: { events: {} as Event } }).createMachine({
  id: 'bell',
  initial: 'silent',
  states: { silent: { on: { ring: 'rung', tune: 'silent' } }, rung: { type: 'final' } },
});

/** Takes a signal and an update, each with a number. */
export const bell = setupWorkflow({
  model: defineModel({ machine, effects: {} }),
  types: { activities: {} },
}).createWorkflow({
  parseStart: () => null,
  input: () => undefined,
  perform: {},
  signals: { ring: { event: (body) => ({ type: 'ring', times: parseNumber(body, 'ring') }) } },
  updates: { tune: { parse: parseNumber, event: (to) => ({ type: 'tune', to }), result: () => null } },
});
