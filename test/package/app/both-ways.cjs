// Loads every entry point with require() and with import, in the order that it is told;
// says how many things each holds, and which of them there are two of.
const { exports: targets, peerDependenciesMeta } =
  /** @type {Record<'exports' | 'peerDependenciesMeta', object>} */ (
    require('nestjs-tasks/package.json')
  );

/** @typedef {Record<string, unknown>} Exports */

/** @type {Record<string, (name: string) => Promise<Exports>>} */
const ways = {
  require: async (name) => require(name),
  import: (name) => import(name),
};

// What Node.js adds when the one format is loaded as the other.
const ADDED = new Set(['__esModule', 'default', 'module.exports']);

/** @param {string} name */
async function compare(name) {
  const [first = '', second = ''] = process.argv.slice(2);
  const one = await ways[first]?.(name);
  const other = await ways[second]?.(name);
  if (!one || !other) throw new Error(`No such order: ${first} ${second}`);
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  const names = [...keys].filter((key) => !ADDED.has(key));
  const twice = names.filter((key) => one[key] !== other[key]);
  return `${names.length} exports, twice: ${twice.join(', ') || 'none'}`;
}

/**
 * The optional peer that was not found.
 *
 * @param {Error} error
 */
function missingPeer(error) {
  const peers = Object.keys(peerDependenciesMeta);
  const missing = peers.find((peer) => error.message.includes(`'${peer}'`));
  if (!missing) throw error;
  return missing;
}

async function main() {
  for (const path of Object.keys(targets)) {
    if (path === './package.json') continue;
    const name = `nestjs-tasks${path.slice(1)}`;
    const seen = await compare(name).catch(
      (error) => `needs ${missingPeer(error)}`,
    );
    process.stdout.write(`${name}: ${seen}\n`);
  }
}

void main();
