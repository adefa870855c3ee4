import type { z } from 'zod';
import type * as listing from '../gateway/schemas/journeys.ts';
import type * as now from '../gateway/schemas/dashboard.ts';
import type * as statistics from '../gateway/schemas/statistics.ts';
import type * as operations from '../gateway/schemas/bulk-operations.ts';
import type * as reconciliations from '../gateway/schemas/reconciliations.ts';
import type * as whatIfs from '../gateway/schemas/what-ifs.ts';
import type * as outcomes from '../gateway/schemas/command-preview.ts';
import type { ProblemCode as Catalogued } from '../gateway/plugins/problems.ts';
import type { CommandArguments, CommandName as Name } from '../../workflows/journey/commands.ts';
import type * as sessions from '../gateway/schemas/session.ts';
import type * as exported from '../gateway/schemas/exports.ts';
import type * as receipts from '../gateway/schemas/receipts.ts';
import type * as operators from '../gateway/schemas/operators.ts';
import type * as schemas from '../gateway/schemas/journey.ts';

/** Request and response types of the API, from the schemas that validate them. Types only: no gateway code is loaded. */

export type Status = z.output<typeof schemas.Status>;
export type State = Status['state'];
export type Channel = z.output<typeof schemas.CodeBody>['channel'];
export type Allowed = z.output<typeof schemas.Allowed>;
export type StartRequest = z.output<typeof schemas.StartBody>;
export type CodeRequest = z.output<typeof schemas.CodeBody>;
export type CodeAnswer = z.output<typeof schemas.CodeOutcome> | z.output<typeof schemas.CodePending>;
export type ResendRequest = CommandArguments<'resend'>;
export type RecheckRequest = CommandArguments<'recheck'>;
export type ReasonRequest = z.output<typeof schemas.ReasonBody>;
export type SupersedeRequest = z.output<typeof schemas.SupersedeBody>;
export type OverrideRequest = CommandArguments<'override'>;
export type JourneyExport = z.output<typeof exported.JourneyExport>;
export type Receipt = z.output<typeof receipts.Receipt>;
export type Jwks = z.output<typeof receipts.Jwks>;
export type Timeline = z.output<typeof schemas.Timeline>;
export type ListRequest = z.output<typeof listing.ListQuery>;
export type PageRequest = z.output<typeof listing.PageQuery>;
export type JourneyPage = z.output<typeof listing.JourneyPage>;
export type Summary = z.output<typeof listing.Summary>;
export type OperationRequest = z.output<typeof operations.BulkOperationBody>;
export type DecisionRequest = z.output<typeof operations.DecisionBody>;
export type Operation = z.output<typeof operations.Operation>;
export type OperationPage = z.output<typeof operations.OperationPage>;
export type OperationReport = z.output<typeof operations.OperationReport>;
export type ReconciliationRequest = z.output<typeof reconciliations.ReconciliationBody>;
export type Reconciliation = z.output<typeof reconciliations.Reconciliation>;
export type ReconciliationPage = z.output<typeof reconciliations.ReconciliationPage>;
export type ReconciliationReport = z.output<typeof reconciliations.ReconciliationReport>;
export type WhatIfRequest = z.output<typeof whatIfs.WhatIfBody>;
export type WhatIf = z.output<typeof whatIfs.WhatIf>;
export type WhatIfPage = z.output<typeof whatIfs.WhatIfPage>;
export type WhatIfReport = z.output<typeof whatIfs.WhatIfReport>;
export type RecoveryStatus = z.output<typeof operations.RecoveryStatus>;
export interface Created {
  readonly id: string;
}
export type Webhooks = z.output<typeof listing.Undelivered>;
export type WebhooksResendRequest = z.output<typeof operations.ResendBody>;
export type ActsRequest = z.output<typeof operators.ActQuery>;
export type ActsFilter = z.output<typeof operators.ActCsvQuery>;
export type ActPage = z.output<typeof operators.ActPage>;
export type Note = z.output<typeof operators.Note>;
export type NotePage = z.output<typeof operators.NotePage>;
export type NoteRequest = z.output<typeof operators.NoteBody>;
export type CommandPreview = z.output<typeof outcomes.CommandPreview>;
export type PreviewRequest = z.output<typeof outcomes.PreviewQuery>;
export type CountRequest = z.output<typeof listing.CountQuery>;
export type Dashboard = z.output<typeof now.Dashboard>;
export type StatisticsRequest = z.output<typeof statistics.StatisticsQuery>;
export type Statistics = z.output<typeof statistics.Statistics>;
export type Principal = z.output<typeof sessions.Principal>;
export type Erased = z.output<typeof schemas.Erased>;

export type CommandName = Name;

/** The arguments of any command. */
export type AnyCommandRequest = { readonly channel?: Channel | undefined; readonly reason?: string | undefined };

/** A method for each command, named as the command. */
export type CommandMethods = {
  readonly [C in Name]: object extends CommandArguments<C>
    ? (
        userId: string,
        request?: { [K in keyof CommandArguments<C>]: CommandArguments<C>[K] },
        options?: CommandOptions,
      ) => Promise<Status>
    : (
        userId: string,
        request: { [K in keyof CommandArguments<C>]: CommandArguments<C>[K] },
        options?: CommandOptions,
      ) => Promise<Status>;
};

/** `unreachable`: no complete response arrived. `unexpected_response`: something other than Onward responded, such as a proxy. */
export type ProblemCode = Catalogued | 'unreachable' | 'unexpected_response';

/** Options of every call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Options of a command. The same request with the same key is executed once. */
export interface CommandOptions extends CallOptions {
  readonly idempotencyKey?: string | undefined;
  /** The revision of the status that the caller has seen. The command is refused with `revision_differs` if it is another. */
  readonly ifRevision?: number | undefined;
}
