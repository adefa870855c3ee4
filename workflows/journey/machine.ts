import { createContext } from './context.ts';
import type { JourneyInput } from './context.ts';
import { journey } from './machine/setup.ts';
import {
  adoptPolicy,
  adoptPolicyIn,
  afterChannel,
  allVerified,
  override,
  readsRecord,
  toDueChannel,
  toDueChannelStalled,
  verifiedByRecord,
} from './machine/transitions.ts';
import { verification } from './machine/verification.ts';

/** Increase it with every change that makes stored snapshots unreadable, and add a migration to `migrations.ts`. */
export const MACHINE_VERSION = 1;

/** The statechart of a user's onboarding. */
export const onboarding = journey.createMachine({
  id: 'onboarding',
  version: String(MACHINE_VERSION),
  context: ({ input }: { input: JourneyInput | undefined }) => {
    // When a journey starts, XState also creates an actor without input, and discards it.
    if (input === undefined) throw new Error('the onboarding machine requires an input');
    return createContext(input);
  },
  initial: 'emailPending',
  on: { adoptPolicy },
  states: {
    emailPending: {
      description: 'The e-mail address is not verified yet.',
      meta: { state: 'emailPending', label: 'E-mail pending', order: 10, kind: 'open', channel: 'email' },
      entry: { type: 'enterChannel', params: { channel: 'email' } },
      ...verification,
      onDone: 'emailVerified',
    },

    emailVerified: {
      description:
        'The e-mail address is verified. A business account is done; an individual account continues with the phone number.',
      meta: { state: 'emailVerified', label: 'E-mail verified', order: 20, kind: 'open' },
      initial: 'deciding',
      states: {
        deciding: {
          description: 'Decides whether the phone number must be verified.',
          always: [
            { guard: 'isAllVerified', ...allVerified },
            ...toDueChannel('email', 'startsSmsAutomatically'),
            { target: 'resting' },
          ],
        },
        resting: {
          description: 'Waits until the user requests the first text.',
          entry: 'resumeExpiry',
          after: { journeyLife: '#expired' },
          on: {
            resend: toDueChannel('email', 'canResend', 'noteActivity'),
            recheck: 'rechecking',
            override: { ...override, target: 'deciding' },
            pause: 'paused',
            cancel: '#cancelled',
            adoptPolicy: adoptPolicyIn('resting'),
          },
        },
        rechecking: {
          description: "Reads the provider's record. No text is sent.",
          ...readsRecord,
          on: {
            'record.read': [{ ...verifiedByRecord, target: 'deciding' }, { target: 'resting' }],
            'record.unsupported': toDueChannelStalled('email'),
            'record.*': 'resting',
          },
        },
        paused: {
          description: 'An operator paused the journey.',
          meta: { step: 'paused' },
          entry: 'suspendExpiry',
          on: { resume: 'resting', cancel: '#cancelled' },
        },
      },
    },

    smsPending: {
      id: 'smsPending',
      description: 'The phone number is not verified yet.',
      meta: { state: 'smsPending', label: 'Phone pending', order: 30, kind: 'open', channel: 'sms' },
      entry: { type: 'enterChannel', params: { channel: 'sms' } },
      ...verification,
      onDone: afterChannel('sms'),
    },

    done: {
      id: 'done',
      type: 'final',
      description: 'All channels that the account requires are verified.',
      meta: { state: 'done', label: 'Done', order: 70, kind: 'final' },
    },
    expired: {
      id: 'expired',
      type: 'final',
      description: 'The user did not finish within the lifetime of the journey.',
      meta: { state: 'expired', label: 'Expired', order: 80, kind: 'final' },
    },
    cancelled: {
      id: 'cancelled',
      type: 'final',
      description: 'An operator ended the journey.',
      meta: { state: 'cancelled', label: 'Cancelled', order: 90, kind: 'final' },
    },
  },
});
