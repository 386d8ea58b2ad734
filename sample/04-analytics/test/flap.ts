import type { Delivery, Reaction } from '../peers/analytics-peer.js';

/** What becomes of the deliveries of a batch; a task makes three of them. */
const FLAPS: readonly (readonly Reaction[])[] = [
  ['accept'],
  ['refuse', 'accept'],
  ['loseAnswer', 'accept'],
  ['loseRequest', 'loseAnswer', 'accept'],
  ['refuse', 'loseRequest', 'refuse'],
  ['loseAnswer', 'loseAnswer', 'loseAnswer'],
  ['refuse', 'refuse', 'loseAnswer'],
];

/** Works, fails and loses answers in turn, batch by batch; later deliveries arrive. */
export function flap({ place, count }: Delivery): Reaction {
  return flapsOf(place)[count - 1] ?? 'accept';
}

/** Where a batch is after the three deliveries of its task. */
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
