import type { AccountType, Evidence, SendEntry } from '../../workflows/context.ts';
import { SECOND } from '../../workflows/policy.ts';
import type { Policy } from '../../workflows/policy.ts';
import type { State } from '../../workflows/status.ts';
import type { Person } from './person.ts';

/** How a channel must stand in the end. */
export interface ChannelEnd {
  readonly evidence: Evidence | null;
  readonly sends: number;
  /** The outcome of the last send; `null` where we sent nothing. */
  readonly last: SendEntry['outcome'] | null;
}

/** One sign-up of the demonstration: who, what befalls them, and how it must end. */
export interface Story {
  readonly name: string;
  /** A label of the simulator, which decides what befalls the user there. */
  readonly label?: string;
  readonly tells: string;
  readonly accountType: AccountType;
  readonly policy?: Partial<Policy>;
  play(person: Person): Promise<void>;
  readonly ends: { readonly state: State; readonly email: ChannelEnd; readonly sms: ChannelEnd };
}

const untouched: ChannelEnd = { evidence: null, sends: 0, last: null };
const byCode: ChannelEnd = { evidence: 'code', sends: 1, last: 'sent' };
const by422: ChannelEnd = { evidence: 'provider', sends: 0, last: 'alreadyVerified' };
const sentInVain: ChannelEnd = { evidence: null, sends: 1, last: 'sent' };
const doneByCodes = { state: 'done', email: byCode, sms: byCode } as const;

export const stories: readonly Story[] = [
  {
    name: 'ada',
    tells: 'two codes, both entered',
    accountType: 'individual',
    async play(ada) {
      await ada.signsUp();
      await ada.entersCode('email');
      await ada.entersCode('sms');
    },
    ends: doneByCodes,
  },
  {
    name: 'acme',
    label: 'business',
    tells: 'a business: e-mail only',
    accountType: 'business',
    async play(acme) {
      await acme.signsUp();
      await acme.entersCode('email');
    },
    ends: { state: 'done', email: byCode, sms: untouched },
  },
  {
    name: 'barbara',
    label: 'both-verified',
    tells: 'verified before: 422 twice',
    accountType: 'individual',
    play: (barbara) => barbara.signsUp(),
    ends: { state: 'done', email: by422, sms: by422 },
  },
  {
    name: 'edsger',
    label: 'email-verified',
    tells: 'e-mail verified before: 422',
    accountType: 'individual',
    async play(edsger) {
      await edsger.signsUp();
      await edsger.entersCode('sms');
    },
    ends: { state: 'done', email: by422, sms: byCode },
  },
  {
    name: 'frances',
    tells: 'two wrong codes, then right',
    accountType: 'individual',
    async play(frances) {
      await frances.signsUp();
      await frances.entersWrongCode('email');
      await frances.entersWrongCode('email');
      await frances.entersCode('email');
      await frances.entersCode('sms');
    },
    ends: doneByCodes,
  },
  {
    name: 'hedy',
    tells: 'asks for another code',
    accountType: 'individual',
    async play(hedy) {
      await hedy.signsUp();
      await hedy.asksForAnother('email');
      await hedy.entersCode('email');
      await hedy.entersCode('sms');
    },
    ends: { state: 'done', email: { ...byCode, sends: 2 }, sms: byCode },
  },
  {
    name: 'joan',
    tells: 'outage stalls, retry helps',
    accountType: 'individual',
    async play(joan) {
      joan.isMetBy([{ status: 503 }, { status: 503 }]);
      await joan.signsUp();
      await joan.reaches('emailPending', 'stalled');
      await joan.waits(3_000);
      await joan.isRetried('the provider is back');
      await joan.entersCode('email');
      await joan.entersCode('sms');
    },
    ends: doneByCodes,
  },
  {
    name: 'ken',
    label: 'lost-reply',
    tells: 'the reply to a send is lost',
    accountType: 'individual',
    async play(ken) {
      await ken.signsUp();
      await ken.entersCode('email');
      await ken.entersCode('sms');
    },
    ends: { state: 'done', email: { ...byCode, last: 'unknown' }, sms: byCode },
  },
  {
    name: 'mallory',
    tells: 'guesses until it is locked',
    accountType: 'individual',
    async play(mallory) {
      await mallory.signsUp();
      for (let guess = 1; guess <= 3; guess += 1) await mallory.entersWrongCode('email');
      await mallory.reaches('emailPending', 'locked');
      await mallory.waits(2_500);
      await mallory.isRetried('she called, and it was she');
      await mallory.entersCode('email');
      await mallory.entersCode('sms');
    },
    ends: doneByCodes,
  },
  {
    name: 'niklaus',
    label: 'rate-limited',
    tells: 'asked to wait: 429',
    accountType: 'individual',
    async play(niklaus) {
      await niklaus.signsUp();
      await niklaus.entersCode('email');
      await niklaus.entersCode('sms');
    },
    ends: doneByCodes,
  },
  {
    name: 'radia',
    tells: 'registration mails the code',
    accountType: 'individual',
    policy: { firstEmail: 'alreadySent' },
    async play(radia) {
      await radia.isRegistered();
      await radia.signsUp();
      await radia.entersCode('email');
      await radia.entersCode('sms');
    },
    ends: { state: 'done', email: { ...byCode, sends: 0, last: null }, sms: byCode },
  },
  {
    name: 'sophie',
    tells: 'verified elsewhere: recheck',
    accountType: 'individual',
    async play(sophie) {
      await sophie.signsUp();
      await sophie.reaches('emailPending', 'awaitingCode');
      await sophie.waits(2_000);
      sophie.verifiesElsewhere('email');
      await sophie.asksForTheRecord();
      await sophie.entersCode('sms');
    },
    ends: { state: 'done', email: { evidence: 'provider', sends: 1, last: 'sent' }, sms: byCode },
  },
  {
    name: 'tim',
    tells: 'paused, resumed, goes on',
    accountType: 'individual',
    async play(tim) {
      await tim.signsUp();
      await tim.entersCode('email');
      await tim.reaches('smsPending', 'awaitingCode');
      await tim.isPaused('the phone number is being looked into');
      await tim.waits(4_000);
      await tim.isResumed('it is his');
      await tim.entersCode('sms');
    },
    ends: doneByCodes,
  },
  {
    name: 'victor',
    tells: 'cancelled by an operator',
    accountType: 'individual',
    async play(victor) {
      await victor.signsUp();
      await victor.entersCode('email');
      await victor.reaches('smsPending', 'awaitingCode');
      await victor.waits(1_500);
      await victor.isCancelled('signed up twice');
    },
    ends: { state: 'cancelled', email: byCode, sms: sentInVain },
  },
  {
    name: 'yukihiro',
    tells: 'never comes back: expires',
    accountType: 'individual',
    policy: { journeyLife: 15 * SECOND },
    play: (yukihiro) => yukihiro.signsUp(),
    ends: { state: 'expired', email: sentInVain, sms: untouched },
  },
];

/** The id under which a story's user signs up; `run` keeps runs on one server apart. */
export function userIdOf({ name, label }: Story, run: string): string {
  return [name, label, run].filter((part) => part !== undefined && part !== '').join('.');
}
