import { eachOf, listOf, objectOf, orAbsent, orNull, parseNumber, recordOf } from '../engine/core/parse-values.ts';
import type { Parser } from '../engine/core/parse-values.ts';
import { channels, forEachChannel } from '../journey/channels.ts';
import type { CodeTotals } from './code-counts.ts';
import type { AttemptCounts, HourCounts, ProviderHealthStart, ProviderHealthState, StoredHealth } from './contract.ts';

/** Parsers of what workers report and the workflow stores. Another release may have written it; names that only it knows are passed on. */

const parseCounts = recordOf(parseNumber);
const reported = { sends: parseNumber, replies: parseCounts };
const ofRequests = { durations: listOf(parseNumber), events: parseCounts };
const users = recordOf(listOf(parseNumber));
/** A release that did not know a channel has sent no codes on it. */
const parseCodes = eachOf(channels, orAbsent(parseNumber, 0));

export const parseAttempts: Parser<AttemptCounts> = objectOf(reported, { ...ofRequests, users, codes: parseCodes });

const parseMinute = objectOf({ ...reported, minute: parseNumber }, { users });
const parseHour: Parser<HourCounts> = objectOf({ ...reported, hour: parseNumber }, ofRequests);
export const parseHours: Parser<readonly HourCounts[]> = listOf(parseHour);

const parseWindow = objectOf({ from: parseNumber, ...forEachChannel(() => orAbsent(parseNumber, 0)) });
const parseTotals: Parser<CodeTotals> = objectOf({ hour: parseWindow, day: parseWindow });

const health = { minutes: listOf(parseMinute), lastGoodAt: orNull(parseNumber) };
const sinceHealth = { codes: parseTotals, failingSince: parseCounts };

export const parseHealth: Parser<ProviderHealthState> = objectOf(health, sinceHealth);
export const parseStoredHealth: Parser<StoredHealth> = objectOf({ ...health, hours: parseHours }, sinceHealth);

/** A start without a body has the defaults. */
export const parseStart: Parser<ProviderHealthStart> = (value, path) =>
  objectOf({}, { maxRunMs: parseNumber, maxIdleMs: parseNumber })(value ?? {}, path);
