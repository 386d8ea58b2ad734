import type { Delivery, Reaction } from './analytics-peer.js';

/** The reactions to the deliveries of a batch; a task makes up to three of them. */
export const FLAPS: readonly (readonly Reaction[])[] = [
  ['accept'],
  ['refuse', 'accept'],
  ['loseAnswer', 'accept'],
  ['loseRequest', 'loseAnswer', 'accept'],
  ['refuse', 'loseRequest', 'refuse'],
  ['loseAnswer', 'loseAnswer', 'loseAnswer'],
  ['refuse', 'refuse', 'loseAnswer'],
];

/** Accepts, refuses and loses answers in turn, batch by batch; later deliveries are accepted. */
export function flap(
  { place, count }: Delivery,
  flaps: readonly (readonly Reaction[])[] = FLAPS,
): Reaction {
  return flaps[place % flaps.length]?.[count - 1] ?? 'accept';
}

/** Where a batch is stored after the three deliveries of its task. */
export function endOf(place: number) {
  const flaps = flapsOf(place);
  return {
    isAtService: flaps.some(
      (reaction) => reaction === 'accept' || reaction === 'loseAnswer',
    ),
    isInDatabase: !flaps.includes('accept'),
  };
}

function flapsOf(place: number): readonly Reaction[] {
  return FLAPS[place % FLAPS.length] ?? [];
}
