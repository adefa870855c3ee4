import { z } from 'zod';
import { accountTypes } from '../../workflows/journey/account-types.ts';
import type { AccountType } from '../../workflows/journey/account-types.ts';

/** JSON pointers (RFC 6901) to the fields of a sign-up event. */
export interface EventRules {
  /** The event's type. */
  readonly type: string;
  /** The types that are sign-ups. Events of other types are ignored. */
  readonly types: readonly string[];
  /** One pointer: the value is the user id. A list: the values are encoded and joined, see `encodeIdPart`. */
  readonly userId: string | readonly string[];
  /** `default` applies if the event has no value at `at`; `map` translates the sender's values to account types. */
  readonly accountType: {
    readonly at: string;
    readonly default: AccountType;
    readonly map?: Readonly<Record<string, AccountType>> | undefined;
  };
  /** The event's time. Default: `/time` for CloudEvents, `/timestamp` for other events. */
  readonly time?: string | undefined;
  /** The user's time zone, an IANA name, for quiet hours. Without a known one, that of the policy applies. */
  readonly timeZone?: string | undefined;
}

export const defaultEventRules: EventRules = {
  type: '/type',
  types: ['user.created'],
  userId: '/data/userId',
  accountType: { at: '/data/accountType', default: 'individual' },
};

const pointer = z.string().regex(/^(\/([^~/]|~[01])*)+$/, "must be a JSON pointer (RFC 6901) such as '/data/userId'");
const accountType = z.enum(accountTypes);

/** The `events` key of a policy file. */
export const EventsFile = z.strictObject({
  type: pointer.optional(),
  types: z.array(z.string().min(1)).min(1).optional(),
  userId: z
    .union([pointer, z.array(pointer).min(1).max(5)], {
      error: "must be a JSON pointer (RFC 6901) such as '/data/userId', or a list of one to five",
    })
    .optional(),
  accountType: z
    .strictObject({
      at: pointer.optional(),
      default: accountType.optional(),
      map: z.record(z.string().max(200), accountType).optional(),
    })
    .optional(),
  time: pointer.optional(),
  timeZone: pointer.optional(),
});
