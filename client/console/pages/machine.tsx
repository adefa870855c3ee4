import { useEffect, useState } from 'preact/hooks';
import type { State } from 'onward/client';
import type { Box, Line, Picture, Pictures } from './picture.js';
import type { Step, Tone } from './words.js';
import { stateWords, stepWords } from './words.js';

/** What is written into a box. */
export interface Mark {
  readonly figure?: string;
  readonly note?: string;
  readonly tone?: Tone;
}

const NARROW = '(max-width: 760px)';
let pictures: Promise<Pictures> | undefined;

/** The machine as the build has laid it out: lying on a wide screen, standing on a narrow one. */
function usePicture(standing: boolean): Picture | undefined {
  const [both, setBoth] = useState<Pictures>();
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    pictures ??= fetch('/console/machine.json').then((reply) => reply.json());
    void pictures.then(setBoth);
    const query = matchMedia(NARROW);
    const look = () => setNarrow(query.matches);
    query.addEventListener('change', look);
    return () => query.removeEventListener('change', look);
  }, []);
  return narrow || standing ? both?.narrow : both?.wide;
}

/** The box in which a journey stands. */
export function boxOf(state: State, step: Step | null): string {
  return state.endsWith('Pending') && step !== null ? `${state}.${step}` : state;
}

/** What a box is called. */
export function boxWords(id: string): string {
  const [state = '', step] = id.split('.');
  return step === undefined ? stateWords[state as State] : stepWords[step as Step];
}

export interface MachineProps {
  /** What the picture as a whole shows, for who does not see it. */
  readonly label: string;
  readonly marks?: ReadonlyMap<string, Mark>;
  /** Boxes and lines (`from>to`) that are walked; without it, none is told apart. */
  readonly walked?: ReadonlySet<string>;
  /** The box in which the journey stands. */
  readonly here?: string | undefined;
  /** Where a click on a box leads. */
  readonly linkOf?: (box: string) => string | undefined;
  /** Stands upright on wide screens too. */
  readonly standing?: boolean;
}

/** The machine, drawn from the machine. */
export function Machine({ label, marks = new Map(), walked, here, linkOf, standing = false }: MachineProps) {
  const picture = usePicture(standing);
  if (picture === undefined) return <div class="machine waiting" />;
  const { width, height, boxes, lines } = picture;
  const isWalked = ({ from, to, both }: Line) =>
    walked?.has(`${from}>${to}`) === true || (both && walked?.has(`${to}>${from}`) === true);
  return (
    <svg
      class={`machine ${walked === undefined ? '' : 'walking'}`}
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label={label}
    >
      <defs>
        {['arrow', 'arrow-walked'].map((id) => (
          <marker
            id={id}
            key={id}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto-start-reverse"
          >
            <path d="M0.5,0.8L7.5,4L0.5,7.2z" class={id} />
          </marker>
        ))}
      </defs>
      {boxes.filter(({ holds }) => holds).map((box) => boxPicture(box))}
      {lines
        .toSorted((a, b) => Number(isWalked(a)) - Number(isWalked(b)))
        .map((line) => {
          const arrow = `url(#${isWalked(line) ? 'arrow-walked' : 'arrow'})`;
          return (
            <path
              key={`${line.from}>${line.to}`}
              class={`line ${isWalked(line) ? 'walked' : ''}`}
              d={line.path}
              marker-end={arrow}
              {...(line.both && { 'marker-start': arrow })}
            />
          );
        })}
      {boxes.filter(({ holds }) => !holds).map((box) => boxPicture(box))}
    </svg>
  );

  function boxPicture(box: Box) {
    const mark = marks.get(box.id) ?? {};
    const kind = [
      'box',
      box.holds ? 'holds' : '',
      box.id.includes('.') ? 'step' : 'state',
      mark.tone ?? '',
      walked?.has(box.id) === true ? 'walked' : '',
      here === box.id ? 'here' : '',
    ].join(' ');
    const words = [boxWords(box.id), mark.figure, mark.note, here === box.id ? 'the journey stands here' : undefined];
    const said = words.filter((part) => part !== undefined).join(', ');
    const link = linkOf?.(box.id);
    const inside = (
      <>
        <rect x={box.x} y={box.y} width={box.width} height={box.height} rx={box.holds ? 10 : 7} aria-hidden="true">
          <title>{box.description}</title>
        </rect>{' '}
        {texts(box, mark)}
      </>
    );
    return link === undefined ? (
      <g key={box.id} class={kind} role="img" aria-label={said} data-box={box.id}>
        {inside}
      </g>
    ) : (
      <a key={box.id} class={kind} href={link} data-box={box.id}>
        {inside}
      </a>
    );
  }
}

function texts({ id, x, y, width, height }: Box, { figure, note }: Mark) {
  const name = boxWords(id);
  const [left, middle] = [x + 12, x + width / 2];
  if (id.includes('.')) {
    const hasFigure = figure !== undefined && figure !== '0';
    return (
      <>
        <text
          class="name"
          x={hasFigure ? x + 10 : middle}
          y={y + height / 2 + 4}
          text-anchor={hasFigure ? 'start' : 'middle'}
        >
          {name}
        </text>{' '}
        {hasFigure && (
          <text class="figure small" x={x + width - 10} y={y + height / 2 + 5} text-anchor="end">
            {figure}
          </text>
        )}
      </>
    );
  }
  return (
    <>
      <text class="name" x={left} y={y + 25}>
        {name}
      </text>{' '}
      {figure !== undefined && (
        <text class="figure" x={left} y={y + 59}>
          {figure}
        </text>
      )}{' '}
      {note !== undefined && (
        <text class="note" x={left} y={y + 84}>
          {note}
        </text>
      )}
    </>
  );
}
