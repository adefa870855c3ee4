import type { ELK as Elk, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import elk from 'elkjs/lib/elk.bundled.js';
import { isPending } from '../diagram/mermaid.ts';
import { nodes, ways } from '../diagram/nodes.ts';
import type { Box, Line, Picture, Pictures } from './pages/picture.ts';

/** The machine as a picture: where each state and step stands, and how the lines between them run. Made by the build, from the machine itself. */

const STEP = { width: 140, height: 48 };
const STATE = { width: 168, height: 96 };
const ROUND = 6;

const options = (direction: 'RIGHT' | 'DOWN') => ({
  'elk.algorithm': 'layered',
  'elk.direction': direction,
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.spacing.nodeNodeBetweenLayers': '22',
  'elk.spacing.nodeNode': '16',
  'elk.spacing.edgeNode': '10',
  'elk.spacing.edgeEdge': '8',
  'elk.layered.spacing.edgeNodeBetweenLayers': '10',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '8',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.padding': '[top=8,left=8,bottom=8,right=8]',
});

/** Lays the machine out: lying for a wide screen, standing for a narrow one. */
export async function layOut(): Promise<Pictures> {
  return { wide: await picture('RIGHT'), narrow: await picture('DOWN') };
}

async function picture(direction: 'RIGHT' | 'DOWN'): Promise<Picture> {
  // Its types say that the module is a namespace; it is the class.
  const engine = new (elk as unknown as new () => Elk)();
  const laid: ElkNode = await engine.layout({
    id: 'machine',
    layoutOptions: options(direction),
    children: states(),
    edges: edges(),
  });
  const { boxes, origins } = boxesOf(laid);
  const lines = (laid.edges ?? []).map((edge) => lineOf(edge, origins));
  return { width: Math.ceil(laid.width ?? 0), height: Math.ceil(laid.height ?? 0), boxes, lines };
}

const described = new Map(nodes().map(({ path, description }) => [path.join('.'), description ?? '']));

function states(): ElkNode[] {
  const top = nodes().filter(({ path }) => path.length === 1);
  return top.map(({ key }) => {
    if (!isPending([key])) return { id: key, ...STATE };
    const steps = nodes().filter(({ path }) => path[0] === key && path.length === 2 && path[1] !== 'starting');
    return {
      id: key,
      // Standing in both pictures: all lines that leave it leave it as a whole.
      layoutOptions: { ...options('DOWN'), 'elk.padding': '[top=106,left=14,bottom=14,right=14]' },
      children: steps.map(({ path }) => ({ id: path.join('.'), ...STEP })),
    };
  });
}

/** One line between two places, whatever leads from one to the other. What leads out of a state leads out of all its steps. */
function edges(): ElkExtendedEdge[] {
  const pairs = new Map<string, { from: string; to: string; both: boolean }>();
  for (const { from, to } of ways()) {
    const [source, target] = between(from, to);
    if (source === target || source.endsWith('.starting') || target.endsWith('.starting')) continue;
    const back = pairs.get(`${target}>${source}`);
    if (back === undefined) pairs.set(`${source}>${target}`, { from: source, to: target, both: false });
    else back.both = true;
  }
  return [...pairs].map(([, { from, to, both }]) => ({
    id: `${from}>${to}${both ? '>both' : ''}`,
    sources: [from],
    targets: [to],
  }));
}

function between(from: readonly string[], to: readonly string[]): [string, string] {
  if (from[0] !== to[0]) return [from[0] ?? '', to[0] ?? ''];
  return isPending(from) ? [from.slice(0, 2).join('.'), to.slice(0, 2).join('.')] : [from[0] ?? '', to[0] ?? ''];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function boxesOf(laid: ElkNode) {
  const origins = new Map<string, Point>([['machine', { x: 0, y: 0 }]]);
  const boxes: Box[] = [];
  const add = (node: ElkNode, origin: Point) => {
    const { id, x = 0, y = 0, width = 0, height = 0, children = [] } = node;
    const at = { x: origin.x + x, y: origin.y + y };
    origins.set(id, at);
    boxes.push({ id, ...at, width, height, description: described.get(id) ?? '', holds: children.length > 0 });
    for (const child of children) add(child, at);
  };
  for (const node of laid.children ?? []) add(node, { x: 0, y: 0 });
  return { boxes, origins };
}

function lineOf(edge: ElkExtendedEdge, origins: ReadonlyMap<string, Point>): Line {
  const { container = 'machine' } = edge as { container?: string };
  const { x, y } = origins.get(container) ?? { x: 0, y: 0 };
  const points = (edge.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ]);
  const [from = '', to = '', both] = edge.id.split('>');
  return {
    from,
    to,
    both: both === 'both',
    path: rounded(points.map((point) => ({ x: point.x + x, y: point.y + y }))),
  };
}

/** A line through the points, its corners rounded. */
function rounded(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const parts = [`M${at(first)}`];
  for (const [index, point] of rest.entries()) {
    const before = points[index];
    const next = rest[index + 1];
    if (before === undefined || next === undefined) parts.push(`L${at(point)}`);
    else parts.push(`L${at(towards(point, before))}Q${at(point)} ${at(towards(point, next))}`);
  }
  return parts.join('');
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const part = Math.min(ROUND, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

const at = ({ x, y }: Point) => `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
