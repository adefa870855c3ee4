import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../../workflows/contract.ts';
import { createRequest } from '../../workflows/engine/client.ts';
import type { JourneyFilter } from '../../workflows/search-attributes.ts';
import { WHAT_IF_MEMO, WHAT_IF_PROGRESS_MEMO, WHAT_IF_TYPE, whatIfId } from '../../workflows/what-if/contract.ts';
import type {
  ComparisonPage,
  JourneyComparison,
  WhatIfInput,
  WhatIfOrder,
  WhatIfProgressMemo,
  WhatIfSizes,
} from '../../workflows/what-if/contract.ts';
import { initialState } from '../../workflows/what-if/state.ts';
import { listOutcomes } from '../bulk-operations/results.ts';
import type { OutcomePage } from '../bulk-operations/results.ts';
import { adoptablePolicy } from '../../workflows/journey/policy/adoption.ts';
import type { AdoptablePolicy, PolicyDocument } from '../../workflows/journey/policy/adoption.ts';
import { defaultPolicy } from '../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import { parsePolicyDocument, withQuietHours } from '../config/adoptable-policy.ts';
import type { QuietHoursSetting } from '../config/quiet-hours.ts';
import { translatingErrors } from '../journeys/status-reader.ts';
import { checkLimit } from '../search/list-executions.ts';
import { policyRows } from './policy-rows.ts';
import { whatIfQuery } from './query.ts';
import { listWhatIfs, readWhatIf } from './read.ts';
import type { WhatIf } from './read.ts';
import { RunningWhatIfs } from './running.ts';
import { stopWhatIf } from './stop.ts';
import { whatIfActivityResults } from '../../workflows/what-if/parse.ts';

const comparisons = {
  activity: 'compareJourneys',
  parse: whatIfActivityResults.compareJourneys,
  itemsOf: ({ items }: ComparisonPage) => items,
};

export interface WhatIfRequest {
  /** The content of a policy file, as JSON. */
  readonly policy: PolicyDocument;
  readonly filter?: JourneyFilter;
  /** Only journeys that started at or after this time, RFC 3339. */
  readonly since?: string;
}

export interface WhatIfPage {
  readonly items: readonly WhatIf[];
  /** Cursor of the next page; `null` on the last page. */
  readonly next: string | null;
}

export interface WhatIfOptions {
  readonly client: Client;
  /** The policy of new journeys, which a what-if shows beside the other one. */
  readonly policy?: Policy;
  readonly quietHours?: QuietHoursSetting | null;
  /** The task queue of the journeys. */
  readonly taskQueue?: string;
  readonly sizes?: WhatIfSizes;
}

/** With the longest user ids, the results of one run stay below the 4 MB that a client can read of a history at once. */
const DEFAULT_SIZES: WhatIfSizes = { page: 100, pages: 50 };

/**
 * Starts, reads and stops what-ifs, which compare real journeys with what they would have been under another policy. They change no
 * journey. Reading needs no worker. Every method may throw `Unavailable`; methods for one what-if throw `NotFound`.
 */
export class WhatIfs {
  readonly #client: Client;
  readonly #present: AdoptablePolicy;
  readonly #taskQueue: string;
  readonly #sizes: WhatIfSizes;
  readonly #running: RunningWhatIfs;

  constructor(options: WhatIfOptions) {
    const {
      client,
      policy = defaultPolicy,
      quietHours = null,
      taskQueue = TASK_QUEUE,
      sizes = DEFAULT_SIZES,
    } = options;
    this.#client = client;
    this.#present = withQuietHours(adoptablePolicy(policy, true), quietHours);
    this.#taskQueue = taskQueue;
    this.#sizes = sizes;
    this.#running = new RunningWhatIfs(client);
  }

  /**
   * Starts a what-if.
   *
   * @param by the name of the caller, who may have one running; all callers together may have five
   * @throws BadRequest that names the invalid field
   * @throws TooManyWhatIfs
   */
  async start(
    { policy: document, filter = {}, ...request }: WhatIfRequest,
    by: string,
  ): Promise<{ readonly id: string }> {
    const { since = null } = request;
    const policy = parsePolicyDocument(document);
    const query = whatIfQuery({ filter, since });
    return translatingErrors(async () => {
      const { count } = await this.#client.workflow.count(query);
      const [id, at] = [randomUUID(), new Date().toISOString()];
      const policies = policyRows(this.#present, policy);
      const request = { document, policy, policies, filter, since };
      const order = { ...request, id, total: count, by, at, sizes: this.#sizes };
      await this.#running.start({ id, by }, () => this.#startWorkflow(order));
      return { id };
    });
  }

  async #startWorkflow(input: WhatIfInput): Promise<void> {
    const { id, document, policies, filter, since, total, by, at } = input;
    const order: WhatIfOrder = { id, document, policies, filter, since, total, by, at };
    const { progress, processedIn } = initialState(order.at);
    await this.#client.workflow.start(WHAT_IF_TYPE, {
      workflowId: whatIfId(order.id),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      taskQueue: this.#taskQueue,
      args: [createRequest('start', WHAT_IF_TYPE, input)],
      memo: {
        [WHAT_IF_MEMO]: createRequest('memo', WHAT_IF_MEMO, order),
        [WHAT_IF_PROGRESS_MEMO]: createRequest<WhatIfProgressMemo>('memo', WHAT_IF_PROGRESS_MEMO, {
          progress,
          processedIn,
        }),
      },
      staticSummary: `compares ${order.total} journeys with what they would have been under another policy`,
    });
  }

  /**
   * Lists what-ifs, the newest first.
   *
   * @param limit 1 to 200
   * @param cursor `next` of the previous page
   */
  list(limit = 50, cursor?: string): Promise<WhatIfPage> {
    return translatingErrors(async () => {
      checkLimit(limit, 'what-ifs');
      return listWhatIfs(this.#client, limit, cursor);
    });
  }

  /** Stops a what-if. One that has ended is left unchanged. Needs no worker. */
  stop(id: string): Promise<WhatIf> {
    return translatingErrors(async () => {
      await readWhatIf(this.#client, id);
      await stopWhatIf(this.#client, whatIfId(id));
      return (await readWhatIf(this.#client, id)).whatIf;
    });
  }

  /** Returns a what-if with the journeys that are not the same, in pages of up to 200. */
  get(
    id: string,
    page: { readonly limit?: number; readonly cursor?: string } = {},
  ): Promise<WhatIf & OutcomePage<JourneyComparison>> {
    return translatingErrors(async () => {
      const { whatIf, runIds } = await readWhatIf(this.#client, id);
      const results = { workflowId: whatIfId(id), runIds, ...comparisons };
      return { ...whatIf, ...(await listOutcomes(this.#client, results, page)) };
    });
  }
}
