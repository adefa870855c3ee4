/** How the provider's replies name a channel. */
interface ChannelWording {
  /** The values of a field that names a channel, in lower case. */
  readonly names: readonly string[];
  /** What a sentence such as "Phone already verified" is about, in lower case: the source of a regular expression. */
  readonly subject: string;
}

/** The channels by which the provider verifies a user. The key is the provider's own name in requests and in its record of a user. */
export const channels = {
  email: { names: ['email', 'e-mail'], subject: 'e-?mail(?: address)?' },
  sms: { names: ['sms', 'phone'], subject: '(?:sms|(?:mobile )?(?:tele)?phone|mobile)(?: number)?' },
} as const satisfies Readonly<Record<string, ChannelWording>>;

export type Channel = keyof typeof channels;
