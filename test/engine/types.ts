import { setup } from 'xstate';
import { engineActivities } from '../../workflows/engine/activity.ts';
import { defineModel, effect, objectOf, parseNumber, parseText, setupWorkflow } from '../../workflows/engine/index.ts';

/** Type tests, which are compiled but not run: `tsc` fails if a line marked with `@ts-expect-error` compiles. */

const effects = { send: effect<{ readonly to: string }>(), stop: effect() };
const machine = setup({
  types: { events: {} as { readonly type: 'sent'; readonly at: number } },
  actions: effects,
}).createMachine({
  // @ts-expect-error an effect that was not declared
  exit: 'missing',
  // @ts-expect-error the effect has parameters of another type
  entry: { type: 'send', params: { to: 1 } },
});
const model = defineModel({ machine, effects });

interface Activities {
  deliver(request: { readonly to: string }): Promise<{ readonly id: string }>;
}
const { createWorkflow } = setupWorkflow({ model, types: { activities: {} as Activities } });
const rest = { parseStart: (body: unknown) => body, input: () => undefined, updates: {} } as const;
const send = {
  activity: 'deliver',
  request: ({ to }: { readonly to: string }) => ({ to }),
  options: () => ({ startToCloseTimeout: 1_000 }),
  parseResult: objectOf({ id: parseText }),
  onResult: () => ({ type: 'sent' }) as const,
  onFailure: () => undefined,
} as const;

const stop = { cancels: 'send' } as const;
const noActivity = { ...send, activity: 'lose' } as const;
const wrongRequest = { ...send, request: () => ({ to: 1 }) } as const;
const wrongResult = { ...send, parseResult: objectOf({ id: parseNumber }) } as const;
const wrongEvent = { ...send, onResult: () => ({ type: 'lost' }) as const } as const;

export const complete = createWorkflow({ ...rest, perform: { send, stop } });

// @ts-expect-error the effect `stop` is not mapped
export const unmapped = createWorkflow({ ...rest, perform: { send } });

// @ts-expect-error only an effect can be cancelled
export const cancelsNothing = createWorkflow({ ...rest, perform: { send, stop: { cancels: 'receive' } } });

// @ts-expect-error the activity does not exist
export const lost = createWorkflow({ ...rest, perform: { send: noActivity, stop } });

// @ts-expect-error the activity takes another request
export const misused = createWorkflow({ ...rest, perform: { send: wrongRequest, stop } });

// @ts-expect-error the activity returns another result
export const misread = createWorkflow({ ...rest, perform: { send: wrongResult, stop } });

// @ts-expect-error nothing parses the result
export const unparsed = createWorkflow({ ...rest, perform: { send: { ...send, parseResult: undefined }, stop } });

// @ts-expect-error the machine has no such event
export const misunderstood = createWorkflow({ ...rest, perform: { send: wrongEvent, stop } });

const activities = {
  deliver: async ({ to }: { readonly to: string }) => to,
  collect: async (nth: number) => nth,
};
const parseDelivery = objectOf({ to: parseText });
const info = () => ({ activityType: 'deliver' });

engineActivities(activities, { deliver: parseDelivery, collect: parseNumber }, info);

// @ts-expect-error no parser for the request of `collect`
engineActivities(activities, { deliver: parseDelivery }, info);

// @ts-expect-error a parser of another request
engineActivities(activities, { deliver: parseDelivery, collect: parseText }, info);
