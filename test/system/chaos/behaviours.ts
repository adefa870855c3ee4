import type { Status } from '../../../client/http-client/index.ts';
import type { SimulatedUser } from './simulated-user.ts';

/** What a user does, and the final status of the journey. */
export interface Behaviour {
  /** A suffix of the user id; some are labels that the simulator recognizes. */
  readonly name: string;
  readonly accountType: 'individual' | 'business';
  /** How many of a hundred users behave like this. */
  readonly percent: number;
  /** Whether the journey is expected to stay in this status. */
  isFinal(status: Status): boolean;
  /** Acts differently from other users. Resolves to whether the user does nothing else now. */
  act?(user: SimulatedUser, status: Status): Promise<boolean>;
}

const isDone = ({ state }: Status) => state === 'done';
const at = (state: Status['state'], step: Status['step']) => (status: Status) =>
  status.state === state && status.step === step;
/** No guess is left for a day. The journey is not locked, because the outcome of some guesses is unknown. */
/** A send of unknown outcome is followed by another one, which would change the status once more. */
const isOutOfGuesses = (status: Status) =>
  at('emailPending', 'awaitingCode')(status) &&
  status.email?.guessesLeft === 0 &&
  status.email.lastSend?.outcome === 'sent' &&
  status.allowed?.submitCode?.at !== undefined;
const individual = { accountType: 'individual', isFinal: isDone } as const;

export const behaviours: readonly Behaviour[] = [
  { ...individual, name: 'honest', percent: 51 },
  { ...individual, name: 'business', accountType: 'business', percent: 15 },
  { ...individual, name: 'both-verified', percent: 5 },
  { ...individual, name: 'email-verified', percent: 5 },
  {
    ...individual,
    name: 'forgetful',
    percent: 7,
    act: (user, status) => user.loseCode(status),
  },
  {
    ...individual,
    name: 'elsewhere',
    percent: 4,
    async act(user, status) {
      if (!at('emailPending', 'awaitingCode')(status)) return false;
      await user.verifyElsewhere('email');
      return true;
    },
  },
  {
    ...individual,
    name: 'silent',
    percent: 5,
    isFinal: (status) => at('emailPending', 'awaitingCode')(status) && status.email?.lastSend?.outcome === 'sent',
    act: async (_, { stalled }) => stalled?.reason !== 'providerRefused',
  },
  {
    ...individual,
    name: 'cancelled',
    percent: 3,
    isFinal: ({ state }) => state === 'cancelled',
    async act(user, { state }) {
      if (state !== 'smsPending') return false;
      await user.cancelJourney();
      return true;
    },
  },
  {
    ...individual,
    name: 'paused',
    percent: 3,
    isFinal: at('smsPending', 'paused'),
    async act(user, { state }) {
      if (state !== 'smsPending') return false;
      await user.pauseJourney();
      return true;
    },
  },
  {
    ...individual,
    name: 'guessing',
    percent: 2,
    isFinal: (status) => at('emailPending', 'locked')(status) || isOutOfGuesses(status),
    act: (user, status) => user.submitWrongCode(status),
  },
];
