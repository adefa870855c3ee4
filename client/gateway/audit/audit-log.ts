import { constants, write as writeFd } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SettingError } from '../../config/policy-file.ts';
import { blankUser } from './erase-from-log.ts';

/** Records who did what. No method blocks the process: each settles within two seconds. */
export interface AuditLog {
  /** Appends a line. Resolves when the operating system has accepted it; rejects if it cannot be written. */
  write(entry: object): Promise<void>;
  /**
   * Blanks a user's id in earlier lines, which keep its digest.
   *
   * @returns false if the log cannot be rewritten, as on standard output
   */
  blank(userId: string): Promise<boolean>;
}

const WRITE_TIMEOUT_MS = 2_000;
const MAX_WAITING_LINES = 10_000;
const EAGAIN_WAIT_MS = 20;

/** Creates an audit log in a file. The file is opened for each write, so it may be rotated by renaming it. */
export function fileAuditLog(service: string, path: string): AuditLog {
  const lines = new LineWriter((text) => appendTo(path, text));
  return {
    write: (entry) => lines.write(formatLine(service, entry)),
    blank: (userId) => blankUser(path, userId),
  };
}

/** Creates an audit log on standard output, independent of the log level. */
export function stdoutAuditLog(service: string): AuditLog {
  const lines = new LineWriter(writeToStdout);
  return { write: (entry) => lines.write(formatLine(service, entry)), blank: async () => false };
}

/** Opens the audit log of a process. Throws `SettingError` if the file cannot be written, except for a full disk, which may recover. */
export async function openAuditLog(service: string, path: string | undefined): Promise<AuditLog> {
  if (path === undefined) return stdoutAuditLog(service);
  try {
    await mkdir(dirname(path), { recursive: true });
    await appendTo(path, '');
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOSPC' && code !== 'EDQUOT') {
      throw new SettingError(
        'ONWARD_AUDIT_LOG',
        `names a file that cannot be written (${code})`,
        'ONWARD_AUDIT_LOG=/var/log/onward/audit.log',
      );
    }
  }
  return fileAuditLog(service, path);
}

/** Appends lines in their order. Lines that arrive during a write share the next one. */
class LineWriter {
  readonly #append: (text: string) => Promise<void>;
  #waiting: { readonly line: string; readonly settle: (error?: unknown) => void }[] = [];
  #isWriting = false;
  #isMidLine = false;

  constructor(append: (text: string) => Promise<void>) {
    this.#append = append;
  }

  write(line: string): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING_LINES) return Promise.reject(new Error('too many lines are waiting'));
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(() => reject(new Error('not written in time')), WRITE_TIMEOUT_MS);
      const settle = (error?: unknown) => {
        clearTimeout(timeout);
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#waiting.push({ line, settle });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const text = batch.map(({ line }) => line).join('');
      // oxlint-disable-next-line no-await-in-loop -- one write at a time keeps the order
      const failed = await this.#append(this.#isMidLine ? `\n${text}` : text).then(
        () => undefined,
        (error: unknown) => error ?? new Error('not written'),
      );
      // A failed write may have left a partial line, so the next record starts on a new line.
      this.#isMidLine = failed !== undefined;
      for (const { settle } of batch) settle(failed);
    }
    this.#isWriting = false;
  }
}

/** `O_NONBLOCK`: opening a FIFO without a reader fails at once instead of blocking a thread forever. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

async function appendTo(path: string, text: string): Promise<void> {
  const file = await open(path, FLAGS, 0o600);
  try {
    await file.appendFile(text);
  } finally {
    await file.close();
  }
}

const writeBytes = promisify(writeFd);

async function writeToStdout(text: string): Promise<void> {
  const bytes = Buffer.from(text);
  const deadline = Date.now() + WRITE_TIMEOUT_MS;
  for (let written = 0; written < bytes.length;) {
    try {
      const { bytesWritten } = await writeBytes(process.stdout.fd, bytes.subarray(written));
      written += bytesWritten;
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN' || Date.now() > deadline) throw error;
      await pause(EAGAIN_WAIT_MS);
    }
  }
}

function formatLine(service: string, entry: object): string {
  const line = { level: 'info', time: new Date().toISOString(), service, ...entry, msg: 'audit' };
  return `${JSON.stringify(line)}\n`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
