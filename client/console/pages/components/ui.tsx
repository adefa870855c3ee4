import { formatAge, formatInstant } from '#format-time';
import type { ComponentChildren } from 'preact';
import type { State } from 'onward/client';
import { positionLabel, toneOf } from '../labels.js';
import type { Step, Tone } from '../labels.js';

/** Components shared by several screens. */

/** A coloured label. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

export function PositionBadge({ state, step }: { state: State; step: Step | null }) {
  return <Badge tone={toneOf(state, step)}>{positionLabel(state, step)}</Badge>;
}

export function Card({
  title,
  children,
  aside,
}: {
  title: string;
  children: ComponentChildren;
  aside?: ComponentChildren;
}) {
  return (
    <section class="card" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** A region that scrolls horizontally if its content is wider than the screen; it takes the focus, so that keys scroll it. */
export function ScrollRegion({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="scroll-region" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** The header row of a table. An empty label is a column of buttons. */
export function Columns({ words }: { words: readonly string[] }) {
  return (
    <thead>
      <tr>
        {words.map((word) => (
          <th key={word} scope="col">
            {word === '' ? <span class="visually-hidden">Action</span> : word}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** The age of a time, with the time itself and its offset from UTC on hover and in print. */
export function Time({ at, now }: { at: string; now: number }) {
  return (
    <time dateTime={at} title={formatInstant(at)}>
      {formatAge(at, { now })}
    </time>
  );
}

/** An empty state: a title and an explanation of what would appear here. */
export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      <p>{children}</p>
    </div>
  );
}

export function Problem({ children }: { children: ComponentChildren }) {
  return (
    <p class="problem" role="alert">
      {children}
    </p>
  );
}

/** A bar that shows a share between 0 and 1. */
export function Bar({ share, tone = 'calm' }: { share: number; tone?: Tone }) {
  return (
    <svg class={`bar ${tone}`} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="rest" width="100" height="6" />
      <rect width={Math.min(100, Math.max(0, share * 100))} height="6" />
    </svg>
  );
}

interface PageButtonsProps {
  readonly showPrevious: (() => void) | undefined;
  readonly showNext: (() => void) | undefined;
}

/** Buttons that lead to the previous and the next page, if there is one. */
export function PageButtons({ showPrevious, showNext }: PageButtonsProps) {
  return (
    <div class="buttons">
      {showPrevious !== undefined && <button onClick={showPrevious}>Previous page</button>}
      {showNext !== undefined && <button onClick={showNext}>Next page</button>}
    </div>
  );
}
