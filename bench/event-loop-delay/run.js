// The delay of the event loop while eight thumbnails of a 12-megapixel JPEG are created.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import sharp from 'sharp';

/** @typedef {{ tookMs: number, p50: number, p99: number, max: number }} Figures */

const run = promisify(execFile);
const child = fileURLToPath(new URL('./measure.js', import.meta.url));
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    threads: { type: 'string', default: '' },
  },
});

const WAYS = [
  'nothing',
  'main thread',
  'threads',
  'main thread, by sharp alone',
  'threads, by sharp alone',
];

/** @param {string} path */
async function makePicture(path) {
  // Blurred noise has about as much detail as a photograph.
  const noise = {
    type: /** @type {const} */ ('gaussian'),
    mean: 128,
    sigma: 60,
  };
  await sharp({
    create: {
      width: 4_000,
      height: 3_000,
      channels: 3,
      background: '#888',
      noise,
    },
  })
    .blur(1)
    .jpeg({ quality: 85 })
    .toFile(path);
}

/** @param {readonly number[]} figures */
function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** @param {readonly string[]} cells */
const line = (cells) => process.stdout.write(`| ${cells.join(' | ')} |\n`);

/** @param {number} ms */
const shown = (ms) => (ms < 100 ? ms.toFixed(1) : Math.round(ms).toString());

const folder = await mkdtemp(join(tmpdir(), 'event-loop-delay-'));
try {
  const picture = join(folder, 'picture.jpg');
  await makePicture(picture);
  const { size } = await stat(picture);
  /** @type {Map<string, Figures[]>} */
  const all = new Map(WAYS.map((way) => [way, []]));
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const way of WAYS) {
      const args = [child, way, picture, values.threads];
      const { stdout } = await run(process.execPath, args);
      all.get(way)?.push(/** @type {Figures} */ (JSON.parse(stdout)));
    }
  }
  const threads =
    values.threads || `${Math.max(1, availableParallelism() - 1)} (default)`;
  process.stdout.write(
    `Node.js ${process.version}, ${cpus()[0]?.model}, ${availableParallelism()} processors, ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB, load ${loadavg()[0]?.toFixed(2)}; ` +
      `threads: ${threads}; rounds: ${values.rounds}; the JPEG has ${(size / 2 ** 20).toFixed(1)} MiB\n\n`,
  );
  line([
    'eight thumbnails on',
    'all done, ms',
    'delay p50, ms',
    'p99, ms',
    'max, ms',
    'worst max, ms',
  ]);
  line(['---', '--:', '--:', '--:', '--:', '--:']);
  for (const [way, figures] of all) {
    const of = (/** @type {keyof Figures} */ key) =>
      figures.map((each) => each[key]);
    line([
      way,
      way === 'nothing' ? '–' : shown(median(of('tookMs'))),
      shown(median(of('p50'))),
      shown(median(of('p99'))),
      shown(median(of('max'))),
      shown(Math.max(...of('max'))),
    ]);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
