import type { Status } from '../../client/http/index.ts';
import type { Person } from './person.ts';

/** What somebody does on their way, and where they are in the end. */
export interface Role {
  /** A part of the user id; some are the simulator's own labels. */
  readonly name: string;
  readonly accountType: 'individual' | 'business';
  /** Of a hundred people, how many are such. */
  readonly share: number;
  /** Whether a journey has come to where it stays. */
  ends(status: Status): boolean;
  /** Does something of its own. Gives whether it leaves nothing else to do now. */
  acts?(person: Person, status: Status): Promise<boolean>;
}

const isDone = ({ state }: Status) => state === 'done';
const at = (state: Status['state'], step: Status['step']) => (status: Status) =>
  status.state === state && status.step === step;
const individual = { accountType: 'individual', ends: isDone } as const;

export const roles: readonly Role[] = [
  { ...individual, name: 'honest', share: 51 },
  { ...individual, name: 'business', accountType: 'business', share: 15 },
  { ...individual, name: 'both-verified', share: 5 },
  { ...individual, name: 'email-verified', share: 5 },
  {
    ...individual,
    name: 'forgetful',
    share: 7,
    acts: (person, status) => person.asksForAnother(status),
  },
  {
    ...individual,
    name: 'elsewhere',
    share: 4,
    async acts(person, status) {
      if (!at('emailPending', 'awaitingCode')(status)) return false;
      await person.verifiesElsewhere('email');
      return true;
    },
  },
  {
    ...individual,
    name: 'silent',
    share: 5,
    ends: (status) => at('emailPending', 'awaitingCode')(status) && status.email?.lastSend?.outcome === 'sent',
    acts: async (_, { stalled }) => stalled?.reason !== 'providerRefused',
  },
  {
    ...individual,
    name: 'cancelled',
    share: 3,
    ends: ({ state }) => state === 'cancelled',
    async acts(person, { state }) {
      if (state !== 'smsPending') return false;
      await person.isCancelled();
      return true;
    },
  },
  {
    ...individual,
    name: 'paused',
    share: 3,
    ends: at('smsPending', 'paused'),
    async acts(person, { state }) {
      if (state !== 'smsPending') return false;
      await person.isPaused();
      return true;
    },
  },
  {
    ...individual,
    name: 'guessing',
    share: 2,
    ends: at('emailPending', 'locked'),
    acts: (person, status) => person.guesses(status),
  },
];
