import type { Client } from '@temporalio/client';
import { WHAT_IF_TYPE } from '../../workflows/what-if/contract.ts';
import { NotFound, TooManyWhatIfs } from '../errors.ts';
import { listExecutions, MAX_PAGE_SIZE } from '../search/list-executions.ts';
import { readWhatIf, readWhatIfOrder } from './read.ts';

/** How many what-ifs may run at the same time, of all callers. Each caller may have one. */
const MAX_RUNNING = 5;

interface RunningWhatIf {
  readonly id: string;
  /** The name of the caller. */
  readonly by: string;
}

/**
 * Limits how many what-ifs run at the same time. Visibility lists a new one within a second, so this process remembers its own. What
 * several gateways start within the same second may exceed the limit.
 */
export class RunningWhatIfs {
  readonly #client: Client;
  readonly #own = new Map<string, RunningWhatIf & { readonly isStarting: boolean }>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Calls `start` if there is room for another what-if. Throws `TooManyWhatIfs` if there is none. */
  async start({ id, by }: RunningWhatIf, start: () => Promise<void>): Promise<void> {
    const earlier = [...this.#own.keys()];
    this.#own.set(id, { id, by, isStarting: true });
    try {
      checkRoom(by, await this.#running(earlier));
      await start();
      this.#own.set(id, { id, by, isStarting: false });
    } catch (error) {
      this.#own.delete(id);
      throw error;
    }
  }

  async #running(earlier: readonly string[]): Promise<RunningWhatIf[]> {
    const query = `WorkflowType = '${WHAT_IF_TYPE}' AND ExecutionStatus = 'Running'`;
    const { executions } = await listExecutions(this.#client, query, MAX_PAGE_SIZE, undefined);
    const orders = await Promise.all(executions.map((execution) => readWhatIfOrder(this.#client, execution)));
    const listed = orders.flatMap((order) => (order === undefined ? [] : [order.id]));
    const others = [...new Set([...earlier, ...listed.filter((id) => !this.#own.has(id))])];
    const found = await Promise.all(others.map((id) => this.#find(id)));
    return found.filter((one) => one !== undefined);
  }

  /** Returns a what-if that is running now, whatever visibility lists. */
  async #find(id: string): Promise<RunningWhatIf | undefined> {
    const own = this.#own.get(id);
    if (own?.isStarting === true) return own;
    try {
      const { whatIf } = await readWhatIf(this.#client, id);
      if (whatIf.state === 'running') return whatIf;
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
    }
    this.#own.delete(id);
    return undefined;
  }
}

function checkRoom(by: string, running: readonly RunningWhatIf[]): void {
  const own = running.find((each) => each.by === by);
  if (own !== undefined)
    throw new TooManyWhatIfs(`the what-if ${own.id} of ${by} is still running; a caller may have one`);
  if (running.length >= MAX_RUNNING)
    throw new TooManyWhatIfs(`${running.length} what-ifs are running, which is the most`);
}
