import type { z } from 'zod';
import type * as listing from '../gateway/listing-schemas.ts';
import type * as now from '../gateway/now-schemas.ts';
import type * as operators from '../gateway/operators-schemas.ts';
import type * as outcomes from '../gateway/outcome-schemas.ts';
import type { ProblemCode as Catalogued } from '../gateway/problems.ts';
import type * as schemas from '../gateway/schemas.ts';

/** What the doors take and give, from the schemas that check it. Types alone: nothing of the gateway is loaded. */

export type Status = z.output<typeof schemas.Status>;
export type State = Status['state'];
export type Channel = z.output<typeof schemas.CodeBody>['channel'];
export type Allowed = z.output<typeof schemas.Allowed>;
export type StartRequest = z.output<typeof schemas.StartBody>;
export type CodeRequest = z.output<typeof schemas.CodeBody>;
export type CodeAnswer = z.output<typeof schemas.CodeOutcome> | z.output<typeof schemas.CodePending>;
export type ResendRequest = NonNullable<z.output<typeof schemas.ResendBody>>;
export type RecheckRequest = NonNullable<z.output<typeof schemas.RecheckBody>>;
export type ReasonRequest = z.output<typeof schemas.ReasonBody>;
export type OverrideRequest = z.output<typeof schemas.OverrideBody>;
export type Timeline = z.output<typeof schemas.Timeline>;
export type ListRequest = z.output<typeof listing.ListQuery>;
export type PageRequest = z.output<typeof listing.PageQuery>;
export type Listing = z.output<typeof listing.Listing>;
export type Summary = z.output<typeof listing.Summary>;
export type OperationRequest = z.output<typeof operators.OperationBody>;
export type Operation = z.output<typeof operators.Operation>;
export type OperationPage = z.output<typeof operators.OperationPage>;
export type OperationReport = z.output<typeof operators.OperationReport>;
export type RecoveryStatus = z.output<typeof operators.RecoveryStatus>;
export type Webhooks = z.output<typeof listing.Undelivered>;
export type Forecast = z.output<typeof outcomes.Forecast>;
export type ForecastRequest = z.output<typeof outcomes.ForecastQuery>;
export type CountRequest = z.output<typeof listing.CountQuery>;
export type Now = z.output<typeof now.Now>;
export type Erased = z.output<typeof schemas.Erased>;

/** `unreachable`: nobody answered. `unexpected`: somebody else than Onward did, such as a proxy. */
export type ProblemCode = Catalogued | 'unreachable' | 'unexpected';

/** What every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What a command takes: under the same key, the same request is carried out once. */
export interface CommandOptions extends CallOptions {
  readonly idempotencyKey?: string | undefined;
}
