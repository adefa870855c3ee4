/** The channels that sFOX has. Onward may verify others as well. */
export const channels = ['email', 'sms'] as const;
export type Channel = (typeof channels)[number];
export type AccountType = 'individual' | 'corporation';

/** Returns whether a value of a request is the name of a channel. */
export function isChannel(value: unknown): value is Channel {
  return channels.some((channel) => channel === value);
}
