import type { Caller } from '../client/ask.ts';
import { NotNow, OnwardError } from '../client/errors.ts';
import type { CodeOutcome } from '../client/onward.ts';
import type { AccountType } from '../workflows/context.ts';
import type { Stack } from './stack.ts';
import { tellAllowed, tellOutbox, tellPage, tellStatus, tellSummary, tellTimeline } from '../client/cli/tell.ts';

/** What can be typed under `npm start`, until the gateway and its CLI are there. */
interface Command {
  readonly usage: string;
  readonly does: string;
  run(stack: Stack, words: readonly string[]): Promise<string>;
}

/** Something typed that is no command, or lacks a word. */
class Misuse extends Error {}

const app: Caller = { role: 'app', name: 'prompt' };
const operator: Caller = { role: 'operator', name: 'prompt' };

const commands: Readonly<Record<string, Command>> = {
  start: {
    usage: 'start <user> [business]',
    does: 'starts a journey',
    run: async ({ onward }, [user, accountType = 'individual']) => {
      const { started } = await onward.start(given(user), { accountType: accountType as AccountType });
      return `${given(user)}: ${started ? 'started' : 'has a journey already'}`;
    },
  },
  status: {
    usage: 'status <user>',
    does: 'where the journey is, and what is allowed',
    run: async ({ onward }, [user]) => tellStatus(await onward.status(given(user))),
  },
  outbox: {
    usage: 'outbox [user]',
    does: 'the codes that the simulator has sent',
    run: async ({ sfox }, [user]) =>
      sfox === null ? 'the real provider shows no codes' : tellOutbox(sfox.outbox(user)),
  },
  code: {
    usage: 'code <user> <email|sms> <code>',
    does: 'enters a code',
    run: async ({ onward }, [user, channel, code]) => {
      const request = { channel: given(channel) as 'email' | 'sms', code: given(code) };
      return tellCode(await onward.submitCode(given(user), request, app));
    },
  },
  resend: {
    usage: 'resend <user>',
    does: 'asks for another code, or for the first text',
    run: async ({ onward }, [user]) => tellStatus(await onward.resend(given(user), {}, app)),
  },
  recheck: {
    usage: 'recheck <user>',
    does: "asks for the provider's own record",
    run: async ({ onward }, [user]) => tellStatus(await onward.recheck(given(user), {}, app)),
  },
  retry: byOperator('retry', 'sends what is due, or opens what is locked'),
  pause: byOperator('pause', 'holds the journey'),
  resume: byOperator('resume', 'lets it go on'),
  cancel: byOperator('cancel', 'ends it'),
  timeline: {
    usage: 'timeline <user>',
    does: 'what happened so far',
    run: async ({ onward }, [user]) => tellTimeline(await onward.timeline(given(user))),
  },
  list: { usage: 'list', does: 'the newest journeys', run: async ({ onward }) => tellPage(await onward.list()) },
  summary: {
    usage: 'summary',
    does: 'how many journeys stand where',
    run: async ({ onward }) => tellSummary(await onward.summary()),
  },
  help: { usage: 'help', does: 'this list', run: async () => help() },
};

/** Carries out one typed line; gives the answer, which is never an error's trace. */
export async function answer(stack: Stack, line: string): Promise<string> {
  const [name = '', ...words] = line.trim().split(/\s+/);
  if (name === '') return '';
  if (!Object.hasOwn(commands, name)) return `there is no '${name}'; help lists what there is`;
  try {
    return (await commands[name]?.run(stack, words)) ?? '';
  } catch (error) {
    if (error instanceof Misuse) return `usage: ${commands[name]?.usage}`;
    if (error instanceof NotNow) return `${error.message}; ${tellAllowed(error.allowed)}`;
    if (error instanceof OnwardError) return error.message;
    return `that went wrong: ${String(error)}`;
  }
}

function byOperator(name: 'retry' | 'pause' | 'resume' | 'cancel', does: string): Command {
  return {
    usage: `${name} <user> <reason>`,
    does: `as an operator: ${does}`,
    run: async ({ onward }, [user, ...reason]) => {
      return tellStatus(await onward[name](given(user), { reason: given(reason.join(' ')) }, operator));
    },
  };
}

function given(word: string | undefined): string {
  if (word === undefined || word === '') throw new Misuse();
  return word;
}

function tellCode(outcome: CodeOutcome): string {
  if (outcome.outcome === 'pending') return 'no verdict yet: ask for the status in a moment';
  return `${outcome.outcome}\n${tellStatus(outcome.status)}`;
}

function help(): string {
  return Object.values(commands)
    .map(({ usage, does }) => `  ${usage.padEnd(32)}${does}`)
    .join('\n');
}
