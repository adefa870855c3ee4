import { setup } from 'xstate';
import { defineModel, setupWorkflow } from '../../workflows/engine/index.ts';

const machine = setup({ types: { context: {} as { readonly id: string }, input: {} as { id: string } } }).createMachine(
  {
    id: 'closing',
    version: '1',
    context: ({ input }) => ({ id: input.id }),
    initial: 'closed',
    states: { closed: { type: 'final' } },
  },
);

/** A workflow that ends at once, as cancelled, after a last activity. */
export const closing = setupWorkflow({
  model: defineModel({ machine, effects: {}, version: 1 }),
  types: { activities: {} },
}).createWorkflow({
  parseStart: (body) => String(body),
  input: (id) => ({ id }),
  perform: {},
  updates: {},
  end: ({ snapshot }) => ({
    as: 'cancelled',
    result: null,
    memo: 'result',
    last: { activity: 'farewell', request: snapshot.context.id, options: { startToCloseTimeout: '30 s' } },
  }),
  cancelActivity: 'requestCancellation',
});
