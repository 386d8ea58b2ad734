import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { importsOf, type Imports } from './import-graph.js';

export const REPOSITORY = resolve(import.meta.dirname, '../../..');

/** What can be imported of the package. */
export interface EntryPoint {
  readonly name: string;
  /** What the files of each format ask for. */
  readonly imports: Imports;
  readonly requires: Imports;
  /** The optional peers without which it cannot be loaded. */
  readonly peers: readonly string[];
}

interface Target {
  readonly require: { readonly default: string };
  readonly default: { readonly default: string };
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Target>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<
    Record<string, { readonly optional: boolean }>
  >;
}

interface PackReport {
  readonly filename: string;
  readonly integrity: string;
  readonly files: readonly { readonly path: string }[];
}

/** What `npm publish` would upload of what has been built. */
export class PackedPackage {
  readonly tarball: string;
  readonly integrity: string;
  /** Where it has been unpacked. */
  readonly folder: string;
  /** What is in it, by its path. */
  readonly files: readonly string[];
  readonly manifest: Manifest;
  readonly entryPoints: readonly EntryPoint[];

  private constructor(
    parent: string,
    { filename, integrity, files }: PackReport,
    manifest: Manifest,
    entryPoints: readonly EntryPoint[],
  ) {
    this.tarball = join(parent, filename);
    this.integrity = integrity;
    this.folder = join(parent, 'package');
    this.files = files.map(({ path }) => path);
    this.manifest = manifest;
    this.entryPoints = entryPoints;
  }

  /** What has been packed before the tests. */
  static async open(): Promise<PackedPackage> {
    const parent = process.env['TEST_PACKED'] ?? '';
    const report = await readFile(join(parent, 'report.json'), 'utf8');
    const [packed] = JSON.parse(report) as PackReport[];
    if (!packed) throw new Error(`npm pack reported nothing: ${report}`);

    const unpacked = join(parent, 'package');
    const text = await readFile(join(unpacked, 'package.json'), 'utf8');
    const manifest = JSON.parse(text) as Manifest;
    const entryPoints = await entryPointsOf(manifest, unpacked);
    return new PackedPackage(parent, packed, manifest, entryPoints);
  }

  /** The peers that a user need not have. */
  get optionalPeers(): string[] {
    return optionalPeersOf(this.manifest);
  }
}

function optionalPeersOf({ peerDependenciesMeta }: Manifest): string[] {
  return Object.entries(peerDependenciesMeta)
    .filter(([, { optional }]) => optional)
    .map(([name]) => name);
}

async function entryPointsOf(
  manifest: Manifest,
  folder: string,
): Promise<EntryPoint[]> {
  const optional = optionalPeersOf(manifest);
  const found: EntryPoint[] = [];
  for (const [path, target] of Object.entries(manifest.exports)) {
    if (typeof target === 'string') continue;
    const imports = await importsOf(join(folder, target.default.default));
    found.push({
      name: manifest.name + path.slice(1),
      imports,
      requires: await importsOf(join(folder, target.require.default)),
      peers: optional.filter((peer) => imports.atOnce.has(peer)),
    });
  }
  return found;
}
