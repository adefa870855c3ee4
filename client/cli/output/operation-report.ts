import { formatTime } from '../../presentation/format-time.ts';
import { awaitsText, operationHeadline } from '../../presentation/operation-text.ts';
import type { Operation, OperationReport } from '../../http-client/index.ts';
import type { CliContext } from '../context.ts';
import { printNext } from '../options/pagination.ts';
import { formatTableTime } from './format-status.ts';
import { hasEnded, progressBar } from './progress.ts';

/** Prints a bulk operation and its results. */
export function showReport(context: CliContext, report: OperationReport): void {
  const { out } = context;
  const isAwaiting = report.state === 'awaitingApproval';
  if (out.isTerminal && !hasEnded(report) && !isAwaiting) out.writeLine(progressBar(report));
  if (out.isTerminal) out.writeLine(printReport(report));
  if (out.isTerminal && isAwaiting) return;
  const isResend = report.command === 'resendWebhooks';
  const rows = report.items.map(({ userId, outcome, until, why, webhook }) => [
    ...(isResend ? [webhook?.id ?? ''] : []),
    userId,
    outcome,
    until === null ? '' : formatTableTime(context, until),
    why ?? '',
  ]);
  out.table(
    [...(isResend ? ['webhook-id'] : []), 'user', report.dryRun ? 'would be' : 'outcome', 'until', 'why'],
    rows,
  );
  printNext(context, report.next);
}

function printReport(report: OperationReport): string {
  const { command, dryRun, done, total, expected, outcomes, by, reason, stopped, note, overlaps } = report;
  const counts = Object.entries(outcomes).filter(([, count]) => count > 0);
  const headline = operationHeadline(report);
  return [
    `${headline}: ${command}${dryRun ? ' (dry run)' : ''}, ${done} of ${total ?? expected} (${by.name}: ${reason})`,
    ...approvalLines(report),
    ...(stopped === null ? [] : [`stopped by ${stopped.by.name}: ${stopped.reason}`]),
    ...(note === null ? [] : [note]),
    ...(counts.length === 0 ? [] : [counts.map(([outcome, count]) => `${count} ${outcome}`).join(', ')]),
    ...overlaps.map(
      (other) =>
        `warning: ${other.command} by ${other.by.name} acts on ${other.users} of these users now: onward operations show ${other.id}`,
    ),
  ].join('\n');
}

/** Says what an operation waits for and what to do, or who decided about it. */
function approvalLines(operation: Operation): string[] {
  const { id, approval, filter, webhooks, perSecond, dryRunId, digest } = operation;
  const decision = approval?.decision ?? null;
  if (decision !== null) return [`${decision.decision} by ${decision.by.name}: ${decision.reason}`];
  const awaits = awaitsText(operation);
  if (approval === null || awaits === null) return [];
  return [
    awaits,
    `filter: ${JSON.stringify(webhooks ?? filter)}, ${perSecond} a second`,
    `digest: ${digest}`,
    `expires: ${formatTime(approval.until)}`,
    ...(dryRunId === null ? [] : [`expected results: onward operations show ${dryRunId}`]),
    `to decide, as another operator: onward operations approve ${id} <why>, or reject`,
  ];
}
