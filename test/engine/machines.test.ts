import { describe, expect, it } from '@jest/globals';
import {
  assign,
  createMachine,
  emit,
  enqueueActions,
  fromPromise,
  log,
  raise,
  sendTo,
  setup,
  spawnChild,
} from 'xstate';
import { effect } from '../../workflows/engine/core/effects.ts';
import { defineModel } from '../../workflows/engine/core/model.ts';
import { restoreState, storeState } from '../../workflows/engine/core/snapshot.ts';
import {
  dueStep,
  initialStep,
  nextDueAt,
  nextStep,
  parseDelayedEvent,
} from '../../workflows/engine/core/transition.ts';
import { orderModel } from './order-machine.ts';

const order = { orderId: 'one', amount: 10, approveWithin: 1_000, at: 5_000 };

describe('a machine', () => {
  it.each<[string, string, () => unknown]>([
    [
      'invokes an actor',
      'invokes an actor',
      () => createMachine({ initial: 'a', states: { a: { invoke: { src: fromPromise(async () => 1) } } } }),
    ],
    [
      'invokes a child machine at its root',
      'invokes an actor',
      () => createMachine({ invoke: { src: createMachine({}) } }),
    ],
    [
      'spawns a child',
      "'xstate.spawnChild' starts a child actor",
      () => createMachine({ entry: spawnChild(createMachine({})) }),
    ],
    [
      'sends to another actor',
      "'xstate.sendTo' sends to another actor",
      () => createMachine({ exit: sendTo('other', { type: 'x' }) }),
    ],
    [
      'emits',
      "'xstate.emit' emits to listeners",
      () => createMachine({ on: { go: { actions: emit({ type: 'x' }) } } }),
    ],
    [
      'writes to the console',
      "'xstate.log' writes to the console",
      () => createMachine({ on: { go: { actions: log('x') } } }),
    ],
    [
      'has an inline function',
      'an inline function has no name',
      () => createMachine({ always: { actions: () => {} } }),
    ],
    [
      'names an action that does not exist',
      "the action 'missing' is neither",
      () => createMachine({ initial: 'a', states: { a: { after: { 10: { actions: 'missing' } } } } }),
    ],
    [
      'implements an action outside of the effects',
      "the action 'charge' is neither",
      () => setup({ actions: { charge: () => {} } }).createMachine({ entry: 'charge' }),
    ],
  ])('that %s is refused when it is registered', (_, message, machine) => {
    expect(() => defineModel({ machine: machine() as ReturnType<typeof createMachine>, effects: {} })).toThrow(message);
  });

  it('lists every problem at once, with its place', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      entry: log('x'),
      states: { a: { entry: spawnChild(createMachine({})) } },
    });
    expect(() => defineModel({ machine, effects: {} })).toThrow(
      /machine 'm' cannot run.*\n- m: .*log.*\n- m\.a: .*spawnChild/,
    );
  });

  it('may assign, raise, cancel and enqueue, by name or inline', () => {
    const effects = { send: effect<{ to: string }>() };
    const machine = setup({
      types: { context: {} as { n: number } },
      actions: { ...effects, count: assign({ n: 1 }) },
    }).createMachine({
      context: { n: 0 },
      entry: [
        'count',
        raise({ type: 'go' }),
        enqueueActions(({ enqueue }) => enqueue({ type: 'send', params: { to: 'ada' } })),
      ],
    });
    const { effects: requested } = initialStep(defineModel({ machine, effects }), undefined, 0);
    expect(requested).toEqual([{ type: 'send', params: { to: 'ada' } }]);
  });

  it('is rejected when it enqueues an action without an implementation', () => {
    const machine = setup({ types: { events: {} as { type: 'go' } } }).createMachine({
      id: 'm',
      on: {
        go: { actions: enqueueActions(({ enqueue }) => (enqueue as (action: object) => void)({ type: 'missing' })) },
      },
    });
    const model = defineModel({ machine, effects: {} });
    const { state } = initialStep(model, undefined, 0);
    expect(() => nextStep(model, state, { type: 'go' }, 0)).toThrow("requests the action 'missing', which is neither");
  });

  it('is rejected when an assignment or its context spawns an actor', () => {
    const child = createMachine({});
    const parts = setup({
      actors: { child },
      types: { context: {} as { ref: unknown }, events: {} as { type: 'go' } },
    });
    const atStart = parts.createMachine({ id: 'm', context: ({ spawn }) => ({ ref: spawn('child', { id: 'c' }) }) });
    const later = parts.createMachine({
      id: 'm',
      context: { ref: null },
      on: { go: { actions: assign({ ref: ({ spawn }) => spawn('child', { id: 'c' }) }) } },
    });
    expect(() => initialStep(defineModel({ machine: atStart, effects: {} }), undefined, 0)).toThrow(
      "machine 'm' spawns the actor 'c'",
    );
    const model = defineModel({ machine: later, effects: {} });
    const { state } = initialStep(model, undefined, 0);
    expect(() => nextStep(model, state, { type: 'go' }, 0)).toThrow("machine 'm' spawns the actor 'c'");
  });
});

