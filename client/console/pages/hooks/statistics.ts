import type { Statistics } from 'onward/client';
import { client } from '../api.js';
import { useClock, useLoaded } from './live.js';
import type { LoadState } from './live.js';

export type Resolution = Statistics['resolution'];

const REFRESH_MS = 30_000;

/** Loads the figures of the last 24 hours or 30 days, again every 30 seconds. */
export function useStatistics(resolution: Resolution): LoadState<Statistics> {
  const turn = Math.floor(useClock(5_000) / REFRESH_MS);
  return useLoaded(() => client.statistics({ resolution }), [resolution, turn]);
}
