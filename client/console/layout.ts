import type { ELK as Elk, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import elk from 'elkjs/lib/elk.bundled.js';
import { isPending, nodes, stepAt, transitionEdges } from '../docs/transitions.ts';
import type { Box, Line, Picture, Pictures } from './pages/model/diagram.ts';

/** Computes the layout of the state diagram from the machine itself: a box for each state and step, and the lines between them. */

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

/** Computes two layouts: horizontal for a wide screen, vertical for a narrow one. */
export async function computeLayouts(): Promise<Pictures> {
  return { wide: await picture('RIGHT'), narrow: await picture('DOWN') };
}

async function picture(direction: 'RIGHT' | 'DOWN'): Promise<Picture> {
  // The types declare the module as a namespace, but its default export is the class.
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
    const inside = nodes().filter(({ path }) => path[0] === key && stepAt(path) !== undefined);
    const steps = new Set(inside.map(({ path }) => `${key}.${stepAt(path)}`));
    return {
      id: key,
      // Vertical in both layouts: lines that leave the state start at the state itself.
      layoutOptions: { ...options('DOWN'), 'elk.padding': '[top=106,left=14,bottom=14,right=14]' },
      children: [...steps].map((id) => ({ id, ...STEP })),
    };
  });
}

/** Returns one edge for each pair of positions, however many transitions connect them. A transition out of a state starts at the state. */
function edges(): ElkExtendedEdge[] {
  const pairs = new Map<string, { from: string; to: string; isTwoWay: boolean }>();
  for (const { from, to } of transitionEdges()) {
    const [source, target] = between(from, to);
    if (source === target) continue;
    const back = pairs.get(`${target}>${source}`);
    if (back === undefined) pairs.set(`${source}>${target}`, { from: source, to: target, isTwoWay: false });
    else back.isTwoWay = true;
  }
  return [...pairs].map(([, { from, to, isTwoWay }]) => ({
    id: `${from}>${to}${isTwoWay ? '>both' : ''}`,
    sources: [from],
    targets: [to],
  }));
}

function between(from: readonly string[], to: readonly string[]): [string, string] {
  if (from[0] !== to[0]) return [from[0] ?? '', to[0] ?? ''];
  return isPending(from) ? [boxOf(from), boxOf(to)] : [from[0] ?? '', to[0] ?? ''];
}

const boxOf = (path: readonly string[]) => [path[0], stepAt(path)].filter((part) => part !== undefined).join('.');

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
    boxes.push({ id, ...at, width, height, description: described.get(id) ?? '', isCompound: children.length > 0 });
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
  const [from = '', to = '', direction] = edge.id.split('>');
  return {
    from,
    to,
    isTwoWay: direction === 'both',
    path: roundedPath(points.map((point) => ({ x: point.x + x, y: point.y + y }))),
  };
}

/** Returns an SVG path through the points, with rounded corners. */
function roundedPath(points: readonly Point[]): string {
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
