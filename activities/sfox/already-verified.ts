import { channels } from '../channels.ts';
import type { Channel } from '../channels.ts';
import { errorText } from './error-text.ts';
import type { Reply } from './http-client.ts';

/**
 * sFOX documents "Email already verified" and "Phone already verified". A whole sentence has to match, so that one with a
 * negation, a condition or a second subject does not.
 */
const patternFor = (subject: string) => {
  const owner = "(?:(?:the|this|that|your) )?(?:(?:user|customer|client|account)(?:'?s)? )?";
  const verb = '(?:(?:has|is|was|have)(?: been)? )?';
  const verified = '(?:already (?:been )?(?:verified|confirmed)|verified already)';
  const whose = '(?: (?:for|by) (?:this|the) (?:user|customer|client|account))?';
  return new RegExp(`^${owner}${subject} ${verb}${verified}${whose}$`);
};

const PATTERNS: ReadonlyMap<string, RegExp> = new Map(
  Object.entries(channels).map(([channel, { subject }]) => [channel, patternFor(subject)]),
);

/** Whether a reply is a 422 that says that this channel, and no other, is already verified. */
export function saysVerified({ status, body }: Reply, channel: Channel): boolean {
  const text = errorText(body);
  return status === 422 && text !== undefined && PATTERNS.get(channel)?.test(normalize(text)) === true;
}

/** Spaces, underscores of an error code such as `EMAIL_ALREADY_VERIFIED`, and the final punctuation do not matter. */
function normalize(text: string): string {
  return text.trim().toLowerCase().replaceAll('’', "'").replaceAll(/[ _]+/g, ' ').replace(/[.!]$/, '');
}
