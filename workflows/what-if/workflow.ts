import { workflowInfo } from '@temporalio/workflow';
import { activityCaller, CommandError, PlainWorkflow } from '../engine/index.ts';
import type { PlainWorkflowFunction } from '../engine/index.ts';
import { MINUTE, SECOND } from '../journey/policy/policy.ts';
import { formatTime } from '../journey/status/status.ts';
import { WHAT_IF_PROGRESS_MEMO, whatIfId } from './contract.ts';
import type { WhatIfActivities, WhatIfInput, WhatIfProgress, WhatIfProgressMemo } from './contract.ts';
import { parseInput, parseState, whatIfActivityResults } from './parse.ts';
import { addCounts, initialState } from './state.ts';

/**
 * Compares real journeys with what they would have been under another policy. Changes no journey.
 *
 * 1. An activity lists a page of journeys and compares each. Its result has the journeys that differ, and stays in the history.
 * 2. The workflow only adds up the counts, so neither side has more than a page in memory.
 * 3. The progress is in the memo, so reading it needs no worker.
 */
export const whatIf: PlainWorkflowFunction = async (payload) => {
  const workflow = new PlainWorkflow(payload, { parseStart: parseOrder, parseState });
  const { sizes, policy, filter, since, at } = workflow.start;
  let state = workflow.previous ?? initialState(formatTime(Date.now()));
  const publish = (end?: WhatIfProgress['state']): WhatIfProgressMemo => {
    const progress = { ...state.progress, ...(end && { state: end }), updatedAt: formatTime(Date.now()) };
    const memo = { progress, processedIn: state.processedIn };
    workflow.upsertMemo(WHAT_IF_PROGRESS_MEMO, memo);
    return memo;
  };
  for (let pages = 0; pages < sizes.pages; pages += 1) {
    const request = { policy, filter, since, at, page: sizes.page, cursor: state.cursor };
    const { counts, next } = await call('compareJourneys', request);
    const { runId } = workflowInfo();
    state = {
      progress: { ...state.progress, ...addCounts(state.progress, counts) },
      cursor: next,
      processedIn: pages === 0 ? [...state.processedIn, runId] : state.processedIn,
    };
    if (next === null) return workflow.end(publish('done'));
    publish();
  }
  return workflow.continueAsNew(state);
};

/** A page takes a second. It takes minutes if journeys have to be queried and no worker answers, since each read is repeated. */
const PAGE_TIMEOUT_MS = 15 * MINUTE;

const call = activityCaller<WhatIfActivities>(whatIfActivityResults, {
  startToCloseTimeout: PAGE_TIMEOUT_MS,
  heartbeatTimeout: 10 * SECOND,
  retry: { initialInterval: SECOND, maximumInterval: MINUTE / 2 },
});

function parseOrder(body: unknown, path: string): WhatIfInput {
  const order = parseInput(body, path);
  if (whatIfId(order.id) === workflowInfo().workflowId) return order;
  throw new CommandError('BadRequest', 'the order is of another what-if');
}
