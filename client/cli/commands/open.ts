import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Argument } from 'commander';
import type { Command } from 'commander';
import { readVariable } from '../../config/env.ts';
import type { Environment } from '../../config/env.ts';
import { addCommand, printReply } from '../context.ts';
import type { CliContext } from '../context.ts';
import { completedBy, userIds } from '../completion/sources.ts';
import { endpointFor } from '../gateway.ts';

/** Adds `open`. */
export function addOpenCommand(program: Command, context: CliContext): void {
  const description = 'Opens the console in a browser. Prints its link if no browser is found.';
  addCommand(program, 'open', description, 'open', 'open ada')
    .addArgument(completedBy(new Argument('[user]', 'your user id; without it, the overview'), userIds))
    .action(async (user?: string) => {
      const { url } = endpointFor(context.env, 'viewer');
      const path = user === undefined ? '' : `people/${encodeURIComponent(user)}`;
      const link = `${url.replace(/\/+$/, '')}/console/${path}`;
      const isOpened = context.out.canRedraw && (await openInBrowser(link, context.env));
      printReply(context, { url: link }, () => context.out.writeLine(isOpened ? `opened ${link}` : link));
    });
}

/** Opens the link, and returns whether a browser was started. `BROWSER` names another program, as in other tools. */
async function openInBrowser(link: string, env: Environment): Promise<boolean> {
  const [program, ...args] = browserCommand(env);
  if (program === undefined) return false;
  const child = spawn(program, [...args, link], { stdio: 'ignore', detached: true });
  try {
    await once(child, 'spawn');
    child.unref();
    return true;
  } catch {
    return false;
  }
}

function browserCommand(env: Environment): string[] {
  const browser = readVariable(env, 'BROWSER');
  if (browser !== undefined) return [browser];
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['cmd', '/c', 'start', ''];
  const hasScreen = ['DISPLAY', 'WAYLAND_DISPLAY'].some((name) => readVariable(env, name) !== undefined);
  return hasScreen ? ['xdg-open'] : [];
}
