import { readFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { runExport } from '../../../client/exports/run-export.ts';
import type { JourneyExport } from '../../../client/exports/schema.ts';
import { keyPairOf } from '../../../client/receipts/keys.ts';
import {
  enterCode,
  waitUntil,
  guessWrong,
  operator,
  statusOf,
  timelineOf,
  waitForPosition,
  uniqueUserId,
} from '../../support/stack.ts';
import { bearers } from '../../support/gateway.ts';
import { act, hasChromium, openStage } from './browser.ts';
import type { Stage } from './browser.ts';

let stage: Stage;
const inChromium = hasChromium ? describe : describe.skip;

/** Starts a journey that awaits the e-mail code. */
async function startUser(name: string): Promise<string> {
  const { stack } = stage.gateway;
  const id = uniqueUserId(name);
  await stack.onward.start(id, { accountType: 'individual' });
  await waitForPosition(stack, id, 'emailPending.awaitingCode');
  return id;
}

/** Runs a command as an operator pastes it, and returns the JSON that it prints. */
async function inShell(command: string): Promise<unknown> {
  const env = { ...process.env, ONWARD_TOKEN: bearers.operator };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env });
  return JSON.parse(stdout);
}

const at = (id: string) => `/console/people/${id}`;
const because = (id: string, reason: string) =>
  waitUntil(
    async () => (await timelineOf(stage.gateway.stack, id)).some((line) => line.reason === reason),
    'the reason is in the timeline',
  );

