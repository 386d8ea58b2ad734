import { readFile } from 'node:fs/promises';

/**
 * What a reader of a page does, or sees.
 *
 * @typedef {{ kind: 'file', name: string, text: string, line: number, hasExtensions?: boolean }} FileStep
 * @typedef {{ kind: 'command', text: string, line: number }} CommandStep
 * @typedef {{ kind: 'signal', signal: 'SIGINT' | 'SIGKILL', line: number }} SignalStep
 * @typedef {{ kind: 'output', of: 'command' | 'application', text: string, line: number }} OutputStep
 * @typedef {(FileStep | CommandStep | SignalStep | OutputStep) & { only?: string | undefined }} Step
 */

const BLOCK_OR_COMMENT =
  /^<!-- (?<comment>.*?) -->$|^```(?<language>\w+)\n(?<text>[^]*?)^```$/gm;
const NAMED = /^(?:\/\/|#) (?<name>[\w./-]+\.\w+)\n/;

/**
 * The steps of a page: what stands between the comments "in the scaffolds" and "out of the
 * scaffolds", or the end.
 *
 * - A block whose first line is a comment with a path is a file. Other code is a fragment.
 * - `sh` is a line for the terminal; one that ends with `&` is left running. After the comment "kill the application" it is what
 *   the tool does in its own way.
 * - `text` is what the command before it printed, or what the running application did if
 *   the comment "the application prints" stands before it.
 *
 * After the comment "in the scaffold of NestJS 11" the steps are for that one only.
 *
 * A page that tells readers with CommonJS to leave out extensions begins with the comment "in
 * the scaffolds, without .js in CommonJS".
 *
 * @param {string} path
 * @returns {Promise<Step[]>}
 */
export async function stepsOf(path) {
  const page = await readFile(path, 'utf8');
  /** @type {Step[]} */
  const steps = [];
  let isOn = false;
  let hasExtensions = true;
  /** @type {string | undefined} */
  let only;
  let comment = '';
  for (const match of page.matchAll(BLOCK_OR_COMMENT)) {
    const { text = '', language, comment: said } = match.groups ?? {};
    const line = page.slice(0, match.index).split('\n').length;
    if (said !== undefined) {
      if (/^(?:in|out of) the scaffold/.test(said)) {
        isOn = said.startsWith('in ');
        const { major } = /of NestJS (?<major>\d+)/.exec(said)?.groups ?? {};
        only = major && `nestjs-${major}`;
        hasExtensions = !said.endsWith('without .js in CommonJS');
      }
      if (isOn && said === 'press Ctrl+C') {
        steps.push({ kind: 'signal', signal: 'SIGINT', line, only });
      }
      comment = said;
      continue;
    }
    if (isOn) {
      const found = stepsOfBlock(language, text, comment, line);
      steps.push(...found.map((step) => ({ ...step, hasExtensions, only })));
    }
    comment = '';
  }
  return steps;
}

/**
 * @param {string | undefined} language
 * @param {string} text
 * @param {string} comment the one right before the block
 * @param {number} line
 * @returns {Step[]}
 */
function stepsOfBlock(language, text, comment, line) {
  if (language === 'text') {
    const of = comment === 'the application prints' ? 'application' : 'command';
    return [{ kind: 'output', of, text, line }];
  }
  if (language === 'sh') {
    if (comment === 'kill the application') {
      return [{ kind: 'signal', signal: 'SIGKILL', line }];
    }
    const commands = text.trim().split('\n');
    return commands.map((command) => ({
      kind: /** @type {const} */ ('command'),
      text: command.replace(/ +# .*$/, ''),
      line,
    }));
  }
  const { name } = NAMED.exec(text)?.groups ?? {};
  return name
    ? [{ kind: 'file', name, text: text.replace(NAMED, ''), line }]
    : [];
}
