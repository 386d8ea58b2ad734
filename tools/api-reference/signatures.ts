import { format, type Options } from 'prettier';
import type { Form, Kind, Meaning, Reference } from './reference.js';

/** Formats the signatures of a reference like the code of the project. */
export async function formatSignatures(
  reference: Reference,
  style: Options,
): Promise<Reference> {
  const ofForms = (
    forms: readonly Form[],
    formatted: (signature: string) => Promise<string>,
  ) =>
    Promise.all(
      forms.map(async (form) => ({
        ...form,
        signature: await formatted(withoutImports(form.signature)),
      })),
    );

  const ofMeaning = async (meaning: Meaning): Promise<Meaning> => ({
    ...meaning,
    forms: await ofForms(meaning.forms, (signature) =>
      declaration(signature, meaning.kind, style),
    ),
    members: await Promise.all(
      meaning.members.map(async (one) => ({
        ...one,
        forms: await ofForms(one.forms, (signature) =>
          member(signature, meaning.kind, style),
        ),
      })),
    ),
  });

  const ofSymbols = (symbols: Reference['unexported']) =>
    Promise.all(
      symbols.map(async ({ name, meanings }) => ({
        name,
        meanings: await Promise.all(meanings.map(ofMeaning)),
      })),
    );

  return {
    entryPoints: await Promise.all(
      reference.entryPoints.map(async (entryPoint) => ({
        ...entryPoint,
        symbols: await ofSymbols(entryPoint.symbols),
      })),
    ),
    unexported: await ofSymbols(reference.unexported),
    problems: reference.problems,
  };
}

async function declaration(
  signature: string,
  kind: Kind,
  style: Options,
): Promise<string> {
  const hasBody = kind === 'class' || kind === 'error' || kind === 'interface';
  const text = await format(`declare ${signature}${hasBody ? ' {}' : ''}`, {
    ...style,
    parser: 'typescript',
  });
  return text
    .replace(/^declare /, '')
    .replace(hasBody ? /\s*\{\}\s*$/ : /\s*$/, '');
}

async function member(
  signature: string,
  kind: Kind,
  style: Options,
): Promise<string> {
  const container =
    kind === 'interface' ? 'interface Container' : 'declare abstract class C';
  const text = await format(`${container} {\n${signature}\n}`, {
    ...style,
    parser: 'typescript',
  });
  return text
    .split('\n')
    .slice(1, -2)
    .map((line) => line.replace(/^ {2}/, ''))
    .join('\n');
}

/** The compiler writes `import("…").Name` where a type was inferred. */
function withoutImports(signature: string): string {
  return signature.replaceAll(/\bimport\("[^"]*"\)\./g, '');
}
