import type { Evidence, SendEntry } from '../../workflows/journey/context.ts';
import type { AccountType } from '../../workflows/journey/account-types.ts';
import { SECOND } from '../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import type { State } from '../../workflows/journey/status/status.ts';
import type { Channel } from '../sfox/index.ts';
import type { SimulatedUser } from './simulated-user.ts';

/** The expected final state of a channel. */
export interface ChannelEnd {
  readonly evidence: Evidence | null;
  readonly sends: number;
  /** The outcome of the last send; `null` if nothing was sent. */
  readonly last: SendEntry['outcome'] | null;
}

/** A scenario of the demo: the user, what happens, and the expected outcome. */
export interface Scenario {
  readonly name: string;
  /** A label of the simulator, which selects its behaviour for this user. */
  readonly label?: string;
  readonly description: string;
  readonly accountType: AccountType;
  readonly policy?: Partial<Policy>;
  play(person: SimulatedUser): Promise<void>;
  readonly expected: { readonly state: State } & { readonly [C in Channel]: ChannelEnd };
}

const untouched: ChannelEnd = { evidence: null, sends: 0, last: null };
const byCode: ChannelEnd = { evidence: 'code', sends: 1, last: 'sent' };
const by422: ChannelEnd = { evidence: 'provider', sends: 0, last: 'alreadyVerified' };
const sentInVain: ChannelEnd = { evidence: null, sends: 1, last: 'sent' };
const doneByCodes = { state: 'done', email: byCode, sms: byCode } as const;

export const scenarios: readonly Scenario[] = [
  {
    name: 'ada',
    description: 'two codes, both entered',
    accountType: 'individual',
    async play(ada) {
      await ada.signsUp();
      await ada.entersCode('email');
      await ada.entersCode('sms');
    },
    expected: doneByCodes,
  },
  {
    name: 'acme',
    label: 'business',
    description: 'a business: e-mail only',
    accountType: 'business',
    async play(acme) {
      await acme.signsUp();
      await acme.entersCode('email');
    },
    expected: { state: 'done', email: byCode, sms: untouched },
  },
  {
    name: 'barbara',
    label: 'both-verified',
    description: 'verified before: 422 twice',
    accountType: 'individual',
    play: (barbara) => barbara.signsUp(),
    expected: { state: 'done', email: by422, sms: by422 },
  },
  {
    name: 'edsger',
    label: 'email-verified',
    description: 'e-mail verified before: 422',
    accountType: 'individual',
    async play(edsger) {
      await edsger.signsUp();
      await edsger.entersCode('sms');
    },
    expected: { state: 'done', email: by422, sms: byCode },
  },
  {
    name: 'frances',
    description: 'two wrong codes, then right',
    accountType: 'individual',
    async play(frances) {
      await frances.signsUp();
      await frances.entersWrongCode('email');
      await frances.entersWrongCode('email');
      await frances.entersCode('email');
      await frances.entersCode('sms');
    },
    expected: doneByCodes,
  },
  {
    name: 'hedy',
    description: 'requests another code',
    accountType: 'individual',
    async play(hedy) {
      await hedy.signsUp();
      await hedy.asksForAnother('email');
      await hedy.entersCode('email');
      await hedy.entersCode('sms');
    },
    expected: { state: 'done', email: { ...byCode, sends: 2 }, sms: byCode },
  },
  {
    name: 'joan',
    description: 'outage stalls, retry helps',
    accountType: 'individual',
    async play(joan) {
      await joan.isMetBy([{ status: 503 }]);
      await joan.signsUp();
      await joan.reaches('emailPending', 'stalled');
      await joan.waits(3_000);
      await joan.retryByOperator('the provider is available again');
      await joan.entersCode('email');
      await joan.entersCode('sms');
    },
    // The 503 counts as a send, because a code may have been sent.
    expected: { state: 'done', email: { ...byCode, sends: 2 }, sms: byCode },
  },
  {
    name: 'ken',
    label: 'lost-reply',
    description: 'the reply to a send is lost',
    accountType: 'individual',
    async play(ken) {
      await ken.signsUp();
      await ken.entersCode('email');
      await ken.entersCode('sms');
    },
    expected: { state: 'done', email: { ...byCode, last: 'unknown' }, sms: byCode },
  },
  {
    name: 'mallory',
    description: 'too many wrong codes: locked',
    accountType: 'individual',
    async play(mallory) {
      await mallory.signsUp();
      for (let guess = 1; guess <= 3; guess += 1) await mallory.entersWrongCode('email');
      await mallory.reaches('emailPending', 'locked');
      await mallory.waits(2_500);
      await mallory.retryByOperator('identity confirmed by phone');
      await mallory.entersCode('email');
      await mallory.entersCode('sms');
    },
    expected: doneByCodes,
  },
  {
    name: 'niklaus',
    label: 'rate-limited',
    description: 'rate limited: 429',
    accountType: 'individual',
    async play(niklaus) {
      await niklaus.signsUp();
      await niklaus.entersCode('email');
      await niklaus.entersCode('sms');
    },
    expected: doneByCodes,
  },
  {
    name: 'radia',
    description: 'registration sends the code',
    accountType: 'individual',
    policy: { firstEmail: 'alreadySent' },
    async play(radia) {
      await radia.isRegistered();
      await radia.signsUp();
      await radia.entersCode('email');
      await radia.entersCode('sms');
    },
    expected: { state: 'done', email: { ...byCode, sends: 0, last: null }, sms: byCode },
  },
  {
    name: 'sophie',
    description: 'verified elsewhere: recheck',
    accountType: 'individual',
    async play(sophie) {
      await sophie.signsUp();
      await sophie.reaches('emailPending', 'awaitingCode');
      await sophie.waits(2_000);
      await sophie.verifiesElsewhere('email');
      await sophie.asksForTheRecord();
      await sophie.entersCode('sms');
    },
    expected: { state: 'done', email: { evidence: 'provider', sends: 1, last: 'sent' }, sms: byCode },
  },
  {
    name: 'tim',
    description: 'paused, then resumed',
    accountType: 'individual',
    async play(tim) {
      await tim.signsUp();
      await tim.entersCode('email');
      await tim.reaches('smsPending', 'awaitingCode');
      await tim.pauseByOperator('the phone number is being checked');
      await tim.waits(4_000);
      await tim.resumeByOperator('the phone number is correct');
      await tim.entersCode('sms');
    },
    expected: doneByCodes,
  },
  {
    name: 'victor',
    description: 'cancelled by an operator',
    accountType: 'individual',
    async play(victor) {
      await victor.signsUp();
      await victor.entersCode('email');
      await victor.reaches('smsPending', 'awaitingCode');
      await victor.waits(1_500);
      await victor.cancelByOperator('signed up twice');
    },
    expected: { state: 'cancelled', email: byCode, sms: sentInVain },
  },
  {
    name: 'yukihiro',
    description: 'never comes back: expires',
    accountType: 'individual',
    policy: { journeyLife: 15 * SECOND },
    play: (yukihiro) => yukihiro.signsUp(),
    expected: { state: 'expired', email: sentInVain, sms: untouched },
  },
];

/** Returns the user id of a scenario; `run` distinguishes runs on one server. */
export function userIdOf({ name, label }: Scenario, run: string): string {
  return [name, label, run].filter((part) => part !== undefined && part !== '').join('.');
}
