import type { Channel } from '../../activities/contract.ts';
import type { AccountType } from './account-types.ts';

/** The facts about a channel. */
interface ChannelFacts {
  /** Its name within a sentence, after "the" or "another": "the e-mail code". */
  readonly name: string;
  /** Its name as a heading: what is verified by it. */
  readonly label: string;
  /** The account types that need it. */
  readonly neededBy: readonly AccountType[];
}

/**
 * The channels, in the order in which they are verified. Context, status, schemas, the CLI, the console and the docs are derived from this
 * object. The module imports nothing at runtime, since browsers load it too.
 */
export const channelFacts = {
  email: { name: 'e-mail', label: 'E-mail', neededBy: ['individual', 'business'] },
  sms: { name: 'SMS', label: 'Phone', neededBy: ['individual'] },
} as const satisfies { readonly [C in Channel]: ChannelFacts };

export const channels = Object.keys(channelFacts) as Channel[];

/** The name of a channel's code within a sentence. */
export const codeName = (channel: Channel) => `${channelFacts[channel].name} code`;

/** What a channel verifies, within a sentence. */
export const subjectName = (channel: Channel) => channelFacts[channel].label.toLowerCase();

/** Returns a value for each channel. */
export function forEachChannel<T>(valueOf: (channel: Channel) => T): { readonly [C in Channel]: T } {
  return Object.fromEntries(channels.map((channel) => [channel, valueOf(channel)])) as { readonly [C in Channel]: T };
}

/** Whether an account of this type needs the channel. */
export function isNeeded(channel: Channel, accountType: AccountType): boolean {
  const { neededBy }: ChannelFacts = channelFacts[channel];
  return neededBy.includes(accountType);
}

/** The first channel that the account needs and that has no evidence yet; `undefined` if all are verified. */
export function firstUnverified(
  accountType: AccountType,
  evidence: { readonly [C in Channel]: unknown },
): Channel | undefined {
  return channels.find((channel) => isNeeded(channel, accountType) && evidence[channel] === null);
}
