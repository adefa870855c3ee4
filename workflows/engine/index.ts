/** Runs any XState 5 machine as a durable Temporal workflow: see `docs/engine.md`. */
export { defineModel } from './core/model.ts';
export type { LogReducer, Model } from './core/model.ts';
export { effect } from './core/effects.ts';
export type { EffectFailure, EffectRequest, Effects, EffectTable, ParamsOf, UntimedEvent } from './core/effects.ts';
export { setupWorkflow } from './runtime/define-workflow.ts';
export { MAX_STORED_KEYS } from './core/handled-commands.ts';
export type { MachineWorkflow, WorkflowSetup } from './runtime/define-workflow.ts';
export { BUSY, CommandError } from './core/definition.ts';
export type { End, SearchAttributeValue, UpdateDefinition, WorkflowDefinition } from './core/definition.ts';
export { dueStep, initialStep, nextDueAt, nextStep, parseDelayedEvent, UnknownEffectError } from './core/transition.ts';
export type { MachineState, PendingTimer, Step } from './core/transition.ts';
export { restoreState, storeState } from './core/snapshot.ts';
export type { StoredState } from './core/snapshot.ts';
export type { Migrations, StoredFields } from './core/migrations.ts';
export { checkAge, EnvelopeError, open, RequestGate, REQUEST_LIFETIME_MS, seal } from './core/envelope.ts';
export type { Envelope, EnvelopeKind, EnvelopeProblem, EnvelopeType, StoredGate } from './core/envelope.ts';
export {
  eachOf,
  listOf,
  objectOf,
  oneOf,
  orAbsent,
  orNull,
  parseFields,
  parseFlag,
  parseNumber,
  parseText,
  parseUnknown,
  recordOf,
  UnreadableValue,
  variantsOf,
} from './core/parse-values.ts';
export type { Parser } from './core/parse-values.ts';
export { activityCaller, callOnce, PlainWorkflow } from './runtime/plain-workflow.ts';
export type { ActivityResults, PlainWorkflowFunction, PlainWorkflowOptions } from './runtime/plain-workflow.ts';
export type { EndBody } from './client.ts';
