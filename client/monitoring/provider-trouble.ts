import type { TroubleKind } from '../../workflows/provider-health/contract.ts';
import type { ProviderTrouble } from './provider-health.ts';

/** Descriptions of provider failures for operators. */

interface Text {
  readonly what: string;
  /** The action for an operator. */
  readonly action: string;
}

export const troubleTexts: { readonly [K in TroubleKind]: Text } = {
  keyRefused: {
    what: 'the provider refuses the enterprise key (401 or 403)',
    action: 'correct ENTERPRISE_API_KEY of the workers and restart them',
  },
  silent: {
    what: 'the provider cannot be reached',
    action: "check SFOX_BASE_URL, DNS and the workers' network, and sFOX's status page; sends are retried meanwhile",
  },
  failing: {
    what: 'the provider answers with errors (5xx, or no usable reply)',
    action: "check sFOX's status page; sends are retried meanwhile",
  },
  unknown: {
    what: 'the provider breaks off requests or does not answer them in time, so that their outcome is unknown',
    action: 'ask sFOX whether codes went out, and raise `callTimeout` in the policy file if sFOX is only slow',
  },
  rateLimited: {
    what: 'the provider limits our requests (429)',
    action: 'lower `rates` in the policy file (ONWARD_POLICY) of the workers and restart them',
  },
};

/** Describes a trouble in one line: what, how many requests, since when, what to do. */
export function describeTrouble({ kind, since, failed, requests }: ProviderTrouble): string {
  const { what, action } = troubleTexts[kind];
  const share = Math.round((100 * failed) / requests);
  return `${what} since ${formatUtc(since)}: ${failed} of the last ${requests} requests (${share} %); ${action}`;
}

/** A time (RFC 3339) to the minute, in UTC: `2026-01-05 12:00 UTC`. */
export const formatUtc = (at: string) => `${at.slice(0, 16).replace('T', ' ')} UTC`;
