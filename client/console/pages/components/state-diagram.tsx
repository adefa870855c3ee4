import { useEffect, useState } from 'preact/hooks';
import type { State } from 'onward/client';
import type { Box, Line, Picture, Pictures } from '../model/diagram.js';
import type { Step, Tone } from '../labels.js';
import { stateLabels, stepLabels } from '../labels.js';

/** The content of a box. */
export interface Mark {
  readonly figure?: string;
  readonly note?: string;
  readonly tone?: Tone;
}

const NARROW = '(max-width: 760px)';
let pictures: Promise<Pictures> | undefined;

/** Returns the layout that the build computed: horizontal on a wide screen, vertical on a narrow one. */
function usePicture(): Picture | undefined {
  const [both, setBoth] = useState<Pictures>();
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    pictures ??= fetch('/console/machine.json').then((reply) => reply.json());
    void pictures.then(setBoth);
    const query = matchMedia(NARROW);
    const update = () => setNarrow(query.matches);
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, []);
  return narrow ? both?.narrow : both?.wide;
}

/** Returns the id of the box for a position of the machine. */
export function boxOf(state: State, step: Step | null): string {
  return state.endsWith('Pending') && step !== null ? `${state}.${step}` : state;
}

/** Returns the label of a box. */
export function boxLabel(id: string): string {
  const [state = '', step] = id.split('.');
  return step === undefined ? stateLabels[state as State] : stepLabels[step as Step];
}

export interface StateDiagramProps {
  /** The accessible name of the diagram. */
  readonly label: string;
  readonly marks?: ReadonlyMap<string, Mark>;
  /** The boxes and lines (`from>to`) to highlight; without it, all look the same. */
  readonly visited?: ReadonlySet<string>;
  /** The box of the current position. */
  readonly here?: string | undefined;
  /** Returns the link of a box. */
  readonly linkOf?: (box: string) => string | undefined;
}

/** Draws the state machine, laid out from its own definition. */
export function StateDiagram({ label, marks = new Map(), visited, here, linkOf }: StateDiagramProps) {
  const picture = usePicture();
  if (picture === undefined) return <div class="machine waiting" />;
  const { width, height, boxes, lines } = picture;
  const isVisited = ({ from, to, isTwoWay }: Line) =>
    visited?.has(`${from}>${to}`) === true || (isTwoWay && visited?.has(`${to}>${from}`) === true);
  const drawBox = (box: Box) => (
    <BoxShape
      key={box.id}
      box={box}
      mark={marks.get(box.id) ?? {}}
      isVisited={visited?.has(box.id) === true}
      isHere={here === box.id}
      link={linkOf?.(box.id)}
    />
  );
  return (
    <svg
      class={`machine ${visited === undefined ? '' : 'has-path'}`}
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label={label}
    >
      <ArrowMarkers />
      {boxes.filter(({ isCompound }) => isCompound).map(drawBox)}
      {lines
        .toSorted((a, b) => Number(isVisited(a)) - Number(isVisited(b)))
        .map((line) => (
          <LinePath key={`${line.from}>${line.to}`} line={line} isVisited={isVisited(line)} />
        ))}
      {boxes.filter(({ isCompound }) => !isCompound).map(drawBox)}
    </svg>
  );
}

function ArrowMarkers() {
  return (
    <defs>
      {['arrow', 'arrow-visited'].map((id) => (
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
  );
}

function LinePath({ line, isVisited }: { line: Line; isVisited: boolean }) {
  const arrow = `url(#${isVisited ? 'arrow-visited' : 'arrow'})`;
  return (
    <path
      class={`line ${isVisited ? 'visited' : ''}`}
      d={line.path}
      marker-end={arrow}
      {...(line.isTwoWay && { 'marker-start': arrow })}
    />
  );
}

interface BoxProps {
  readonly box: Box;
  readonly mark: Mark;
  readonly isVisited: boolean;
  readonly isHere: boolean;
  readonly link: string | undefined;
}

function BoxShape({ box, mark, isVisited, isHere, link }: BoxProps) {
  const kind = [
    'box',
    box.isCompound ? 'compound' : '',
    box.id.includes('.') ? 'step' : 'state',
    mark.tone ?? '',
    isVisited ? 'visited' : '',
    isHere ? 'here' : '',
  ].join(' ');
  const parts = [boxLabel(box.id), mark.figure, mark.note, isHere ? 'current position' : undefined];
  const label = parts.filter((part) => part !== undefined).join(', ');
  const inside = (
    <>
      <rect x={box.x} y={box.y} width={box.width} height={box.height} rx={box.isCompound ? 10 : 7} aria-hidden="true">
        <title>{box.description}</title>
      </rect>{' '}
      {texts(box, mark)}
    </>
  );
  return link === undefined ? (
    <g class={kind} role="img" aria-label={label} data-box={box.id}>
      {inside}
    </g>
  ) : (
    <a class={kind} href={link} data-box={box.id}>
      {inside}
    </a>
  );
}

function texts({ id, x, y, width, height }: Box, { figure, note }: Mark) {
  const name = boxLabel(id);
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
