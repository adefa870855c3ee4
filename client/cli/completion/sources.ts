import type { Argument, Option } from 'commander';
import type { OnwardClient } from '../../http-client/index.ts';

/** Reads the ids for the shell completion from the gateway. */

/** Returns the ids that can complete a word. */
export type Source = (client: OnwardClient, start: string, options: { signal: AbortSignal }) => Promise<string[]>;

const MAX_CANDIDATES = 50;

export const userIds: Source = async (client, start, options) => {
  const { items } = await client.list({ limit: MAX_CANDIDATES, ...(start !== '' && { userIdPrefix: start }) }, options);
  return [...new Set(items.map(({ userId }) => userId))];
};

export const operationIds: Source = async (client, _start, options) =>
  (await client.operations({ limit: MAX_CANDIDATES }, options)).items.map(({ id }) => id);

export const reconciliationIds: Source = async (client, _start, options) =>
  (await client.reconciliations({ limit: MAX_CANDIDATES }, options)).items.map(({ id }) => id);

export const webhookIds: Source = async (client, _start, options) =>
  (await client.webhooks({ limit: MAX_CANDIDATES }, options)).items.map(({ id }) => id);

const sources = new WeakMap<Argument | Option, Source>();

/** Sets the source of the values of an argument or option. */
export function completedBy<T extends Argument | Option>(part: T, source: Source): T {
  sources.set(part, source);
  return part;
}

export const sourceOf = (part: Argument | Option): Source | undefined => sources.get(part);