describe('a step', () => {
  it('returns effects and timers as data', () => {
    const { state, effects } = initialStep(orderModel, order, 5_000);
    expect(effects).toEqual([{ type: 'reserve', params: { amount: 10 } }]);
    expect(state.timers.map(({ dueAt }) => dueAt)).toEqual([6_000]);
    expect([nextDueAt(state), state.revision, state.log]).toEqual([6_000, 1, ['5000 started']]);
    expect(parseDelayedEvent(state.timers[0]?.event.type ?? '')).toEqual({
      delay: 'approveWithin',
      state: 'order.open.approval.awaiting',
    });
  });

  it('returns the same state, by reference, for an event without a transition', () => {
    const { state } = initialStep(orderModel, order, 5_000);
    const reserved = nextStep(orderModel, state, { type: 'payment.reserved', at: 5_001 }, 5_001).state;
    expect(reserved.revision).toBe(2);
    expect(nextStep(orderModel, reserved, { type: 'payment.charged', at: 5_002 }, 5_002).state).toBe(reserved);
  });

  it('that only requests an effect increments the revision, although the snapshot is unchanged', () => {
    const effects = { notify: effect() };
    const machine = setup({ types: { events: {} as { type: 'ping' } }, actions: effects }).createMachine({
      on: { ping: { actions: 'notify' } },
    });
    const model = defineModel({ machine, effects });
    const step = nextStep(model, initialStep(model, undefined, 0).state, { type: 'ping' }, 1);
    expect([step.effects.map(({ type }) => type), step.state.revision]).toEqual([['notify'], 2]);
  });

  it('handles due timers, and removes the timers of states that were left', () => {
    const { state } = initialStep(orderModel, order, 5_000);
    expect(dueStep(orderModel, state, 5_999).state).toBe(state);
    const due = dueStep(orderModel, state, 6_000);
    expect(due.effects.map(({ type }) => type)).toEqual(['stopReserve']);
    expect(due.state.timers).toEqual([]);
  });
});

describe('a stored state', () => {
  it('is plain JSON, and is restored with timers, history states, log and revision', () => {
    const machine = setup({ types: { events: {} as { type: 'hold' | 'resume' | 'next' } } }).createMachine({
      initial: 'on',
      states: {
        on: {
          initial: 'one',
          on: { hold: 'held' },
          states: { one: { on: { next: 'two' } }, two: { after: { 100: 'one' } }, back: { type: 'history' } },
        },
        held: { on: { resume: 'on.back' } },
      },
    });
    const model = defineModel({ machine, effects: {} });
    let { state } = initialStep(model, undefined, 0);
    for (const type of ['next', 'hold'] as const) ({ state } = nextStep(model, state, { type }, 10));
    const restored = restoreState(
      model,
      JSON.parse(JSON.stringify(storeState(model, state))) as Record<string, unknown>,
    );
    expect({ ...restored, snapshot: restored.snapshot.value }).toEqual({ ...state, snapshot: 'held' });
    const resumed = nextStep(model, restored, { type: 'resume' }, 20).state;
    expect(resumed.snapshot.value).toEqual({ on: 'two' });
    expect(nextDueAt(resumed)).toBe(120);
  });

  it('of a newer version, or without a migration to this one, is rejected with both versions', () => {
    const { state } = initialStep(orderModel, order, 0);
    const stored = { ...storeState(orderModel, state) };
    expect(() => restoreState(orderModel, { ...stored, version: 3 })).toThrow(
      'stored by version 3 of the machine, and this code has version 2',
    );
    expect(() => restoreState(orderModel, { ...stored, version: undefined })).toThrow('version undefined');
    expect(() => defineModel({ ...orderModel, migrations: {} })).toThrow('no migration leads from version 1 to 2');
    expect(() => defineModel({ ...orderModel, version: 1 })).toThrow("leads past the machine's version");
  });

  it('in a state that no longer exists is an error', () => {
    const { state } = initialStep(orderModel, order, 0);
    const stored = { ...storeState(orderModel, state), value: 'gone' };
    expect(() => restoreState(orderModel, stored)).toThrow('gone');
  });
});
