import { channels } from '../channels.ts';
import type { JourneyContext } from '../context.ts';
import { countedSends } from '../limits/limits.ts';
import { formatTime, positionOf, stallStatusOf } from './status.ts';
import type { Journey } from '../transition.ts';

/**
 * Describes a journey for Temporal's own page, in Markdown. It is computed at every transition, so it leaves out what is costly to
 * compute, such as the allowed commands.
 */
export function detailsOf({ snapshot, updatedAt }: Journey): string {
  const { state, step } = positionOf(snapshot);
  const stall = stallStatusOf(snapshot);
  const place = step === null ? `**${state}**` : `**${state}**, ${step}`;
  const why = stall === null ? '' : `: ${stall.reason}${stall.detail === null ? '' : ` (${stall.detail})`}`;
  const lines = channels.map((channel) => `- ${channel}: ${channelDetails(snapshot.context, channel)}`);
  return [
    `${place} since ${formatTime(stall === null ? updatedAt : Date.parse(stall.since))}${why}`,
    '',
    ...lines,
  ].join('\n');
}

function channelDetails(context: JourneyContext, channel: (typeof channels)[number]): string {
  const evidence = context.evidence[channel];
  const sends = `sends: ${countedSends(context, channel).length}`;
  return evidence === null ? `not verified, ${sends}` : `verified by ${evidence}, ${sends}`;
}