inChromium('Person, in Chromium', () => {
  beforeAll(async () => {
    stage = await openStage(
      {},
      {
        temporalUi: 'http://127.0.0.1:8233/namespaces/default/workflows',
        receiptKeys: [keyPairOf('2026-11', Buffer.alloc(32, 7))],
      },
    );
  });
  afterEach(() => stage?.closePages());
  afterAll(async () => {
    await stage?.close();
  });

  it('pauses, resumes and cancels, and restarts what was cancelled', async () => {
    const { stack } = stage.gateway;
    const id = await startUser('held');
    const page = await stage.open(at(id));
    expect(await act(page, 'Pause …', 'asked for calm')).toContain('Applied, no code');
    await waitForPosition(stack, id, 'emailPending.paused');
    await because(id, 'asked for calm');
    await page.locator('.head').getByText('E-mail pending · Paused').waitFor();

    await act(page, 'Resume …', 'calm is over');
    await waitForPosition(stack, id, 'emailPending.awaitingCode');
    await act(page, 'Cancel …', 'signed up twice');
    await waitUntil(async () => (await statusOf(stage.gateway.stack, id)).state === 'cancelled', 'it is cancelled');
    await page.locator('.head').getByText('Cancelled').waitFor();

    expect(await act(page, 'Restart …', 'once was enough')).toContain('Starts a new journey');
    await waitForPosition(stack, id, 'emailPending.awaitingCode');
    await because(id, 'once was enough');
  });

  it('previews and performs retry, resend and recheck', async () => {
    const { stack } = stage.gateway;
    const [id = ''] = await stage.strand(1, 'away');
    const page = await stage.open(at(id));
    await page.getByText('Provider unavailable').waitFor();
    expect(await act(page, 'Retry …', 'sFOX is back')).toContain('Sends a code');
    await waitForPosition(stack, id, 'emailPending.awaitingCode');
    expect(await act(page, 'Resend …', 'nothing came')).toContain('Sends a code');
    // The 503 of the outage counts too, because a code may have been sent.
    await waitUntil(async () => (await statusOf(stack, id)).email?.sends === 3, 'another code was sent');
    await because(id, 'nothing came');
    expect(await act(page, 'Recheck …', 'the user says so')).toContain('no code');
    await because(id, 'the user says so');
  });

  it('overrides a channel, and erases a user once the id is typed', async () => {
    const { stack } = stage.gateway;
    const id = await startUser('shown');
    const page = await stage.open(at(id));
    await act(page, 'Override …', 'passport was shown');
    await waitUntil(async () => (await statusOf(stack, id)).email?.evidence === 'operator', 'the e-mail is verified');
    await page.getByText('by an operator').waitFor();

    await page.getByRole('button', { name: 'Erase …' }).click();
    await page.getByLabel('Reason').fill('asked to be forgotten');
    const erase = page.getByRole('dialog').locator('footer button').last();
    await page.getByLabel(/to confirm/).fill('another user');
    expect(await erase.isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await act(page, 'Erase …', 'asked to be forgotten', id);
    await page.getByText(`${id} is erased.`).waitFor();
    await expect(stack.onward.status(id)).rejects.toThrow('no journey');
  });

  it('explains in one sentence what it waits for, and why an action is not possible', async () => {
    const id = await startUser('waits');
    const page = await stage.open(at(id));
    await page.getByText(new RegExp(`^Waiting for ${id} to enter the e-mail code .*w•••@e•••\\.$`)).waitFor();
    expect(await page.locator('.acts').getByRole('button', { name: 'Retry …' }).count()).toBe(0);
    await page.getByText(/^Why not .*retry.*restart\?$/).click();
    const line = (name: string) => page.locator(`.why-not li[data-act=${name}]`);
    await line('retry').getByText('only a stalled or locked journey can be retried').waitFor();
    await line('restart').getByText('only an expired or cancelled journey can be restarted').waitFor();
    const link = page.getByRole('link', { name: 'Open in Temporal UI', includeHidden: true });
    expect(await link.getAttribute('href')).toBe(
      `http://127.0.0.1:8233/namespaces/default/workflows/onboarding%3A${id}`,
    );
  });

  it('copies the id, the link and curl commands that run as pasted, and contain no token', async () => {
    const { stack } = stage.gateway;
    const id = await startUser('copied');
    const page = await stage.open(at(id));
    const copied = async (button: string) => {
      await page.getByRole('button', { name: button, exact: true }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      const text = await page.evaluate<string>('navigator.clipboard.readText()');
      await page.getByRole('button', { name: button, exact: true }).waitFor();
      return text;
    };
    expect(await copied('Copy id')).toBe(id);
    expect(await copied('Copy link')).toBe(`${stage.gateway.url}${at(id)}`);
    expect(await inShell(await copied('Copy curl'))).toMatchObject({ userId: id, state: 'emailPending' });

    await page.getByRole('button', { name: 'Pause …' }).click();
    await page.getByLabel('Reason').fill("it's\nlate");
    await page.getByText('Equivalent curl command').click();
    const command = await copied('Copy');
    expect(command).toContain(`-d '{"reason":"it'\\''s late"}'`);
    expect(command).not.toContain(bearers.operator);
    expect(await inShell(command)).toMatchObject({ userId: id, step: 'paused' });
    // The same key: the command and the dialog together pause once.
    expect(await inShell(command)).toMatchObject({ userId: id, step: 'paused' });
    await page.getByRole('dialog').getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const pauses = (await timelineOf(stack, id)).filter(({ reason }) => reason === "it's late");
    expect(pauses).toHaveLength(1);
  });

  it('says what an override leads to', async () => {
    const { stack } = stage.gateway;
    const person = await startUser('forecast');
    const page = await stage.open(`${at(person)}?action=override`);
    const effect = page.getByRole('dialog').locator('[data-effect]');
    await effect.getByText('Sends a code').waitFor();
    expect(await effect.locator('strong').innerText()).toBe(
      `Marks the e-mail of ${person} as verified by an operator, permanently; then the SMS code is sent, unless the provider’s record still wants the e-mail.`,
    );
    await stack.onward.recheck(person, {}, operator);
    await page.getByText(/^PENDING, open: email/).waitFor();
    await page.goto(`${stage.gateway.url}${at(person)}?action=override`);
    await effect.getByText('No code yet').waitFor();
    expect(await effect.locator('strong').innerText()).toContain(
      'the provider’s record, as last read, still wants the e-mail: unless that has changed, no SMS code is sent, and the journey stalls.',
    );
    const company = uniqueUserId('company');
    await stack.onward.start(company, { accountType: 'business' });
    await waitForPosition(stack, company, 'emailPending.awaitingCode');
    await page.goto(`${stage.gateway.url}${at(company)}?action=override`);
    await effect.getByText('Applied, no code').waitFor();
    expect(await effect.locator('strong').innerText()).toBe(
      `Marks the e-mail of ${company} as verified by an operator, permanently, which completes the journey.`,
    );
  });

  it('highlights the visited path, updates it live, and shows any earlier point of it', async () => {
    const { stack } = stage.gateway;
    const id = await startUser('walks');
    const page = await stage.open(at(id));
    const box = (name: string) => page.locator(`[data-box="${name}"]`);
    await page.locator('[data-box="emailPending.awaitingCode"].here').waitFor();
    await guessWrong(stack, id);
    await page.getByText('The e-mail code was incorrect or expired').waitFor();
    await page.locator('[data-box="emailPending.checkingCode"].visited').waitFor();
    await enterCode(stack, id, 'email');
    await page.locator('[data-box="smsPending.awaitingCode"].here').waitFor();
    await page.locator('[data-box="emailVerified"].visited').waitFor();
    expect(await box('emailPending.locked').getAttribute('class')).not.toContain('visited');

    const left = page.locator('section[aria-label="Channels and limits"] tbody tr').first().locator('td').last();
    await page.getByLabel('Moment').fill('1');
    await page.locator('[data-box="emailPending.awaitingCode"].here').waitFor();
    expect(await left.innerText()).toBe('5');
    expect(await page.locator('[data-allowed-then]').innerText()).toMatch(/Allowed at that time: .*Pause.*Override/);
    expect(await page.getByRole('button', { name: 'Pause …' }).count()).toBe(0);
    await page.getByRole('button', { name: 'The e-mail code was incorrect or expired' }).click();
    await waitUntil(async () => (await left.innerText()) === '4', 'a guess less is left');
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.locator('[data-box="smsPending.awaitingCode"].here').waitFor();
    const shown = await page.locator('body').innerText();
    expect(shown).not.toMatch(/@(?!e•)/);
  });

  it('supersedes a journey, and links the two', async () => {
    const { stack } = stage.gateway;
    const id = await startUser('moves');
    const page = await stage.open(at(id));
    await page.getByRole('button', { name: 'Supersede …' }).click();
    const dialog = page.getByRole('dialog');
    await page.getByLabel('Reason').fill('the number was wrong');
    const verb = dialog.locator('footer button').last();
    expect(await verb.isDisabled()).toBe(true);
    await page.getByLabel('New user id').fill(`${id}-2`);
    await page.getByText('Equivalent curl command').click();
    await dialog.getByText(`"newUserId":"${id}-2"`).waitFor();
    await verb.click();
    await dialog.waitFor({ state: 'detached' });
    await page.locator('.head h1').getByText(`${id}-2`).waitFor();
    await because(`${id}-2`, 'the number was wrong');
    await page.getByRole('link', { name: id, exact: true }).click();
    await page.locator('.head').getByText('Cancelled').waitFor();
    await page.getByText(/^Why not .*restart.*\?$/).click();
    await page.locator('.why-not li[data-act=restart]').getByText(`superseded by ${id}-2`).waitFor();
    await page.getByRole('link', { name: `${id}-2`, exact: true }).click();
    await page.locator('.head h1').getByText(`${id}-2`).waitFor();
    expect((await statusOf(stack, `${id}-2`)).supersedes).toBe(id);
  });

  it('links the receipt, and the chosen moment as a test', async () => {
    const { stack } = stage.gateway;
    const id = await startUser('proves');
    await enterCode(stack, id, 'email');
    await waitForPosition(stack, id, 'smsPending.awaitingCode');
    const page = await stage.open(at(id), { as: 'viewer' });
    const [receipt] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('link', { name: 'Receipt' }).click(),
    ]);
    await receipt.waitForLoadState();
    expect(await receipt.locator('body').innerText()).toContain(id);

    await page.getByLabel('Moment').fill('2');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export up to here' }).click(),
    ]);
    const file = JSON.parse(await readFile(await download.path(), 'utf8')) as JourneyExport;
    expect(file.entries).toHaveLength(3);
    expect(runExport(file).replayed).toMatchObject({ state: 'emailPending', revision: 3 });
  });

  it('shows the past statuses of a restarted and cancelled journey', async () => {
    const { stack } = stage.gateway;
    const id = await startUser('again');
    await stack.onward.cancel(id, { reason: 'by mistake' }, operator);
    await stack.onward.restart(id, { reason: 'it was a mistake' }, operator);
    await waitForPosition(stack, id, 'emailPending.awaitingCode');
    await stack.onward.cancel(id, { reason: 'enough' }, operator);
    const past = await stack.onward.statusHistory(id);
    expect(past.map(({ status }) => status?.state ?? null)).toEqual([
      null,
      null,
      null,
      'emailPending',
      'emailPending',
      'cancelled',
    ]);
    expect(past.at(-1)?.status?.email?.sends).toBe((await statusOf(stack, id)).email?.sends);
    const page = await stage.open(at(id));
    await page.getByLabel('Moment').fill('1');
    await page.getByText('The status at that time is not known.').waitFor();
  });

  it('prints who it is and the whole timeline, with exact times', async () => {
    const id = await startUser('printed');
    const page = await stage.open(at(id));
    await page.locator('.timeline li').first().waitFor();
    await act(page, 'Pause …', 'to be printed');
    await page.locator('.toast').waitFor();
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    for (const part of ['.top', '.acts', '.toast', 'textarea']) {
      expect({ part, isPrinted: await page.locator(part).isVisible() }).toEqual({ part, isPrinted: false });
    }
    expect(await page.locator('.timeline li').first().isVisible()).toBe(true);
    const printed = await page.evaluate<string>(
      `getComputedStyle(document.querySelector('.timeline time'), '::after').content`,
    );
    expect(printed).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
  });

  it('shows a viewer the journey without actions', async () => {
    const id = await startUser('seen');
    const page = await stage.open(at(id), { as: 'viewer' });
    await page.getByText('Timeline').waitFor();
    expect(await page.getByRole('region', { name: 'Actions' }).count()).toBe(0);
    expect(stage.pageErrors).toEqual([]);
  });
});
