import type { DemoApp } from '../../../sample/.demo/demo-app.js';
import {
  inOrder,
  type Claim,
  type Report,
} from '../../../sample/.demo/report.js';
import type { SceneRecord } from '../../../sample/.demo/scene-record.js';
import {
  requestRows,
  type ClientRecord,
} from '../../../sample/.demo/scene-rows.js';
import type { RegistrationPeers } from './registration-peers.js';

/** What every scene works with. */
export interface Stage {
  readonly app: DemoApp;
  readonly peers: RegistrationPeers;
  readonly report: Report;
}

const password = 'correct horse battery staple';
const user = (name: string) => ({
  email: `${name.toLowerCase()}@example.com`,
  password,
  name,
});

export const ADA = user('Ada');
export const BARBARA = user('Barbara');
export const EDSGER = user('Edsger');
export const GRACE = user('Grace');
export const LINUS = user('Linus');

/** A request that was answered, with its effects; times count from the request. */
export interface PlayedRequest {
  readonly record: SceneRecord;
  readonly client: ClientRecord;
}

/** Sends a request and waits for its response and its tasks. */
export async function playRequest(
  { app }: Stage,
  path: string,
  body: object,
): Promise<PlayedRequest> {
  app.beginScene();
  const { sentAt, answeredAt, status } = await app.post(path, body);
  await app.ask('waitUntilIdle');
  const client = { at: answeredAt - sentAt, status };
  return { record: app.record(sentAt), client };
}

/** Sends a request that must be refused. */
export async function playRefused(
  stage: Stage,
  what: string,
  status: number,
  path: string,
  body: object,
): Promise<Claim> {
  const { record, client } = await playRequest(stage, path, body);
  return [
    `${what} is answered with ${status}, and schedules nothing.`,
    client.status === status && record.tasks.length === 0,
  ];
}

/** Shows a request; in all of them, the tasks start after the response. */
export function showRequest(
  { report }: Stage,
  title: string,
  { record, client }: PlayedRequest,
  status: number,
  claims: readonly Claim[],
  notes: readonly (string | undefined)[] = [],
): void {
  const isAnsweredFirst =
    client.status === status &&
    record.tasks.length === 2 &&
    record.tasks.every(({ startedAt }) =>
      inOrder(record.at('responseEnded'), startedAt),
    );
  report.show({
    title,
    rows: requestRows(record, client),
    lines: [client.at],
    notes,
    claims: [
      [
        `The response was sent, with ${status}, before the first task started.`,
        isAnsweredFirst,
      ],
      ...claims,
    ],
  });
}
