import type { JourneyFilter } from '../../workflows/search-attributes.ts';
import { BadRequest } from '../errors.ts';
import { queryOf } from '../search/visibility-query.ts';

export interface WhatIfSelection {
  readonly filter: JourneyFilter;
  /** Only journeys that started at or after this time, RFC 3339; `null`: all. */
  readonly since: string | null;
}

/** The visibility query of the journeys of a what-if. */
export function whatIfQuery({ filter, since }: WhatIfSelection): string {
  if (since === null) return queryOf(filter);
  const at = Date.parse(since);
  if (Number.isNaN(at)) throw new BadRequest('since', `since must be an RFC 3339 time; got '${since}'`);
  return `${queryOf(filter)} AND StartTime >= '${new Date(at).toISOString()}'`;
}
